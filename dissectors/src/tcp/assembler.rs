//! Puts one direction's segments in order, bounded. Knows nothing of TLS, nor of the other direction.

use crate::tcp::seq::Seq;
use crate::tcp::waiting::{Run, Waiting};

/// Bytes that may wait for a missing one, in one direction: a Certificate flight of 64 kB with its first segment lost.
pub const MAX_WAITING: usize = 64 * 1024;

/// Runs that may wait, in one direction. Each insertion walks them once.
pub const MAX_RUNS: usize = 64;

/// Farthest ahead of the next byte that a segment is believed to belong to the stream: 1 MiB, beyond the receive window
/// that any client has open in a handshake. What is farther is noise or hostile.
pub const MAX_AHEAD: i32 = 1 << 20;

/// Orders the segments of one direction.
///
/// Bytes are handed on once each, in order. Of segments that overlap the first copy counts, which is what most receivers
/// do (RFC 9293 section 3.10.7.4 leaves it open); whether copies disagree is reported where the first still waits.
#[derive(Debug, Default)]
pub struct Assembler {
    next: Option<Seq>,
    overflowed: bool,
    /// Of most streams nothing ever waits.
    waiting: Option<Box<Waiting>>,
}

/// What became of a segment's bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Inserted {
    /// Bytes handed on now, those included that had waited.
    pub delivered: usize,
    /// Bytes of this segment that were not known before.
    pub new: usize,
    /// Bytes of this segment that disagree with a copy that waits.
    pub disagrees: bool,
}

impl Assembler {
    /// The next byte to be handed on, once the stream's start is known.
    pub fn next(&self) -> Option<Seq> {
        self.next
    }

    /// Starts the stream at `seq`, unless it has started.
    pub fn start(&mut self, seq: Seq) {
        self.next.get_or_insert(seq);
    }

    /// Goes on at `seq`, and hands on what waited for it: gives up on what is missing before it, or on a start that was
    /// taken elsewhere (servers are seen to answer one SYN with several numbers, of which the client takes one). What was
    /// handed on stays so, and what waits nearby is kept.
    pub fn skip_to(&mut self, seq: Seq, mut deliver: impl FnMut(&[u8], u8)) {
        let passed = self.next.map(|next| next.since(seq));
        if passed.is_none_or(|passed| !(0..MAX_AHEAD).contains(&passed)) {
            self.next = Some(seq);
            self.retain(|run| (1..MAX_AHEAD).contains(&run.end().since(seq)));
            self.pass_on(seq, &[], 0, &mut deliver);
        }
    }

    /// Takes back what was handed on from `seq` on: its sender meant other bytes.
    pub fn rewind_to(&mut self, seq: Seq) {
        if self.next.is_some_and(|next| next.is_after(seq)) {
            self.next = Some(seq);
        }
    }

    /// Keeps a segment of a stream whose start is not known yet.
    pub fn hold(&mut self, seq: Seq, bytes: &[u8], mark: u8) -> Inserted {
        let near = |run: &Run| (-MAX_AHEAD..MAX_AHEAD).contains(&seq.since(run.seq));
        if self.runs().first().is_none_or(near) { self.keep(seq, bytes, mark) } else { Inserted::default() }
    }

    /// The first byte that waits, with the number of runs that wait.
    pub fn waiting(&self) -> Option<(Seq, usize)> {
        self.runs().first().map(|run| (run.seq, self.runs().len()))
    }

    /// Whether captured bytes wait for one that was not captured.
    pub fn has_gap(&self) -> bool {
        self.next.is_some() && self.waiting.is_some()
    }

    /// The first byte that is known to be missing, with the number of missing bytes before the next captured one.
    pub fn gap(&self) -> Option<(Seq, u32)> {
        let (next, run) = (self.next?, self.runs().first()?);
        Some((next, u32::try_from(run.seq.since(next)).unwrap_or(0)))
    }

    /// One past the last byte captured, missing ones before it or not.
    pub fn end(&self) -> Option<Seq> {
        match &self.waiting {
            None => self.next,
            Some(waiting) => waiting.runs.last().map(Run::end),
        }
    }

    /// Bytes that wait.
    pub fn held(&self) -> usize {
        self.waiting.as_ref().map_or(0, |waiting| waiting.store.len())
    }

    /// Whether bytes were dropped because too many were waiting.
    pub fn overflowed(&self) -> bool {
        self.overflowed
    }

    /// Whether a waiting copy of any of these bytes is different.
    pub fn disagrees(&self, seq: Seq, bytes: &[u8]) -> bool {
        self.waiting.as_ref().is_some_and(|waiting| waiting.disagrees(seq, bytes))
    }

    /// Takes a segment and hands on what is now in order. A stream that has not started starts here.
    pub fn insert(&mut self, seq: Seq, bytes: &[u8], mut deliver: impl FnMut(&[u8])) -> Inserted {
        self.insert_marked(seq, bytes, 0, |bytes, _| deliver(bytes))
    }

    /// The same with a mark of the caller's that stays with the segment's bytes until they are handed on.
    pub fn insert_marked(&mut self, seq: Seq, bytes: &[u8], mark: u8, mut deliver: impl FnMut(&[u8], u8)) -> Inserted {
        let next = *self.next.get_or_insert(seq);
        let ahead = seq.since(next);
        if !(-MAX_AHEAD..MAX_AHEAD).contains(&ahead) {
            return Inserted::default();
        }
        if ahead > 0 {
            return self.keep(seq, bytes, mark);
        }
        let fresh = bytes.get(ahead.unsigned_abs() as usize..).unwrap_or(&[]);
        if fresh.is_empty() {
            return Inserted::default();
        }
        self.pass_on(next, fresh, mark, &mut deliver)
    }

    /// Hands on `bytes`, which begin at the next byte, and all that waited for them.
    fn pass_on(&mut self, next: Seq, bytes: &[u8], mark: u8, deliver: &mut impl FnMut(&[u8], u8)) -> Inserted {
        let mut out = Inserted { new: bytes.len(), delivered: bytes.len(), disagrees: false };
        let Some(waiting) = &self.waiting else {
            if !bytes.is_empty() {
                deliver(bytes, mark);
            }
            self.next = Some(next.add(bytes.len() as u32));
            return out;
        };
        out.disagrees = waiting.disagrees(next, bytes);
        out.new = waiting.unknown(next, bytes.len());
        // The first copy counts: where a run waits it was first, so this segment fills only what lies between.
        let (mut at, mut rest) = (next, bytes);
        out.delivered = 0;
        for run in &waiting.runs {
            let until = run.seq.since(at);
            if until > 0 && !rest.is_empty() {
                let (fill, beyond) = rest.split_at((until as usize).min(rest.len()));
                deliver(fill, mark);
                out.delivered += fill.len();
                at = at.add(fill.len() as u32);
                rest = beyond;
            }
            if run.seq.is_after(at) {
                break;
            }
            let known = at.since(run.seq) as usize;
            let waited = waiting.bytes(run).get(known..).unwrap_or(&[]);
            if !waited.is_empty() {
                deliver(waited, run.mark);
            }
            out.delivered += waited.len();
            at = at.add(waited.len() as u32);
            rest = rest.get(waited.len()..).unwrap_or(&[]);
        }
        if !rest.is_empty() {
            deliver(rest, mark);
            out.delivered += rest.len();
            at = at.add(rest.len() as u32);
        }
        self.next = Some(at);
        self.retain(|run| run.end().is_after(at));
        out
    }

    /// Keeps what is new of a segment that came too early.
    fn keep(&mut self, seq: Seq, bytes: &[u8], mark: u8) -> Inserted {
        let disagrees = self.disagrees(seq, bytes);
        let (mut at, mut rest, mut new, mut i) = (seq, bytes, 0, 0);
        while !rest.is_empty() {
            // Skip the runs that end before this byte; fill up to the run that comes next; pass over what it knows.
            while self.runs().get(i).is_some_and(|run| run.end().since(at) <= 0) {
                i += 1;
            }
            let run = self.runs().get(i).copied();
            let free = run.map_or(rest.len(), |run| usize::try_from(run.seq.since(at)).unwrap_or(0).min(rest.len()));
            let (fill, beyond) = rest.split_at(free);
            if !fill.is_empty() {
                if !self.store_run(i, at, fill, mark) {
                    break;
                }
                new += fill.len();
                i += 1;
            }
            let known = run.map_or(0, |run| usize::try_from(run.end().since(at.add(free as u32))).unwrap_or(0));
            at = at.add((free + known.min(beyond.len())) as u32);
            rest = beyond.get(known..).unwrap_or(&[]);
        }
        Inserted { delivered: 0, new, disagrees }
    }

    /// Stores a run at its place; false where a limit is reached.
    fn store_run(&mut self, index: usize, seq: Seq, bytes: &[u8], mark: u8) -> bool {
        if self.runs().len() >= MAX_RUNS || self.held() + bytes.len() > MAX_WAITING {
            self.overflowed = true;
            return false;
        }
        let waiting = self.waiting.get_or_insert_default();
        waiting.runs.insert(index, Run { seq, at: waiting.store.len(), len: bytes.len(), mark });
        waiting.store.extend_from_slice(bytes);
        true
    }

    fn runs(&self) -> &[Run] {
        self.waiting.as_ref().map_or(&[], |waiting| &waiting.runs)
    }

    /// Drops the runs that are not to be kept, and with the last one all memory.
    fn retain(&mut self, keep: impl FnMut(&Run) -> bool) {
        let Some(waiting) = &mut self.waiting else { return };
        waiting.runs.retain(keep);
        if waiting.runs.is_empty() {
            self.waiting = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bytes whose value tells their place in the stream.
    fn stream(range: std::ops::Range<usize>) -> Vec<u8> {
        range.map(|i| (i * 7 + i / 256) as u8).collect()
    }

    /// Inserts the ranges of one stream from `base` on and returns what was handed on.
    fn assemble(base: Seq, ranges: &[std::ops::Range<usize>]) -> (Vec<u8>, Assembler) {
        let (mut assembler, mut out) = (Assembler::default(), Vec::new());
        assembler.start(base);
        for range in ranges {
            let inserted =
                assembler.insert(base.add(range.start as u32), &stream(range.clone()), |b| out.extend_from_slice(b));
            assert!(!inserted.disagrees);
        }
        (out, assembler)
    }

    #[test]
    fn overlap_shapes() {
        let shapes: &[(&str, &[std::ops::Range<usize>], usize, bool)] = &[
            ("in order", &[0..10, 10..20], 20, false),
            ("reordered", &[10..20, 0..10], 20, false),
            ("duplicate", &[0..10, 0..10, 10..20], 20, false),
            ("duplicate that waits", &[10..20, 10..20, 0..10], 20, false),
            ("contained", &[0..20, 5..10], 20, false),
            ("contained in what waits", &[10..30, 15..20, 0..10], 30, false),
            ("contains", &[5..10, 0..20], 20, false),
            ("contains what waits", &[10..12, 5..20, 0..5], 20, false),
            ("contains two that wait", &[10..12, 15..18, 5..20, 0..5], 20, false),
            ("overlaps the end", &[0..10, 5..20], 20, false),
            ("overlaps the start of what waits", &[10..20, 0..15], 20, false),
            ("overlaps the end of what waits", &[10..20, 15..30, 0..10], 30, false),
            ("bridges two that wait", &[10..20, 30..40, 15..35, 0..10], 40, false),
            ("old", &[0..20, 0..5], 20, false),
            ("keep-alive", &[0..20, 19..20, 20..30], 30, false),
            ("gap", &[0..10, 20..30], 10, true),
            ("gap in front", &[5..10, 5..8], 0, true),
            ("two gaps, one filled", &[10..20, 30..40, 0..10], 20, true),
        ];
        for base in [Seq(1000), Seq(u32::MAX - 12)] {
            for (name, ranges, delivered, gap) in shapes {
                let (out, assembler) = assemble(base, ranges);
                assert_eq!(out, stream(0..*delivered), "{name}");
                assert_eq!(assembler.has_gap(), *gap, "{name}");
                assert_eq!(assembler.next(), Some(base.add(*delivered as u32)), "{name}");
            }
        }
    }

    #[test]
    fn the_first_copy_counts_and_a_waiting_disagreement_is_told() {
        let mut out = Vec::new();
        let mut assembler = Assembler::default();
        assembler.start(Seq(0));
        assert!(!assembler.insert(Seq(2), b"cd", |_| ()).disagrees);
        let inserted = assembler.insert(Seq(0), b"abXXe", |b| out.extend_from_slice(b));
        assert!(inserted.disagrees);
        assert_eq!((out.as_slice(), inserted.new, inserted.delivered), (&b"abcde"[..], 3, 5));
    }

    #[test]
    fn waiting_bytes_and_runs_are_bounded() {
        let mut assembler = Assembler::default();
        assembler.start(Seq(0));
        for i in 0..1000u32 {
            assembler.insert(Seq(2 + 2 * i), b"x", |_| panic!("nothing is in order"));
        }
        assert!(assembler.overflowed() && assembler.runs().len() == MAX_RUNS);
        let mut assembler = Assembler::default();
        assembler.start(Seq(0));
        for i in 0..100u32 {
            assembler.insert(Seq(1 + 1460 * i), &[0; 1460], |_| panic!("nothing is in order"));
        }
        assert!(assembler.overflowed() && assembler.held() <= MAX_WAITING);
    }

    #[test]
    fn what_is_far_away_is_no_part_of_the_stream() {
        let mut assembler = Assembler::default();
        assembler.start(Seq(0));
        assert_eq!(assembler.insert(Seq(MAX_AHEAD as u32), b"x", |_| ()), Inserted::default());
        assert_eq!(assembler.insert(Seq(0x8000_0000), b"x", |_| ()), Inserted::default());
        assert!(!assembler.has_gap());
    }

    #[test]
    fn any_order_and_any_cut_gives_the_same_stream() {
        let mut state = 1u64;
        let mut random = move |below: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as usize % below
        };
        for _ in 0..500 {
            let len = 1 + random(3000);
            let mut ranges = Vec::new();
            let mut at = 0;
            while at < len {
                let end = (at + 1 + random(300)).min(len);
                ranges.push(at.saturating_sub(random(40))..end);
                at = end;
            }
            for i in (1..ranges.len()).rev() {
                ranges.swap(i, random(i + 1));
            }
            let (out, assembler) = assemble(Seq(u32::MAX - 1000), &ranges);
            assert!(assembler.overflowed() || (out == stream(0..len) && !assembler.has_gap()));
        }
    }
}
