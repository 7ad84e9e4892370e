//! The part of a frame that is still to be read, and the fields of its headers.
//!
//! Knows how many bytes were captured and how many the wire had. Knows no layer.

use super::stop::Stop;
use crate::packet::Span;

/// What is left of a frame below the headers read so far.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rest<'a> {
    /// The captured bytes.
    bytes: &'a [u8],
    /// Where they start in the block.
    start: u32,
    /// How many bytes the wire had here; never fewer than captured.
    wire: u32,
}

impl<'a> Rest<'a> {
    /// The bytes of `span` in `block`, of which the wire had `wire`; `None` where the span leaves the block.
    pub(super) fn new(block: &'a [u8], span: Span, wire: u32) -> Option<Self> {
        let end = span.start.checked_add(span.len)?;
        let bytes = block.get(span.start as usize..end as usize)?;
        Some(Self { bytes, start: span.start, wire: wire.max(span.len) })
    }

    /// The captured bytes.
    pub(super) fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// How many bytes the wire had here.
    pub(super) fn wire(&self) -> usize {
        self.wire as usize
    }

    /// Whether the snap length cut bytes off.
    pub(super) fn is_cut(&self) -> bool {
        self.missing() > 0
    }

    /// How many bytes were on the wire and not captured.
    pub(super) fn missing(&self) -> u32 {
        self.wire - self.span().len
    }

    /// Where the captured bytes lie in the block.
    pub(super) fn span(&self) -> Span {
        // No longer than the span that `new` was given.
        Span { start: self.start, len: self.bytes.len() as u32 }
    }

    /// What follows a header of `n` bytes.
    #[inline]
    pub(super) fn skip(self, n: usize) -> Result<Self, Stop> {
        let bytes = self.bytes.get(n..).ok_or(Stop::Short)?;
        // `n` is at most the captured length, which is at most both.
        Ok(Self { bytes, start: self.start + n as u32, wire: self.wire - n as u32 })
    }

    /// The first `n` bytes, as a header states its payload's length: what follows is padding, what lacks was not
    /// captured. A header that claims more than the frame had is not believed.
    #[inline]
    pub(super) fn limit(self, n: usize) -> Self {
        let wire = u32::try_from(n).map_or(self.wire, |n| n.min(self.wire));
        Self { bytes: self.bytes.get(..n).unwrap_or(self.bytes), start: self.start, wire }
    }

    /// The first `N` bytes.
    #[inline]
    pub(super) fn head<const N: usize>(&self) -> Option<&'a [u8; N]> {
        self.bytes.first_chunk()
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
    #[inline]
    fn array<const N: usize>(&self, at: usize) -> Result<[u8; N], Stop> {
        self.bytes.get(at..).and_then(<[u8]>::first_chunk).copied().ok_or(Stop::Short)
    }
}
