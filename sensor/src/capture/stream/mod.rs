//! The bytes of an input, decompressed where they are compressed. The name of a file plays no part: its first bytes tell.

mod lz4;
mod xz;
mod zstd;

use std::fmt;
use std::io::{self, BufReader, Cursor, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use flate2::bufread::MultiGzDecoder;

use self::lz4::Lz4Frames;
use self::xz::XzStreams;
use self::zstd::ZstdFrames;

/// How an input is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compression {
    /// gzip (RFC 1952), of one member or many, as bgzip writes.
    Gzip,
    /// zstd (RFC 8878), frames one after another.
    Zstd,
    /// The LZ4 frame format, frames one after another.
    Lz4,
    /// xz, streams one after another.
    Xz,
}

/// The most bytes at an input's start that tell its compression.
const MAGIC: usize = 6;
/// Compressed bytes fetched at once.
const FETCH: usize = 128 << 10;
/// The memory that a decompressor may take for its window. Both `zstd -19` and `xz -9` need far less; what wants more
/// (`zstd --long=31`: 2 GiB) is refused.
const MAX_WINDOW: u64 = 128 << 20;

/// The bytes of one input, and how many of them were fetched.
pub(super) struct Stream {
    reader: Box<dyn Read + Send>,
    fetched: Arc<AtomicU64>,
    compression: Option<Compression>,
}

impl Stream {
    /// Looks at the first bytes of `raw` and puts the decompressor before it that they ask for.
    pub(super) fn new(raw: impl Read + Send + 'static) -> io::Result<Self> {
        let fetched = Arc::new(AtomicU64::new(0));
        let mut raw = Counted { inner: raw, count: Arc::clone(&fetched) };
        let mut magic = [0; MAGIC];
        let (len, error) = read_full(&mut raw, &mut magic);
        error.map_or(Ok(()), Err)?;
        let magic = magic.get(..len).unwrap_or_default();
        let whole = Cursor::new(magic.to_vec()).chain(raw);
        let compression = Compression::of(magic);
        let reader: Box<dyn Read + Send> = match compression {
            None => Box::new(whole),
            Some(Compression::Gzip) => Box::new(MultiGzDecoder::new(buffered(whole))),
            Some(Compression::Zstd) => Box::new(ZstdFrames::new(buffered(whole), MAX_WINDOW)),
            Some(Compression::Lz4) => Box::new(Lz4Frames::new(buffered(whole))),
            Some(Compression::Xz) => Box::new(XzStreams::new(buffered(whole), MAX_WINDOW)),
        };
        Ok(Self { reader, fetched, compression })
    }

    pub(super) fn compression(&self) -> Option<Compression> {
        self.compression
    }

    /// Bytes fetched from the input, before decompression.
    pub(super) fn fetched(&self) -> u64 {
        self.fetched.load(Ordering::Relaxed)
    }

    /// Fills `buffer`. Less is there only where the input ends, or an error ends it.
    pub(super) fn fill(&mut self, buffer: &mut [u8]) -> (usize, Option<io::Error>) {
        read_full(&mut self.reader, buffer)
    }
}

impl Compression {
    /// The compression whose mark begins these bytes.
    fn of(bytes: &[u8]) -> Option<Self> {
        match bytes {
            [0x1f, 0x8b, ..] => Some(Self::Gzip),
            // The second is a skippable frame, with which pzstd begins.
            [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Some(Self::Zstd),
            [0x04, 0x22, 0x4d, 0x18, ..] => Some(Self::Lz4),
            [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => Some(Self::Xz),
            _ => None,
        }
    }
}

impl fmt::Display for Compression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
            Self::Lz4 => "lz4",
            Self::Xz => "xz",
        })
    }
}

fn buffered<R: Read>(reader: R) -> BufReader<R> {
    BufReader::with_capacity(FETCH, reader)
}

/// Reads until `buffer` is full, the input ends or fails; what was read before a failure is kept.
fn read_full(reader: &mut impl Read, buffer: &mut [u8]) -> (usize, Option<io::Error>) {
    let mut filled = 0;
    while let Some(rest) = buffer.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match reader.read(rest) {
            Ok(0) => break,
            Ok(n) => filled += n,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return (filled, Some(error)),
        }
    }
    (filled, None)
}

/// Counts the bytes that pass.
struct Counted<R> {
    inner: R,
    count: Arc<AtomicU64>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buffer)?;
        self.count.fetch_add(n as u64, Ordering::Relaxed);
        Ok(n)
    }
}
