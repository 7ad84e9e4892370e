//! The bytes of a stream from the start of TLS on, as far as later copies of them are worth comparing with.

use crate::few::Few;
use crate::tcp::copies::MAX_TTL_STEP;
use crate::tcp::seq::Seq;

/// Bytes kept of a hello: a ClientHello with post-quantum key shares has 2 kB, padded ones up to 16 kB (the largest
/// record, RFC 8446 section 5.1).
pub(crate) const MAX_KEPT: usize = 16 * 1024 + 5;

/// Bytes that room is made for at once, whatever length a hello claims: more than hellos of browsers have.
const RESERVED: usize = 4 * 1024;

/// Stretches of different TTL told apart; what comes after is taken for the last one's.
const MAX_STRETCHES: usize = 16;

/// Kept bytes, with the TTL that they came with: a decoy's is too low to arrive.
#[derive(Debug, Default)]
pub(crate) struct Kept {
    bytes: Vec<u8>,
    /// The stretches before the last one.
    before: Few<Stretch>,
    /// TTL of the last stretch, which ends with the bytes.
    ttl: u8,
    closed: bool,
    from: Option<Seq>,
}

/// Bytes up to `end` that came with one TTL.
#[derive(Clone, Copy, Debug)]
struct Stretch {
    end: usize,
    ttl: u8,
}

/// How a segment differs from the kept bytes that it lies over.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Difference {
    /// TTL that the kept bytes came with.
    pub(crate) ttl: u8,
    /// Where the segment lies in the kept bytes.
    at: usize,
    /// How many of the segment's bytes stand before the kept ones.
    skip: usize,
}

impl Kept {
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Sequence number of the first kept byte: where TLS begins, once found.
    pub(crate) fn from(&self) -> Option<Seq> {
        self.from
    }

    /// Keeps what begins at `seq` instead.
    pub(crate) fn restart(&mut self, seq: Seq) {
        self.bytes.clear();
        self.before.clear();
        self.from = Some(seq);
    }

    /// Drops what stands before `seq`, which is the beginning whether anything is kept or not.
    pub(crate) fn begin_at(&mut self, seq: Seq) {
        let before = self.from.map_or(0, |from| seq.since(from));
        match usize::try_from(before) {
            Ok(before) => self.drop_front(before),
            Err(_) => self.restart(seq),
        }
        self.from = Some(seq);
    }

    pub(crate) fn drop_front(&mut self, len: usize) {
        let len = len.min(self.bytes.len());
        self.bytes.drain(..len);
        self.before.retain(|stretch| {
            stretch.end = stretch.end.saturating_sub(len);
            stretch.end > 0
        });
        self.from = self.from.map(|from| from.add(len as u32));
    }

    /// Makes room at once for a hello that is `len` long, if it says so; of one that claims more than hellos have, for less.
    pub(crate) fn reserve(&mut self, len: usize) {
        if self.bytes.is_empty() && !self.closed {
            self.bytes.reserve_exact(len.min(RESERVED));
        }
    }

    pub(crate) fn add(&mut self, bytes: &[u8], ttl: u8) {
        if self.closed {
            return;
        }
        self.mark(ttl);
        let room = MAX_KEPT.saturating_sub(self.bytes.len());
        self.bytes.extend_from_slice(bytes.get(..room).unwrap_or(bytes));
    }

    /// From now on nothing is kept, and no memory held: a handshake lasts longer than its hello is worth keeping.
    pub(crate) fn forget(&mut self) {
        if !self.closed {
            *self = Self { from: self.from, closed: true, ..Self::default() };
        }
    }

    /// Where `bytes` at `seq` differ from what is kept.
    pub(crate) fn difference(&self, seq: Seq, bytes: &[u8]) -> Option<Difference> {
        let offset = seq.since(self.from?);
        let skip = usize::try_from(-i64::from(offset)).unwrap_or(0);
        let (at, theirs) = (usize::try_from(offset).unwrap_or(0), bytes.get(skip..)?);
        let ours = self.bytes.get(at..)?;
        let both = ours.len().min(theirs.len());
        // A retransmission, as nearly always: that all is the same is told at once.
        if ours.get(..both) == theirs.get(..both) {
            return None;
        }
        let first = ours.iter().zip(theirs).position(|(ours, theirs)| ours != theirs)?;
        let stretch = self.stretches().find(|stretch| stretch.end > at + first)?;
        Some(Difference { ttl: stretch.ttl, at, skip })
    }

    /// One past the last kept byte.
    pub(crate) fn end(&self) -> Option<Seq> {
        Some(self.from?.add(u32::try_from(self.bytes.len()).ok()?))
    }

    /// The kept bytes as the segment would have them.
    pub(crate) fn overlaid(&self, difference: Difference, segment: &[u8]) -> Vec<u8> {
        let segment = segment.get(difference.skip..).unwrap_or(&[]);
        let end = difference.at.saturating_add(segment.len());
        let (before, behind) = (self.bytes.get(..difference.at), self.bytes.get(end..));
        [before.unwrap_or(&[]), segment, behind.unwrap_or(&[])].concat()
    }

    /// Takes the segment, which came with `ttl`, as the true one, and drops what decoys said from its end on. What it
    /// says beyond the kept bytes is not added.
    pub(crate) fn replace(&mut self, difference: Difference, segment: &[u8], ttl: u8) {
        let len = self.bytes.len();
        self.bytes = self.overlaid(difference, segment);
        self.bytes.truncate(len);
        let end = difference.at.saturating_add(segment.len().saturating_sub(difference.skip)).min(len);
        let beyond = self.stretches().filter(|stretch| stretch.end > end);
        let genuine = beyond.take_while(|stretch| stretch.ttl.saturating_add(MAX_TTL_STEP) >= ttl);
        let keep = genuine.map(|stretch| stretch.end).last().unwrap_or(end);
        self.bytes.truncate(keep);
        self.retake(difference.at, ttl);
    }

    /// The bytes from `from` on are of `ttl` now: those behind the segment reach as well, or they would be gone.
    fn retake(&mut self, from: usize, ttl: u8) {
        let before = self.stretches().find(|stretch| stretch.end >= from).map_or(ttl, |stretch| stretch.ttl);
        self.before.retain(|stretch| stretch.end <= from);
        if self.before.last().map_or(0, |stretch| stretch.end) < from {
            self.before.push(Stretch { end: from, ttl: before });
        }
        self.ttl = ttl;
    }

    /// What is kept from now on came with `ttl`.
    fn mark(&mut self, ttl: u8) {
        if self.bytes.is_empty() {
            self.ttl = ttl;
        } else if self.ttl != ttl && self.before.len() + 1 < MAX_STRETCHES {
            self.before.push(Stretch { end: self.bytes.len(), ttl: self.ttl });
            self.ttl = ttl;
        }
    }

    fn stretches(&self) -> impl Iterator<Item = Stretch> {
        self.before.iter().copied().chain([Stretch { end: self.bytes.len(), ttl: self.ttl }])
    }
}
