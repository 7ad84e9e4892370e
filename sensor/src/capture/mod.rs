//! Captured frames: from files, folders and standard input.
//!
//! A [`FileSource`] reads an input's bytes straight into a [`Block`] and walks its records where they lie; a [`Frame`] is
//! an offset into the block. Nothing is copied or allocated per frame: only the record that is cut by a block's end is
//! carried over to the next. This module knows nothing of what is inside a frame.

mod classic;
mod closing;
mod drops;
mod error;
mod filter;
mod format;
mod fuzz;
mod input;
mod interface;
pub mod link;
mod order;
mod pcapng;
mod resolution;
mod series;
mod source;
mod stream;
#[cfg(test)]
mod tests;
mod walk;

use dissectors::time::Time;

pub use self::closing::closing_drops;
pub use self::drops::Drops;
pub use self::error::{CaptureError, ErrorKind, Place};
pub use self::filter::{Filter, FilterError, FilterSet};
pub use self::fuzz::fuzz_reader;
pub use self::input::{Input, Origin, expand};
pub use self::interface::Interface;
pub use self::pcapng::Counts;
pub use self::series::{Series, Source, by_first_frame};
pub use self::source::{BLOCK_BYTES, FileSource};
pub use self::stream::Compression;

/// One captured frame inside a block.
#[derive(Clone, Copy, Debug)]
pub struct Frame {
    /// Position in its file, from 1 (`pcap_cnt` in EVE).
    pub number: u64,
    /// When it was captured.
    pub time: Time,
    /// Its LINKTYPE_ value.
    pub link: u16,
    /// Index in the source's list of interfaces.
    pub interface: u32,
    /// Where it begins in [`Block::bytes`].
    pub start: u32,
    /// Captured bytes.
    pub len: u32,
    /// Bytes on the wire. Some files state fewer than were captured.
    pub original_len: u32,
}

impl Frame {
    /// The captured bytes of this frame; `bytes` are those of its block.
    #[inline]
    pub fn bytes<'a>(&self, bytes: &'a [u8]) -> Option<&'a [u8]> {
        bytes.get(self.start as usize..)?.get(..self.len as usize)
    }
}

/// Frames that were read together. It is used again for the next read, so that nothing is allocated per frame.
///
/// Later stages may append to `bytes` and push frames that point there.
#[derive(Default)]
pub struct Block {
    /// The bytes of the frames, with whatever stood between them in the file.
    pub bytes: Vec<u8>,
    /// The frames, in the order of the file.
    pub frames: Vec<Frame>,
    /// What the file said about lost frames, in the part that this block covers.
    pub drops: Vec<Drops>,
    /// Lines of a TLS key log that the capture brought in the part that this block covers.
    pub key_log: Vec<u8>,
    /// The file that begins with this block: the number of its first frame, and its name.
    pub begins: Option<(u64, String)>,
    /// A live capture's clock after the block: no frame that comes later is older. Files have none, since their time
    /// moves with their frames alone.
    pub tick: Option<Time>,
    /// Whether frames of several interfaces, or such that waited for keys, were passed on early for want of room.
    pub crowded: bool,
    /// Whether the source asks for a report of where things stand after this block.
    pub wants_report: bool,
}

/// Whether a source may yield more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// The block was filled anew; read on.
    More,
    /// The capture has ended, and the block is empty.
    End,
}
