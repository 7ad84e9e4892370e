//! Frames of several interfaces, put into the order of their times.
//!
//! Each interface delivers its frames a little late, and not equally late. So a frame waits until it is so old that
//! no interface has an older one left. With a single interface nothing waits and nothing is copied.

use dissectors::time::Time;

use crate::capture::{Block, Frame};

/// Frames that were read and not yet passed on.
#[derive(Default)]
pub(super) struct Hold {
    bytes: Vec<u8>,
    frames: Vec<Frame>,
}

impl Hold {
    /// Takes in a frame. Its number is given when it is passed on.
    pub(super) fn push(&mut self, frame: Frame, bytes: &[u8]) {
        // What is held is bounded far below 4 GiB.
        let start = u32::try_from(self.bytes.len()).unwrap_or(u32::MAX);
        self.bytes.extend_from_slice(bytes);
        self.frames.push(Frame { start, ..frame });
    }

    /// Bytes held.
    pub(super) fn bytes(&self) -> usize {
        self.bytes.len()
    }

    /// Passes everything on, as it came.
    pub(super) fn release_all(&mut self, block: &mut Block) {
        block.bytes.clear();
        block.frames.clear();
        std::mem::swap(&mut self.bytes, &mut block.bytes);
        std::mem::swap(&mut self.frames, &mut block.frames);
    }

    /// Passes on the frames up to `horizon`, oldest first. Frames of the same time stay in the order in which they came.
    pub(super) fn release_until(&mut self, horizon: Time, block: &mut Block) {
        self.frames.sort_by_key(|frame| frame.time);
        let due = self.frames.partition_point(|frame| frame.time <= horizon);
        self.release_all(block);
        for frame in block.frames.drain(due..) {
            if let Some(bytes) = frame.bytes(&block.bytes) {
                self.push(frame, bytes);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(interface: u32, time: i64) -> Frame {
        Frame { number: 0, time: Time(time), link: 1, interface, start: 0, len: 2, original_len: 2 }
    }

    fn hold(frames: &[(u32, i64)]) -> Hold {
        let mut hold = Hold::default();
        for (interface, time) in frames {
            hold.push(frame(*interface, *time), &[*interface as u8, *time as u8]);
        }
        hold
    }

    /// Interface and time of each frame, which also are its bytes.
    fn content(block: &Block) -> Vec<(u32, i64)> {
        let content = block.frames.iter().map(|frame| {
            assert_eq!(frame.bytes(&block.bytes), Some(&[frame.interface as u8, frame.time.0 as u8][..]));
            (frame.interface, frame.time.0)
        });
        content.collect()
    }

    #[test]
    fn two_interfaces_are_merged_and_what_is_young_waits() {
        let mut hold = hold(&[(0, 1), (0, 5), (0, 9), (1, 2), (1, 5), (1, 7)]);
        let mut block = Block::default();
        hold.release_until(Time(5), &mut block);
        assert_eq!(content(&block), [(0, 1), (1, 2), (0, 5), (1, 5)]);
        assert_eq!(hold.bytes(), 4, "what was passed on is not kept");
        hold.push(frame(0, 6), &[0, 6]);
        hold.release_until(Time(8), &mut block);
        assert_eq!(content(&block), [(0, 6), (1, 7)]);
        hold.release_until(Time(8), &mut block);
        assert_eq!(content(&block), []);
        hold.release_all(&mut block);
        assert_eq!(content(&block), [(0, 9)]);
        assert_eq!(hold.bytes(), 0);
    }
}
