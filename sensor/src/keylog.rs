//! A key log from a file.

use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use dissectors::tls::KeyLog;

/// The most bytes that are read of a key log: about 350,000 lines, more than sessions are kept.
pub const MAX_BYTES: u64 = 64 << 20;

/// Why a key log was refused.
#[derive(Debug)]
pub enum KeyLogError {
    /// The file cannot be read.
    Read(PathBuf, io::Error),
    /// It is longer than [`MAX_BYTES`].
    TooLong(PathBuf),
    /// Not one of its lines is a key log's.
    Foreign(PathBuf),
}

impl fmt::Display for KeyLogError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Read(path, error) => write!(f, "{}: {error}", path.display()),
            Self::TooLong(path) => write!(f, "{}: longer than {} MiB", path.display(), MAX_BYTES >> 20),
            Self::Foreign(path) => write!(f, "{}: no line of a TLS key log in it", path.display()),
        }
    }
}

impl std::error::Error for KeyLogError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Read(_, error) => Some(error),
            Self::TooLong(_) | Self::Foreign(_) => None,
        }
    }
}

/// Reads the key log at `path`, of which `sessions` are kept. An empty one is good: its writer may not have met a session yet.
///
/// # Errors
///
/// Where it cannot be read, or is something else.
pub fn load(path: &Path, sessions: usize) -> Result<KeyLog, KeyLogError> {
    let log = KeyLog::new(sessions);
    parse(path, log, &read(path).map_err(|error| KeyLogError::Read(path.to_owned(), error))?)
}

/// Adds what stands in the key log at `path` to an empty one.
pub(crate) fn parse(path: &Path, mut log: KeyLog, text: &[u8]) -> Result<KeyLog, KeyLogError> {
    if text.len() as u64 > MAX_BYTES {
        return Err(KeyLogError::TooLong(path.to_owned()));
    }
    log.add(text);
    let lines = log.lines();
    match lines.malformed > 0 && lines.kept + lines.other == 0 {
        true => Err(KeyLogError::Foreign(path.to_owned())),
        false => Ok(log),
    }
}

fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut text = Vec::new();
    File::open(path)?.take(MAX_BYTES + 1).read_to_end(&mut text)?;
    Ok(text)
}
