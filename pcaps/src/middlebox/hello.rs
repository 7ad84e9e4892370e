//! The server name in the first bytes of a client's stream.
//!
//! A reading of its own, on purpose apart from `dissectors`: the box's decisions are the truth that those are held
//! against, so the two must not share a mistake. Formats: RFC 8446, sections 4.1.2 and 5.1; RFC 6066, section 3.

/// Largest ClientHello waited for; the biggest in use, with post-quantum key shares, stay below 4 KiB.
const MAX_HELLO: usize = 16 * 1024;

const HANDSHAKE_RECORD: u8 = 22;
const CLIENT_HELLO: u8 = 1;
const SERVER_NAME_EXTENSION: u16 = 0;
const HOST_NAME: u8 = 0;

/// What the first bytes of a stream are.
#[derive(Debug, PartialEq, Eq)]
pub enum Reading {
    /// The beginning of a ClientHello.
    Incomplete,
    /// A whole ClientHello.
    Whole {
        /// The name it asks for, in lower case.
        server_name: Option<String>,
    },
    /// Something else.
    Foreign,
}

/// Reads a client's stream from its first byte.
pub fn read(stream: &[u8]) -> Reading {
    let handshake = match join_records(stream) {
        Some(handshake) => handshake,
        None => return Reading::Foreign,
    };
    let mut message = Cursor(&handshake);
    match (message.u8(), message.u24()) {
        (Some(CLIENT_HELLO), Some(length)) if length <= MAX_HELLO => match message.take(length) {
            Some(hello) => Reading::Whole { server_name: server_name(hello) },
            None => Reading::Incomplete,
        },
        (None | Some(CLIENT_HELLO), None) => Reading::Incomplete,
        _ => Reading::Foreign,
    }
}

/// The contents of the leading handshake records, the last perhaps cut; `None` where the stream begins otherwise.
fn join_records(stream: &[u8]) -> Option<Vec<u8>> {
    let mut handshake = Vec::new();
    let mut rest = Cursor(stream);
    while let Some(kind) = rest.u8() {
        if kind != HANDSHAKE_RECORD {
            return (!handshake.is_empty()).then_some(handshake);
        }
        let (Some(_version), Some(length)) = (rest.u16(), rest.u16()) else { break };
        handshake.extend_from_slice(rest.take_up_to(usize::from(length)));
    }
    Some(handshake)
}

fn server_name(hello: &[u8]) -> Option<String> {
    const VERSION_AND_RANDOM: usize = 2 + 32;
    let mut hello = Cursor(hello);
    hello.take(VERSION_AND_RANDOM)?;
    let session_id = hello.u8()?;
    hello.take(usize::from(session_id))?;
    let cipher_suites = hello.u16()?;
    hello.take(usize::from(cipher_suites))?;
    let compression_methods = hello.u8()?;
    hello.take(usize::from(compression_methods))?;
    let extensions = hello.u16()?;
    let mut extensions = Cursor(hello.take(usize::from(extensions))?);
    loop {
        let (kind, length) = (extensions.u16()?, extensions.u16()?);
        let content = extensions.take(usize::from(length))?;
        if kind == SERVER_NAME_EXTENSION {
            return host_name(content);
        }
    }
}

fn host_name(extension: &[u8]) -> Option<String> {
    let mut list = Cursor(extension);
    let (_list_length, kind, length) = (list.u16()?, list.u8()?, list.u16()?);
    let name = list.take(usize::from(length))?;
    (kind == HOST_NAME).then(|| String::from_utf8_lossy(name).to_ascii_lowercase())
}

struct Cursor<'a>(&'a [u8]);

impl<'a> Cursor<'a> {
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    fn take_up_to(&mut self, length: usize) -> &'a [u8] {
        self.take(length.min(self.0.len())).unwrap_or_default()
    }

    fn number(&mut self, length: usize) -> Option<usize> {
        self.take(length).map(|bytes| bytes.iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte)))
    }

    fn u8(&mut self) -> Option<u8> {
        self.take(1)?.first().copied()
    }

    fn u16(&mut self) -> Option<u16> {
        u16::try_from(self.number(2)?).ok()
    }

    fn u24(&mut self) -> Option<usize> {
        self.number(3)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::middlebox::tests::client_hello;

    fn whole(name: &str) -> Reading {
        Reading::Whole { server_name: Some(name.into()) }
    }

    #[test]
    fn every_prefix_is_incomplete_and_the_whole_is_read() {
        let stream = client_hello(Some("News.Example"));
        for cut in 0..stream.len() {
            assert_eq!(read(&stream[..cut]), Reading::Incomplete, "{cut}");
        }
        assert_eq!(read(&stream), whole("news.example"));
    }

    #[test]
    fn a_hello_over_two_records_is_read() {
        let stream = client_hello(Some("news.example"));
        let (head, tail) = stream[5..].split_at(30);
        let record = |part: &[u8]| [&[22, 3, 1, 0, part.len() as u8], part].concat();
        assert_eq!(read(&[record(head), record(tail)].concat()), whole("news.example"));
    }

    #[test]
    fn no_name_and_no_tls() {
        assert_eq!(read(&client_hello(None)), Reading::Whole { server_name: None });
        assert_eq!(read(b"GET / HTTP/1.1\r\n"), Reading::Foreign);
        assert_eq!(read(&[22, 3, 3, 0, 4, 2, 0, 0, 0]), Reading::Foreign, "a ServerHello");
        assert_eq!(read(&[22, 3, 3, 0, 4, 1, 255, 255, 255]), Reading::Foreign, "too long");
    }
}
