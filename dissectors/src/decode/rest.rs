//! The part of a frame that is still to be read, and the fields of its headers.
//!
//! Knows how many bytes were captured and how many the wire had. Knows no layer.

use super::registry::Stop;
use crate::packet::Span;

/// What is left of a frame below the headers read so far.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rest<'a> {
    /// The captured bytes.
    bytes: &'a [u8],
    /// Where they start in the block.
    start: usize,
    /// How many bytes the wire had here; never fewer than captured.
    wire: usize,
}

impl<'a> Rest<'a> {
    /// The bytes of `span` in `block`, of which the wire had `wire`; `None` where the span leaves the block.
    pub(super) fn new(block: &'a [u8], span: Span, wire: usize) -> Option<Self> {
        let start = span.start as usize;
        let bytes = block.get(start..start.checked_add(span.len as usize)?)?;
        // A span is 32 bits; what lies beyond them in a larger block has no name.
        u32::try_from(start + bytes.len()).ok()?;
        Some(Self { bytes, start, wire: wire.max(bytes.len()) })
    }

    /// The captured bytes.
    pub(super) fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// How many bytes the wire had here.
    pub(super) fn wire(&self) -> usize {
        self.wire
    }

    /// Whether the snap length cut bytes off.
    pub(super) fn is_cut(&self) -> bool {
        self.missing() > 0
    }

    /// How many bytes were on the wire and not captured.
    pub(super) fn missing(&self) -> usize {
        self.wire - self.bytes.len()
    }

    /// Where the captured bytes lie in the block.
    pub(super) fn span(&self) -> Span {
        // `new` has made sure that both fit.
        Span { start: self.start as u32, len: self.bytes.len() as u32 }
    }

    /// What follows a header of `n` bytes.
    pub(super) fn skip(self, n: usize) -> Result<Self, Stop> {
        let bytes = self.bytes.get(n..).ok_or(Stop::Short)?;
        Ok(Self { bytes, start: self.start + n, wire: self.wire - n })
    }

    /// The first `n` bytes, as a header states its payload's length: what follows is padding, what lacks was not captured.
    pub(super) fn limit(self, n: usize) -> Self {
        Self { bytes: self.bytes.get(..n).unwrap_or(self.bytes), start: self.start, wire: n }
    }

    /// The byte at `at`.
    pub(super) fn u8(&self, at: usize) -> Result<u8, Stop> {
        self.bytes.get(at).copied().ok_or(Stop::Short)
    }

    /// The two bytes at `at`, most significant first.
    pub(super) fn be16(&self, at: usize) -> Result<u16, Stop> {
        self.array(at).map(u16::from_be_bytes)
    }

    /// The two bytes at `at`, least significant first.
    pub(super) fn le16(&self, at: usize) -> Result<u16, Stop> {
        self.array(at).map(u16::from_le_bytes)
    }

    /// The four bytes at `at`, most significant first.
    pub(super) fn be32(&self, at: usize) -> Result<u32, Stop> {
        self.array(at).map(u32::from_be_bytes)
    }

    /// The four bytes at `at`, least significant first.
    pub(super) fn le32(&self, at: usize) -> Result<u32, Stop> {
        self.array(at).map(u32::from_le_bytes)
    }

    /// The `N` bytes at `at`.
    fn array<const N: usize>(&self, at: usize) -> Result<[u8; N], Stop> {
        self.bytes.get(at..).and_then(<[u8]>::first_chunk).copied().ok_or(Stop::Short)
    }
}
