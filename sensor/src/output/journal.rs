//! `eve.json` of a run without an end: closed under another name when it is large or old enough, and begun again where it
//! broke.
//!
//! Lines are written whole, and a file that broke inside one is cut behind the last whole line, so that a closed file
//! never ends torn.

use std::fs::{self, OpenOptions};
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use dissectors::time::Time;

use super::error::OutputError;
use super::sink::Sink;
use super::text::{push_timestamp, text_of};

/// How often a file that cannot be written is tried again.
const RETRY: Duration = Duration::from_secs(10);

/// When `eve.json` is closed and a new one begun; never, where nothing is said.
#[derive(Clone, Copy, Debug, Default)]
pub struct Rotation {
    /// When it holds as many bytes.
    pub bytes: Option<u64>,
    /// When as much time has passed since it was begun.
    pub age: Option<Duration>,
}

/// The file of lines.
#[derive(Debug)]
pub(super) struct Journal {
    sink: Sink,
    rotation: Rotation,
    /// Device and inode of the file, where there is one.
    file: Option<(u64, u64)>,
    /// When the file was begun.
    begun: Option<Time>,
    /// When it was tried last to begin again what broke.
    tried: Option<Time>,
}

impl Journal {
    /// The journal that writes to `sink`.
    pub(super) fn new(sink: Sink, rotation: Rotation) -> Self {
        let file = identity(sink.path());
        Self { sink, rotation, file, begun: None, tried: None }
    }

    pub(super) fn sink(&mut self) -> &mut Sink {
        &mut self.sink
    }

    pub(super) fn lost(&self) -> (&Path, u64) {
        (self.sink.path(), self.sink.lost())
    }

    /// Writes what was gathered, closes a file whose time has come, and mends what broke.
    pub(super) fn tend(&mut self, now: Time) -> Result<(), OutputError> {
        let begun = *self.begun.get_or_insert(now);
        if self.file.is_none() {
            return self.sink.flush();
        }
        if self.sink.is_broken() {
            return self.mend(now);
        }
        if identity(self.sink.path()) != self.file {
            let path = self.sink.path().to_owned();
            let vanished = OutputError::Vanished { path };
            self.begin().map_err(|error| self.broken(error))?;
            return Err(vanished);
        }
        self.sink.flush()?;
        let is_large = self.rotation.bytes.is_some_and(|bytes| self.sink.whole() >= bytes);
        let is_old = self.rotation.age.is_some_and(|age| now.since(begun) >= age);
        if is_large || is_old && self.sink.whole() > 0 { self.rotate(now) } else { Ok(()) }
    }

    /// Gives the file its last name, and begins a new one.
    fn rotate(&mut self, now: Time) -> Result<(), OutputError> {
        let renamed = fs::rename(self.sink.path(), free_name(self.sink.path(), now));
        self.begun = Some(now);
        renamed.and_then(|()| self.begin()).map_err(|error| self.broken(error))
    }

    /// Tries again, now and then, to write where it was not possible.
    fn mend(&mut self, now: Time) -> Result<(), OutputError> {
        if self.tried.is_some_and(|tried| now.since(tried) < RETRY && now >= tried) {
            return self.sink.flush();
        }
        self.tried = Some(now);
        // That it fails was said when it broke; that it still does needs no words.
        let mended = self.begin().is_ok();
        if self.sink.flush().is_ok() && mended {
            self.tried = None;
        }
        Ok(())
    }

    /// Opens the file under its name: what is whole in it stays.
    fn begin(&mut self) -> io::Result<()> {
        let path = self.sink.path();
        path.parent().map_or(Ok(()), fs::create_dir_all)?;
        let file = OpenOptions::new().create(true).append(true).open(path)?;
        let metadata = file.metadata()?;
        let whole = if Some((metadata.dev(), metadata.ino())) == self.file { self.sink.whole() } else { 0 };
        if metadata.len() > whole {
            file.set_len(whole)?;
        }
        self.file = Some((metadata.dev(), metadata.ino()));
        self.sink.begin_again(Box::new(file), whole);
        Ok(())
    }

    fn broken(&mut self, source: io::Error) -> OutputError {
        self.sink.give_up();
        OutputError::Write { path: self.sink.path().to_owned(), source }
    }
}

/// What tells a file from another of the same name.
fn identity(path: &Path) -> Option<(u64, u64)> {
    fs::metadata(path).ok().filter(fs::Metadata::is_file).map(|metadata| (metadata.dev(), metadata.ino()))
}

/// `eve.json`, closed at that time: `eve-20260102T030405Z.json`, with a number where there is one already.
fn free_name(path: &Path, now: Time) -> PathBuf {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let extension = path.extension().unwrap_or_default().to_string_lossy();
    let stamp = text_of(|out| push_timestamp(out, now));
    let stamp: String = stamp.chars().take(19).filter(|c| !matches!(c, '-' | ':')).collect();
    let name = |number: u32| match number {
        0 => format!("{stem}-{stamp}Z.{extension}"),
        number => format!("{stem}-{stamp}Z-{number}.{extension}"),
    };
    let names = (0..=u32::MAX).map(|number| path.with_file_name(name(number)));
    names.into_iter().find(|path| !path.exists()).unwrap_or_else(|| path.with_file_name(name(0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder of its own for each test.
    fn folder(name: &str) -> PathBuf {
        let dir = std::env::temp_dir().join(format!("hushwire-journal-{}-{name}", std::process::id()));
        let _ = fs::remove_dir_all(&dir);
        dir
    }

    fn journal(dir: &Path, rotation: Rotation) -> Journal {
        Journal::new(Sink::create(Some(dir), "eve.json").unwrap(), rotation)
    }

    fn line(journal: &mut Journal, line: &str) {
        journal.sink().lines(|out| out.extend_from_slice(line.as_bytes())).unwrap();
    }

    /// Names and contents of the files.
    fn files(dir: &Path) -> Vec<(String, String)> {
        let mut files: Vec<(String, String)> = fs::read_dir(dir)
            .unwrap()
            .map(|entry| entry.unwrap())
            .map(|entry| (entry.file_name().into_string().unwrap(), fs::read_to_string(entry.path()).unwrap()))
            .collect();
        files.sort();
        files
    }

    fn named(files: &[(&str, &str)]) -> Vec<(String, String)> {
        files.iter().map(|(name, content)| ((*name).to_owned(), (*content).to_owned())).collect()
    }

    const AT: Time = Time(1_767_323_045_000_000_000);

    #[test]
    fn a_file_is_closed_when_it_is_large_or_old() {
        let dir = folder("rotation");
        let rotation = Rotation { bytes: Some(8), age: Some(Duration::from_secs(60)) };
        let mut journal = journal(&dir, rotation);
        journal.tend(AT).unwrap();
        line(&mut journal, "one\n");
        journal.tend(AT).unwrap();
        assert_eq!(files(&dir), named(&[("eve.json", "one\n")]), "what is seen is told soon");
        line(&mut journal, "two\n");
        journal.tend(AT).unwrap();
        line(&mut journal, "another line\n");
        journal.tend(AT).unwrap();
        line(&mut journal, "x\n");
        journal.tend(AT.after(Duration::from_secs(59))).unwrap();
        journal.tend(AT.after(Duration::from_secs(60))).unwrap();
        journal.tend(AT.after(Duration::from_secs(200))).unwrap();
        let expected = [
            ("eve-20260102T030405Z-1.json", "another line\n"),
            ("eve-20260102T030405Z.json", "one\ntwo\n"),
            ("eve-20260102T030505Z.json", "x\n"),
            ("eve.json", ""),
        ];
        assert_eq!(files(&dir), named(&expected), "an empty file is not closed");
        fs::remove_dir_all(&dir).unwrap();
    }

    #[test]
    fn a_file_that_vanished_is_told_of_once_and_begun_again() {
        let dir = folder("vanished");
        let mut journal = journal(&dir, Rotation::default());
        journal.tend(AT).unwrap();
        fs::remove_dir_all(&dir).unwrap();
        line(&mut journal, "one\n");
        let told = journal.tend(AT).unwrap_err().to_string();
        assert!(told.ends_with("eve.json: is gone; begun again"), "{told}");
        journal.tend(AT).unwrap();
        assert_eq!(files(&dir), named(&[("eve.json", "one\n")]));
        assert_eq!(journal.lost().1, 0);
        fs::remove_dir_all(&dir).unwrap();
    }

    #[test]
    fn a_torn_line_is_cut_when_there_is_room_again() {
        let dir = folder("torn");
        let mut journal = journal(&dir, Rotation::default());
        line(&mut journal, "one\n");
        journal.tend(AT).unwrap();
        // As a full disk leaves it: a part of a line was written, the rest failed.
        fs::write(dir.join("eve.json"), "one\ntw").unwrap();
        journal.sink().give_up();
        line(&mut journal, "two\n");
        journal.tend(AT).unwrap();
        line(&mut journal, "three\n");
        journal.tend(AT).unwrap();
        assert_eq!(files(&dir), named(&[("eve.json", "one\ntwo\nthree\n")]));
        fs::remove_dir_all(&dir).unwrap();
    }

    #[test]
    fn a_folder_that_does_not_come_back_costs_lines_and_no_more() {
        let dir = folder("lost");
        let mut journal = journal(&dir, Rotation::default());
        journal.tend(AT).unwrap();
        fs::remove_dir_all(&dir).unwrap();
        fs::write(&dir, "in the way").unwrap();
        line(&mut journal, "one\n");
        assert!(journal.tend(AT).is_err());
        line(&mut journal, "two\n");
        journal.tend(AT).unwrap();
        assert_eq!(journal.lost().1, 2);
        fs::remove_file(&dir).unwrap();
        line(&mut journal, "three\n");
        journal.tend(AT.after(Duration::from_secs(5))).unwrap();
        assert_eq!(journal.lost().1, 3, "it is tried again now and then");
        line(&mut journal, "four\n");
        journal.tend(AT.after(Duration::from_secs(10))).unwrap();
        assert_eq!((files(&dir), journal.lost().1), (named(&[("eve.json", "four\n")]), 3));
        fs::remove_dir_all(&dir).unwrap();
    }
}
