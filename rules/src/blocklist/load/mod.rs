//! Blocklist files: which format one has, and its entries.
//!
//! Each format is one file here and one line in `Format::load`. A loader is handed a name and bytes, and keeps going
//! after an error: what is right is loaded, what is wrong is named with its line.

mod error;
mod fields;
mod onecrl;
mod own;
mod pem;
mod sslbl;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use dissectors::x509::{Certificate, Hex};

use crate::revision;

pub use error::{LoadError, MAX_ERRORS, Problem};

use super::entry::{Class, Entry, Kind, Marks};
use crate::csv;

/// The formats of blocklist files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// Certificates and public keys in PEM (RFC 7468), any number, with `# key: value` lines before each.
    Pem,
    /// One certificate in DER.
    Der,
    /// Mozilla's OneCRL as it is published and shipped: JSON.
    OneCrl,
    /// abuse.ch SSLBL: `date,sha1,reason`, comments behind `#`.
    Sslbl,
    /// Our own: CSV with a header line that has a column `kind`.
    Csv,
}

/// What a file gave.
#[derive(Debug)]
pub struct Loaded {
    /// The name it was loaded under.
    pub name: Arc<str>,
    /// Its format.
    pub format: Format,
    /// The first 12 hexadecimal digits of the SHA-256 of its content.
    pub revision: String,
    /// Its entries, in the order of the file.
    pub entries: Vec<Entry>,
    /// The first [`MAX_ERRORS`] errors.
    pub errors: Vec<LoadError>,
    /// How many errors there were.
    pub error_count: usize,
}

/// The format that `bytes` look like.
pub fn detect_format(bytes: &[u8]) -> Format {
    let text = without_mark(bytes);
    let first = text.iter().copied().find(|byte| !byte.is_ascii_whitespace());
    if matches!(bytes, [0x30, 0x80..=0x84, ..]) {
        Format::Der
    } else if matches!(first, Some(b'{' | b'[')) {
        Format::OneCrl
    } else if pem::looks_like(text) {
        Format::Pem
    } else if own::looks_like(text) {
        Format::Csv
    } else {
        Format::Sslbl
    }
}

/// Loads a file of whatever format it is. `name` is the file's name, for errors and entries; `class` is that of records
/// that do not state their own, where it is not the format's usual one ([`Format::class`]).
pub fn load(name: &str, bytes: &[u8], class: Option<Class>) -> Loaded {
    let format = detect_format(bytes);
    let mut loading = Loading::new(name, class.unwrap_or(format.class()), format, bytes);
    format.load(without_mark(bytes), &mut loading);
    if loading.loaded.entries.is_empty() && loading.loaded.error_count == 0 {
        loading.error(1, Problem::Empty);
    }
    loading.loaded
}

impl Format {
    /// The class of records that do not state their own. Whoever adds certificates or names means interception; SSLBL
    /// lists servers of malware; OneCRL lists what was revoked, for whatever reason.
    pub fn class(self) -> Class {
        match self {
            Self::Pem | Self::Der | Self::Csv => Class::Interception,
            Self::Sslbl => Class::Compromised,
            Self::OneCrl => Class::Revoked,
        }
    }

    /// Its name, for a person.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pem => "PEM",
            Self::Der => "DER",
            Self::OneCrl => "OneCRL",
            Self::Sslbl => "SSLBL",
            Self::Csv => "CSV",
        }
    }

    fn load(self, bytes: &[u8], loading: &mut Loading) {
        match self {
            Self::Pem => pem::load(bytes, loading),
            Self::Der => loading.certificate(1, bytes, Record::default()),
            Self::OneCrl => onecrl::load(bytes, loading),
            Self::Sslbl => sslbl::load(bytes, loading),
            Self::Csv => own::load(bytes, loading),
        }
    }
}

/// What a record says of itself; what it leaves out is filled in.
#[derive(Debug, Default)]
struct Record {
    id: Option<String>,
    class: Option<Class>,
    kind: Option<Kind>,
    label: Option<String>,
    reason: String,
    reference: String,
    marks: Marks,
}

/// What any format may state of a record.
const DESCRIPTIONS: [&str; 6] = ["id", "kind", "class", "label", "reason", "reference"];

impl Record {
    /// Fills in one of [`DESCRIPTIONS`]; any other key says nothing here.
    fn describe(&mut self, key: &str, text: &str) -> Result<(), Problem> {
        match key {
            "id" => self.id = Some(text.to_owned()),
            "kind" => self.kind = Some(fields::kind(text)?),
            "class" => self.class = Some(fields::class(text)?),
            "label" => self.label = Some(text.to_owned()),
            "reason" => text.clone_into(&mut self.reason),
            "reference" => text.clone_into(&mut self.reference),
            _ => {}
        }
        Ok(())
    }
}

/// A file that is being loaded.
struct Loading {
    class: Class,
    /// The file's name without folders and ending: the first part of the entries' ids.
    stem: String,
    loaded: Loaded,
}

impl Loading {
    fn new(name: &str, class: Class, format: Format, bytes: &[u8]) -> Self {
        let file = name.rsplit(['/', '\\']).next().unwrap_or(name);
        let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem).to_owned();
        let revision = revision::of(bytes);
        let (entries, errors) = (Vec::new(), Vec::new());
        let loaded = Loaded { name: name.into(), format, revision, entries, errors, error_count: 0 };
        Self { class, stem, loaded }
    }

    fn error(&mut self, line: u32, problem: Problem) {
        self.loaded.error_count += 1;
        if self.loaded.errors.len() < MAX_ERRORS {
            self.loaded.errors.push(LoadError { source: Arc::clone(&self.loaded.name), line, problem });
        }
    }

    /// Adds the entry of a certificate at hand.
    fn certificate(&mut self, line: u32, der: &[u8], mut record: Record) {
        let certificate = Certificate::new(der);
        let facts = match certificate.read() {
            Ok(facts) => facts,
            Err(malformed) => return self.error(line, Problem::Certificate(malformed)),
        };
        record.kind = record.kind.or(Some(Kind::of(&certificate)));
        record.label = record.label.or_else(|| Some(facts.subject.text.to_string()));
        record.marks = Marks::of(&certificate);
        self.entry(line, record);
    }

    /// Adds an entry, if its kind can be recognised by its marks.
    fn entry(&mut self, line: u32, record: Record) {
        let Some(kind) = record.kind else { return self.error(line, Problem::NoKind) };
        if !record.marks.suffice(kind) {
            return self.error(line, Problem::NothingToMatch(kind));
        }
        let id = record.id.unwrap_or_else(|| format!("{}/{}", self.stem, name_by_marks(&record.marks, line)));
        self.loaded.entries.push(Entry {
            label: record.label.unwrap_or_else(|| id.clone()),
            id,
            class: record.class.unwrap_or(self.class),
            kind,
            reason: record.reason,
            reference: record.reference,
            source: Arc::clone(&self.loaded.name),
            line,
            marks: record.marks,
        });
    }
}

/// The second part of an id: the first half of the strongest hash, which stays when the file is sorted anew; or the
/// line, where there is none.
fn name_by_marks(marks: &Marks, line: u32) -> String {
    let hash = marks.sha256.as_ref().or(marks.spki_sha256.as_ref()).map(<[u8; 32]>::as_slice);
    let hash = hash.or(marks.sha1.as_ref().map(<[u8; 20]>::as_slice)).or(marks.serial.as_deref());
    let first = hash.map(|hash| hash.get(..8).unwrap_or(hash));
    first.map_or_else(|| format!("line-{line}"), |first| Hex(first).to_string())
}

/// The text without a byte order mark, which some editors put first.
fn without_mark(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)
}

/// The lines of a file with their numbers, from 1. A line that is not UTF-8 is shown with replacement characters.
fn lines(bytes: &[u8]) -> impl Iterator<Item = (u32, std::borrow::Cow<'_, str>)> {
    let lines = bytes.split(|&byte| byte == b'\n').map(|line| String::from_utf8_lossy(line.trim_ascii()));
    (1..).zip(lines)
}
