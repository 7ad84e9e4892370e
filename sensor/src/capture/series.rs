//! What a pipeline reads from: one capture file, or the files of a ring buffer as the one capture that they are.

use std::vec;

use dissectors::flow::Key;
use dissectors::time::Time;

use super::{Block, CaptureError, Counts, FileSource, Input, Origin, Progress};

/// Frames in blocks, from wherever they come.
pub trait Source: Send {
    /// Replaces the content of `block` by the next frames. There may be none although more follows.
    ///
    /// # Errors
    ///
    /// What ended the reading; the frames before it were delivered.
    fn read(&mut self, block: &mut Block) -> Result<Progress, CaptureError>;

    /// Bytes fetched from the input so far, before decompression.
    fn position(&self) -> u64;

    /// What was left out or put right so far. Only pcapng has such things.
    fn counts(&self) -> Counts {
        Counts::default()
    }

    /// A key for the hashes of flows that whoever sends the packets cannot know. None for files: the same capture gives
    /// the same output, so that its key comes from its content.
    fn key(&self) -> Option<Key> {
        None
    }
}

impl Source for FileSource {
    fn read(&mut self, block: &mut Block) -> Result<Progress, CaptureError> {
        Self::read(self, block)
    }

    fn position(&self) -> u64 {
        Self::position(self)
    }

    fn counts(&self) -> Counts {
        Self::counts(self)
    }
}

/// Puts the files of a ring buffer into the order of their first frames. Those whose first frame cannot be read, standard
/// input among them, come last in the order given, and say why when they are opened.
pub fn by_first_frame(mut inputs: Vec<Input>) -> Vec<Input> {
    inputs.sort_by_cached_key(|input| {
        let first = first_frame(input);
        (first.is_none(), first)
    });
    inputs
}

fn first_frame(input: &Input) -> Option<Time> {
    if input.origin == Origin::Stdin {
        return None;
    }
    let mut source = FileSource::open(input).ok()?;
    let mut block = Block::default();
    while source.read(&mut block).ok()? == Progress::More {
        if let Some(frame) = block.frames.first() {
            return Some(frame.time);
        }
    }
    None
}

/// Several files read as one, in the order given. Frames are numbered through, and a file that cannot be read, or not to
/// its end, does not keep the others from being read.
pub struct Series {
    inputs: vec::IntoIter<Input>,
    current: Option<FileSource>,
    /// Frames and fetched bytes of the files before the current one.
    before: (u64, u64),
    /// Frames of the current file.
    frames: u64,
    /// What was left out of the files before the current one.
    counts: Counts,
    errors: Vec<CaptureError>,
}

impl Series {
    /// The files of a ring buffer, oldest first (see [`by_first_frame`]).
    pub fn new(inputs: Vec<Input>) -> Self {
        Self {
            inputs: inputs.into_iter(),
            current: None,
            before: (0, 0),
            frames: 0,
            counts: Counts::default(),
            errors: Vec::new(),
        }
    }

    /// What was wrong with single files.
    pub fn into_errors(self) -> Vec<CaptureError> {
        self.errors
    }

    /// Turns to the next file that can be opened.
    fn turn(&mut self) {
        while self.current.is_none()
            && let Some(input) = self.inputs.next()
        {
            match FileSource::open(&input) {
                Ok(source) => self.current = Some(source),
                Err(error) => self.errors.push(error),
            }
        }
    }

    fn close(&mut self, block: &mut Block) {
        block.frames.clear();
        let closed = self.current.take();
        closed.iter().for_each(|source| self.counts.add(source.counts()));
        let fetched = closed.map_or(0, |source| source.position());
        self.before = (self.before.0 + self.frames, self.before.1 + fetched);
        self.frames = 0;
    }
}

impl Source for Series {
    fn read(&mut self, block: &mut Block) -> Result<Progress, CaptureError> {
        self.turn();
        let Some(source) = &mut self.current else { return Ok(Progress::End) };
        let read = source.read(block);
        for frame in &mut block.frames {
            frame.number += self.before.0;
        }
        if let Some((first, _)) = &mut block.begins {
            *first += self.before.0;
        }
        self.frames += block.frames.len() as u64;
        match read {
            Ok(Progress::More) => {}
            Ok(Progress::End) => self.close(block),
            Err(error) => {
                self.errors.push(error);
                self.close(block);
            }
        }
        Ok(Progress::More)
    }

    fn position(&self) -> u64 {
        self.before.1 + self.current.as_ref().map_or(0, FileSource::position)
    }

    fn counts(&self) -> Counts {
        let mut counts = self.counts;
        self.current.iter().for_each(|source| counts.add(source.counts()));
        counts
    }
}
