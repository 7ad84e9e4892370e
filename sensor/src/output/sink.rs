//! A file that lines are written to. It fails once, says so once, and from then on counts what it could not write.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use super::error::OutputError;

/// Bytes gathered before they are written: large enough that writing costs few system calls, and small enough that they
/// are still near when they are.
const GATHERED: usize = 64 * 1024;

/// A file, or what stands for one.
pub(super) struct Sink {
    path: PathBuf,
    /// Where new content is written before it takes the place of the old; absent where there is no file.
    beside: Option<PathBuf>,
    writer: Box<dyn Write + Send>,
    buffer: Vec<u8>,
    broken: bool,
    lost: u64,
    /// Bytes of whole lines that were written.
    whole: u64,
}

impl Sink {
    /// Makes `name` in `dir`, and the folder itself if it is not there; without a folder, lines are made and dropped.
    pub(super) fn create(dir: Option<&Path>, name: &str) -> Result<Self, OutputError> {
        let Some(dir) = dir else { return Ok(Self::new(PathBuf::from(name), Box::new(io::sink()))) };
        fs::create_dir_all(dir).map_err(|source| OutputError::Create { path: dir.to_owned(), source })?;
        let path = dir.join(name);
        match File::create(&path) {
            Ok(file) => {
                let beside = Some(dir.join(format!(".{name}.new")));
                Ok(Self { beside, ..Self::new(path, Box::new(file)) })
            }
            Err(source) => Err(OutputError::Create { path, source }),
        }
    }

    /// A sink that writes to `writer` and calls it `path`.
    pub(super) fn new(path: PathBuf, writer: Box<dyn Write + Send>) -> Self {
        Self { path, beside: None, writer, buffer: Vec::new(), broken: false, lost: 0, whole: 0 }
    }

    /// Takes the whole lines that `append` adds. An error is that of an earlier line, too.
    pub(super) fn lines(&mut self, append: impl FnOnce(&mut Vec<u8>)) -> Result<(), OutputError> {
        append(&mut self.buffer);
        if self.buffer.len() < GATHERED { Ok(()) } else { self.flush() }
    }

    /// Writes what was gathered.
    pub(super) fn flush(&mut self) -> Result<(), OutputError> {
        let (writer, mut rest) = (&mut *self.writer, self.buffer.as_slice());
        let written = if self.broken { Ok(()) } else { write_all(writer, &mut rest).and_then(|()| writer.flush()) };
        self.lost += count_lines(rest);
        self.whole += whole_lines(&self.buffer, rest.len());
        self.buffer.clear();
        written.map_err(|source| {
            self.broken = true;
            OutputError::Write { path: self.path.clone(), source }
        })
    }

    /// Goes on with another writer, to which `whole` bytes of whole lines were written.
    pub(super) fn begin_again(&mut self, writer: Box<dyn Write + Send>, whole: u64) {
        (self.writer, self.whole, self.broken) = (writer, whole, false);
    }

    /// Writes nothing more, until it begins again.
    pub(super) fn give_up(&mut self) {
        self.broken = true;
    }

    /// Whether nothing is written any more.
    pub(super) fn is_broken(&self) -> bool {
        self.broken
    }

    /// Bytes of whole lines in the file.
    pub(super) fn whole(&self) -> u64 {
        self.whole
    }

    /// Takes new content for the file, which stays as it is until [`settle`](Self::settle).
    pub(super) fn rewrite(&mut self) -> Result<(), OutputError> {
        if let Some(beside) = &self.beside {
            let file = File::create(beside).map_err(|source| OutputError::Create { path: beside.clone(), source })?;
            self.begin_again(Box::new(file), 0);
        }
        Ok(())
    }

    /// Puts the new content in the place of the old.
    pub(super) fn settle(&mut self) -> Result<(), OutputError> {
        self.flush()?;
        let renamed = self.beside.as_ref().map_or(Ok(()), |beside| fs::rename(beside, &self.path));
        renamed.map_err(|source| OutputError::Write { path: self.path.clone(), source })
    }

    /// The error of content that could not even be made.
    pub(super) fn refuse(&self, why: impl Into<io::Error>) -> OutputError {
        OutputError::Write { path: self.path.clone(), source: why.into() }
    }

    /// Which file it is.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Lines that could not be written, or not to their end.
    pub(super) fn lost(&self) -> u64 {
        self.lost
    }
}

impl std::fmt::Debug for Sink {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sink").field("path", &self.path).field("lost", &self.lost).finish_non_exhaustive()
    }
}

/// Writes all of `rest`; after an error, what was not written is left in it.
fn write_all(writer: &mut dyn Write, rest: &mut &[u8]) -> io::Result<()> {
    while !rest.is_empty() {
        match writer.write(rest) {
            Ok(0) => return Err(ErrorKind::WriteZero.into()),
            Ok(written) => *rest = rest.get(written..).unwrap_or_default(),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// The bytes up to the last line end before the `unwritten` ones.
fn whole_lines(bytes: &[u8], unwritten: usize) -> u64 {
    let written = bytes.get(..bytes.len().saturating_sub(unwritten)).unwrap_or_default();
    let last = written.iter().rposition(|byte| *byte == b'\n');
    last.map_or(0, |last| last as u64 + 1)
}

fn count_lines(bytes: &[u8]) -> u64 {
    bytes.iter().filter(|byte| **byte == b'\n').count() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A disk with room for some bytes, that takes few at once and is interrupted in between.
    struct Disk {
        room: usize,
        interrupt: bool,
    }

    impl Write for Disk {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.interrupt = !self.interrupt;
            if self.interrupt {
                return Err(ErrorKind::Interrupted.into());
            }
            if self.room == 0 {
                return Err(ErrorKind::StorageFull.into());
            }
            let taken = bytes.len().min(self.room).min(7);
            self.room -= taken;
            Ok(taken)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_full_disk_is_told_once_and_then_counted() {
        let mut sink = Sink::new("eve.json".into(), Box::new(Disk { room: 25, interrupt: false }));
        for _ in 0..5 {
            sink.lines(|buffer| buffer.extend_from_slice(b"123456789\n")).unwrap();
        }
        let told = sink.flush().unwrap_err().to_string();
        assert!(told.starts_with("eve.json: cannot be written: "), "{told}");
        assert_eq!(sink.lost(), 3, "two lines are whole, one is cut, two are missing");
        sink.lines(|buffer| buffer.extend_from_slice(b"more\n")).unwrap();
        sink.flush().unwrap();
        assert_eq!(sink.lost(), 4);
    }

    #[test]
    fn lines_are_gathered_and_none_is_lost() {
        let mut sink = Sink::new("eve.json".into(), Box::new(Disk { room: usize::MAX, interrupt: true }));
        sink.lines(|buffer| buffer.resize(GATHERED, b'x')).unwrap();
        assert!(sink.buffer.is_empty());
        sink.flush().unwrap();
        assert_eq!(sink.lost(), 0);
    }

    #[test]
    fn a_folder_that_cannot_be_made_is_named() {
        let error = Sink::create(Some(Path::new("/dev/null/folder")), "eve.json").unwrap_err();
        assert!(error.to_string().starts_with("/dev/null/folder: cannot be created: "), "{error}");
    }
}
