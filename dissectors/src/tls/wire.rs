//! The presentation language of RFC 8446, section 3: integers, vectors with a length before them, lists of `u16`.
//!
//! Views over bytes; nothing here knows what the bytes are for.

use std::fmt;

/// Reads fields from the front of a slice. Every method gives `None`, and takes nothing, where the bytes do not suffice.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cursor<'a>(&'a [u8]);

impl<'a> Cursor<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// What is not read yet.
    pub(super) fn rest(self) -> &'a [u8] {
        self.0
    }

    pub(super) fn is_empty(self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn take(&mut self, len: usize) -> Option<&'a [u8]> {
        let (head, rest) = self.0.split_at_checked(len)?;
        self.0 = rest;
        Some(head)
    }

    pub(super) fn array<const N: usize>(&mut self) -> Option<&'a [u8; N]> {
        let (head, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(head)
    }

    pub(super) fn u8(&mut self) -> Option<u8> {
        self.array().map(|&[byte]| byte)
    }

    pub(super) fn u16(&mut self) -> Option<u16> {
        self.array().map(|&bytes| u16::from_be_bytes(bytes))
    }

    pub(super) fn u24(&mut self) -> Option<usize> {
        self.array().map(|&[a, b, c]| usize::from(a) << 16 | usize::from(b) << 8 | usize::from(c))
    }

    /// A vector with a length of one byte.
    pub(super) fn vector8(&mut self) -> Option<&'a [u8]> {
        self.vector(|ahead| ahead.u8().map(usize::from))
    }

    /// A vector with a length of two bytes.
    pub(super) fn vector16(&mut self) -> Option<&'a [u8]> {
        self.vector(|ahead| ahead.u16().map(usize::from))
    }

    /// A vector with a length of three bytes.
    pub(super) fn vector24(&mut self) -> Option<&'a [u8]> {
        self.vector(Self::u24)
    }

    /// A vector with a length of two bytes, or what is there of it, and whether it was all.
    pub(super) fn vector16_or_rest(&mut self) -> Option<(&'a [u8], bool)> {
        let len = usize::from(self.u16()?);
        Some(self.take_or_rest(len))
    }

    /// The same with a length of one byte.
    pub(super) fn vector8_or_rest(&mut self) -> Option<(&'a [u8], bool)> {
        let len = usize::from(self.u8()?);
        Some(self.take_or_rest(len))
    }

    /// The next `len` bytes, or what is there of them, and whether it was all.
    pub(super) fn take_or_rest(&mut self, len: usize) -> (&'a [u8], bool) {
        match self.take(len) {
            Some(all) => (all, true),
            None => (std::mem::take(&mut self.0), false),
        }
    }

    fn vector(&mut self, len: impl FnOnce(&mut Self) -> Option<usize>) -> Option<&'a [u8]> {
        let mut ahead = *self;
        let len = len(&mut ahead)?;
        let content = ahead.take(len)?;
        *self = ahead;
        Some(content)
    }
}

/// A list of big-endian `u16` on the wire: cipher suites, versions, groups, signature schemes.
///
/// An odd byte at the end is no element.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct U16s<'a>(&'a [[u8; 2]]);

impl<'a> U16s<'a> {
    /// The list over `bytes`.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self(bytes.as_chunks().0)
    }

    /// How many elements.
    pub fn len(self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(self) -> bool {
        self.0.is_empty()
    }

    /// The elements in the order on the wire, GREASE included.
    pub fn iter(self) -> impl ExactSizeIterator<Item = u16> + Clone + 'a {
        self.0.iter().map(|&pair| u16::from_be_bytes(pair))
    }
}

impl fmt::Debug for U16s<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter().map(|value| format_args!("{value:#06x}").to_string())).finish()
    }
}

/// A list of byte strings with a length of one byte each, as in ALPN. It ends where an element is cut short.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Opaques<'a>(&'a [u8]);

impl<'a> Opaques<'a> {
    /// The list over `bytes`.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// The bytes of the elements that are left.
    pub fn bytes(self) -> &'a [u8] {
        self.0
    }

    /// Whether the elements fill the bytes exactly.
    pub fn is_whole(mut self) -> bool {
        while self.next().is_some() {}
        self.0.is_empty()
    }
}

impl<'a> Iterator for Opaques<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let mut cursor = Cursor(self.0);
        let element = cursor.vector8()?;
        self.0 = cursor.rest();
        Some(element)
    }
}
