//! How a command ends, and why it could not go on.

use std::fmt;
use std::io;
use std::path::PathBuf;
use std::process::ExitCode;

use sensor::live::ServiceError;
use sensor::replay::ReplayError;
use sensor::rulebook::RulebookError;

use super::config::error::ConfigError;

/// What the exit status says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Status {
    /// Done: 0.
    Done,
    /// Done, and there are findings where `--fail-on-alert` asked, or a condition of `--expect` does not hold: 1.
    Findings,
    /// Something could not be read or written: 2, as for arguments that are wrong.
    Error,
}

impl From<Status> for ExitCode {
    fn from(status: Status) -> Self {
        match status {
            Status::Done => Self::SUCCESS,
            Status::Findings => Self::from(1),
            Status::Error => Self::from(2),
        }
    }
}

/// Why a command stopped.
#[derive(Debug)]
pub(super) enum Failure {
    /// The replay could not be begun.
    Replay(ReplayError),
    /// The configuration file is wrong.
    Config(ConfigError),
    /// The file of rules is wrong.
    Rules(RulebookError),
    /// What is to be scored is wrong.
    Score(ScoreError),
    /// The live capture could not be begun.
    Live(ServiceError),
    /// The interfaces could not be listed.
    Interfaces(pcap::Error),
    /// Signals could not be listened to.
    Signals(io::Error),
    /// Standard output takes no more.
    Stdout(io::Error),
}

/// A file that cannot be scored.
#[derive(Debug)]
pub(super) struct ScoreError {
    pub(super) file: PathBuf,
    /// What is wrong with it.
    pub(super) what: String,
}

impl fmt::Display for ScoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.file.display(), self.what)
    }
}

impl std::error::Error for ScoreError {}

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
            Self::Replay(error) => error.fmt(f),
            Self::Config(error) => error.fmt(f),
            Self::Rules(error) => error.fmt(f),
            Self::Score(error) => error.fmt(f),
            Self::Live(error) => error.fmt(f),
            Self::Interfaces(error) => write!(f, "the interfaces cannot be listed: {error}"),
            Self::Signals(error) => write!(f, "signals cannot be listened to: {error}"),
            Self::Stdout(error) => write!(f, "standard output: {error}"),
        }
    }
}

impl std::error::Error for Failure {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Replay(error) => Some(error),
            Self::Config(error) => Some(error),
            Self::Rules(error) => Some(error),
            Self::Score(error) => Some(error),
            Self::Live(error) => Some(error),
            Self::Interfaces(error) => Some(error),
            Self::Stdout(error) | Self::Signals(error) => Some(error),
        }
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Stdout(error)
    }
}
