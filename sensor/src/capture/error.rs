//! What can be wrong with a capture file, and the one sentence that says so.

use std::fmt;
use std::io;

use super::stream::Compression;

/// Why a capture could not be read, or not any further. What was read before it stays valid.
#[derive(Debug)]
pub struct CaptureError {
    /// The input as the person named it.
    pub name: String,
    /// Where in its bytes; absent where the input could not be read at all.
    pub place: Option<Place>,
    /// What is wrong there.
    pub kind: ErrorKind,
}

/// A place in the bytes of an input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Bytes from the start.
    pub offset: u64,
    /// Set where `offset` counts what this compression gave, not the bytes of the file itself.
    pub inside: Option<Compression>,
}

/// Everything that can be wrong with an input.
#[derive(Debug)]
pub enum ErrorKind {
    /// The file cannot be opened.
    Open(io::Error),
    /// The folder cannot be listed.
    List(io::Error),
    /// The operating system failed to read on.
    Read(io::Error),
    /// The compressed data is damaged, cut, or wants more memory than is given.
    Decompress(io::Error),
    /// The input holds no byte.
    Empty,
    /// The content is no capture that is known here.
    NotACapture,
    /// A capture format's version that is not known.
    Version {
        /// The first number of the version.
        major: u16,
        /// The second number of the version.
        minor: u16,
    },
    /// The file ends inside its own header.
    CutHeader,
    /// The file ends inside a record: the usual end of an interrupted capture.
    CutRecord,
    /// A record says to be longer than any can be, so that what follows cannot be found.
    RecordLength {
        /// The length that it states.
        stated: u32,
        /// The longest that is believed.
        limit: u32,
    },
    /// A pcapng block states a length that no block can have.
    BlockLength {
        /// The length that it states.
        stated: u32,
    },
    /// A pcapng block's length differs between its two ends.
    BlockEnds {
        /// The length before its body.
        head: u32,
        /// The length after its body.
        tail: u32,
    },
    /// A pcapng section whose byte order cannot be told.
    ByteOrder,
}

impl CaptureError {
    /// An error about the whole of an input.
    pub(super) fn whole(name: impl Into<String>, kind: ErrorKind) -> Self {
        Self { name: name.into(), place: None, kind }
    }

    /// Whether the input is merely something else than a capture, as a README among captures is.
    pub fn is_foreign(&self) -> bool {
        matches!(self.kind, ErrorKind::NotACapture | ErrorKind::Empty)
    }
}

impl fmt::Display for CaptureError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_printable(f, &self.name)?;
        match self.place {
            Some(Place { offset, inside: None }) => write!(f, ", byte {offset}: {}", self.kind),
            Some(Place { offset, inside: Some(by) }) => {
                write!(f, ", byte {offset} of its {by}-decompressed data: {}", self.kind)
            }
            None => write!(f, ": {}", self.kind),
        }
    }
}

/// Writes a name without the control characters that would steer a terminal.
fn write_printable(f: &mut fmt::Formatter<'_>, name: &str) -> fmt::Result {
    name.chars().try_for_each(|c| match c.is_control() {
        true => write!(f, "{}", c.escape_default()),
        false => write!(f, "{c}"),
    })
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Open(error) => write!(f, "cannot be opened: {error}"),
            Self::List(error) => write!(f, "the folder cannot be listed: {error}"),
            Self::Read(error) => write!(f, "cannot be read further: {error}"),
            Self::Decompress(error) => write!(f, "the compressed data cannot be read further: {error}"),
            Self::Empty => write!(f, "is empty"),
            Self::NotACapture => write!(f, "is neither a pcap nor a pcapng capture"),
            Self::Version { major, minor } => write!(f, "capture format version {major}.{minor} is not known"),
            Self::CutHeader => write!(f, "the file ends inside its header"),
            Self::CutRecord => write!(f, "the file ends inside the record that begins here"),
            Self::RecordLength { stated, limit } => {
                write!(f, "a record says it holds {stated} bytes, where {limit} is the most")
            }
            Self::BlockLength { stated } => {
                write!(f, "a pcapng block says it is {stated} bytes long, which none can be")
            }
            Self::BlockEnds { head, tail } => {
                write!(f, "a pcapng block is {head} bytes long by its head and {tail} by its tail")
            }
            Self::ByteOrder => write!(f, "the byte order of the pcapng section that begins here cannot be told"),
        }
    }
}

impl std::error::Error for CaptureError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.kind {
            ErrorKind::Open(error) | ErrorKind::List(error) => Some(error),
            ErrorKind::Read(error) | ErrorKind::Decompress(error) => Some(error),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sentence_names_file_and_offset_and_cannot_steer_a_terminal() {
        let place = Some(Place { offset: 40, inside: None });
        let error = CaptureError { name: "a\x1b[2J.pcap".into(), place, kind: ErrorKind::CutRecord };
        assert_eq!(error.to_string(), "a\\u{1b}[2J.pcap, byte 40: the file ends inside the record that begins here");

        let place = Some(Place { offset: 24, inside: Some(Compression::Gzip) });
        let kind = ErrorKind::RecordLength { stated: u32::MAX, limit: 262_144 };
        assert_eq!(
            CaptureError { name: "b.pcap.gz".into(), place, kind }.to_string(),
            "b.pcap.gz, byte 24 of its gzip-decompressed data: \
             a record says it holds 4294967295 bytes, where 262144 is the most"
        );
        assert_eq!(CaptureError::whole("c", ErrorKind::Empty).to_string(), "c: is empty");
    }
}
