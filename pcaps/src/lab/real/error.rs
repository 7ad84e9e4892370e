//! Why a real run failed.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use ring::error::KeyRejected;

/// Why a real run failed.
#[derive(Debug)]
pub enum RealError {
    /// The user may not make network namespaces.
    NotRoot,
    /// Programs that are needed are not installed.
    Missing(Vec<String>),
    /// A program could not be started.
    Start(String, io::Error),
    /// A program ended badly: which, and what it said.
    Failed(String, String),
    /// A program did not get ready in time: which, and what it said.
    Unready(String, String),
    /// A file could not be read or written.
    File(PathBuf, io::Error),
    /// A network namespace could not be entered.
    Namespace(String, io::Error),
    /// The box lost an interface.
    Interface(pcap::Error),
    /// A decision could not be passed on.
    Told(io::Error),
    /// The box ended before its time.
    BoxGone,
    /// A key was refused, which does not happen.
    Key(KeyRejected),
    /// Somebody asked for an end.
    Interrupted,
}

impl RealError {
    /// About a file.
    pub(super) fn file(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |error| Self::File(path, error)
    }
}

impl fmt::Display for RealError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotRoot => f.write_str("real hosts need root, and to be allowed to make network namespaces"),
            Self::Missing(programs) => write!(
                f,
                "real hosts need programs that are not there: {} (`make lab-deps` installs them)",
                programs.join(", ")
            ),
            Self::Start(command, error) => write!(f, "`{command}` cannot be started: {error}"),
            Self::Failed(command, said) => write!(f, "`{command}` failed: {}", said.trim()),
            Self::Unready(what, said) => write!(f, "{what} did not get ready: {}", said.trim()),
            Self::File(path, error) => write!(f, "{}: {error}", path.display()),
            Self::Namespace(name, error) => write!(f, "network namespace {name}: {error}"),
            Self::Interface(error) => write!(f, "an interface of the box: {error}"),
            Self::Told(error) => write!(f, "decisions: {error}"),
            Self::BoxGone => f.write_str("the box ended before its time"),
            Self::Key(error) => error.fmt(f),
            Self::Interrupted => f.write_str("interrupted"),
        }
    }
}

impl std::error::Error for RealError {}

impl From<pcap::Error> for RealError {
    fn from(error: pcap::Error) -> Self {
        Self::Interface(error)
    }
}
