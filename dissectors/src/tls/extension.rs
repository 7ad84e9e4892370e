//! The extension list of a hello, walked by its lengths alone.
//!
//! The walk never looks into an extension, so a malformed one hides nothing that stands behind it.

use super::wire::{Cursor, U16s};
use tls_parser::TlsExtensionType;

/// `encrypted_client_hello` (RFC 9849, section 5).
pub(super) const ENCRYPTED_CLIENT_HELLO: TlsExtensionType = TlsExtensionType(0xfe0d);

/// One extension.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extension<'a> {
    /// Its type in the IANA registry, or GREASE.
    pub kind: u16,
    /// Its content, as far as it is there.
    pub data: &'a [u8],
    /// Whether the content is as long as it says. Only the last extension of a list can be short.
    pub whole: bool,
}

/// The extensions in the order on the wire.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Extensions<'a>(&'a [u8]);

impl<'a> Extensions<'a> {
    /// The list over `bytes`, which is what follows the list's own length.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// The types in the order on the wire, GREASE included.
    pub fn kinds(self) -> impl Iterator<Item = u16> + Clone + 'a {
        self.map(|extension| extension.kind)
    }

    /// What the walk left: fewer bytes than an extension's header has.
    pub(super) fn rest(self) -> &'a [u8] {
        self.0
    }
}

impl<'a> Iterator for Extensions<'a> {
    type Item = Extension<'a>;

    fn next(&mut self) -> Option<Extension<'a>> {
        let mut cursor = Cursor::new(self.0);
        // Both fields at once: every extension of every hello is walked over several times.
        let &[kind_high, kind_low, high, low] = cursor.array()?;
        let (data, whole) = cursor.take_or_rest(usize::from(u16::from_be_bytes([high, low])));
        self.0 = cursor.rest();
        Some(Extension { kind: u16::from_be_bytes([kind_high, kind_low]), data, whole })
    }
}

/// What an extension's content gave, and whether it was well formed. What could be read of a malformed one is kept.
pub(super) type Read<T> = (T, bool);

/// The content of an extension that is one vector with a length of two bytes.
pub(super) fn vector16(data: &[u8]) -> Read<&[u8]> {
    only(data, Cursor::vector16_or_rest)
}

/// The content of an extension that is one vector with a length of one byte.
pub(super) fn vector8(data: &[u8]) -> Read<&[u8]> {
    only(data, Cursor::vector8_or_rest)
}

/// A vector of `u16`.
pub(super) fn u16s((bytes, whole): Read<&[u8]>) -> Read<U16s<'_>> {
    (U16s::new(bytes), whole && bytes.len().is_multiple_of(2))
}

fn only<'a>(data: &'a [u8], read: impl FnOnce(&mut Cursor<'a>) -> Option<(&'a [u8], bool)>) -> Read<&'a [u8]> {
    let mut cursor = Cursor::new(data);
    let (bytes, whole) = read(&mut cursor).unwrap_or_default();
    (bytes, whole && cursor.is_empty())
}

/// What `read` gives, if it reads all of `data`.
pub(super) fn exactly<'a, T>(data: &'a [u8], read: impl FnOnce(&mut Cursor<'a>) -> Option<T>) -> Option<T> {
    let mut cursor = Cursor::new(data);
    let value = read(&mut cursor)?;
    cursor.is_empty().then_some(value)
}
