//! One TCP or UDP packet in an Ethernet frame: read, changed, forged and written again with right checksums.
//!
//! Knows nothing of flows, and nothing of what its payload says.

use std::net::{IpAddr, SocketAddr};

use etherparse::{
    Ethernet2Header, IpDscp, IpNumber, Ipv4Header, Ipv6FlowLabel, Ipv6Header, TcpHeader, UdpHeader, ether_type,
};

/// A whole packet, not a fragment, without IPv6 extension headers.
#[derive(Clone, Debug, PartialEq)]
pub struct Packet {
    ethernet: Ethernet2Header,
    ip: IpHeader,
    /// The transport's header; its checksum is set when the frame is written.
    pub transport: Transport,
    /// What it carries.
    pub payload: Vec<u8>,
}

/// A transport's header.
#[derive(Clone, Debug, PartialEq)]
pub enum Transport {
    /// TCP.
    Tcp(TcpHeader),
    /// UDP.
    Udp(UdpHeader),
}

#[derive(Clone, Debug, PartialEq)]
enum IpHeader {
    V4(Ipv4Header),
    V6(Ipv6Header),
}

/// The IP fields by which a forged packet can be told from its pretended sender's own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stamp {
    /// TTL or hop limit where it is made.
    pub hop_limit: u8,
    /// IPv4 identification.
    pub identification: u16,
    /// IPv4 "don't fragment".
    pub dont_fragment: bool,
    /// Differentiated services code point (RFC 2474), six bits.
    pub dscp: u8,
}

impl Packet {
    /// Reads an Ethernet frame; `None` for whatever is not a whole TCP or UDP packet.
    pub fn parse(frame: &[u8]) -> Option<Self> {
        let (ethernet, rest) = Ethernet2Header::from_slice(frame).ok()?;
        let (ip, protocol, segment) = match ethernet.ether_type {
            ether_type::IPV4 => parse_ipv4(rest)?,
            ether_type::IPV6 => parse_ipv6(rest)?,
            _ => return None,
        };
        let (transport, payload) = match protocol {
            IpNumber::TCP => TcpHeader::from_slice(segment).map(|(tcp, rest)| (Transport::Tcp(tcp), rest)).ok()?,
            IpNumber::UDP => UdpHeader::from_slice(segment).map(|(udp, rest)| (Transport::Udp(udp), rest)).ok()?,
            _ => return None,
        };
        Some(Self { ethernet, ip, transport, payload: payload.to_vec() })
    }

    /// Address and port of the sender.
    pub fn source(&self) -> SocketAddr {
        SocketAddr::new(self.ip.source(), self.ports().0)
    }

    /// Address and port of the receiver.
    pub fn destination(&self) -> SocketAddr {
        SocketAddr::new(self.ip.destination(), self.ports().1)
    }

    fn ports(&self) -> (u16, u16) {
        match &self.transport {
            Transport::Tcp(tcp) => (tcp.source_port, tcp.destination_port),
            Transport::Udp(udp) => (udp.source_port, udp.destination_port),
        }
    }

    /// Link addresses, of the sender and of the receiver.
    pub fn macs(&self) -> ([u8; 6], [u8; 6]) {
        (self.ethernet.source, self.ethernet.destination)
    }

    /// Its TCP header, if it is TCP.
    pub fn tcp(&self) -> Option<&TcpHeader> {
        match &self.transport {
            Transport::Tcp(tcp) => Some(tcp),
            Transport::Udp(_) => None,
        }
    }

    /// The same, to be changed.
    pub fn tcp_mut(&mut self) -> Option<&mut TcpHeader> {
        match &mut self.transport {
            Transport::Tcp(tcp) => Some(tcp),
            Transport::Udp(_) => None,
        }
    }

    /// TTL or hop limit.
    pub fn hop_limit(&self) -> u8 {
        match &self.ip {
            IpHeader::V4(ip) => ip.time_to_live,
            IpHeader::V6(ip) => ip.hop_limit,
        }
    }

    /// IPv4 identification; 0 of IPv6, which has none.
    pub fn identification(&self) -> u16 {
        match &self.ip {
            IpHeader::V4(ip) => ip.identification,
            IpHeader::V6(_) => 0,
        }
    }

    /// Whether routers must not cut it: IPv4 with "don't fragment", and all of IPv6 (RFC 8200, section 5).
    pub fn dont_fragment(&self) -> bool {
        match &self.ip {
            IpHeader::V4(ip) => ip.dont_fragment,
            IpHeader::V6(_) => true,
        }
    }

    /// Length of the IP packet: what a link's MTU limits.
    pub fn ip_length(&self) -> usize {
        let header = match &self.ip {
            IpHeader::V4(ip) => ip.header_len(),
            IpHeader::V6(_) => 40,
        };
        let transport = match &self.transport {
            Transport::Tcp(tcp) => tcp.header_len(),
            Transport::Udp(_) => 8,
        };
        header + transport + self.payload.len()
    }

    /// Whether this is the first packet of a TCP connection.
    pub fn opens_connection(&self) -> bool {
        self.tcp().is_some_and(|tcp| tcp.syn && !tcp.ack)
    }

    /// The sequence number after this segment: payload, SYN and FIN count (RFC 9293, section 3.4). 0 of UDP.
    pub fn sequence_end(&self) -> u32 {
        let Some(tcp) = self.tcp() else { return 0 };
        let flags = u32::from(tcp.syn) + u32::from(tcp.fin);
        let payload = u32::try_from(self.payload.len()).unwrap_or(u32::MAX);
        tcp.sequence_number.wrapping_add(payload).wrapping_add(flags)
    }

    /// Lowers TTL or hop limit as `hops` routers would; false where one of them would have discarded the packet.
    pub fn age(&mut self, hops: u8) -> bool {
        let limit = match &mut self.ip {
            IpHeader::V4(ip) => &mut ip.time_to_live,
            IpHeader::V6(ip) => &mut ip.hop_limit,
        };
        let left = limit.checked_sub(hops).filter(|left| *left > 0);
        *limit = left.unwrap_or(0);
        left.is_some()
    }

    /// A forged TCP packet to the sender of this one, as if from its receiver. The ports of `tcp` are set here.
    pub fn forge_to_sender(&self, stamp: Stamp, tcp: TcpHeader, payload: Vec<u8>) -> Self {
        let (source_port, destination_port) = self.ports();
        let tcp = TcpHeader { source_port: destination_port, destination_port: source_port, ..tcp };
        let ethernet = Ethernet2Header {
            source: self.ethernet.destination,
            destination: self.ethernet.source,
            ether_type: self.ethernet.ether_type,
        };
        let ip = self.ip.forge(self.ip.destination(), self.ip.source(), stamp);
        Self { ethernet, ip, transport: Transport::Tcp(tcp), payload }
    }

    /// A forged TCP packet to the receiver of this one, as if from its sender. The ports of `tcp` are set here.
    pub fn forge_to_receiver(&self, stamp: Stamp, tcp: TcpHeader, payload: Vec<u8>) -> Self {
        let (source_port, destination_port) = self.ports();
        let tcp = TcpHeader { source_port, destination_port, ..tcp };
        let ip = self.ip.forge(self.ip.source(), self.ip.destination(), stamp);
        Self { ethernet: self.ethernet.clone(), ip, transport: Transport::Tcp(tcp), payload }
    }

    /// The Ethernet frame, with lengths and checksums made right.
    pub fn to_frame(&self) -> Vec<u8> {
        let mut frame = self.ethernet.to_bytes().to_vec();
        let mut transport = self.transport.clone();
        let length = match &transport {
            Transport::Tcp(tcp) => tcp.header_len().saturating_add(self.payload.len()),
            Transport::Udp(_) => self.payload.len().saturating_add(UdpHeader::LEN),
        };
        match &self.ip {
            IpHeader::V4(ip) => {
                let mut ip = ip.clone();
                let _ = ip.set_payload_len(length);
                ip.header_checksum = ip.calc_header_checksum();
                transport.seal_ipv4(&ip, &self.payload);
                frame.extend_from_slice(&ip.to_bytes());
            }
            IpHeader::V6(ip) => {
                let mut ip = ip.clone();
                let _ = ip.set_payload_length(length);
                transport.seal_ipv6(&ip, &self.payload);
                frame.extend_from_slice(&ip.to_bytes());
            }
        }
        match transport {
            Transport::Tcp(tcp) => frame.extend_from_slice(&tcp.to_bytes()),
            Transport::Udp(udp) => frame.extend_from_slice(&udp.to_bytes()),
        }
        frame.extend_from_slice(&self.payload);
        frame
    }
}

impl Transport {
    fn seal_ipv4(&mut self, ip: &Ipv4Header, payload: &[u8]) {
        match self {
            Self::Tcp(tcp) => tcp.checksum = tcp.calc_checksum_ipv4(ip, payload).unwrap_or(0),
            Self::Udp(udp) => {
                udp.length = u16::try_from(payload.len() + UdpHeader::LEN).unwrap_or(u16::MAX);
                udp.checksum = udp.calc_checksum_ipv4(ip, payload).unwrap_or(0);
            }
        }
    }

    fn seal_ipv6(&mut self, ip: &Ipv6Header, payload: &[u8]) {
        match self {
            Self::Tcp(tcp) => tcp.checksum = tcp.calc_checksum_ipv6(ip, payload).unwrap_or(0),
            Self::Udp(udp) => {
                udp.length = u16::try_from(payload.len() + UdpHeader::LEN).unwrap_or(u16::MAX);
                udp.checksum = udp.calc_checksum_ipv6(ip, payload).unwrap_or(0);
            }
        }
    }
}

fn parse_ipv4(bytes: &[u8]) -> Option<(IpHeader, IpNumber, &[u8])> {
    let (ip, rest) = Ipv4Header::from_slice(bytes).ok()?;
    let segment = rest.get(..usize::from(ip.payload_len().ok()?))?;
    let protocol = ip.protocol;
    (!ip.is_fragmenting_payload()).then_some((IpHeader::V4(ip), protocol, segment))
}

fn parse_ipv6(bytes: &[u8]) -> Option<(IpHeader, IpNumber, &[u8])> {
    let (ip, rest) = Ipv6Header::from_slice(bytes).ok()?;
    let segment = rest.get(..usize::from(ip.payload_length))?;
    let protocol = ip.next_header;
    Some((IpHeader::V6(ip), protocol, segment))
}

impl IpHeader {
    fn source(&self) -> IpAddr {
        match self {
            Self::V4(ip) => IpAddr::from(ip.source),
            Self::V6(ip) => IpAddr::from(ip.source),
        }
    }

    fn destination(&self) -> IpAddr {
        match self {
            Self::V4(ip) => IpAddr::from(ip.destination),
            Self::V6(ip) => IpAddr::from(ip.destination),
        }
    }

    /// A TCP header of the forger's making between two addresses of this header.
    fn forge(&self, source: IpAddr, destination: IpAddr, stamp: Stamp) -> Self {
        match (self, source, destination) {
            (Self::V4(_), IpAddr::V4(source), IpAddr::V4(destination)) => Self::V4(Ipv4Header {
                source: source.octets(),
                destination: destination.octets(),
                time_to_live: stamp.hop_limit,
                identification: stamp.identification,
                protocol: IpNumber::TCP,
                dont_fragment: stamp.dont_fragment,
                dscp: IpDscp::try_new(stamp.dscp & 0x3f).unwrap_or_default(),
                ..Ipv4Header::default()
            }),
            (Self::V6(_), IpAddr::V6(source), IpAddr::V6(destination)) => Self::V6(Ipv6Header {
                source: source.octets(),
                destination: destination.octets(),
                hop_limit: stamp.hop_limit,
                next_header: IpNumber::TCP,
                flow_label: Ipv6FlowLabel::ZERO,
                traffic_class: stamp.dscp << 2,
                ..Ipv6Header::default()
            }),
            _ => self.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use etherparse::PacketBuilder;

    #[test]
    fn what_is_read_is_written_again_byte_for_byte() {
        let v4 = || PacketBuilder::ethernet2([1; 6], [2; 6]).ipv4([192, 0, 2, 1], [192, 0, 2, 2], 64);
        let v6 = || PacketBuilder::ethernet2([1; 6], [2; 6]).ipv6([1; 16], [2; 16], 64);
        let mut frames = vec![Vec::new(); 4];
        v4().tcp(1, 2, 3, 4).write(&mut frames[0], b"odd").unwrap();
        v4().udp(1, 2).write(&mut frames[1], b"even").unwrap();
        v6().tcp(1, 2, 3, 4).write(&mut frames[2], b"").unwrap();
        v6().udp(1, 2).write(&mut frames[3], b"odd").unwrap();
        for frame in frames {
            let packet = Packet::parse(&frame).unwrap();
            assert_eq!(packet.to_frame(), frame);
            assert_eq!(packet.ip_length(), frame.len() - 14);
            assert_eq!((packet.source().port(), packet.destination().port()), (1, 2));
        }
    }
}
