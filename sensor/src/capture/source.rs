//! One capture file, read block by block: the loop between the bytes of an input and the walker of its format.

use std::fs::File;
use std::io::{self, Read};

use super::error::{CaptureError, ErrorKind, Place};
use super::format::{Format, HEAD};
use super::input::{Input, Origin};
use super::interface::Interface;
use super::pcapng::Counts;
use super::stream::Stream;
use super::walk::{Next, Sink, Walked};
use super::{Block, Progress};

/// Bytes read into a block at once. Small enough that a block is still in the second-level cache when its frames are
/// dissected, large enough that a system call costs nothing beside it.
pub const BLOCK_BYTES: usize = 128 << 10;

/// An open capture.
///
/// Call [`read`](Self::read) until it says [`Progress::End`]. An error in mid-file comes after all frames before it, and
/// ends the capture.
pub struct FileSource {
    name: String,
    stream: Stream,
    format: Format,
    /// Bytes read but not yet walked: the cut record at the end of the last block.
    carry: Vec<u8>,
    /// Where `carry` begins in the (decompressed) stream.
    offset: u64,
    /// The bytes that the record in `carry` needs to be whole.
    wanted: usize,
    frames: u64,
    /// New bytes in a block.
    block: usize,
    /// Whether a block said that this file begins.
    announced: bool,
    state: State,
}

/// How far a source is.
enum State {
    /// There may be more to read.
    Open,
    /// Nothing more can be read, and this is to be said.
    Failed(CaptureError),
    /// All is said.
    Ended,
}

impl FileSource {
    /// Opens an input and reads its header.
    pub fn open(input: &Input) -> Result<Self, CaptureError> {
        let name = input.name();
        match &input.origin {
            Origin::Stdin => Self::from_reader(name, io::stdin()),
            Origin::Named(path) | Origin::Found(path) => match File::open(path) {
                Ok(file) => Self::from_reader(name, file),
                Err(error) => Err(CaptureError::whole(name, ErrorKind::Open(error))),
            },
        }
    }

    /// Reads a capture from anything that yields its bytes; `name` is what errors call it.
    pub fn from_reader(name: String, reader: impl Read + Send + 'static) -> Result<Self, CaptureError> {
        Self::in_blocks_of(BLOCK_BYTES, name, reader)
    }

    /// As [`from_reader`](Self::from_reader) with blocks of another size: small ones end inside every record.
    pub(crate) fn in_blocks_of(
        block: usize,
        name: String,
        reader: impl Read + Send + 'static,
    ) -> Result<Self, CaptureError> {
        let mut stream = match Stream::new(reader) {
            Ok(stream) => stream,
            Err(error) => return Err(CaptureError::whole(name, ErrorKind::Read(error))),
        };
        let mut head = vec![0; HEAD];
        let (filled, error) = stream.fill(&mut head);
        head.truncate(filled);
        let place = Some(Place { offset: filled as u64, inside: stream.compression() });
        if let Some(error) = error {
            return Err(CaptureError { name, place, kind: read_error(&stream, error) });
        }
        let format = match Format::recognise(&head) {
            Ok(format) => format,
            Err(ErrorKind::Empty) => return Err(CaptureError::whole(name, ErrorKind::Empty)),
            Err(kind @ ErrorKind::CutHeader) => return Err(CaptureError { name, place, kind }),
            Err(kind) => return Err(CaptureError { name, place: place.map(|p| Place { offset: 0, ..p }), kind }),
        };
        let carry = head.split_off(format.header());
        let offset = format.header() as u64;
        Ok(Self {
            name,
            stream,
            format,
            carry,
            offset,
            wanted: 0,
            frames: 0,
            block,
            announced: false,
            state: State::Open,
        })
    }

    /// Replaces the content of `block` by the next frames. There may be none although more follows.
    pub fn read(&mut self, block: &mut Block) -> Result<Progress, CaptureError> {
        block.frames.clear();
        block.drops.clear();
        block.key_log.clear();
        block.begins = (!std::mem::replace(&mut self.announced, true)).then(|| (1, self.name.clone()));
        match std::mem::replace(&mut self.state, State::Ended) {
            State::Open => self.state = self.advance(block),
            State::Failed(error) => return Err(error),
            State::Ended => return Ok(Progress::End),
        }
        Ok(Progress::More)
    }

    /// Fills and walks a block, and carries its cut record over.
    fn advance(&mut self, block: &mut Block) -> State {
        let (filled, failure) = self.fill(&mut block.bytes);
        let ended = filled < block.bytes.len();
        block.bytes.truncate(filled);
        let mut sink = Sink { before: self.frames, frames: &mut block.frames, drops: &mut block.drops };
        let Walked { taken, next } = self.format.walk(&block.bytes, &mut sink);
        let rest = block.bytes.get(taken..).unwrap_or_default();
        self.format.take_key_log(&mut block.key_log);
        self.frames += block.frames.len() as u64;
        self.offset += taken as u64;
        match (next, failure) {
            (Next::Broken(kind), _) => self.failed(self.offset, kind),
            (_, Some(error)) => self.failed(self.offset + rest.len() as u64, read_error(&self.stream, error)),
            (Next::Wants(_), None) if ended && rest.is_empty() => State::Ended,
            (Next::Wants(_), None) if ended => self.failed(self.offset, ErrorKind::CutRecord),
            (Next::Wants(bytes), None) => {
                self.wanted = bytes;
                self.carry.extend_from_slice(rest);
                State::Open
            }
        }
    }

    /// Puts the carried bytes and new ones into `bytes`, which is longer than what came if and only if the input ended.
    ///
    /// A record longer than a block at most doubles what is in memory, so that its word alone allocates nothing.
    fn fill(&mut self, bytes: &mut Vec<u8>) -> (usize, Option<io::Error>) {
        let carried = self.carry.len();
        let target = carried + self.wanted.saturating_sub(carried).min(carried).max(self.block);
        // What an earlier block left there is overwritten: only growth must be zeroed.
        bytes.resize(target, 0);
        bytes.shrink_to(target * 4);
        let (head, new) = bytes.split_at_mut(carried);
        head.copy_from_slice(&self.carry);
        self.carry.clear();
        let (n, failure) = self.stream.fill(new);
        (carried + n, failure)
    }

    fn failed(&self, offset: u64, kind: ErrorKind) -> State {
        let place = Some(Place { offset, inside: self.stream.compression() });
        State::Failed(CaptureError { name: self.name.clone(), place, kind })
    }

    /// The input as the person named it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The interfaces that were described so far; pcapng files may describe more at any time.
    pub fn interfaces(&self) -> &[Interface] {
        self.format.interfaces()
    }

    /// What was left out or put right so far.
    pub fn counts(&self) -> Counts {
        self.format.counts()
    }

    /// Bytes fetched from the input, before decompression: how far the reading is.
    pub fn position(&self) -> u64 {
        self.stream.fetched()
    }
}

/// A failure of the decompressor carries no error number of the operating system.
fn read_error(stream: &Stream, error: io::Error) -> ErrorKind {
    match stream.compression() {
        Some(_) if error.raw_os_error().is_none() => ErrorKind::Decompress(error),
        _ => ErrorKind::Read(error),
    }
}
