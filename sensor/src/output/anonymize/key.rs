//! The key of pseudonyms, and the file it is in.

use std::fmt;
use std::fs::File;
use std::io::{self, Read as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

/// Bytes of a key: 16 for the cipher and 16 for its padding, as Crypto-PAn has them.
const BYTES: usize = 32;

/// No more than this is read: a key in hexadecimal with blanks around it is shorter.
const MOST: usize = 1024;

/// The permission bit by which a file may be read by everybody (POSIX, `S_IROTH`).
const READ_BY_OTHERS: u32 = 0o004;

/// 256 secret bits. They are the key, and not made one: nothing is derived from a password here.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Key {
    cipher: [u8; BYTES / 2],
    pad: [u8; BYTES / 2],
}

impl Key {
    pub(super) fn cipher(&self) -> [u8; BYTES / 2] {
        self.cipher
    }

    pub(super) fn pad(&self) -> [u8; BYTES / 2] {
        self.pad
    }
}

impl From<[u8; BYTES]> for Key {
    fn from(bytes: [u8; BYTES]) -> Self {
        let [mut cipher, mut pad] = [[0; BYTES / 2]; 2];
        let (first, second) = bytes.split_at(BYTES / 2);
        cipher.copy_from_slice(first);
        pad.copy_from_slice(second);
        Self { cipher, pad }
    }
}

/// Shows nothing of it.
impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Key").finish_non_exhaustive()
    }
}

/// A key that is none.
#[derive(Debug)]
pub struct KeyError {
    path: PathBuf,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    /// The file cannot be opened or read.
    Unreadable(io::Error),
    /// It holds fewer bytes than a key has.
    Short(usize),
    /// It holds more than a key, and not in hexadecimal.
    Foreign,
}

impl fmt::Display for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.path.display())?;
        match &self.kind {
            Kind::Unreadable(error) => write!(f, "the key cannot be read: {error}"),
            Kind::Short(bytes) => write!(f, "the key is too short: {bytes} bytes, where {BYTES} are needed"),
            Kind::Foreign => write!(f, "this is no key: {BYTES} bytes or {} hexadecimal digits are", 2 * BYTES),
        }
    }
}

impl std::error::Error for KeyError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.kind {
            Kind::Unreadable(error) => Some(error),
            Kind::Short(_) | Kind::Foreign => None,
        }
    }
}

/// A key that everybody may read.
struct Exposed<'a>(&'a Path);

impl fmt::Display for Exposed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: warning: everybody on this machine may read the key", self.0.display())
    }
}

/// Reads the key in a file: 32 bytes, or 64 hexadecimal digits with blanks around them.
pub(super) fn read(path: &Path, warn: &mut dyn FnMut(&dyn fmt::Display)) -> Result<Key, KeyError> {
    let error = |kind| KeyError { path: path.to_owned(), kind };
    let (content, mode) = content(path).map_err(|why| error(Kind::Unreadable(why)))?;
    let key = parse(&content).map_err(error)?;
    if mode & READ_BY_OTHERS != 0 {
        warn(&Exposed(path));
    }
    Ok(key)
}

/// The beginning of a file, and its permissions.
fn content(path: &Path) -> io::Result<(Vec<u8>, u32)> {
    let file = File::open(path)?;
    let mode = file.metadata()?.permissions().mode();
    let mut content = Vec::new();
    file.take(MOST as u64).read_to_end(&mut content)?;
    Ok((content, mode))
}

/// Digits are taken for digits, however many there are: as bytes, they would be a key of half its strength.
fn parse(content: &[u8]) -> Result<Key, Kind> {
    let digits: Option<Vec<u8>> = content.trim_ascii().iter().copied().map(nibble).collect();
    let bytes = match digits {
        // A half byte at the end makes what is too long no shorter.
        Some(digits) if digits.len() > 2 * BYTES => return Err(Kind::Foreign),
        Some(digits) => {
            digits.chunks_exact(2).map(|pair| pair.iter().fold(0, |byte, digit| byte << 4 | digit)).collect()
        }
        None => content.to_vec(),
    };
    match <[u8; BYTES]>::try_from(bytes) {
        Ok(bytes) => Ok(bytes.into()),
        Err(bytes) if bytes.len() < BYTES => Err(Kind::Short(bytes.len())),
        Err(_) => Err(Kind::Foreign),
    }
}

fn nibble(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}
