//! The hellos in SSLv2's format: with the client's, old clients offer SSLv3 and TLS as well (RFC 5246, appendix E.2);
//! the server's is SSLv2 itself (draft-hickman-netscape-ssl-00, section 2).

use super::HandshakeType;
use super::handshake::Pending;
use super::wire::Cursor;

/// How many bytes tell an SSLv2 message from anything else: the record header and a hello's fixed part.
pub(super) const HEADER: usize = 13;

const ERROR: u8 = 0;
const CLIENT_HELLO: u8 = 1;
const SERVER_HELLO: u8 = 4;

/// The fixed part of either hello, its type included, without the record header.
const CLIENT_FIXED: usize = 9;
const SERVER_FIXED: usize = 11;

/// A client's hello in SSLv2's format. It has no extensions and so no server name; JA3 and JA4 are not defined for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sslv2Hello<'a> {
    /// The highest version offered: `0x0002`, or that of SSLv3 or TLS.
    pub version: u16,
    /// The session to resume.
    pub session_id: &'a [u8],
    /// The random bytes.
    pub challenge: &'a [u8],
    /// Length of the message in bytes, the two of the record header not counted.
    pub len: usize,
    cipher_specs: &'a [u8],
}

impl<'a> Sslv2Hello<'a> {
    /// Reads a whole hello, record header included.
    pub(super) fn parse(record: &'a [u8]) -> Option<Self> {
        let mut cursor = Cursor::new(record);
        cursor.take(3)?;
        let version = cursor.u16()?;
        let [specs, session_id, challenge] = lengths(&mut cursor)?;
        Some(Self {
            version,
            cipher_specs: cursor.take(specs)?,
            session_id: cursor.take(session_id)?,
            challenge: cursor.take(challenge)?,
            len: record.len().saturating_sub(2),
        })
    }

    /// The cipher specs of three bytes each. Those below `0x010000` are cipher suites of SSLv3 and TLS.
    pub fn cipher_specs(&self) -> impl ExactSizeIterator<Item = u32> + use<'a> {
        self.cipher_specs.as_chunks().0.iter().map(|&[a, b, c]| u32::from_be_bytes([0, a, b, c]))
    }
}

/// The certificate in a server's hello, which is a whole record with its header. Empty if a session is resumed.
pub(super) fn server_certificate(record: &[u8]) -> Option<&[u8]> {
    let mut cursor = Cursor::new(record);
    cursor.take(7)?;
    let [certificate, _, _] = lengths(&mut cursor)?;
    cursor.take(certificate)
}

/// What the first bytes of a stream are, if they are SSLv2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum First {
    /// A client's hello; the whole record has this many bytes.
    ClientHello { len: usize },
    /// A server's hello; the whole record has this many bytes.
    ServerHello { len: usize },
    /// A server's error.
    Error,
    /// Fewer bytes than are needed to tell.
    Unsure,
    /// No SSLv2.
    Other,
}

/// Puts the first record of a stream together, no more of it than makes sense: at most 32 KiB and two bytes.
#[derive(Debug, Default)]
pub(super) struct Gather {
    record: Vec<u8>,
}

impl Gather {
    /// Reads from `bytes`, the next of the stream, what belongs to the record. A hello is named when it is whole.
    pub(super) fn read(&mut self, bytes: &mut &[u8]) -> First {
        loop {
            let first = first(&self.record);
            let wanted = match first {
                First::ClientHello { len } | First::ServerHello { len } if self.record.len() < len => len,
                First::Unsure => self.record.len().saturating_add(1),
                _ => return first,
            };
            let missing = wanted.saturating_sub(self.record.len()).min(bytes.len());
            self.record.extend_from_slice(bytes.split_off(..missing).unwrap_or_default());
            if self.record.len() < wanted {
                return First::Unsure;
            }
        }
    }

    /// The record, header included, as far as it is there.
    pub(super) fn record(&self) -> &[u8] {
        &self.record
    }

    /// How much is missing of it.
    pub(super) fn pending(&self) -> Pending {
        let (kind, len) = match first(&self.record) {
            First::ClientHello { len } => (Some(HandshakeType::ClientHello), len),
            First::ServerHello { len } => (Some(HandshakeType::ServerHello), len),
            _ => (None, HEADER),
        };
        Pending { kind, missing: len.saturating_sub(self.record.len()) }
    }
}

/// Tells what `bytes` begin. SSLv2 has no magic number, so all lengths must fit each other.
pub(super) fn first(bytes: &[u8]) -> First {
    let mut cursor = Cursor::new(bytes);
    let Some(head) = cursor.u8() else { return First::Unsure };
    if head & 0x80 == 0 {
        return First::Other;
    }
    let Some(low) = cursor.u8() else { return First::Unsure };
    let len = usize::from(head & 0x7f) << 8 | usize::from(low);
    match cursor.u8() {
        None => First::Unsure,
        Some(CLIENT_HELLO) => client_hello(cursor, len),
        Some(SERVER_HELLO) => server_hello(cursor, len),
        Some(ERROR) if len == 3 => cursor.u16().map_or(First::Unsure, error),
        Some(_) => First::Other,
    }
}

/// A version that a client can offer so, then the lengths of cipher specs, session id and challenge.
fn client_hello(mut cursor: Cursor<'_>, len: usize) -> First {
    match cursor.u16() {
        Some(0x0002 | 0x0300..=0x0304) => {}
        Some(_) => return First::Other,
        None => return First::Unsure,
    }
    let Some([specs, session_id, challenge]) = lengths(&mut cursor) else { return First::Unsure };
    let fits = specs > 0
        && specs.is_multiple_of(3)
        && session_id <= 32
        && (16..=32).contains(&challenge)
        && len == CLIENT_FIXED.saturating_add(specs).saturating_add(session_id).saturating_add(challenge);
    if fits { First::ClientHello { len: len.saturating_add(2) } } else { First::Other }
}

/// A flag, a certificate type, SSLv2's version, then the lengths of certificate, cipher specs and connection id.
fn server_hello(mut cursor: Cursor<'_>, len: usize) -> First {
    match cursor.array() {
        Some(&[0 | 1, _, 0, 2]) => {}
        Some(_) => return First::Other,
        None => return First::Unsure,
    }
    let Some([certificate, specs, connection_id]) = lengths(&mut cursor) else { return First::Unsure };
    let fits = specs.is_multiple_of(3)
        && len == SERVER_FIXED.saturating_add(certificate).saturating_add(specs).saturating_add(connection_id);
    if fits { First::ServerHello { len: len.saturating_add(2) } } else { First::Other }
}

/// The errors that SSLv2 defines.
fn error(code: u16) -> First {
    if matches!(code, 1 | 2 | 4 | 6) { First::Error } else { First::Other }
}

fn lengths(cursor: &mut Cursor<'_>) -> Option<[usize; 3]> {
    let &[a, b, c, d, e, f] = cursor.array()?;
    Some([[a, b], [c, d], [e, f]].map(|pair| usize::from(u16::from_be_bytes(pair))))
}
