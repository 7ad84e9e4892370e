//! LZ4 frames one after another. The decoder takes an input that ends between two blocks for a whole one, so the last
//! bytes are watched here.

use std::io::{self, BufRead, Read};

use lz4_flex::frame::FrameDecoder;

/// A frame ends with a block length of zero, and its content's checksum if it has one.
const END_MARK: [u8; 4] = [0; 4];

/// Reads what a sequence of frames decompresses to.
pub(super) struct Lz4Frames<R: Read> {
    decoder: FrameDecoder<Tail<R>>,
}

impl<R: BufRead> Lz4Frames<R> {
    pub(super) fn new(source: R) -> Self {
        Self { decoder: FrameDecoder::new(Tail { source, last: [0; 8] }) }
    }
}

impl<R: BufRead> Read for Lz4Frames<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let n = self.decoder.read(buffer)?;
            if n > 0 || buffer.is_empty() {
                return Ok(n);
            }
            let tail = self.decoder.get_mut();
            if tail.source.fill_buf()?.is_empty() {
                return if tail.ends_frame() { Ok(0) } else { Err(io::ErrorKind::UnexpectedEof.into()) };
            }
        }
    }
}

/// Remembers the last bytes that passed.
struct Tail<R> {
    source: R,
    last: [u8; 8],
}

impl<R> Tail<R> {
    /// Whether the bytes that passed may end a frame. Data that is cut just behind four zeros passes too; the capture's
    /// own walk then finds its record cut.
    fn ends_frame(&self) -> bool {
        self.last.starts_with(&END_MARK) || self.last.ends_with(&END_MARK)
    }

    fn remember(&mut self, passed: &[u8]) {
        let passed = passed.get(passed.len().saturating_sub(self.last.len())..).unwrap_or_default();
        self.last.rotate_left(passed.len());
        let kept = self.last.len() - passed.len();
        self.last.iter_mut().skip(kept).zip(passed).for_each(|(last, byte)| *last = *byte);
    }
}

impl<R: Read> Read for Tail<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.source.read(buffer)?;
        self.remember(buffer.get(..n).unwrap_or_default());
        Ok(n)
    }
}
