//! Opens the encrypted records of a server, where its secret is known, as far as its certificates.
//!
//! It is given the content of each record as it comes, and keeps no more than one record and one message. What it hands
//! out is what the server sent; the keys never leave it.

use std::fmt;

use ring::aead::{Aad, LessSafeKey, NONCE_LEN, Nonce};

use super::compressed::{COMPRESSED_CERTIFICATE, Failure, unpack};
use super::handshake::{Message, Messages};
use super::keylog::Secret;
use super::record::{MAX_RECORD, content};
use super::secret::TrafficSecret;
use super::{CertificateFormat, CertificateList, HandshakeType};

/// Records that are opened of one server: the longest message that is put together fills 32 of them.
const MAX_OPENED: u64 = 64;

/// How far a server's encrypted handshake was read with a key that was given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Decryption {
    /// Not at all: no key of this session is known, or none is needed.
    #[default]
    None,
    /// The key is known, but the certificates did not come, or not to their end.
    Begun,
    /// The chain is known from it.
    Certificates,
    /// The chain was sent compressed by a method other than those of RFC 8879.
    UnknownCompression,
    /// The chain was sent compressed and does not unpack to what it says.
    BrokenCompression,
    /// The chain is longer than [`MAX_CERTIFICATE_MESSAGE`](super::MAX_CERTIFICATE_MESSAGE).
    Oversized,
    /// The server sent no chain: the session was resumed.
    NoCertificates,
    /// The key that was given for this session does not open what the server sent, or is of another cipher suite.
    WrongKey,
}

impl Decryption {
    /// Reads a message of the server, and calls `on` with its certificates. What it comes to; `None` if reading goes on.
    pub(crate) fn of_message(
        kind: HandshakeType,
        body: &[u8],
        on: &mut impl FnMut(CertificateList<'_>),
    ) -> Option<Self> {
        let mut list = |body: &[u8]| {
            on(CertificateList::parse(body, CertificateFormat::Tls13));
            Self::Certificates
        };
        match kind {
            HandshakeType::Certificate => Some(list(body)),
            COMPRESSED_CERTIFICATE => Some(unpack(body).map_or_else(Self::from, |body| list(&body))),
            HandshakeType::Finished => Some(Self::NoCertificates),
            _ => None,
        }
    }

    /// Whether more is to be read.
    pub(crate) fn goes_on(self) -> bool {
        self == Self::Begun
    }
}

impl From<Failure> for Decryption {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Unknown => Self::UnknownCompression,
            Failure::Oversized => Self::Oversized,
            Failure::Broken => Self::BrokenCompression,
        }
    }
}

/// The records of one server, and the handshake messages in them.
#[derive(Clone)]
pub(crate) struct Opener {
    key: LessSafeKey,
    iv: [u8; NONCE_LEN],
    /// The next record's number.
    number: u64,
    /// The content of the current record.
    record: Vec<u8>,
    messages: Messages,
}

impl fmt::Debug for Opener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Opener").field("number", &self.number).finish_non_exhaustive()
    }
}

impl Opener {
    /// An opener for the first record under `secret`; `None` if it does not fit the cipher suite.
    pub(crate) fn new(secret: &Secret, cipher: u16) -> Option<Self> {
        let secret = TrafficSecret::new(secret, cipher)?;
        let (key, iv) = (secret.key(b"tls13 key").ok()?, secret.iv(b"tls13 iv").ok()?);
        Some(Self { key, iv, number: 0, record: Vec::new(), messages: Messages::default() })
    }

    /// Whether another record may be opened.
    pub(crate) fn may_open(&self) -> bool {
        self.number < MAX_OPENED
    }

    /// Takes more of the current record's content.
    pub(crate) fn take(&mut self, bytes: &[u8]) {
        let room = usize::from(MAX_RECORD).saturating_sub(self.record.len());
        self.record.extend_from_slice(bytes.get(..room).unwrap_or(bytes));
    }

    /// The current record is whole: opens it, and calls `on` with the server's certificates where they end in it.
    pub(crate) fn end(&mut self, on: &mut impl FnMut(CertificateList<'_>)) -> Decryption {
        let mut record = std::mem::take(&mut self.record);
        match self.open(&mut record) {
            None => Decryption::WrongKey,
            Some((content::HANDSHAKE, messages)) => self.read(messages, on),
            Some(_) => Decryption::Begun,
        }
    }

    /// The type and content of a record (RFC 8446, section 5.2). `None` where the key does not open it.
    fn open<'a>(&mut self, record: &'a mut [u8]) -> Option<(u8, &'a [u8])> {
        let [high, low] = u16::try_from(record.len()).ok()?.to_be_bytes();
        let header = [content::APPLICATION_DATA, 3, 3, high, low];
        let nonce = self.nonce();
        self.number = self.number.saturating_add(1);
        let inner = self.key.open_in_place(nonce, Aad::from(header), record).ok()?;
        // Behind the content stands its type, and behind that any number of zeros.
        let end = inner.iter().rposition(|byte| *byte != 0)?;
        let (content, rest) = inner.split_at_checked(end)?;
        Some((*rest.first()?, content))
    }

    /// The record's number laid over the IV (RFC 8446, section 5.3).
    fn nonce(&self) -> Nonce {
        let mut nonce = self.iv;
        for (byte, number) in nonce.iter_mut().rev().zip(self.number.to_le_bytes()) {
            *byte ^= number;
        }
        Nonce::assume_unique_for_key(nonce)
    }

    fn read(&mut self, bytes: &[u8], on: &mut impl FnMut(CertificateList<'_>)) -> Decryption {
        let mut end = None;
        // What opens and holds no messages is the sender's fault; then its certificates do not come.
        let _ = self.messages.read(bytes, &mut |message| {
            end = end.or_else(|| match message {
                Message::Whole { kind, body } => Decryption::of_message(kind, body, on),
                Message::Passed { kind } => Decryption::of_message(kind, &[], on),
                Message::Oversized { .. } => Some(Decryption::Oversized),
            });
        });
        end.unwrap_or(Decryption::Begun)
    }
}
