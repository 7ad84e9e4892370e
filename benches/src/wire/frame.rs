//! One Ethernet frame with a TCP segment or a UDP datagram in it, written once into one buffer.

use std::net::{IpAddr, SocketAddr};

use pcaps::bytes::Put;
use pcaps::net::packet::{checksum, set_u16};

const TCP: u8 = 6;
const UDP: u8 = 17;
const ETHERNET: usize = 14;
/// Locally administered addresses of the two routers that the tap stands between.
const ROUTERS: [u8; 12] = [2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2];

/// What an IP header says; both ends are of one family.
#[derive(Clone, Copy, Debug)]
pub struct Ip {
    /// Who sent it, with the port.
    pub source: SocketAddr,
    /// Whom it goes to, with the port.
    pub dest: SocketAddr,
    /// TTL or hop limit.
    pub ttl: u8,
    /// IPv4 identification.
    pub id: u16,
}

/// What a TCP header says.
#[derive(Clone, Copy, Debug)]
pub struct Tcp<'a> {
    /// Sequence number.
    pub seq: u32,
    /// Acknowledgement number.
    pub ack: u32,
    /// Control bits.
    pub flags: u8,
    /// Window as in the header.
    pub window: u16,
    /// Options, of a multiple of four bytes.
    pub options: &'a [u8],
}

/// The frame of a TCP segment.
pub fn tcp(ip: &Ip, tcp: &Tcp<'_>, payload: &[u8]) -> Vec<u8> {
    let header = 20 + tcp.options.len();
    let mut out = network(ip, TCP, header + payload.len());
    let start = out.len();
    out.put_u16(ip.source.port()).put_u16(ip.dest.port()).put_u32(tcp.seq).put_u32(tcp.ack);
    out.put_u8((header / 4) as u8 * 16).put_u8(tcp.flags).put_u16(tcp.window).put_u32(0);
    out.put(tcp.options).put(payload);
    seal(out, ip, TCP, start, start + 16)
}

/// The frame of a UDP datagram.
pub fn udp(ip: &Ip, payload: &[u8]) -> Vec<u8> {
    let mut out = network(ip, UDP, 8 + payload.len());
    let start = out.len();
    out.put_u16(ip.source.port()).put_u16(ip.dest.port()).put_u16(8 + payload.len() as u16).put_u16(0).put(payload);
    seal(out, ip, UDP, start, start + 6)
}

/// Ethernet and IP headers before `length` bytes of transport.
fn network(ip: &Ip, protocol: u8, length: usize) -> Vec<u8> {
    let mut out = Vec::with_capacity(ETHERNET + 40 + length);
    out.put(&ROUTERS);
    match (ip.source.ip(), ip.dest.ip()) {
        (IpAddr::V4(source), IpAddr::V4(dest)) => {
            out.put_u16(0x0800).put(&[0x45, 0]).put_u16(20 + length as u16).put_u16(ip.id);
            out.put_u16(0x4000).put_u8(ip.ttl).put_u8(protocol).put_u16(0);
            out.put(&source.octets()).put(&dest.octets());
            let sum = checksum(&[out.get(ETHERNET..).unwrap_or_default()]);
            set_u16(&mut out, ETHERNET + 10, sum);
        }
        (source, dest) => {
            out.put_u16(0x86dd).put(&[0x60, 0, 0, 0]).put_u16(length as u16).put_u8(protocol).put_u8(ip.ttl);
            put_address(&mut out, source);
            put_address(&mut out, dest);
        }
    }
    out
}

/// Fills the transport's checksum in.
fn seal(mut out: Vec<u8>, ip: &Ip, protocol: u8, start: usize, at: usize) -> Vec<u8> {
    let mut pseudo = Vec::with_capacity(40);
    put_address(&mut pseudo, ip.source.ip());
    put_address(&mut pseudo, ip.dest.ip());
    pseudo.put_u32((out.len() - start) as u32).put_u32(u32::from(protocol));
    let sum = checksum(&[&pseudo, out.get(start..).unwrap_or_default()]);
    set_u16(&mut out, at, sum);
    out
}

fn put_address(out: &mut Vec<u8>, address: IpAddr) {
    match address {
        IpAddr::V4(address) => out.put(&address.octets()),
        IpAddr::V6(address) => out.put(&address.octets()),
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    use dissectors::decode::{Checksums, Decoder, Frame, Options};
    use dissectors::packet::Span;
    use dissectors::time::Time;

    #[test]
    fn decoder_finds_ends_payload_and_right_checksums() {
        for (source, dest) in [("10.0.0.1:1024", "192.0.2.1:443"), ("[2001:db8::1]:1024", "[2001:db8::2]:443")] {
            let (source, dest): (SocketAddr, SocketAddr) = (source.parse().unwrap(), dest.parse().unwrap());
            let ip = Ip { source, dest, ttl: 60, id: 7 };
            let header = Tcp { seq: 1, ack: 2, flags: 0x18, window: 500, options: &[1, 1, 1, 1] };
            for (bytes, kept) in [(tcp(&ip, &header, b"odd"), b"odd"), (udp(&ip, b"abc"), b"abc")] {
                let options = Options { checksums: Checksums::Transport, ..Options::default() };
                let mut decoder = Decoder::new(options);
                let (len, mut block) = (bytes.len() as u32, bytes);
                let span = Span { start: 0, len };
                let frame = Frame { number: 1, time: Time(0), link: 1, span, original_len: len };
                let packet = decoder.decode(frame, &mut block).unwrap();
                assert_eq!((packet.ends.source.addr, packet.ends.dest.port), (source.ip(), dest.port()));
                assert_eq!(packet.payload.of(&block), kept);
                assert!(!packet.bad_checksum && decoder.counts().bad_ip_checksums == 0);
            }
        }
    }
}
