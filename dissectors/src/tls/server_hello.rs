//! The ServerHello and the HelloRetryRequest (RFC 8446, sections 4.1.3 and 4.1.4; RFC 5246, section 7.4.1.3).

use super::extension::{self, Extension, Extensions};
use super::wire::{Cursor, Opaques};
use tls_parser::TlsExtensionType;

/// SHA-256 of `HelloRetryRequest`, which stands as the random of one (RFC 8446, section 4.1.3).
const RETRY_RANDOM: [u8; 32] = [
    0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91, 0xc2, 0xa2, 0x11,
    0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c,
];

/// Whether a ServerHello of this `version` is one of TLS 1.3's drafts up to 21: they state themselves there, or TLS 1.3
/// (which its final form never does), and have neither session id nor compression method.
fn is_early_draft(version: u16) -> bool {
    matches!(version, 0x0304 | 0x7f00..=0x7f15)
}

/// What a server chose. It borrows the message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ServerHello<'a> {
    /// `legacy_version`; see [`ServerHello::negotiated`].
    pub version: u16,
    /// The server's 32 random bytes.
    pub random: &'a [u8],
    /// Echo of the client's, or the new session's. Equal to a non-empty one of the client, in TLS 1.2 and below, it
    /// resumes that session.
    pub session_id: &'a [u8],
    /// The cipher suite.
    pub cipher: u16,
    /// All extensions.
    pub extensions: Extensions<'a>,
    /// The protocol chosen, if said in clear (TLS 1.2 and below).
    pub alpn: Option<&'a [u8]>,
    /// The group in `key_share`: the one used, or in a HelloRetryRequest the one asked for.
    pub key_share_group: Option<u16>,
    /// Whether `pre_shared_key` is there, so that a session is resumed (TLS 1.3).
    pub pre_shared_key: bool,
    /// How many things were malformed, as in [`ClientHello`](super::ClientHello).
    pub malformed: u32,
    selected_version: Option<u16>,
}

/// What a server's random says: it knows the named version and still chose a lower one (RFC 8446, section 4.1.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Downgrade {
    /// `DOWNGRD\x01`: a TLS 1.3 server chose TLS 1.2.
    ToTls12,
    /// `DOWNGRD\x00`: a TLS 1.3 or 1.2 server chose TLS 1.1 or below.
    ToTls11,
}

impl<'a> ServerHello<'a> {
    /// Reads a ServerHello's body, the bytes after the handshake header of four bytes.
    ///
    /// `None` if it ends before its extensions begin.
    pub fn parse(body: &'a [u8]) -> Option<Self> {
        let mut cursor = Cursor::new(body);
        let mut hello = Self { version: cursor.u16()?, random: cursor.take(32)?, ..Self::default() };
        if is_early_draft(hello.version) {
            hello.cipher = cursor.u16()?;
        } else {
            hello.session_id = cursor.vector8()?;
            hello.cipher = cursor.u16()?;
            cursor.u8()?;
        }
        // Before TLS 1.3 the message could end here.
        if !cursor.is_empty() {
            let (extensions, whole) = extension::vector16(cursor.rest());
            hello.note(whole);
            hello.read_extensions(Extensions::new(extensions));
        }
        Some(hello)
    }

    /// The version that this hello settles on, as on the wire: `supported_versions` if sent, else `version`. Drafts of
    /// TLS 1.3 are `0x7fnn`.
    pub fn negotiated(&self) -> u16 {
        self.selected_version.unwrap_or(self.version)
    }

    /// Whether this is a HelloRetryRequest: it asks for another ClientHello.
    pub fn is_retry(&self) -> bool {
        self.random == RETRY_RANDOM
    }

    /// Whether and how the server warns of a downgrade.
    pub fn downgrade(&self) -> Option<Downgrade> {
        match self.random.last_chunk()? {
            b"DOWNGRD\x01" => Some(Downgrade::ToTls12),
            b"DOWNGRD\x00" => Some(Downgrade::ToTls11),
            _ => None,
        }
    }

    fn read_extensions(&mut self, extensions: Extensions<'a>) {
        self.extensions = extensions;
        let mut walk = extensions;
        for extension in &mut walk {
            self.note(extension.whole);
            self.read_extension(extension);
        }
        self.note(walk.rest().is_empty());
    }

    fn read_extension(&mut self, Extension { kind, data, .. }: Extension<'a>) {
        match TlsExtensionType(kind) {
            TlsExtensionType::SupportedVersions => {
                self.selected_version = Cursor::new(data).u16();
                self.note(data.len() == 2);
            }
            TlsExtensionType::ApplicationLayerProtocolNegotiation => {
                let (list, whole) = extension::vector16(data);
                self.alpn = Opaques::new(list).next();
                self.note(whole && Opaques::new(list).count() == 1);
            }
            TlsExtensionType::KeyShare | TlsExtensionType::KeyShareOld => {
                self.key_share_group = Cursor::new(data).u16();
                self.note(self.key_share_group.is_some());
            }
            TlsExtensionType::PreSharedKey => self.pre_shared_key = true,
            _ => {}
        }
    }

    fn note(&mut self, whole: bool) {
        self.malformed = self.malformed.saturating_add(u32::from(!whole));
    }
}
