//! What the process gives up once its interfaces are open: whoever takes it over through a packet finds a user that owns
//! nothing, no capability, a few folders, and no way to a program or a socket.
//!
//! Everything here acts on the calling thread and is inherited by those it starts, so that it must come before the first
//! thread. It needs no privilege where none is left to give up.

mod capabilities;
mod error;
mod filesystem;
mod syscalls;
mod user;

use std::fmt;
use std::path::{Path, PathBuf};

use nix::unistd::User;

pub use self::error::PrivilegeError;

/// What to give up. All of it by default.
#[derive(Clone, Debug)]
pub struct Privileges {
    /// Whom to become if root starts the capture.
    pub user: String,
    /// Become that user and give up all capabilities.
    pub drop: bool,
    /// See no more of the file system than is needed (Landlock).
    pub landlock: bool,
    /// Call no more of the kernel than is needed (seccomp).
    pub seccomp: bool,
}

impl Default for Privileges {
    fn default() -> Self {
        Self { user: "nobody".to_owned(), drop: true, landlock: true, seccomp: true }
    }
}

/// What of the file system stays in reach.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reach<'a> {
    /// The folder that is written to.
    pub(super) output: Option<&'a Path>,
    /// Files and folders that are read again while the capture runs.
    pub(super) read: &'a [PathBuf],
}

/// What was given up, in words for the operator.
#[derive(Clone, Debug)]
pub(super) enum Given {
    /// It is gone.
    Up(String),
    /// It was to go, and this system cannot.
    Not(String),
}

impl fmt::Display for Given {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Up(what) | Self::Not(what) => f.write_str(what),
        }
    }
}

/// Gives up what is wanted, and says what came of it.
pub(super) fn give_up(wanted: &Privileges, reach: Reach<'_>) -> Result<Vec<Given>, PrivilegeError> {
    let mut given = Vec::new();
    // While the list of users is in reach.
    let user = user::to_become(wanted)?;
    reach.output.map_or(Ok(()), |folder| make_folder(folder, user.as_ref()))?;
    nix::sys::prctl::set_no_new_privs().map_err(PrivilegeError::NoNewPrivileges)?;
    if wanted.landlock {
        given.push(filesystem::restrict(reach).map_err(PrivilegeError::Landlock)?);
    }
    if wanted.drop {
        capabilities::forbid_regaining().map_err(PrivilegeError::Capabilities)?;
        let become_user = |user| user::become_user(user).map_err(|why| PrivilegeError::User(wanted.user.clone(), why));
        given.extend(user.as_ref().map(become_user).transpose()?);
        given.push(capabilities::drop_all().map_err(PrivilegeError::Capabilities)?);
    }
    if user::is_root() {
        given.push(Given::Not("the capture runs as root: give it a user of its own (--user)".to_owned()));
    }
    // Last, since it forbids even to ask who one is.
    if wanted.seccomp {
        given.push(syscalls::restrict().map_err(PrivilegeError::Seccomp)?);
    }
    Ok(given)
}

/// Makes the folder for outputs, for the user who will write to it. One that is there stays as it is.
fn make_folder(folder: &Path, user: Option<&User>) -> Result<(), PrivilegeError> {
    if folder.exists() {
        return Ok(());
    }
    let made = std::fs::create_dir_all(folder).and_then(|()| user.map_or(Ok(()), |user| user::give(folder, user)));
    made.map_err(|error| PrivilegeError::Folder(folder.to_owned(), error))
}
