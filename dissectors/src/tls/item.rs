//! What a stream says, item by item.

use super::handshake::Message;
use super::sslv2::Sslv2Hello;
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
    /// A server's hello or error in SSLv2. A hello's certificate comes with it; nothing is read after that.
    Sslv2Answer,
    /// A server's hello, or a HelloRetryRequest.
    ServerHello(&'a ServerHello<'a>),
    /// The chain of either side, in TLS 1.2 and below; in SSLv2 the server's certificate alone.
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
    /// More of the content of a record of application data, as it comes: the one item that depends on how the stream
    /// is cut. [`Encrypted`](Self::Encrypted) ends the record.
    Ciphertext(&'a [u8]),
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

/// Reads a message that came in clear, and hands it on.
pub(super) fn emit(message: Message<'_>, framing: Framing, on: &mut impl FnMut(Item<'_>)) {
    match message {
        Message::Whole { kind: HandshakeType::ClientHello, body } => match ClientHello::parse(body) {
            Some(hello) => on(Item::ClientHello(&hello, framing)),
            None => on(Item::Malformed { kind: HandshakeType::ClientHello }),
        },
        Message::Whole { kind: HandshakeType::ServerHello, body } => match ServerHello::parse(body) {
            Some(hello) => on(Item::ServerHello(&hello)),
            None => on(Item::Malformed { kind: HandshakeType::ServerHello }),
        },
        Message::Whole { kind: HandshakeType::Certificate, body } => {
            on(Item::Certificate(CertificateList::parse(body, CertificateFormat::Tls12)));
        }
        Message::Whole { kind, .. } | Message::Passed { kind } => on(Item::Handshake(kind)),
        Message::Oversized { kind, len } => on(Item::Oversized { kind, len }),
    }
}
