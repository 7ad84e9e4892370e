//! Entry for fuzzing the reader of capture files.

use std::io::Cursor;

use super::{Block, FileSource, Progress};

/// Block sizes tried: one that cuts every record, and one that holds most inputs whole.
const BLOCKS: [usize; 2] = [16, 4096];
/// Blocks read of one input: it may be a bomb.
const MAX_BLOCKS: usize = 256;

/// Reads `data` as a capture file, compressed or not, and looks at every frame.
///
/// # Panics
///
/// If a frame points outside its block, frame numbers do not go up by one, or a finished source goes on.
pub fn fuzz_reader(data: &[u8]) {
    for block in BLOCKS {
        fuzz_in_blocks_of(block, data);
    }
}

fn fuzz_in_blocks_of(bytes: usize, data: &[u8]) {
    let reader = Cursor::new(data.to_vec());
    let Ok(mut source) = FileSource::in_blocks_of(bytes, "fuzz".to_owned(), reader) else { return };
    let mut block = Block::default();
    let mut frames = 0;
    for _ in 0..MAX_BLOCKS {
        match source.read(&mut block) {
            Ok(Progress::More) => frames = check(&block, frames, source.interfaces().len()),
            Ok(Progress::End) | Err(_) => {
                assert!(matches!(source.read(&mut block), Ok(Progress::End)), "a finished source goes on");
                return;
            }
        }
    }
}

fn check(block: &Block, before: u64, interfaces: usize) -> u64 {
    for (frame, number) in block.frames.iter().zip(before + 1..) {
        assert_eq!(frame.number, number, "frame numbers go up by one");
        assert!(frame.bytes(&block.bytes).is_some(), "{frame:?} lies outside its block");
        assert!((frame.interface as usize) < interfaces, "{frame:?} is of no interface");
    }
    before + block.frames.len() as u64
}
