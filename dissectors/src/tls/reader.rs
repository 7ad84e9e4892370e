//! One direction of a TLS stream: which records are in clear, and what they say.

use super::handshake::{Message, Messages, NoMessage, Pending};
use super::record::{Header, Part, Records, content};
use super::sslv2::{self, First, Sslv2Hello};
use super::{
    AlertDescription, AlertSeverity, CertificateFormat, CertificateList, ClientHello, HandshakeType, ServerHello,
};

/// What is read from a stream, in its order. Each item comes with the byte that makes it whole.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Item<'a> {
    /// A client's hello: the first, one after a HelloRetryRequest, or a renegotiation's in clear.
    ClientHello(&'a ClientHello<'a>, Framing),
    /// A client's hello in SSLv2's format.
    Sslv2Hello(Sslv2Hello<'a>),
    /// A server's hello or error in SSLv2. Nothing is read after it.
    Sslv2Answer,
    /// A server's hello, or a HelloRetryRequest.
    ServerHello(&'a ServerHello<'a>),
    /// The chain of either side, in TLS 1.2 and below.
    Certificate(CertificateList<'a>),
    /// Another handshake message in clear.
    Handshake(HandshakeType),
    /// A ChangeCipherSpec in clear. In TLS 1.2 and below encryption begins behind it; in TLS 1.3 it says nothing.
    ChangeCipherSpec,
    /// An alert in clear.
    Alert {
        /// Warning or fatal.
        level: AlertSeverity,
        /// Which.
        description: AlertDescription,
    },
    /// A whole record that cannot be read: encrypted, or a heartbeat.
    Encrypted {
        /// Its content type as stated; in TLS 1.3 always 23.
        content_type: u8,
        /// The length of its content in bytes.
        len: u16,
    },
    /// What begins at this offset in the stream is no TLS record. Nothing is read after it.
    NotTls {
        /// Bytes from the stream's beginning.
        offset: u64,
    },
    /// A hello or Certificate message that was too long to be put together.
    Oversized {
        /// Which.
        kind: HandshakeType,
        /// Its length as stated.
        len: usize,
    },
    /// A message that cannot be read: a hello that ends amid its fixed part, or any that encryption cut short.
    Malformed {
        /// Which.
        kind: HandshakeType,
    },
}

/// How a message lay in its records.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Framing {
    /// The version of the record in which the message began.
    pub record_version: u16,
    /// Over how many records it was spread.
    pub records: u32,
}

/// Reads one direction of a TLS stream, given contiguous bytes from its beginning on, cut anywhere.
///
/// The same bytes give the same items, however they are cut. Nothing is buffered but a handshake message that does not
/// lie whole in the bytes of one call, up to [`MAX_HELLO`](super::MAX_HELLO) or
/// [`MAX_CERTIFICATE_MESSAGE`](super::MAX_CERTIFICATE_MESSAGE), and the buffer goes with the message.
#[derive(Debug, Default)]
pub struct Reader {
    stage: Stage,
    records: Records,
    content: Content,
    protection: Protection,
    messages: Messages,
    framing: Framing,
    /// The first byte of an alert whose second is in the next record.
    alert_level: Option<u8>,
}

#[derive(Debug, Default)]
enum Stage {
    /// Nothing is read yet.
    #[default]
    Start,
    /// The first byte may begin an SSLv2 record: what is read of it.
    Sslv2(Vec<u8>),
    /// An SSLv2 hello is read; SSLv2 or TLS may follow.
    AfterSslv2,
    /// TLS records.
    Records,
    /// Nothing more is read.
    Ended,
}

/// How the content of the current record is read.
#[derive(Clone, Copy, Debug, Default)]
enum Content {
    Handshake,
    Alert,
    ChangeCipherSpec,
    /// A handshake record behind the change to encryption: its first bytes tell whether it is a hello in clear.
    Peek([u8; HELLO_START], usize),
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

impl Reader {
    /// Reads `bytes`, the next of the stream, and calls `on` with each item in order.
    pub fn read(&mut self, mut bytes: &[u8], mut on: impl FnMut(Item<'_>)) {
        if !matches!(self.stage, Stage::Records) {
            self.read_first(&mut bytes, &mut on);
        }
        while let Stage::Records = self.stage
            && let Some(part) = self.records.next(&mut bytes)
        {
            self.read_part(part, &mut on);
        }
    }

    /// Whether a record or a handshake message was begun and is not whole.
    pub fn is_open(&self) -> bool {
        self.records.is_open() || self.alert_level.is_some() || self.pending().is_some()
    }

    /// How much is missing of the handshake message that was begun, not counting the headers of records to come.
    pub fn pending(&self) -> Option<Pending> {
        let Stage::Sslv2(buffer) = &self.stage else { return self.messages.pending() };
        match sslv2::first(buffer) {
            First::Hello { len } => {
                Some(Pending { kind: Some(HandshakeType::ClientHello), missing: len.saturating_sub(buffer.len()) })
            }
            _ => Some(Pending { kind: None, missing: sslv2::HEADER.saturating_sub(buffer.len()) }),
        }
    }

    /// How many bytes are buffered.
    pub fn buffered(&self) -> usize {
        match &self.stage {
            Stage::Sslv2(buffer) => buffer.len(),
            _ => self.messages.buffered(),
        }
    }

    /// The first byte tells SSLv2, whose records set its highest bit, from TLS.
    fn read_first(&mut self, bytes: &mut &[u8], on: &mut impl FnMut(Item<'_>)) {
        let Some(first) = bytes.first() else { return };
        let sslv2 = first & 0x80 != 0;
        match self.stage {
            Stage::Start if sslv2 => self.stage = Stage::Sslv2(Vec::new()),
            Stage::AfterSslv2 if sslv2 => self.stage = Stage::Ended,
            Stage::Start | Stage::AfterSslv2 => self.stage = Stage::Records,
            Stage::Sslv2(_) | Stage::Records | Stage::Ended => {}
        }
        self.read_sslv2(bytes, on);
        if matches!(self.stage, Stage::AfterSslv2) {
            self.read_first(bytes, on);
        }
    }

    fn read_sslv2(&mut self, bytes: &mut &[u8], on: &mut impl FnMut(Item<'_>)) {
        let Stage::Sslv2(buffer) = &mut self.stage else { return };
        let next = loop {
            match sslv2::first(buffer) {
                First::Unsure => {
                    let Some(byte) = bytes.split_off_first() else { return };
                    buffer.push(*byte);
                }
                First::Hello { len } => {
                    let missing = len.saturating_sub(buffer.len()).min(bytes.len());
                    buffer.extend_from_slice(bytes.split_off(..missing).unwrap_or_default());
                    if buffer.len() < len {
                        return;
                    }
                    self.records.pass(len);
                    break Sslv2Hello::parse(buffer).map_or(Stage::Ended, |hello| {
                        on(Item::Sslv2Hello(hello));
                        if hello.version == 2 { Stage::Ended } else { Stage::AfterSslv2 }
                    });
                }
                First::Answer => {
                    on(Item::Sslv2Answer);
                    break Stage::Ended;
                }
                First::Other => {
                    on(Item::NotTls { offset: 0 });
                    break Stage::Ended;
                }
            }
        };
        self.stage = next;
    }

    fn read_part(&mut self, part: Part<'_>, on: &mut impl FnMut(Item<'_>)) {
        match part {
            Part::Start(header) => self.start(header, on),
            Part::Content(bytes) => self.read_content(bytes, on),
            Part::End(header) => self.end(header, on),
            Part::NotTls { offset } => {
                self.stage = Stage::Ended;
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
            _ => Content::Unread,
        };
        if content_type == content::APPLICATION_DATA {
            self.protect(on);
        }
        self.framing = match self.messages.pending() {
            None => Framing { record_version: version, records: 1 },
            Some(_) => Framing { records: self.framing.records.saturating_add(1), ..self.framing },
        };
    }

    fn read_content(&mut self, bytes: &[u8], on: &mut impl FnMut(Item<'_>)) {
        match self.content {
            Content::Handshake => self.read_messages(bytes, on),
            Content::Alert => self.read_alert(bytes, on),
            Content::Peek(start, held) => self.peek(start, held, bytes, on),
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
            Content::Unread => on(Item::Encrypted { content_type, len }),
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
            emit(message, *framing, on);
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
            self.content = Content::Peek(start, held);
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

fn emit(message: Message<'_>, framing: Framing, on: &mut impl FnMut(Item<'_>)) {
    match message {
        Message::Whole { kind: HandshakeType::ClientHello, body } => match ClientHello::parse(body) {
            Some(hello) => on(Item::ClientHello(&hello, framing)),
            None => on(Item::Malformed { kind: HandshakeType::ClientHello }),
        },
        Message::Whole { kind: HandshakeType::ServerHello, body } => match ServerHello::parse(body) {
            Some(hello) => on(Item::ServerHello(&hello)),
            None => on(Item::Malformed { kind: HandshakeType::ServerHello }),
        },
        Message::Whole { body, .. } => {
            on(Item::Certificate(CertificateList::parse(body, CertificateFormat::Tls12)));
        }
        Message::Passed { kind } => on(Item::Handshake(kind)),
        Message::Oversized { kind, len } => on(Item::Oversized { kind, len }),
    }
}
