//! The bytes of a stream from the start of TLS on, as far as later copies of them are worth comparing with.

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
    from: Option<Seq>,
    stretches: Stretches,
    closed: bool,
}

/// Stretches in order. Nearly always there is one, for which nothing is allocated.
#[derive(Debug, Default)]
struct Stretches {
    before: Vec<Stretch>,
    last: Option<Stretch>,
}

/// Bytes up to `end` that came with one TTL.
#[derive(Clone, Copy, Debug)]
struct Stretch {
    end: usize,
    ttl: u8,
}

impl Stretches {
    fn len(&self) -> usize {
        self.before.len().saturating_add(self.last.iter().len())
    }

    fn iter(&self) -> impl Iterator<Item = &Stretch> {
        self.before.iter().chain(&self.last)
    }

    fn push(&mut self, stretch: Stretch) {
        self.before.extend(self.last.replace(stretch));
    }

    fn retain_mut(&mut self, mut keep: impl FnMut(&mut Stretch) -> bool) {
        self.before.retain_mut(&mut keep);
        self.last = self.last.take_if(|last| keep(last)).or_else(|| self.before.pop());
    }

    fn clear(&mut self) {
        self.before.clear();
        self.last = None;
    }
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
        self.stretches.clear();
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
        self.stretches.retain_mut(|stretch| {
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
        let room = MAX_KEPT.saturating_sub(self.bytes.len());
        self.bytes.extend_from_slice(bytes.get(..room).unwrap_or(bytes));
        self.mark(ttl);
    }

    /// From now on nothing is kept, and no memory held: a handshake lasts longer than its hello is worth keeping.
    pub(crate) fn forget(&mut self) {
        *self = Self { from: self.from, closed: true, ..Self::default() };
    }

    /// Forgets everything but keeps the allocations.
    pub(crate) fn recycle(&mut self) {
        self.bytes.clear();
        self.stretches.clear();
        (self.from, self.closed) = (None, false);
    }

    /// Where `bytes` at `seq` differ from what is kept.
    pub(crate) fn difference(&self, seq: Seq, bytes: &[u8]) -> Option<Difference> {
        let offset = seq.since(self.from?);
        let skip = usize::try_from(-i64::from(offset)).unwrap_or(0);
        let (at, bytes) = (usize::try_from(offset).unwrap_or(0), bytes.get(skip..)?);
        let first = self.bytes.get(at..)?.iter().zip(bytes).position(|(ours, theirs)| ours != theirs)?;
        let stretch = self.stretches.iter().find(|stretch| stretch.end > at + first)?;
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
        let beyond = self.stretches.iter().filter(|stretch| stretch.end > end);
        let genuine = beyond.take_while(|stretch| stretch.ttl.saturating_add(MAX_TTL_STEP) >= ttl);
        let keep = genuine.map(|stretch| stretch.end).last().unwrap_or(end);
        self.bytes.truncate(keep);
        self.retake(difference.at, end, ttl);
    }

    /// The bytes from `from` to `to` are of `ttl` now; those behind them reach as well, or they would be gone.
    fn retake(&mut self, from: usize, to: usize, ttl: u8) {
        let before = self.stretches.iter().find(|stretch| stretch.end >= from).map_or(ttl, |stretch| stretch.ttl);
        self.stretches.retain_mut(|stretch| stretch.end <= from);
        if self.stretches.last.map_or(0, |stretch| stretch.end) < from {
            self.stretches.push(Stretch { end: from, ttl: before });
        }
        self.stretches.push(Stretch { end: to, ttl });
        self.mark(ttl);
    }

    /// The bytes behind the last stretch came with `ttl`.
    fn mark(&mut self, ttl: u8) {
        let (end, full) = (self.bytes.len(), self.stretches.len() >= MAX_STRETCHES);
        match &mut self.stretches.last {
            Some(last) if last.ttl == ttl || full => last.end = end,
            _ => self.stretches.push(Stretch { end, ttl }),
        }
    }
}
