//! What can be wrong with a blocklist file.

use std::fmt;
use std::sync::Arc;

use dissectors::x509::Malformed;

use crate::blocklist::entry::Kind;
use crate::csv;

/// How many errors of one file are kept; all are counted.
pub const MAX_ERRORS: usize = 100;

/// One error of a file, with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoadError {
    /// The file's name.
    pub source: Arc<str>,
    /// The line, from 1; of a JSON list the record's number, from 1.
    pub line: u32,
    /// What is wrong there.
    pub problem: Problem,
}

/// What is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// The file has no record at all.
    Empty,
    /// A PEM block begins and does not end.
    Unterminated,
    /// Text that should be base64 is not.
    Base64,
    /// Text of this field should be hexadecimal, and of this many bytes if the length is fixed.
    Hex(&'static str, Option<usize>),
    /// The certificate or key cannot be read.
    Certificate(Malformed),
    /// The JSON is broken, or no OneCRL.
    Json(String),
    /// The header names a column that does not exist.
    Column(String),
    /// The row has so many fields instead of so many.
    Fields(usize, usize),
    /// A quoted field does not end on its line.
    Quote,
    /// No such kind.
    Kind(String),
    /// No such class.
    Class(String),
    /// The record does not state its kind.
    NoKind,
    /// The record has nothing by which this kind can be recognised.
    NothingToMatch(Kind),
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.source, self.line, self.problem)
    }
}

impl std::error::Error for LoadError {}

impl From<csv::Unclosed> for Problem {
    fn from(_: csv::Unclosed) -> Self {
        Self::Quote
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("no certificate, key or record in it"),
            Self::Unterminated => f.write_str("the PEM block that begins here has no end"),
            Self::Base64 => f.write_str("not base64"),
            Self::Hex(field, Some(length)) => write!(f, "{field} should be {length} bytes in hexadecimal"),
            Self::Hex(field, None) => write!(f, "{field} should be hexadecimal"),
            Self::Certificate(malformed) => malformed.fmt(f),
            Self::Json(error) => write!(f, "no OneCRL: {error}"),
            Self::Column(name) => write!(f, "unknown column {name:?}"),
            Self::Fields(found, expected) => write!(f, "{found} fields instead of {expected}"),
            Self::Quote => csv::Unclosed.fmt(f),
            Self::Kind(word) => write!(f, "unknown kind {word:?}"),
            Self::Class(word) => write!(f, "unknown class {word:?}"),
            Self::NoKind => f.write_str("the record has no kind"),
            Self::NothingToMatch(kind) => write!(f, "nothing by which a {} could be recognised", kind.as_str()),
        }
    }
}
