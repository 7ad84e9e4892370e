//! The three kinds of packet block (draft-ietf-opsawg-pcapng, sections 4.3, 4.4 and appendix A), read from their bodies.

use super::options::Options;
use crate::capture::order::Order;

/// Option of an enhanced packet block: frames lost since the interface's last.
const EPB_DROPCOUNT: u16 = 4;
/// The count of an obsolete packet block that means "unknown".
const DROPS_UNKNOWN: u16 = 0xffff;

/// What a packet block says.
pub(super) struct Packet {
    /// Index of the interface within its section.
    pub(super) interface: u32,
    /// The time stamp, in units of the interface; a simple packet has none.
    pub(super) ticks: Option<u64>,
    /// Where the frame begins in the block's body.
    pub(super) start: usize,
    pub(super) len: u32,
    pub(super) original_len: u32,
    /// Frames lost since the interface's last one; 0 where nothing is said.
    pub(super) lost: u64,
}

/// Reads an enhanced packet block.
#[inline]
pub(super) fn enhanced(order: Order, body: &[u8]) -> Option<Packet> {
    let ([interface, high, low, len, original_len], rest) = words(order, body)?;
    let options = after_frame(rest, len)?;
    let lost = if options.is_empty() { 0 } else { dropcount(order, options) };
    Some(Packet { interface, ticks: Some(ticks(high, low)), start: 20, len, original_len, lost })
}

/// Reads an obsolete packet block, whose interface is 16 bits wide beside a count of losses.
pub(super) fn obsolete(order: Order, body: &[u8]) -> Option<Packet> {
    let [a, b, c, d] = *body.first_chunk()?;
    let (interface, lost) = (order.u16([a, b]), order.u16([c, d]));
    let ([_, high, low, len, original_len], rest) = words(order, body)?;
    after_frame(rest, len)?;
    let lost = if lost == DROPS_UNKNOWN { 0 } else { lost.into() };
    Some(Packet { interface: interface.into(), ticks: Some(ticks(high, low)), start: 20, len, original_len, lost })
}

/// Reads a simple packet block. Its captured length is stated nowhere: it is the least of the original length, the snap
/// length (0: none) and what the block holds.
pub(super) fn simple(order: Order, body: &[u8], snaplen: u32) -> Option<Packet> {
    let ([original_len], rest) = words(order, body)?;
    let snaplen = if snaplen == 0 { u32::MAX } else { snaplen };
    let len = original_len.min(snaplen).min(rest.len() as u32);
    Some(Packet { interface: 0, ticks: None, start: 4, len, original_len, lost: 0 })
}

/// The first `N` words of a body, and what follows them.
#[inline]
pub(super) fn words<const N: usize>(order: Order, body: &[u8]) -> Option<([u32; N], &[u8])> {
    let words: &[[u8; 4]; N] = body.as_chunks().0.first_chunk()?;
    Some((words.map(|word| order.u32(word)), body.get(4 * N..)?))
}

/// A time stamp from its two halves.
#[inline]
pub(super) fn ticks(high: u32, low: u32) -> u64 {
    u64::from(high) << 32 | u64::from(low)
}

/// What follows a frame of `len` bytes and its padding, which some writers leave out at the end; `None` if the frame does
/// not fit.
#[inline]
fn after_frame(rest: &[u8], len: u32) -> Option<&[u8]> {
    let after = rest.get(len as usize..)?;
    Some(after.get((len.wrapping_neg() & 3) as usize..).unwrap_or_default())
}

fn dropcount(order: Order, options: &[u8]) -> u64 {
    Options { order, bytes: options }
        .find(|(code, _)| *code == EPB_DROPCOUNT)
        .and_then(|(_, value)| value.try_into().ok())
        .map_or(0, |value| order.u64(value))
}
