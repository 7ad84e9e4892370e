//! The Internet checksum (RFC 1071).

use std::net::IpAddr;

use super::ip::IpHeader;
use super::rest::Rest;

/// What [`sum`] gives over bytes that hold their own, right checksum.
pub(super) const RIGHT: u16 = 0xffff;

/// The ones' complement sum of 16-bit words, an odd last byte padded with zero.
#[inline]
pub(super) fn sum(bytes: &[u8]) -> u16 {
    fold(add(bytes))
}

/// Whether the checksum in a TCP segment or UDP datagram is wrong. `false` where it cannot be told: bytes are missing.
pub(super) fn is_wrong(ip: &IpHeader, protocol: u8, transport: Rest<'_>) -> bool {
    let len = transport.bytes().len() as u64;
    let pseudo = address(ip.source) + address(ip.dest) + u64::from(protocol) + len;
    !transport.is_cut() && fold(pseudo + add(transport.bytes())) != RIGHT
}

fn address(addr: IpAddr) -> u64 {
    match addr {
        IpAddr::V4(addr) => add(&addr.octets()),
        IpAddr::V6(addr) => add(&addr.octets()),
    }
}

/// The plain sum of big-endian 32-bit words: congruent to that of 16-bit words, since 2^16 is 1 modulo 0xffff.
#[inline]
fn add(bytes: &[u8]) -> u64 {
    let (words, tail) = bytes.as_chunks::<4>();
    let whole: u64 = words.iter().map(|word| u64::from(u32::from_be_bytes(*word))).sum();
    let mut last = [0; 4];
    last.iter_mut().zip(tail).for_each(|(to, from)| *to = *from);
    whole + u64::from(u32::from_be_bytes(last))
}

#[inline]
fn fold(mut sum: u64) -> u16 {
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    sum as u16
}
