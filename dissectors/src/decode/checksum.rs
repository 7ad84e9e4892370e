//! The Internet checksum (RFC 1071).

use std::net::IpAddr;

use super::rest::Rest;
use crate::packet::{Ends, Span};

/// Whether `bytes`, which hold their own checksum, are as they were sent: their ones' complement sum is then all ones.
#[inline]
pub(super) fn is_right(bytes: &[u8]) -> bool {
    is_all_ones(sum(bytes))
}

/// Whether the checksum in a TCP segment or UDP datagram is wrong. `false` where it cannot be told: bytes are missing.
pub(super) fn is_wrong(ends: &Ends, protocol: u8, transport: Rest<'_>) -> bool {
    let Span { len, .. } = transport.span();
    // The pseudo-header: addresses, protocol and length (RFC 9293 section 3.1).
    let fixed = u64::from(len.swap_bytes()) + u64::from(u16::from(protocol).swap_bytes());
    let pseudo = add(add(address(ends.source.addr), address(ends.dest.addr)), fixed);
    !transport.is_cut() && !is_all_ones(add(pseudo, sum(transport.bytes())))
}

/// Whether a segment's checksum is looked at where not all are: it then costs little, and shows whether a host's checksums
/// can be believed at all. So are segments without payload, and those that begin with a handshake record.
#[inline]
pub(super) fn is_sampled(payload: Rest<'_>) -> bool {
    payload.bytes().first().is_none_or(|first| *first == HANDSHAKE)
}

/// The content type of a TLS record that holds a handshake message (RFC 8446 section 5.1).
const HANDSHAKE: u8 = 22;

#[inline(always)]
fn address(addr: IpAddr) -> u64 {
    match addr {
        IpAddr::V4(addr) => sum(&addr.octets()),
        IpAddr::V6(addr) => sum(&addr.octets()),
    }
}

/// The ones' complement sum of 64-bit words, the last one padded with zeros. It is congruent to that of 16-bit words, since
/// 2^64 is 1 modulo 0xffff, and taken least significant byte first, which turns the sum's bytes around and no more (RFC
/// 1071 section 2 B): the order of most machines.
#[inline(always)]
fn sum(bytes: &[u8]) -> u64 {
    let (words, tail) = bytes.as_chunks::<8>();
    let (halves, tail) = tail.as_chunks::<4>();
    let last = match *tail {
        [a] => [a, 0, 0, 0],
        [a, b] => [a, b, 0, 0],
        [a, b, c] => [a, b, c, 0],
        _ => [0; 4],
    };
    let whole = words.iter().fold(0, |sum, word| add(sum, u64::from_le_bytes(*word)));
    let half = halves.iter().fold(whole, |sum, half| add(sum, u32::from_le_bytes(*half).into()));
    add(half, u32::from_le_bytes(last).into())
}

/// Adds with the carry brought round.
#[inline]
fn add(one: u64, other: u64) -> u64 {
    let (sum, carry) = one.overflowing_add(other);
    sum + u64::from(carry)
}

/// Whether a sum comes to all ones in 16 bits: a multiple of 0xffff, and not that of nothing but zeros.
#[inline]
fn is_all_ones(sum: u64) -> bool {
    sum != 0 && sum.is_multiple_of(0xffff)
}
