//! zstd frames one after another, as `cat` and pzstd make them; the decoder alone knows one.

use std::io::{self, BufRead, Read};

use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

/// An empty last block (RFC 8878, section 3.1.1.2) and the four bytes of a checksum.
const CLOSING: [u8; 7] = [1, 0, 0, 0, 0, 0, 0];

/// Reads what a sequence of frames decompresses to, block by block.
pub(super) struct ZstdFrames<R> {
    source: R,
    decoder: FrameDecoder,
    in_frame: bool,
    /// What broke the frame that is being drained.
    failure: Option<io::Error>,
}

impl<R: BufRead> ZstdFrames<R> {
    /// A reader that refuses windows above `max_window` bytes.
    pub(super) fn new(source: R, max_window: u64) -> Self {
        let mut decoder = FrameDecoder::new();
        decoder.set_max_window_size(max_window);
        Self { source, decoder, in_frame: false, failure: None }
    }

    /// Steps to the next frame that holds data; false at the input's end.
    fn next_frame(&mut self) -> io::Result<bool> {
        while !self.source.fill_buf()?.is_empty() {
            match self.decoder.reset(&mut self.source) {
                Ok(()) => return Ok(true),
                Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame { length, .. })) => {
                    skip(&mut self.source, length.into())?;
                }
                Err(error) => return Err(io::Error::other(error)),
            }
        }
        Ok(false)
    }

    /// Reads of the current frame; 0 at its end.
    fn read_frame(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.decoder.can_collect() == 0 && !self.decoder.is_finished() {
            if let Err(error) = self.decoder.decode_blocks(&mut self.source, BlockDecodingStrategy::UptoBlocks(1)) {
                self.failure = Some(io::Error::other(error));
                self.close()?;
            }
        }
        self.decoder.read(buffer)
    }

    /// Ends a broken frame. The decoder holds a whole window back until a frame ends, which would be lost otherwise.
    fn close(&mut self) -> io::Result<()> {
        let closed = self.decoder.decode_blocks(&CLOSING[..], BlockDecodingStrategy::UptoBlocks(1));
        closed.map(|_| ()).map_err(io::Error::other)
    }

    /// What is to be said at the end of a frame.
    fn verify(&mut self) -> io::Result<()> {
        if let Some(failure) = self.failure.take() {
            return Err(failure);
        }
        match self.decoder.get_checksum_from_data() {
            stated @ Some(_) if stated != self.decoder.get_calculated_checksum() => {
                Err(io::Error::new(io::ErrorKind::InvalidData, "a zstd frame's checksum is wrong"))
            }
            _ => Ok(()),
        }
    }
}

impl<R: BufRead> Read for ZstdFrames<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        loop {
            if !self.in_frame && !self.next_frame()? {
                return Ok(0);
            }
            self.in_frame = true;
            match self.read_frame(buffer)? {
                0 => self.verify()?,
                n => return Ok(n),
            }
            self.in_frame = false;
        }
    }
}

fn skip(source: &mut impl Read, length: u64) -> io::Result<()> {
    match io::copy(&mut source.take(length), &mut io::sink())? {
        skipped if skipped == length => Ok(()),
        _ => Err(io::ErrorKind::UnexpectedEof.into()),
    }
}
