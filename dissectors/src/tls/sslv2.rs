//! The SSLv2-format hello, with which old clients offer SSLv3 and TLS as well (RFC 5246, appendix E.2; RFC 6101,
//! appendix E), and the answers of a server that speaks SSLv2.

use super::wire::Cursor;

/// How many bytes tell an SSLv2 message from anything else: the record header and the fixed part of a hello.
pub(super) const HEADER: usize = 11;

const CLIENT_HELLO: u8 = 1;
const SERVER_HELLO: u8 = 4;
const ERROR: u8 = 0;

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
    pub fn parse(record: &'a [u8]) -> Option<Self> {
        let mut cursor = Cursor::new(record);
        cursor.take(3)?;
        let version = cursor.u16()?;
        let [specs, session_id, challenge] = [cursor.u16()?, cursor.u16()?, cursor.u16()?].map(usize::from);
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

/// What the first bytes of a stream are, if they are SSLv2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum First {
    /// A client's hello; the whole record has this many bytes.
    Hello { len: usize },
    /// A server's hello or error.
    Answer,
    /// Fewer bytes than are needed to tell.
    Unsure,
    /// No SSLv2.
    Other,
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

/// The two versions that a first message can name.
fn is_version(version: u16) -> bool {
    matches!(version, 0x0002 | 0x0300..=0x0304)
}

fn client_hello(mut cursor: Cursor<'_>, len: usize) -> First {
    match cursor.u16() {
        None => return First::Unsure,
        Some(version) if !is_version(version) => return First::Other,
        Some(_) => {}
    }
    let (Some(specs), Some(session_id), Some(challenge)) = (cursor.u16(), cursor.u16(), cursor.u16()) else {
        return First::Unsure;
    };
    let [specs, session_id, challenge] = [specs, session_id, challenge].map(usize::from);
    let fits = specs > 0
        && specs.is_multiple_of(3)
        && session_id <= 32
        && (16..=32).contains(&challenge)
        && len == 9usize.saturating_add(specs).saturating_add(session_id).saturating_add(challenge);
    if fits { First::Hello { len: len.saturating_add(2) } } else { First::Other }
}

/// `session-id-hit`, `certificate-type`, then the version, which is SSLv2 and nothing else.
fn server_hello(mut cursor: Cursor<'_>, len: usize) -> First {
    let Some(&[hit, _certificate_type]) = cursor.array() else { return First::Unsure };
    match cursor.u16() {
        None => First::Unsure,
        Some(0x0002) if hit <= 1 && len >= 11 => First::Answer,
        Some(_) => First::Other,
    }
}

/// The errors that SSLv2 defines.
fn error(code: u16) -> First {
    if matches!(code, 1 | 2 | 4 | 6) { First::Answer } else { First::Other }
}
