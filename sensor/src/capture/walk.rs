//! What the walkers of the file formats have in common: where they put what they find, and how they say where they
//! stopped.

use dissectors::time::Time;

use super::Frame;
use super::drops::Drops;
use super::error::ErrorKind;

/// Where a walk over the bytes in memory stopped, and why.
pub(super) struct Walked {
    /// Bytes of whole records, done with.
    pub(super) taken: usize,
    /// What keeps the next record from being taken.
    pub(super) next: Next,
}

/// Why the next record could not be taken.
pub(super) enum Next {
    /// It is longer than what is in memory: this many bytes, or more once its length is known.
    Wants(usize),
    /// It makes no sense, and nothing after it can be found.
    Broken(ErrorKind),
}

/// Where a walker puts what it finds.
pub(super) struct Sink<'a> {
    /// Frames of this file in earlier blocks.
    pub(super) before: u64,
    pub(super) frames: &'a mut Vec<Frame>,
    pub(super) drops: &'a mut Vec<Drops>,
}

/// A frame as its record states it.
pub(super) struct Found {
    pub(super) time: Time,
    pub(super) link: u16,
    pub(super) interface: u32,
    pub(super) start: usize,
    pub(super) len: u32,
    pub(super) original_len: u32,
}

impl Sink<'_> {
    /// Adds a frame. A block is far shorter than 4 GiB, so that offsets fit.
    #[inline]
    pub(super) fn push(&mut self, found: Found) {
        self.frames.push(Frame {
            number: self.before + self.frames.len() as u64 + 1,
            time: found.time,
            link: found.link,
            interface: found.interface,
            start: found.start as u32,
            len: found.len,
            original_len: found.original_len,
        });
    }
}
