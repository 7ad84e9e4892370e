//! Why an output could not be written.

use std::fmt;
use std::io;
use std::path::PathBuf;

/// An output that failed. It says which, and what the system said.
#[derive(Debug)]
pub enum OutputError {
    /// The folder or the file could not be made.
    Create {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file was taken away while it was written to, and was begun again.
    Vanished {
        /// Which.
        path: PathBuf,
    },
    /// The file could not be written to. Nothing more is written to it.
    Write {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

impl fmt::Display for OutputError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Create { path, source } => write!(f, "{}: cannot be created: {source}", path.display()),
            Self::Vanished { path } => write!(f, "{}: is gone; begun again", path.display()),
            Self::Write { path, source } => write!(f, "{}: cannot be written: {source}", path.display()),
        }
    }
}

impl std::error::Error for OutputError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Create { source, .. } | Self::Write { source, .. } => Some(source),
            Self::Vanished { .. } => None,
        }
    }
}
