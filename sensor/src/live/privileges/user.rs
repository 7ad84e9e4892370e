//! From root to a user who owns nothing.

use std::io;
use std::path::Path;

use nix::errno::Errno;
use nix::unistd::{User, geteuid, setgroups, setresgid, setresuid};

use super::{Given, PrivilegeError, Privileges};

pub(super) fn is_root() -> bool {
    geteuid().is_root()
}

/// The user to become: nobody else for whoever is not root.
pub(super) fn to_become(wanted: &Privileges) -> Result<Option<User>, PrivilegeError> {
    if !is_root() || !wanted.drop {
        return Ok(None);
    }
    match User::from_name(&wanted.user) {
        Ok(Some(user)) => Ok(Some(user)),
        Ok(None) => Err(PrivilegeError::NoUser(wanted.user.clone())),
        Err(error) => Err(PrivilegeError::User(wanted.user.clone(), error)),
    }
}

/// Becomes the user, without any group but its first. There is no way back: the saved ids change too.
pub(super) fn become_user(user: &User) -> Result<Given, Errno> {
    setgroups(&[user.gid])?;
    setresgid(user.gid, user.gid, user.gid)?;
    setresuid(user.uid, user.uid, user.uid)?;
    Ok(Given::Up(format!("user {}", user.name)))
}

/// Makes a folder the user's.
pub(super) fn give(folder: &Path, user: &User) -> io::Result<()> {
    std::os::unix::fs::chown(folder, Some(user.uid.as_raw()), Some(user.gid.as_raw()))
}
