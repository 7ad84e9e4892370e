//! Handshake messages (RFC 8446, section 4) put together from a stream that is cut anywhere. Records, or the CRYPTO
//! frames of QUIC, are the caller's.

use super::compressed::COMPRESSED_CERTIFICATE;
use super::wire::Cursor;
use tls_parser::TlsHandshakeType as HandshakeType;

/// The longest hello that is put together: as long as its length fields allow, rounded up.
pub const MAX_HELLO: usize = 132 * 1024;

/// The longest Certificate message that is put together: far more than real chains need, and than a published test that
/// sends 340 kB.
pub const MAX_CERTIFICATE_MESSAGE: usize = 512 * 1024;

/// What a buffer reserves when a message begins. More comes with bytes that have arrived, never with a promised length.
const RESERVED: usize = 8 * 1024;

/// Bytes of a message's header.
pub(super) const HEADER: usize = 4;

/// A handshake message, or the end of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Message<'a> {
    /// A ClientHello, ServerHello or Certificate message, compressed or not, whole, without its header.
    Whole {
        /// Which of them.
        kind: HandshakeType,
        /// Its body.
        body: &'a [u8],
    },
    /// Another message has ended. Its body was not kept.
    Passed {
        /// Its type.
        kind: HandshakeType,
    },
    /// A message that should have been kept has ended, but it is longer than the limit.
    Oversized {
        /// Its type.
        kind: HandshakeType,
        /// Its length as stated.
        len: usize,
    },
}

/// How much is missing of a message that was begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pending {
    /// Its type, if its first byte is there.
    pub kind: Option<HandshakeType>,
    /// How many bytes are missing; of a message whose header is not whole, how many of the header.
    pub missing: usize,
}

/// What stands where a message should begin is no message that is ever sent in clear: it is encrypted, or garbage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoMessage;

/// Puts messages together. It copies only what does not lie whole in the bytes given, and lets go of its buffer with
/// each message.
#[derive(Clone, Debug, Default)]
pub struct Messages {
    /// The message that was begun, header included, as far as it is kept.
    buffer: Vec<u8>,
    /// A message whose body is not kept.
    skipped: Option<Skipped>,
}

/// Its lengths have 24 bits.
#[derive(Clone, Copy, Debug)]
struct Skipped {
    kind: HandshakeType,
    len: u32,
    left: u32,
    oversized: bool,
}

#[derive(Clone, Copy)]
struct Header {
    kind: HandshakeType,
    len: usize,
}

impl Header {
    /// `None` if there are fewer bytes than a header has.
    fn parse(bytes: &[u8]) -> Option<Self> {
        let mut cursor = Cursor::new(bytes);
        Some(Self { kind: HandshakeType(cursor.u8()?), len: cursor.u24()? })
    }

    /// The longest body that is kept of such a message; `None` if none is.
    fn kept(self) -> Option<usize> {
        match self.kind {
            HandshakeType::ClientHello | HandshakeType::ServerHello => Some(MAX_HELLO),
            HandshakeType::Certificate | COMPRESSED_CERTIFICATE => Some(MAX_CERTIFICATE_MESSAGE),
            _ => None,
        }
    }

    fn skipped(self) -> Option<Skipped> {
        let oversized = match self.kept() {
            Some(limit) if self.len <= limit => return None,
            limit => limit.is_some(),
        };
        let len = self.len as u32;
        Some(Skipped { kind: self.kind, len, left: len, oversized })
    }

    /// Whether a message in clear can begin so: a type that is in use, and no absurd length of one that is not kept. The
    /// longest of those, a CertificateRequest, has as many length fields of two bytes as a hello.
    fn is_plausible(self) -> bool {
        is_known(self.kind) && (self.kept().is_some() || self.len <= MAX_HELLO)
    }
}

/// The types that can be seen, in clear or decrypted: TLS 1.3 and its drafts, TLS 1.2 and below.
fn is_known(kind: HandshakeType) -> bool {
    matches!(kind.0, 0..=2 | 4..=6 | 8 | 11..=16 | 20..=25 | 67)
}

impl Messages {
    /// Reads `bytes`, the next of the handshake's stream, and calls `on` with each message as it ends.
    ///
    /// # Errors
    ///
    /// [`NoMessage`] where no message can begin; the rest of `bytes` is not read, and neither is what was begun.
    pub fn read(&mut self, mut bytes: &[u8], on: &mut impl FnMut(Message<'_>)) -> Result<(), NoMessage> {
        loop {
            self.skip(&mut bytes, on);
            if bytes.is_empty() {
                return Ok(());
            }
            if self.buffer.is_empty() {
                self.begin(&mut bytes, on)?;
            } else {
                self.resume(&mut bytes, on)?;
            }
        }
    }

    /// What is missing of a message that was begun; `None` between messages.
    pub fn pending(&self) -> Option<Pending> {
        if let Some(skipped) = self.skipped {
            return Some(Pending { kind: Some(skipped.kind), missing: skipped.left as usize });
        }
        let kind = HandshakeType(*self.buffer.first()?);
        let len = Header::parse(&self.buffer).map_or(0, |header| header.len);
        let missing = HEADER.saturating_add(len).saturating_sub(self.buffer.len());
        Some(Pending { kind: Some(kind), missing })
    }

    /// How many bytes are buffered.
    pub fn buffered(&self) -> usize {
        self.buffer.len()
    }

    fn skip(&mut self, bytes: &mut &[u8], on: &mut impl FnMut(Message<'_>)) {
        let Some(skipped) = &mut self.skipped else { return };
        let len = bytes.len().min(skipped.left as usize);
        *bytes = bytes.get(len..).unwrap_or_default();
        skipped.left = skipped.left.saturating_sub(len as u32);
        if skipped.left > 0 {
            return;
        }
        let Skipped { kind, len, oversized, .. } = *skipped;
        self.skipped = None;
        on(if oversized { Message::Oversized { kind, len: len as usize } } else { Message::Passed { kind } });
    }

    /// A message begins with `bytes`: hands it out where it lies, or starts to keep or to skip it.
    fn begin(&mut self, bytes: &mut &[u8], on: &mut impl FnMut(Message<'_>)) -> Result<(), NoMessage> {
        let Some(header) = self.header(bytes)? else {
            self.buffer.extend_from_slice(std::mem::take(bytes));
            return Ok(());
        };
        if self.skipped.is_some() {
            *bytes = body(bytes);
            return Ok(());
        }
        let whole = HEADER.saturating_add(header.len);
        match bytes.split_off(..whole) {
            Some(message) => on(Message::Whole { kind: header.kind, body: body(message) }),
            None => {
                self.buffer.reserve_exact(whole.min(RESERVED));
                self.buffer.extend_from_slice(std::mem::take(bytes));
            }
        }
        Ok(())
    }

    /// The message in the buffer goes on with `bytes`.
    fn resume(&mut self, bytes: &mut &[u8], on: &mut impl FnMut(Message<'_>)) -> Result<(), NoMessage> {
        if self.buffer.len() < HEADER {
            self.fill(HEADER, bytes);
        }
        let buffer = std::mem::take(&mut self.buffer);
        let Some(header) = self.header(&buffer)? else {
            self.buffer = buffer;
            return Ok(());
        };
        if self.skipped.is_some() {
            return Ok(());
        }
        self.buffer = buffer;
        let whole = HEADER.saturating_add(header.len);
        self.fill(whole, bytes);
        if self.buffer.len() == whole {
            let message = std::mem::take(&mut self.buffer);
            on(Message::Whole { kind: header.kind, body: body(&message) });
        }
        Ok(())
    }

    /// Moves bytes into the buffer until it holds `len`.
    fn fill(&mut self, len: usize, bytes: &mut &[u8]) {
        let missing = len.saturating_sub(self.buffer.len()).min(bytes.len());
        self.buffer.extend_from_slice(bytes.split_off(..missing).unwrap_or_default());
    }

    /// The header at the front of `bytes`, noting a message that is to be skipped. `None` if it is not whole.
    fn header(&mut self, bytes: &[u8]) -> Result<Option<Header>, NoMessage> {
        let Some(header) = Header::parse(bytes) else { return Ok(None) };
        if !header.is_plausible() {
            return Err(NoMessage);
        }
        self.skipped = header.skipped();
        Ok(Some(header))
    }
}

/// What follows the header.
fn body(message: &[u8]) -> &[u8] {
    message.get(HEADER..).unwrap_or_default()
}
