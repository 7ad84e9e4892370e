//! Puts the CRYPTO frames of one sender together by offset, in whatever order they come. Bounded in bytes and in holes.
//! It knows nothing of what the bytes mean.

use std::ops::Range;

/// How far beyond the first missing byte a frame may reach. The largest hellos that are met, with post-quantum keys and
/// long tickets, are a tenth of it.
pub(super) const MAX_BYTES: usize = 64 * 1024;
/// How many pieces with holes between them are kept. Browsers cut a hello into about ten.
pub(super) const MAX_PIECES: usize = 64;

/// What became of a piece.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Inserted {
    /// At least one of its bytes was new.
    New,
    /// All of it was here already, with the same bytes as far as they are still kept.
    Repeated,
    /// It says other bytes than were here before. The first ones stay.
    Conflicting,
    /// It reaches over [`MAX_BYTES`] or [`MAX_PIECES`] and was not taken.
    Refused,
}

/// The bytes of a stream from the first unread one on.
#[derive(Clone, Debug, Default)]
pub(super) struct Assembler {
    /// Stream offset of the first byte in `bytes`.
    start: u64,
    bytes: Vec<u8>,
    /// How many of `bytes` were read. They go once they are half of all: were the rest moved up at each reading, a far piece
    /// would make many short messages cost more than they have bytes by far.
    read: usize,
    /// What of `bytes` was received: in order, neither overlapping nor touching.
    pieces: Vec<Range<usize>>,
}

impl Assembler {
    /// Takes `data`, which stands at `offset` of the stream.
    pub(super) fn insert(&mut self, offset: u64, data: &[u8]) -> Inserted {
        let unread = self.start.saturating_add(self.read as u64);
        let read = usize::try_from(unread.saturating_sub(offset)).unwrap_or(usize::MAX);
        let Some(data) = data.get(read..).filter(|data| !data.is_empty()) else { return Inserted::Repeated };
        let Some(piece) = self.place(offset.max(unread), data.len()) else { return Inserted::Refused };
        let touched = self.touched(&piece);
        if touched.is_empty() && self.pieces.len() >= MAX_PIECES {
            return Inserted::Refused;
        }
        let inserted = self.write(piece.clone(), data);
        let held = self.pieces.get(touched.clone()).unwrap_or_default();
        let start = held.first().map_or(piece.start, |first| first.start.min(piece.start));
        let end = held.last().map_or(piece.end, |last| last.end.max(piece.end));
        self.pieces.splice(touched, std::iter::once(start..end));
        inserted
    }

    /// Bytes held, holes and what was read lately included.
    pub(super) fn held(&self) -> usize {
        self.bytes.len()
    }

    /// The bytes up to the first hole.
    pub(super) fn ready(&self) -> &[u8] {
        let end = self.pieces.first().filter(|first| first.start == 0).map_or(0, |first| first.end);
        self.bytes.get(self.read..end).unwrap_or_default()
    }

    /// Lets go of the first `length` bytes of [`Self::ready`].
    pub(super) fn consume(&mut self, length: usize) {
        self.read = self.read.saturating_add(length.min(self.ready().len()));
        if self.read >= self.bytes.len() / 2 {
            self.move_up();
        }
    }

    /// Drops what was read.
    fn move_up(&mut self) {
        let read = std::mem::take(&mut self.read);
        self.bytes.drain(..read);
        self.start = self.start.saturating_add(read as u64);
        self.pieces.retain_mut(|piece| {
            *piece = piece.start.saturating_sub(read)..piece.end.saturating_sub(read);
            piece.start < piece.end
        });
        if self.pieces.is_empty() {
            (self.bytes, self.pieces) = Default::default();
        }
    }

    /// Where in `bytes` a piece lies, if that is within bounds.
    fn place(&self, offset: u64, length: usize) -> Option<Range<usize>> {
        let begin = usize::try_from(offset.checked_sub(self.start)?).ok()?;
        let end = begin.checked_add(length)?;
        (end.saturating_sub(self.read) <= MAX_BYTES).then_some(begin..end)
    }

    /// The pieces that `piece` overlaps or touches, by index.
    fn touched(&self, piece: &Range<usize>) -> Range<usize> {
        let first = self.pieces.partition_point(|held| held.end < piece.start);
        let last = self.pieces.partition_point(|held| held.start <= piece.end);
        first..last
    }

    /// Writes what is new of `data` and compares the rest.
    fn write(&mut self, piece: Range<usize>, data: &[u8]) -> Inserted {
        if self.bytes.len() < piece.end {
            self.bytes.resize(piece.end, 0);
        }
        let Some(target) = self.bytes.get_mut(piece.clone()) else { return Inserted::Refused };
        let (mut same, mut new) = (true, false);
        let mut done = 0;
        for held in self.pieces.iter().filter(|held| held.start < piece.end && held.end > piece.start) {
            let begin = held.start.saturating_sub(piece.start);
            let end = held.end.min(piece.end).saturating_sub(piece.start);
            new |= copy(target, data, done..begin);
            same &= target.get(begin..end) == data.get(begin..end);
            done = end;
        }
        new |= copy(target, data, done..data.len());
        match (same, new) {
            (false, _) => Inserted::Conflicting,
            (true, true) => Inserted::New,
            (true, false) => Inserted::Repeated,
        }
    }
}

/// Copies `range` from one slice to the other; says whether there was anything to copy.
fn copy(target: &mut [u8], data: &[u8], range: Range<usize>) -> bool {
    let (Some(target), Some(data)) = (target.get_mut(range.clone()), data.get(range)) else { return false };
    target.copy_from_slice(data);
    !data.is_empty()
}

#[cfg(test)]
mod tests {
    use super::Inserted::{Conflicting, New, Refused, Repeated};
    use super::{Assembler, Inserted, MAX_BYTES, MAX_PIECES};

    /// Every shape in which two pieces can meet: what is inserted, what becomes of it, what is ready then.
    #[test]
    fn shapes() {
        type Step = (u64, &'static [u8], Inserted);
        let cases: [(&str, &[Step], &[u8]); 10] = [
            ("in order", &[(0, b"ab", New), (2, b"cd", New)], b"abcd"),
            ("out of order", &[(2, b"cd", New), (0, b"ab", New)], b"abcd"),
            ("duplicate", &[(0, b"abc", New), (0, b"abc", Repeated)], b"abc"),
            ("contained", &[(0, b"abcd", New), (1, b"bc", Repeated)], b"abcd"),
            ("contains", &[(1, b"b", New), (0, b"abc", New)], b"abc"),
            ("overlaps the end", &[(0, b"abc", New), (2, b"cde", New)], b"abcde"),
            ("overlaps the begin", &[(2, b"cde", New), (0, b"abc", New)], b"abcde"),
            ("over two holes", &[(1, b"b", New), (3, b"d", New), (0, b"abcde", New)], b"abcde"),
            ("hole", &[(0, b"ab", New), (3, b"d", New)], b"ab"),
            ("other bytes", &[(0, b"abc", New), (1, b"XYd", Conflicting)], b"abcd"),
        ];
        for (name, steps, ready) in cases {
            let mut assembler = Assembler::default();
            for &(offset, data, expected) in steps {
                assert_eq!(assembler.insert(offset, data), expected, "{name}");
            }
            assert_eq!(assembler.ready(), ready, "{name}");
        }
    }

    #[test]
    fn what_was_read_is_not_wanted_again() {
        let mut assembler = Assembler::default();
        assembler.insert(0, b"abcdef");
        assembler.insert(8, b"ij");
        assembler.consume(4);
        assert_eq!(assembler.ready(), b"ef");
        assert_eq!(assembler.insert(0, b"abcd"), Repeated);
        assert_eq!(assembler.insert(2, b"cdefgh"), New);
        assert_eq!(assembler.ready(), b"efghij");
        assembler.consume(usize::MAX);
        assert!(assembler.bytes.capacity() == 0, "nothing is kept of a stream that was read");
    }

    /// Whatever is read when, the stream comes out as it was sent, and the bound is counted from what is unread.
    #[test]
    fn a_far_piece_stays_in_its_place_while_messages_before_it_are_read() {
        let stream: Vec<u8> = (0..MAX_BYTES + 4_000).map(|at| (at * 7 + at / 256) as u8).collect();
        let mut assembler = Assembler::default();
        let (mut sent, mut read, mut out) = (0, 0, Vec::new());
        assert_eq!(assembler.insert(60_000, &stream[60_000..MAX_BYTES]), New);
        for step in 1..60_000 / 13 {
            assert_eq!(assembler.insert(sent as u64, &stream[sent..sent + 13]), New);
            sent += 13;
            let length = assembler.ready().len().min(step % 29);
            out.extend_from_slice(&assembler.ready()[..length]);
            assembler.consume(length);
            read += length;
            assert_eq!(
                assembler.insert(read.saturating_sub(9) as u64, &stream[read.saturating_sub(9)..read]),
                Repeated
            );
            assert!(assembler.held() <= 2 * MAX_BYTES);
            if step == 300 {
                let end = read + MAX_BYTES;
                assert_eq!(assembler.insert(end as u64, b"x"), Refused);
                assert_eq!(assembler.insert(end as u64 - 1, &stream[end - 1..end]), New);
            }
        }
        assert_eq!(assembler.insert(sent as u64, &stream[sent..60_000]), New);
        out.extend_from_slice(assembler.ready());
        assert_eq!(out, &stream[..MAX_BYTES], "what waits behind a hole is not ready");
    }

    #[test]
    fn bounds() {
        let mut assembler = Assembler::default();
        assert_eq!(assembler.insert(MAX_BYTES as u64, b"x"), Refused);
        assert_eq!(assembler.insert(u64::MAX, b"xyz"), Refused);
        assert_eq!(assembler.insert(MAX_BYTES as u64 - 1, b"x"), New);
        for piece in 1..MAX_PIECES as u64 {
            assert_eq!(assembler.insert(piece * 2, b"x"), New);
        }
        assert_eq!(assembler.insert(1000, b"x"), Refused, "one hole too many");
        assert_eq!(assembler.insert(3, b"x"), New, "fills a hole");
    }
}
