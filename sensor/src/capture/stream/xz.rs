//! xz, decoded in sips. When the decoder fails it drops what it has decoded since it was called, so it is asked for little
//! at once: a cut file then yields nearly all that can be decoded.

use std::io::{self, Read};

use lzma_rust2::XzReader;

/// Bytes asked for at once; some thousand times the cost of a call.
const SIP: usize = 1 << 10;

/// Reads what a sequence of xz streams decompresses to.
pub(super) struct XzStreams<R: Read>(XzReader<R>);

impl<R: Read> XzStreams<R> {
    /// A reader that refuses streams which need more than `max_window` bytes of memory.
    pub(super) fn new(source: R, max_window: u64) -> Self {
        Self(XzReader::new_mem_limit(source, true, u32::try_from(max_window >> 10).unwrap_or(u32::MAX)))
    }
}

impl<R: Read> Read for XzStreams<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let sip = buffer.len().min(SIP);
        self.0.read(buffer.get_mut(..sip).unwrap_or_default())
    }
}
