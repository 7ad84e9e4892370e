//! How a command ends, and why it could not go on.

use std::fmt;
use std::io;
use std::process::ExitCode;

/// What the exit status says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Status {
    /// Done: 0.
    Done,
    /// Something could not be read or written: 2, as for arguments that are wrong.
    Error,
}

impl From<Status> for ExitCode {
    fn from(status: Status) -> Self {
        match status {
            Status::Done => Self::SUCCESS,
            Status::Error => Self::from(2),
        }
    }
}

/// Why a command stopped.
#[derive(Debug)]
pub(super) enum Failure {
    /// Standard output takes no more.
    Stdout(io::Error),
}

impl Failure {
    /// Whether whoever read the output has read enough of it: `hushwire … | head` is no error.
    pub(super) fn is_broken_pipe(&self) -> bool {
        matches!(self, Self::Stdout(error) if error.kind() == io::ErrorKind::BrokenPipe)
    }

    pub(super) fn status(&self) -> Status {
        if self.is_broken_pipe() { Status::Done } else { Status::Error }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stdout(error) => write!(f, "standard output: {error}"),
        }
    }
}

impl std::error::Error for Failure {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Stdout(error) => Some(error),
        }
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Stdout(error)
    }
}
