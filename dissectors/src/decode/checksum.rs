//! The Internet checksum (RFC 1071).

use std::net::IpAddr;

use super::ip::IpHeader;
use super::rest::Rest;
use super::walk::protocol;
use crate::packet::{Ends, Packet, Span, Tcp};

/// Whether `bytes`, which hold their own checksum, are as they were sent: their ones' complement sum is then all ones.
pub(super) fn is_right(bytes: &[u8]) -> bool {
    fold(add(bytes)) == ALL_ONES
}

/// Whether the checksum in a TCP segment or UDP datagram is wrong. `false` where it cannot be told: bytes are missing.
pub(super) fn is_wrong(ip: &IpHeader, protocol: u8, transport: Rest<'_>) -> bool {
    let len = add(&transport.span().len.to_be_bytes());
    let pseudo = address(ip.source) + address(ip.dest) + add(&[0, protocol]) + len;
    !transport.is_cut() && fold(pseudo + add(transport.bytes())) != ALL_ONES
}

/// Whether the checksum of a decoded segment is wrong, looked at only where that costs little and shows whether a host's
/// checksums can be believed at all: in segments without payload, and in those that begin with a handshake record.
pub(super) fn is_seen_wrong(packet: &Packet, tcp: &Tcp, block: &[u8]) -> bool {
    let payload = packet.payload.of(block);
    if packet.missing > 0 || payload.first().is_some_and(|first| *first != HANDSHAKE) {
        return false;
    }
    let header = TCP_HEADER.saturating_add(tcp.options.len);
    let (Some(start), len) = (packet.payload.start.checked_sub(header), header.saturating_add(packet.payload.len))
    else {
        return false;
    };
    let Ends { source, dest } = packet.ends;
    let pseudo = address(source.addr) + address(dest.addr) + add(&[0, protocol::TCP]) + add(&len.to_be_bytes());
    fold(pseudo + add(Span { start, len }.of(block))) != ALL_ONES
}

/// The content type of a TLS record that holds a handshake message (RFC 8446 section 5.1).
const HANDSHAKE: u8 = 22;

/// Bytes of a TCP header before its options (RFC 9293 section 3.1).
const TCP_HEADER: u32 = 20;

const ALL_ONES: u16 = 0xffff;

fn address(addr: IpAddr) -> u64 {
    match addr {
        IpAddr::V4(addr) => add(&addr.octets()),
        IpAddr::V6(addr) => add(&addr.octets()),
    }
}

/// The plain sum of 32-bit words, the last one padded with zeros. It is congruent to that of 16-bit words, since 2^16 is
/// 1 modulo 0xffff, and taken least significant byte first, which turns the sum's bytes around and no more (RFC 1071
/// section 2 B): the order of most machines.
fn add(bytes: &[u8]) -> u64 {
    let (words, tail) = bytes.as_chunks::<4>();
    let whole: u64 = words.iter().map(|word| u64::from(u32::from_le_bytes(*word))).sum();
    let mut last = [0; 4];
    last.iter_mut().zip(tail).for_each(|(to, from)| *to = *from);
    whole + u64::from(u32::from_le_bytes(last))
}

fn fold(mut sum: u64) -> u16 {
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    sum as u16
}
