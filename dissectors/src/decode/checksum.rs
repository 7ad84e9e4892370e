//! The Internet checksum (RFC 1071).

use std::net::IpAddr;

use super::rest::Rest;
use crate::packet::{Ends, Span};

/// Whether `bytes`, which hold their own checksum, are as they were sent: their ones' complement sum is then all ones.
#[inline(always)]
pub(super) fn is_right(bytes: &[u8]) -> bool {
    is_all_ones(sum(bytes))
}

/// Whether the checksum in a TCP segment or UDP datagram is wrong. `false` where it cannot be told: bytes are missing.
#[inline(always)]
pub(super) fn is_wrong(ends: &Ends, protocol: u8, transport: Rest<'_>) -> bool {
    let Span { len, .. } = transport.span();
    // The pseudo-header: addresses, protocol and length (RFC 9293 section 3.1).
    let fixed = u128::from(len.swap_bytes()) + u128::from(u16::from(protocol).swap_bytes());
    let pseudo = address(ends.source.addr) + address(ends.dest.addr) + fixed;
    !transport.is_cut() && !is_all_ones(pseudo + sum_of_many(transport.bytes()))
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
fn address(addr: IpAddr) -> u128 {
    match addr {
        IpAddr::V4(addr) => sum(&addr.octets()),
        IpAddr::V6(addr) => sum(&addr.octets()),
    }
}

/// The same as [`sum`], which is too long to stand wherever a segment is.
#[inline(never)]
fn sum_of_many(bytes: &[u8]) -> u128 {
    sum(bytes)
}

/// The sum of 64-bit words, the last one padded with zeros. It is congruent to the ones' complement sum of 16-bit words, since
/// 2^64 is 1 modulo 0xffff, and taken least significant byte first, which turns the sum's bytes around and no more (RFC
/// 1071 section 2 B): the order of most machines. Carries are added up in the upper half, so that no addition has to wait
/// for that of the one before.
#[inline(always)]
fn sum(bytes: &[u8]) -> u128 {
    let (words, tail) = bytes.as_chunks::<8>();
    let last = match bytes.last_chunk::<8>() {
        Some(last) => u64::from_le_bytes(*last).checked_shr(u64::BITS - 8 * tail.len() as u32).unwrap_or(0),
        None => tail.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte)),
    };
    words.iter().map(|word| u128::from(u64::from_le_bytes(*word))).sum::<u128>() + u128::from(last)
}

/// Whether a sum comes to all ones in 16 bits. Added to itself with its halves exchanged it has the ones' complement sum of
/// both in its upper half, since the carry of the lower one goes there.
#[inline(always)]
fn is_all_ones(sum: u128) -> bool {
    let sum = (sum.wrapping_add(sum.rotate_left(64)) >> 64) as u64;
    let sum = (sum.wrapping_add(sum.rotate_left(32)) >> 32) as u32;
    let sum = (sum.wrapping_add(sum.rotate_left(16)) >> 16) as u16;
    sum == u16::MAX
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_sum_up_as_pairs_of_bytes_do_however_many_they_are() {
        let bytes: Vec<u8> = (1..=200u8).map(|i| i.wrapping_mul(167)).chain([0xff; 100]).collect();
        let slow = |bytes: &[u8]| -> u128 {
            let pair = |pair: &[u8]| u16::from_le_bytes([pair[0], pair.get(1).copied().unwrap_or(0)]);
            bytes.chunks(2).map(|bytes| u128::from(pair(bytes))).sum()
        };
        for start in 0..8 {
            for end in start..bytes.len() {
                let bytes = &bytes[start..end];
                assert_eq!(sum(bytes) % 0xffff, slow(bytes) % 0xffff, "{bytes:02x?}");
            }
        }
    }

    #[test]
    fn a_header_is_right_with_its_checksum_and_wrong_with_any_other_bit() {
        // A header whose checksum was worked out by hand; and nothing but zeros, whose sum is not all ones.
        let mut header = [0x45, 0, 0, 0x73, 0, 0, 0x40, 0, 0x40, 0x11, 0xb8, 0x61, 192, 168, 0, 1, 192, 168, 0, 199];
        assert!(is_right(&header) && !is_right(&[0; 20]));
        for bit in 0..160 {
            header[bit / 8] ^= 1 << (bit % 8);
            assert!(!is_right(&header), "{bit}");
            header[bit / 8] ^= 1 << (bit % 8);
        }
    }
}
