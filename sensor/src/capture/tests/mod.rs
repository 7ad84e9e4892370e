//! Captures made by hand, byte by byte, in every variant; damage of every kind; and real captures where they are present.

mod builder;
mod classic;
mod compressed;
mod damage;
mod filter;
#[cfg(unix)]
mod folders;
mod pcapng;
mod real;

use std::io::Cursor;

use dissectors::time::Time;

use super::{BLOCK_BYTES, Block, CaptureError, Drops, ErrorKind, FileSource, Interface, Progress};

/// Inputs below this many bytes are small.
const SMALL: usize = 4_096;

/// What a test looks at of a frame.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Seen {
    number: u64,
    time: Time,
    link: u16,
    interface: u32,
    original_len: u32,
    bytes: Vec<u8>,
}

/// A whole capture, and the error that ended it.
struct Reading {
    frames: Vec<Seen>,
    drops: Vec<Drops>,
    key_log: Vec<u8>,
    interfaces: Vec<Interface>,
    error: Option<CaptureError>,
    source: FileSource,
}

impl Reading {
    fn payloads(&self) -> Vec<&[u8]> {
        self.frames.iter().map(|frame| frame.bytes.as_slice()).collect()
    }

    fn times(&self) -> Vec<i64> {
        self.frames.iter().map(|frame| frame.time.0).collect()
    }

    /// The error's sentence without the file's name.
    fn sentence(&self) -> String {
        self.error.as_ref().map(|error| error.to_string().replace("test", "")).unwrap_or_default()
    }
}

/// Small inputs are read in small blocks: a test opens thousands of them.
fn open(bytes: &[u8]) -> Result<FileSource, CaptureError> {
    let block = if bytes.len() < SMALL { SMALL } else { BLOCK_BYTES };
    FileSource::in_blocks_of(block, "test".into(), Cursor::new(bytes.to_vec()))
}

/// Opens and reads to the end. Small inputs are read in tiny blocks too, which must make no difference but where a
/// decompressor fails: it may lose a little of what it was asked for.
fn read(bytes: &[u8]) -> Result<Reading, CaptureError> {
    let whole = drain(open(bytes)?);
    let failed = whole.error.as_ref().is_some_and(|error| matches!(error.kind, ErrorKind::Decompress(_)));
    if bytes.len() < SMALL && !failed {
        let tiny = FileSource::in_blocks_of(1, "test".into(), Cursor::new(bytes.to_vec()))?;
        let tiny = drain(tiny);
        assert_eq!((&whole.frames, &whole.drops), (&tiny.frames, &tiny.drops));
        assert_eq!(whole.key_log, tiny.key_log);
        assert_eq!(whole.sentence(), tiny.sentence());
    }
    Ok(whole)
}

fn drain(mut source: FileSource) -> Reading {
    let mut block = Block::default();
    let (mut frames, mut drops, mut key_log, mut error) = (Vec::new(), Vec::new(), Vec::new(), None);
    loop {
        match source.read(&mut block) {
            Ok(Progress::More) => {
                frames.extend(block.frames.iter().map(|frame| Seen {
                    number: frame.number,
                    time: frame.time,
                    link: frame.link,
                    interface: frame.interface,
                    original_len: frame.original_len,
                    bytes: frame.bytes(&block.bytes).unwrap().to_vec(),
                }));
                drops.extend_from_slice(&block.drops);
                key_log.extend_from_slice(&block.key_log);
            }
            Ok(Progress::End) => break,
            Err(e) => error = Some(e),
        }
    }
    Reading { frames, drops, key_log, interfaces: source.interfaces().to_vec(), error, source }
}

/// SplitMix64 (Steele, Lea, Flood 2014): small and always the same.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound as u64) as usize
    }
}
