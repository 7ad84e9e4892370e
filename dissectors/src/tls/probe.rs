//! Whether a stream's first bytes are TLS, on any port.

use super::handshake;
use super::record::{self, Header, content};
use super::sslv2::{self, First};
use super::wire::Cursor;
use tls_parser::TlsHandshakeType;

/// What the first bytes of a stream's direction look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Probe {
    /// A TLS record with a ClientHello, a ServerHello or an alert in clear.
    Tls,
    /// A client's hello in SSLv2's format, or a server's hello or error in SSLv2.
    Sslv2,
    /// Neither.
    NotTls,
    /// Fewer bytes than are needed to tell; up to [`Probe::NEEDED`].
    Unsure,
}

impl Probe {
    /// No more bytes than this are ever needed to tell.
    pub const NEEDED: usize = sslv2::HEADER;
}

/// Tells what `bytes`, the first of a stream's direction, look like.
///
/// It is strict enough to be asked on every port: content type, version, length, message and message length must fit
/// each other. A stream that is picked up later, amid its handshake, is therefore not recognised.
pub fn probe(bytes: &[u8]) -> Probe {
    match bytes.first() {
        None => Probe::Unsure,
        Some(&content::HANDSHAKE) => in_record(bytes, hello),
        Some(&content::ALERT) => in_record(bytes, alert),
        Some(_) => match sslv2::first(bytes) {
            First::ClientHello { .. } | First::ServerHello { .. } | First::Error => Probe::Sslv2,
            First::Unsure => Probe::Unsure,
            First::Other => Probe::NotTls,
        },
    }
}

/// Where the ClientHello ends that a stream begins with, in bytes from the stream's start. `None` where its record does not
/// hold all of it, or `bytes`, the stream's first, are too few to tell.
pub(crate) fn hello_end(bytes: &[u8]) -> Option<usize> {
    let (header, content) = bytes.split_first_chunk::<{ record::HEADER }>()?;
    let header = Header::parse(*header).filter(|header| header.content_type == content::HANDSHAKE)?;
    let mut cursor = Cursor::new(content);
    cursor.u8().map(TlsHandshakeType).filter(|kind| *kind == TlsHandshakeType::ClientHello)?;
    let message = cursor.u24()?.saturating_add(handshake::HEADER);
    (message <= usize::from(header.len)).then(|| message.saturating_add(record::HEADER))
}

fn in_record(bytes: &[u8], content: fn(&Header, Cursor<'_>) -> Probe) -> Probe {
    let mut cursor = Cursor::new(bytes);
    match cursor.array() {
        Some(&bytes) => Header::parse(bytes).map_or(Probe::NotTls, |header| content(&header, cursor)),
        None if Header::may_begin_with(bytes) => Probe::Unsure,
        None => Probe::NotTls,
    }
}

/// A hello's type, the first byte of its length (no hello has 64 KiB), and a client's version.
fn hello(header: &Header, mut cursor: Cursor<'_>) -> Probe {
    if header.len == 0 {
        return Probe::NotTls;
    }
    let Some(kind) = cursor.u8().map(TlsHandshakeType) else { return Probe::Unsure };
    if !matches!(kind, TlsHandshakeType::ClientHello | TlsHandshakeType::ServerHello) {
        return Probe::NotTls;
    }
    // A record may end anywhere in a message; what stands behind it is another header.
    if header.len < 6 {
        return Probe::Tls;
    }
    match cursor.array() {
        Some(&[high, _, _, major, _]) => tls_if(high == 0 && (major == 3 || kind == TlsHandshakeType::ServerHello)),
        None if cursor.u8().is_none_or(|high| high == 0) => Probe::Unsure,
        None => Probe::NotTls,
    }
}

fn alert(header: &Header, mut cursor: Cursor<'_>) -> Probe {
    match cursor.u8() {
        _ if header.len != 2 => Probe::NotTls,
        None => Probe::Unsure,
        Some(level) => tls_if(matches!(level, 1 | 2)),
    }
}

fn tls_if(fits: bool) -> Probe {
    if fits { Probe::Tls } else { Probe::NotTls }
}
