//! Packets on the wire: Ethernet with VLAN tags, IPv4 and IPv6 with extension headers, correct checksums.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::bytes::Put;

/// Protocol numbers (IANA).
const ICMP: u8 = 1;
const TCP: u8 = 6;
const UDP: u8 = 17;
const ICMPV6: u8 = 58;

/// What an ICMPv6 error quotes at most, so that it fits the smallest MTU (RFC 4443, section 2.4).
const MAX_QUOTED: usize = 1_232;

/// The network header of one packet, as the capture sees it.
#[derive(Clone, Copy, Debug)]
pub struct Network {
    /// Who claims to have sent it.
    pub source: IpAddr,
    /// Whom it goes to; of the same family.
    pub destination: IpAddr,
    /// TTL or hop limit.
    pub ttl: u8,
    /// IPv4 identification.
    pub id: u16,
    /// IPv4 "don't fragment".
    pub dont_fragment: bool,
    /// The TCP checksum is left to the network card: the capture on the host itself sees only the pseudo-header's sum.
    pub checksum_offloaded: bool,
}

/// What stands around the IP packet.
#[derive(Clone, Debug, Default)]
pub struct Link {
    /// VLAN tags from the outside in: tag protocol (0x8100, 0x88a8) and VLAN number.
    pub vlans: Vec<(u16, u16)>,
    /// Whether IPv6 packets carry a hop-by-hop and a destination options header.
    pub ipv6_extensions: bool,
}

impl Network {
    /// The IP packet that carries this TCP segment; its checksum is filled in.
    pub fn tcp(&self, mut segment: Vec<u8>, link: &Link) -> Vec<u8> {
        let sum = self.pseudo_header(TCP, segment.len());
        let sum = if self.checksum_offloaded { !checksum(&[&sum]) } else { checksum(&[&sum, &segment]) };
        set_u16(&mut segment, 16, sum);
        match (self.source, self.destination) {
            (IpAddr::V4(source), IpAddr::V4(destination)) => self.v4(source, destination, TCP, &segment),
            _ => self.v6(&extensions(link, TCP), &segment),
        }
    }

    /// The IP packet that carries this UDP payload between these ports; its checksum is filled in.
    pub fn udp(&self, ports: (u16, u16), payload: &[u8], link: &Link) -> Vec<u8> {
        let mut datagram = Vec::with_capacity(8 + payload.len());
        datagram.put_u16(ports.0).put_u16(ports.1).put_u16(8 + payload.len() as u16).put_u16(0).put(payload);
        let sum = checksum(&[&self.pseudo_header(UDP, datagram.len()), &datagram]);
        // A sum of 0 would say that there is none (RFC 768).
        set_u16(&mut datagram, 6, if sum == 0 { 0xffff } else { sum });
        match (self.source, self.destination) {
            (IpAddr::V4(source), IpAddr::V4(destination)) => self.v4(source, destination, UDP, &datagram),
            _ => self.v6(&extensions(link, UDP), &datagram),
        }
    }

    /// What a router says of a packet that its next link cannot carry: "fragmentation needed" (RFC 1191) or "packet too
    /// big" (RFC 4443, section 3.2), with that link's MTU.
    pub fn too_big(&self, quoted: &[u8], mtu: u16) -> Vec<u8> {
        match self.destination {
            IpAddr::V4(_) => {
                let mut message = vec![3, 4, 0, 0, 0, 0];
                message.put_u16(mtu).put(quoted.get(..28).unwrap_or(quoted));
                let sum = checksum(&[&message]);
                set_u16(&mut message, 2, sum);
                self.v4(v4(self.source), v4(self.destination), ICMP, &message)
            }
            IpAddr::V6(_) => {
                let mut message = vec![2, 0, 0, 0];
                message.put_u32(mtu.into()).put(quoted.get(..MAX_QUOTED).unwrap_or(quoted));
                let sum = checksum(&[&self.pseudo_header(ICMPV6, message.len()), &message]);
                set_u16(&mut message, 2, sum);
                self.v6(&(ICMPV6, Vec::new()), &message)
            }
        }
    }

    /// An ICMP "time exceeded in transit" (RFC 792) that quotes the start of an IPv4 packet: its header and 8 bytes.
    pub fn time_exceeded(&self, quoted: &[u8]) -> Vec<u8> {
        let mut message = vec![11, 0, 0, 0, 0, 0, 0, 0];
        message.put(quoted.get(..28).unwrap_or(quoted));
        let sum = checksum(&[&message]);
        set_u16(&mut message, 2, sum);
        self.v4(v4(self.source), v4(self.destination), ICMP, &message)
    }

    fn v4(&self, source: Ipv4Addr, destination: Ipv4Addr, protocol: u8, payload: &[u8]) -> Vec<u8> {
        let mut out = vec![0x45, 0];
        out.put_u16((20 + payload.len()) as u16).put_u16(self.id);
        out.put_u16(if self.dont_fragment { 0x4000 } else { 0 }).put_u8(self.ttl).put_u8(protocol).put_u16(0);
        out.put(&source.octets()).put(&destination.octets());
        let sum = checksum(&[&out]);
        set_u16(&mut out, 10, sum);
        out.put(payload);
        out
    }

    fn v6(&self, (first, headers): &(u8, Vec<u8>), payload: &[u8]) -> Vec<u8> {
        let mut out = vec![0x60, 0, 0, 0];
        out.put_u16((headers.len() + payload.len()) as u16).put_u8(*first).put_u8(self.ttl);
        out.put(&v6(self.source).octets()).put(&v6(self.destination).octets());
        out.put(headers).put(payload);
        out
    }

    fn pseudo_header(&self, protocol: u8, length: usize) -> Vec<u8> {
        let mut out = Vec::new();
        match (self.source, self.destination) {
            (IpAddr::V4(source), IpAddr::V4(destination)) => out.put(&source.octets()).put(&destination.octets()),
            _ => out.put(&v6(self.source).octets()).put(&v6(self.destination).octets()),
        };
        out.put_u32(length as u32).put_u32(u32::from(protocol));
        out
    }
}

/// The Ethernet frame around an IP packet.
pub fn ethernet(from: [u8; 6], to: [u8; 6], link: &Link, packet: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(14 + packet.len());
    out.put(&to).put(&from);
    for (protocol, number) in &link.vlans {
        out.put_u16(*protocol).put_u16(*number);
    }
    let is_v6 = packet.first().is_some_and(|byte| byte >> 4 == 6);
    out.put_u16(if is_v6 { 0x86dd } else { 0x0800 }).put(packet);
    out
}

/// The first next-header value and the extension headers before the transport (RFC 8200, sections 4.3 and 4.6): each
/// eight bytes, filled by one PadN option.
fn extensions(link: &Link, transport: u8) -> (u8, Vec<u8>) {
    const HOP_BY_HOP: u8 = 0;
    const DESTINATION: u8 = 60;
    if !link.ipv6_extensions {
        return (transport, Vec::new());
    }
    (HOP_BY_HOP, [[DESTINATION, 0, 1, 4, 0, 0, 0, 0], [transport, 0, 1, 4, 0, 0, 0, 0]].concat())
}

/// The Internet checksum (RFC 1071) over parts of even length, the last of any length.
pub fn checksum(parts: &[&[u8]]) -> u16 {
    let words = parts.iter().flat_map(|part| part.chunks(2));
    let sum = words.fold(0u32, |sum, word| {
        let high = word.first().copied().unwrap_or(0);
        let low = word.get(1).copied().unwrap_or(0);
        sum + u32::from(u16::from_be_bytes([high, low]))
    });
    let folded = (sum & 0xffff) + (sum >> 16);
    !(((folded & 0xffff) + (folded >> 16)) as u16)
}

/// Overwrites two bytes at `offset`; nothing if they are not there.
pub fn set_u16(bytes: &mut [u8], offset: usize, value: u16) {
    if let Some(field) = bytes.get_mut(offset..offset + 2) {
        field.copy_from_slice(&value.to_be_bytes());
    }
}

fn v4(address: IpAddr) -> Ipv4Addr {
    match address {
        IpAddr::V4(address) => address,
        IpAddr::V6(address) => address.to_ipv4().unwrap_or(Ipv4Addr::UNSPECIFIED),
    }
}

fn v6(address: IpAddr) -> Ipv6Addr {
    match address {
        IpAddr::V4(address) => address.to_ipv6_mapped(),
        IpAddr::V6(address) => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::segment::Segment;

    #[test]
    fn checksum_of_rfc_1071_example() {
        assert_eq!(checksum(&[&[0x00, 0x01, 0xf2, 0x03], &[0xf4, 0xf5, 0xf6, 0xf7]]), !0xddf2);
    }

    #[test]
    fn a_packet_with_its_checksum_sums_to_zero() {
        let network = Network {
            source: Ipv4Addr::new(192, 0, 2, 1).into(),
            destination: Ipv4Addr::new(192, 0, 2, 2).into(),
            ttl: 9,
            id: 7,
            dont_fragment: true,
            checksum_offloaded: false,
        };
        let segment = Segment { seq: 0xdead_beef, payload: vec![0x5a; 3], ..Segment::default() };
        let packet = network.tcp(segment.encode(1, 2), &Link::default());
        assert_eq!(checksum(&[&packet[..20]]), 0);
        assert_eq!(checksum(&[&network.pseudo_header(TCP, 23), &packet[20..]]), 0);
    }
}
