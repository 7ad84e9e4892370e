//! Blocklists from files and folders, beside those that are built in.

use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use rules::blocklist::{self, Blocklist, LoadError};

/// Why a blocklist was refused. One that is read in part would be trusted as a whole, so that any error refuses it.
#[derive(Debug)]
pub enum BlocklistError {
    /// The file or folder cannot be read.
    Read(PathBuf, io::Error),
    /// Something in the file cannot be understood: the first error, and how many there are.
    Content(PathBuf, LoadError, u64),
    /// The file holds no entry.
    Empty(PathBuf),
}

impl fmt::Display for BlocklistError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Read(path, error) => write!(f, "{}: {error}", path.display()),
            Self::Content(path, error, 1) => write!(f, "{}: {error}", path.display()),
            Self::Content(path, error, count) => write!(f, "{}: {error} (and {} more)", path.display(), count - 1),
            Self::Empty(path) => write!(f, "{}: no entry of a blocklist in it", path.display()),
        }
    }
}

impl std::error::Error for BlocklistError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Read(_, error) => Some(error),
            Self::Content(..) | Self::Empty(_) => None,
        }
    }
}

/// The built-in lists and those at `paths`; a folder stands for the files in it, by name.
pub fn load(paths: &[PathBuf]) -> Result<Blocklist, BlocklistError> {
    let mut list = Blocklist::builtin();
    for path in paths {
        for file in files(path).map_err(|error| BlocklistError::Read(path.clone(), error))? {
            add(&mut list, &file)?;
        }
    }
    Ok(list)
}

fn files(path: &Path) -> io::Result<Vec<PathBuf>> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let entries: io::Result<Vec<PathBuf>> = fs::read_dir(path)?.map(|entry| Ok(entry?.path())).collect();
    let mut files: Vec<PathBuf> = entries?.into_iter().filter(|path| path.is_file()).collect();
    files.sort();
    Ok(files)
}

fn add(list: &mut Blocklist, path: &Path) -> Result<(), BlocklistError> {
    let bytes = fs::read(path).map_err(|error| BlocklistError::Read(path.to_owned(), error))?;
    let mut loaded = blocklist::load(&path.to_string_lossy(), &bytes, None);
    let count = loaded.error_count;
    if !loaded.errors.is_empty() {
        return Err(BlocklistError::Content(path.to_owned(), loaded.errors.swap_remove(0), count as u64));
    }
    if loaded.entries.is_empty() {
        return Err(BlocklistError::Empty(path.to_owned()));
    }
    list.add(loaded);
    Ok(())
}
