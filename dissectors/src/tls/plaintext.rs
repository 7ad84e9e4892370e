//! The records of one direction: which are in clear, and the messages in them.

use super::handshake::{Messages, NoMessage, Pending};
use super::item::{self, Framing, Item};
use super::record::{Header, Part, Records, content};
use super::{AlertDescription, AlertSeverity, HandshakeType};

/// Reads what is in clear of a stream of records.
#[derive(Debug, Default)]
pub(super) struct Plaintext {
    records: Records,
    content: Content,
    protection: Protection,
    messages: Messages,
    framing: Framing,
    /// The first byte of an alert whose second is in the next record.
    alert_level: Option<u8>,
}

/// How the content of the current record is read.
#[derive(Clone, Copy, Debug, Default)]
enum Content {
    Handshake,
    Alert,
    ChangeCipherSpec,
    /// A handshake record behind the change to encryption: its first bytes tell whether it is a hello in clear.
    Peek([u8; HELLO_START], u8),
    /// Application data: encrypted, whatever it is.
    Sealed,
    #[default]
    Unread,
}

/// Whether handshake records are in clear.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Protection {
    #[default]
    Clear,
    /// A ChangeCipherSpec or application data came. In TLS 1.3 a second hello may still follow in clear, after a
    /// HelloRetryRequest (RFC 8446, appendix D.4).
    Changed,
}

/// A hello's type, length and version.
const HELLO_START: usize = 6;

impl Plaintext {
    /// Counts `len` bytes at the beginning of the stream that are no records.
    pub(super) fn pass(&mut self, len: u64) {
        self.records.pass(len);
    }

    /// Reads `bytes`, the next of the stream.
    pub(super) fn read(&mut self, mut bytes: &[u8], on: &mut impl FnMut(Item<'_>)) {
        while let Some(part) = self.records.next(&mut bytes) {
            self.read_part(part, on);
        }
    }

    /// Whether a record, an alert or a handshake message was begun and is not whole.
    pub(super) fn is_open(&self) -> bool {
        self.records.is_open() || self.alert_level.is_some() || self.pending().is_some()
    }

    /// How much is missing of the handshake message that was begun.
    pub(super) fn pending(&self) -> Option<Pending> {
        self.messages.pending()
    }

    /// How many bytes are buffered.
    pub(super) fn buffered(&self) -> usize {
        self.messages.buffered()
    }

    fn read_part(&mut self, part: Part<'_>, on: &mut impl FnMut(Item<'_>)) {
        match part {
            Part::Start(header) => self.start(header, on),
            Part::Content(bytes) => self.read_content(bytes, on),
            Part::End(header, rest) => {
                if !rest.is_empty() {
                    self.read_content(rest, on);
                }
                self.end(header, on);
            }
            Part::NotTls { offset } => {
                self.messages = Messages::default();
                self.alert_level = None;
                on(Item::NotTls { offset });
            }
        }
    }

    fn start(&mut self, Header { content_type, version, len }: Header, on: &mut impl FnMut(Item<'_>)) {
        self.content = match (content_type, len) {
            (content::HANDSHAKE, _) if self.protection == Protection::Clear => Content::Handshake,
            (content::HANDSHAKE, _) if usize::from(len) >= HELLO_START => Content::Peek([0; HELLO_START], 0),
            // Encrypted ones are longer by a MAC or tag in every cipher suite.
            (content::ALERT, 0..=2) => Content::Alert,
            (content::CHANGE_CIPHER_SPEC, 1) => Content::ChangeCipherSpec,
            (content::APPLICATION_DATA, _) => Content::Sealed,
            _ => Content::Unread,
        };
        match content_type {
            content::APPLICATION_DATA => self.protect(on),
            content::HANDSHAKE => self.frame(version),
            _ => {}
        }
    }

    /// A record begins that carries on the message that was begun, or begins one.
    fn frame(&mut self, record_version: u16) {
        self.framing = match self.messages.pending() {
            None => Framing { record_version, records: 1 },
            Some(_) => Framing { records: self.framing.records.saturating_add(1), ..self.framing },
        };
    }

    fn read_content(&mut self, bytes: &[u8], on: &mut impl FnMut(Item<'_>)) {
        match self.content {
            Content::Handshake => self.read_messages(bytes, on),
            Content::Alert => self.read_alert(bytes, on),
            Content::Peek(start, held) => self.peek(start, held.into(), bytes, on),
            Content::Sealed => on(Item::Ciphertext(bytes)),
            Content::ChangeCipherSpec | Content::Unread => {}
        }
    }

    fn end(&mut self, Header { content_type, len, .. }: Header, on: &mut impl FnMut(Item<'_>)) {
        match self.content {
            Content::Handshake | Content::Alert | Content::Peek(..) => {}
            Content::ChangeCipherSpec => {
                self.protect(on);
                on(Item::ChangeCipherSpec);
            }
            Content::Sealed | Content::Unread => on(Item::Encrypted { content_type, len }),
        }
    }

    /// Handshake records are encrypted from here on. A message that was begun will not be whole.
    fn protect(&mut self, on: &mut impl FnMut(Item<'_>)) {
        self.protection = Protection::Changed;
        if let Some(kind) = self.messages.pending().and_then(|pending| pending.kind) {
            self.messages = Messages::default();
            on(Item::Malformed { kind });
        }
    }

    fn read_messages(&mut self, bytes: &[u8], on: &mut impl FnMut(Item<'_>)) {
        let framing = &mut self.framing;
        let read = self.messages.read(bytes, &mut |message| {
            item::emit(message, *framing, on);
            framing.records = 1;
        });
        if let Err(NoMessage) = read {
            // A stream that was picked up behind its change to encryption begins like this.
            self.protection = Protection::Changed;
            self.content = Content::Unread;
        }
    }

    fn read_alert(&mut self, bytes: &[u8], on: &mut impl FnMut(Item<'_>)) {
        for &byte in bytes {
            match self.alert_level.take() {
                None => self.alert_level = Some(byte),
                Some(level) => {
                    on(Item::Alert { level: AlertSeverity(level), description: AlertDescription(byte) });
                }
            }
        }
    }

    fn peek(&mut self, mut start: [u8; HELLO_START], held: usize, mut bytes: &[u8], on: &mut impl FnMut(Item<'_>)) {
        let missing = HELLO_START.saturating_sub(held).min(bytes.len());
        let more = bytes.split_off(..missing).unwrap_or_default();
        start.iter_mut().skip(held).zip(more).for_each(|(to, from)| *to = *from);
        let held = held.saturating_add(missing);
        if held < HELLO_START {
            self.content = Content::Peek(start, held as u8);
        } else if is_hello(&start) {
            self.protection = Protection::Clear;
            self.content = Content::Handshake;
            self.read_messages(&start, on);
            self.read_content(bytes, on);
        } else {
            self.content = Content::Unread;
        }
    }
}

/// Whether a handshake record that begins so is a hello in clear. Random bytes are once in 2^31.
fn is_hello(start: &[u8; HELLO_START]) -> bool {
    let [kind, high, _, _, major, minor] = *start;
    matches!(HandshakeType(kind), HandshakeType::ClientHello | HandshakeType::ServerHello)
        && high == 0
        && major == 3
        && minor <= 3
}
