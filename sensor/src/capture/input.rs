//! What the person named becomes the list of inputs: files, what folders hold, standard input.

use std::collections::HashSet;
use std::fs::{self, DirEntry};
use std::io;
use std::path::{Path, PathBuf};

use super::error::{CaptureError, ErrorKind};

/// Something to read a capture from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Input {
    /// Where its bytes are.
    pub origin: Origin,
    /// Its size in bytes, where it is known beforehand.
    pub bytes: Option<u64>,
}

/// Where an input came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Named as `-`.
    Stdin,
    /// Named itself.
    Named(PathBuf),
    /// Found in a folder that was named.
    Found(PathBuf),
}

/// Endings of names that say "this is a capture", before that of a compression.
const CAPTURE_ENDINGS: [&str; 4] = ["pcap", "pcapng", "cap", "dmp"];
/// Endings of names that say "this is compressed".
const COMPRESSED_ENDINGS: [&str; 5] = ["gz", "bgz", "zst", "lz4", "xz"];

impl Input {
    /// The name for outputs and errors.
    pub fn name(&self) -> String {
        match &self.origin {
            Origin::Stdin => "standard input".to_owned(),
            Origin::Named(path) | Origin::Found(path) => path.to_string_lossy().into_owned(),
        }
    }

    /// Where the file is, if it is one.
    pub fn path(&self) -> Option<&Path> {
        match &self.origin {
            Origin::Stdin => None,
            Origin::Named(path) | Origin::Found(path) => Some(path),
        }
    }

    /// Whether it is an error if this is no capture: it was named itself, or its name says that it is one. Other files of
    /// a folder, as a README, are merely passed over.
    pub fn must_be_capture(&self) -> bool {
        match &self.origin {
            Origin::Stdin | Origin::Named(_) => true,
            Origin::Found(path) => has_capture_ending(path),
        }
    }
}

fn has_capture_ending(path: &Path) -> bool {
    let ends_in = |path: &Path, endings: &[&str]| {
        path.extension().is_some_and(|ending| endings.iter().any(|known| ending.eq_ignore_ascii_case(known)))
    };
    match path.file_stem() {
        Some(stem) if ends_in(path, &COMPRESSED_ENDINGS) => ends_in(Path::new(stem), &CAPTURE_ENDINGS),
        _ => ends_in(path, &CAPTURE_ENDINGS),
    }
}

/// The inputs that `paths` stand for, in their order; a folder stands for all files below it, sorted by name, each once
/// whatever links lead to it. What cannot be reached is an error in its place, and the others follow.
pub fn expand(paths: &[PathBuf]) -> Vec<Result<Input, CaptureError>> {
    let mut found = Vec::new();
    for path in paths {
        if path.as_os_str() == "-" {
            found.push(Ok(Input { origin: Origin::Stdin, bytes: None }));
        } else {
            named(path, &mut found);
        }
    }
    found
}

fn named(path: &Path, found: &mut Vec<Result<Input, CaptureError>>) {
    match fs::metadata(path) {
        Ok(meta) if meta.is_dir() => Folders { seen: HashSet::new(), found }.walk(path),
        Ok(meta) => {
            let bytes = meta.is_file().then_some(meta.len());
            found.push(Ok(Input { origin: Origin::Named(path.to_owned()), bytes }));
        }
        Err(error) => found.push(Err(whole(path, ErrorKind::Open(error)))),
    }
}

/// A walk through a folder and those below it.
struct Folders<'a> {
    /// Where the files and folders that were already met really are.
    seen: HashSet<PathBuf>,
    found: &'a mut Vec<Result<Input, CaptureError>>,
}

impl Folders<'_> {
    fn walk(&mut self, top: &Path) {
        let mut pending = vec![top.to_owned()];
        while let Some(path) = pending.pop() {
            match self.visit(&path) {
                // Taken from the end, so that what sorts first is visited first.
                Ok(children) => pending.extend(children.into_iter().rev()),
                Err(error) => self.found.push(Err(error)),
            }
        }
    }

    /// Takes a file in, or lists a folder. Sockets, devices and pipes in a folder are no captures.
    fn visit(&mut self, path: &Path) -> Result<Vec<PathBuf>, CaptureError> {
        let open = |error| whole(path, ErrorKind::Open(error));
        if !self.seen.insert(fs::canonicalize(path).map_err(open)?) {
            return Ok(Vec::new());
        }
        let meta = fs::metadata(path).map_err(open)?;
        if meta.is_dir() {
            return list(path).map_err(|error| whole(path, ErrorKind::List(error)));
        }
        if meta.is_file() {
            self.found.push(Ok(Input { origin: Origin::Found(path.to_owned()), bytes: Some(meta.len()) }));
        }
        Ok(Vec::new())
    }
}

fn list(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let entries: io::Result<Vec<DirEntry>> = fs::read_dir(folder)?.collect();
    let mut paths: Vec<PathBuf> = entries?.iter().map(DirEntry::path).collect();
    paths.sort();
    Ok(paths)
}

fn whole(path: &Path, kind: ErrorKind) -> CaptureError {
    CaptureError::whole(path.to_string_lossy(), kind)
}
