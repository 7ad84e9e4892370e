//! A key log that its writer is still writing: what was added is read on, now and then and in bounded pieces.
//!
//! It is opened before privileges are given up, since nobody else may read it, and kept open. Only if another file takes
//! its place, or if it comes later, is it opened again, by whoever the process is then. Nothing here shows a secret.

use std::fmt;
use std::fs::{self, File};
use std::io::{self, Read as _, Seek as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::Duration;

use dissectors::time::Time;
use dissectors::tls::KeyLog;

use crate::keylog::{self, KeyLogError, MAX_BYTES};

/// How long frames wait for their keys: a client writes a secret down a round trip after its ClientHello, and the secret
/// must be known when the hello (QUIC) or its answer (TLS) is read.
pub(super) const PATIENCE: Duration = Duration::from_secs(1);

/// How often the file is looked at.
const LOOKED_EVERY: Duration = Duration::from_millis(100);

/// The most bytes that are read at one look: 5,000 lines, or 50,000 a second.
const PIECE: u64 = 1 << 20;

/// The longest beginning of a line that is kept until the rest of it is written. Whole ones have some 200 bytes.
const MAX_LINE: usize = 4096;

/// News that wait to be told; beyond that they are dropped, since they would say the same.
const MAX_NEWS: usize = 8;

/// A key log that is followed.
pub(super) struct KeyFile {
    path: PathBuf,
    file: Option<Opened>,
    /// What was read and not yet handed on: a line's beginning, or, at first, all that there was.
    ahead: Vec<u8>,
    looked: Time,
    /// The last error, so that it is told once.
    failing: Option<io::ErrorKind>,
    news: SyncSender<News>,
}

/// An open file with the number of bytes that were read of it.
struct Opened {
    file: File,
    read: u64,
    /// Device and inode.
    id: (u64, u64),
}

/// What happened to a key log, for the operator.
#[derive(Debug)]
pub(super) struct News {
    path: PathBuf,
    pub(super) what: What,
}

/// What happened.
#[derive(Debug)]
pub(super) enum What {
    /// It is not there yet.
    Awaited,
    /// It is there now.
    Came,
    /// It is shorter than what was read of it.
    CutShort,
    /// Another file has its name.
    Replaced,
    /// It cannot be read, or not be opened again.
    Unreadable(io::Error),
}

impl fmt::Display for News {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "key log {}: ", self.path.display())?;
        match &self.what {
            What::Awaited => f.write_str("not there yet; it is read as soon as it is"),
            What::Came => f.write_str("is there now, and followed"),
            What::CutShort => f.write_str("was cut short, and is read from its beginning"),
            What::Replaced => f.write_str("was replaced; the new one is followed"),
            What::Unreadable(error) => write!(f, "cannot be read: {error}"),
        }
    }
}

impl KeyFile {
    /// Opens the log and reads what is in it. One that is not there is waited for.
    ///
    /// # Errors
    ///
    /// Where it cannot be read, or is something else.
    pub(super) fn open(path: &Path) -> Result<(Self, Receiver<News>), KeyLogError> {
        let (news, heard) = sync_channel(MAX_NEWS);
        let mut log =
            Self { path: path.to_owned(), file: None, ahead: Vec::new(), looked: Time::default(), failing: None, news };
        let failed = |error| KeyLogError::Read(path.to_owned(), error);
        match Opened::open(path) {
            Ok(mut opened) => {
                opened.read(MAX_BYTES + 1, &mut log.ahead).map_err(failed)?;
                keylog::parse(path, KeyLog::default(), &log.ahead)?;
                log.file = Some(opened);
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => log.tell(What::Awaited),
            Err(error) => return Err(failed(error)),
        }
        Ok((log, heard))
    }

    /// Adds the lines that were written since the last look, if that is some time ago or if it is the `last` one.
    pub(super) fn look(&mut self, now: Time, last: bool, lines: &mut Vec<u8>) {
        if !last && now >= self.looked && now.since(self.looked) < LOOKED_EVERY {
            return;
        }
        self.looked = now;
        match self.read_on() {
            Ok(()) => self.failing = None,
            Err(error) if self.failing == Some(error.kind()) => {}
            Err(error) => {
                self.failing = Some(error.kind());
                self.tell(What::Unreadable(error));
            }
        }
        hand_on(&mut self.ahead, lines);
    }

    /// Reads what was added. Where there is no more, the file may have been cut short or replaced.
    fn read_on(&mut self) -> io::Result<()> {
        let Some(opened) = &mut self.file else { return self.follow_another(What::Came) };
        if opened.read(PIECE, &mut self.ahead)? == PIECE {
            return Ok(());
        }
        if opened.file.metadata()?.len() < opened.read {
            opened.file.rewind()?;
            opened.read = 0;
            self.ahead.truncate(whole_lines(&self.ahead));
            self.tell(What::CutShort);
            return Ok(());
        }
        let id = opened.id;
        match fs::metadata(&self.path) {
            Ok(there) if (there.dev(), there.ino()) != id => self.follow_another(What::Replaced),
            _ => Ok(()),
        }
    }

    /// Opens the file that has the log's name now, if there is one.
    fn follow_another(&mut self, what: What) -> io::Result<()> {
        match Opened::open(&self.path) {
            Ok(opened) => {
                self.file = Some(opened);
                self.ahead.truncate(whole_lines(&self.ahead));
                self.tell(what);
                Ok(())
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(error),
        }
    }

    fn tell(&self, what: What) {
        // Nobody listens any more only where the capture ends.
        let _ = self.news.try_send(News { path: self.path.clone(), what });
    }
}

impl Opened {
    fn open(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        let there = file.metadata()?;
        Ok(Self { file, read: 0, id: (there.dev(), there.ino()) })
    }

    /// Reads on, at most `limit` bytes.
    fn read(&mut self, limit: u64, to: &mut Vec<u8>) -> io::Result<u64> {
        let read = (&self.file).take(limit).read_to_end(to)? as u64;
        self.read += read;
        Ok(read)
    }
}

/// Moves whole lines. The beginning of one stays, unless it is too long to be one.
fn hand_on(ahead: &mut Vec<u8>, lines: &mut Vec<u8>) {
    let whole = whole_lines(ahead);
    if ahead.len() - whole > MAX_LINE {
        lines.append(ahead);
        lines.push(b'\n');
    } else {
        lines.extend(ahead.drain(..whole));
    }
}

/// Where the last whole line ends.
fn whole_lines(text: &[u8]) -> usize {
    text.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1)
}

#[cfg(test)]
mod tests;
