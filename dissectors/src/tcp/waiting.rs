//! What was captured of a stream ahead of a byte that is missing.

use crate::tcp::seq::Seq;

/// What waits for a missing byte: runs in order, never none.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    pub(super) runs: Vec<Run>,
    pub(super) store: Vec<u8>,
}

/// Bytes that wait for a missing one; `at` and `len` lie in the store.
#[derive(Clone, Copy, Debug)]
pub(super) struct Run {
    pub(super) seq: Seq,
    pub(super) at: usize,
    pub(super) len: usize,
    pub(super) mark: u8,
}

impl Run {
    /// One past its last byte.
    pub(super) fn end(&self) -> Seq {
        self.seq.add(self.len as u32)
    }
}

impl Waiting {
    /// The bytes of a run.
    pub(super) fn bytes(&self, run: &Run) -> &[u8] {
        self.store.get(run.at..run.at + run.len).unwrap_or(&[])
    }

    /// How many of `len` bytes from `seq` on no run holds.
    pub(super) fn unknown(&self, seq: Seq, len: usize) -> usize {
        let end = seq.add(len as u32);
        let known: i32 = self
            .runs
            .iter()
            .map(|run| {
                let from = if run.seq.is_after(seq) { run.seq } else { seq };
                let to = if end.is_after(run.end()) { run.end() } else { end };
                to.since(from).max(0)
            })
            .sum();
        len.saturating_sub(known.unsigned_abs() as usize)
    }

    /// Whether the copy of any of these bytes is different.
    pub(super) fn disagrees(&self, seq: Seq, bytes: &[u8]) -> bool {
        self.runs.iter().any(|run| {
            let known = self.bytes(run);
            let ahead = seq.since(run.seq);
            let (ours, theirs) = if ahead >= 0 {
                (bytes, known.get(ahead as usize..).unwrap_or(&[]))
            } else {
                (bytes.get(ahead.unsigned_abs() as usize..).unwrap_or(&[]), known)
            };
            ours.iter().zip(theirs).any(|(a, b)| a != b)
        })
    }
}
