//! One direction's incoming half: puts segments in order and says what to acknowledge.

use dissectors::tcp::assembler::Assembler;
use dissectors::tcp::seq::Seq;

use super::is_after;
use crate::net::segment::FIN;

#[derive(Debug, Default)]
pub(super) struct Receiver {
    segments: Assembler,
    /// The next sequence number expected, FIN included.
    next: u32,
    /// The last segment that came out of order.
    island: Option<(u32, u32)>,
    /// Where the FIN stands, once it was seen.
    fin: Option<u32>,
    ended: bool,
}

/// What a segment brought.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Received {
    /// Bytes that are now in order.
    pub(super) bytes: Vec<u8>,
    /// Whether the stream ended with it.
    pub(super) ended: bool,
}

impl Receiver {
    /// The stream begins behind the peer's SYN.
    pub(super) fn start(&mut self, isn: u32) {
        self.next = isn.wrapping_add(1);
        self.segments.start(Seq(self.next));
    }

    pub(super) fn next(&self) -> u32 {
        self.next
    }

    /// The block to be acknowledged selectively (RFC 2018, section 4: the one that came last stands first).
    pub(super) fn island(&self) -> Option<(u32, u32)> {
        self.island
    }

    pub(super) fn take(&mut self, seq: u32, flags: u8, payload: &[u8]) -> Received {
        let end = seq.wrapping_add(payload.len() as u32);
        if flags & FIN != 0 {
            self.fin = Some(end);
        }
        let mut received = Received::default();
        self.segments.insert(Seq(seq), payload, |bytes| received.bytes.extend_from_slice(bytes));
        self.next = self.segments.next().map_or(self.next, |next| next.0);
        self.island = match self.segments.has_gap() {
            true if is_after(end, self.next) => Some((seq, end)),
            true => self.island.filter(|(_, end)| is_after(*end, self.next)),
            false => None,
        };
        if self.fin == Some(self.next) {
            received.ended = !std::mem::replace(&mut self.ended, true);
        }
        if self.ended {
            self.next = self.next.wrapping_add(1);
        }
        received
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_come_into_order_and_the_end_counts() {
        let mut receiver = Receiver::default();
        receiver.start(99);
        let late = receiver.take(103, FIN, b"def");
        assert_eq!((late, receiver.next(), receiver.island()), (Received::default(), 100, Some((103, 106))));
        let whole = receiver.take(100, 0, b"abc");
        assert_eq!(whole, Received { bytes: b"abcdef".to_vec(), ended: true });
        assert_eq!((receiver.next(), receiver.island()), (107, None));
        assert_eq!(receiver.take(103, FIN, b"def"), Received::default(), "a copy");
        assert_eq!(receiver.next(), 107);
    }
}
