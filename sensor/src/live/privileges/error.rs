//! Why privileges could not be given up. The capture does not begin then: each error names the option that goes without.

use std::fmt;
use std::io;
use std::path::PathBuf;

use nix::errno::Errno;

/// A privilege that could not be given up.
#[derive(Debug)]
pub enum PrivilegeError {
    /// There is no such user.
    NoUser(String),
    /// The process cannot become that user.
    User(String, Errno),
    /// Capabilities cannot be given up.
    Capabilities(caps::errors::CapsError),
    /// The kernel refuses to forbid new privileges.
    NoNewPrivileges(Errno),
    /// Landlock refuses.
    Landlock(landlock::RulesetError),
    /// Seccomp refuses.
    Seccomp(seccompiler::Error),
    /// The folder for outputs cannot be made, or not be given to the user.
    Folder(PathBuf, io::Error),
}

impl fmt::Display for PrivilegeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoUser(name) => write!(f, "there is no user {name:?} to become; name another with --user"),
            Self::User(name, error) => write!(f, "cannot become user {name:?}: {error}; --no-drop goes without"),
            Self::Capabilities(error) => write!(f, "capabilities cannot be dropped: {error}; --no-drop goes without"),
            Self::NoNewPrivileges(error) => write!(f, "new privileges cannot be forbidden: {error}"),
            Self::Landlock(error) => write!(f, "Landlock: {error}; --no-landlock goes without"),
            Self::Seccomp(error) => write!(f, "seccomp: {error}; --no-seccomp goes without"),
            Self::Folder(path, error) => write!(f, "{}: cannot be made: {error}", path.display()),
        }
    }
}

impl std::error::Error for PrivilegeError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::NoUser(_) => None,
            Self::User(_, error) | Self::NoNewPrivileges(error) => Some(error),
            Self::Capabilities(error) => Some(error),
            Self::Landlock(error) => Some(error),
            Self::Seccomp(error) => Some(error),
            Self::Folder(_, error) => Some(error),
        }
    }
}
