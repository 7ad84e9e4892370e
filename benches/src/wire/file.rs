//! Classic pcap (draft-ietf-opsawg-pcap), little-endian, with times in nanoseconds.

use std::io::{self, Write};

use crate::interleave::Timed;

/// The magic number of a file whose fractions of seconds are nanoseconds.
const MAGIC: u32 = 0xa1b2_3c4d;
const SNAPLEN: u32 = 262_144;
const LINKTYPE_ETHERNET: u32 = 1;

/// Writes frames to a file.
#[derive(Debug)]
pub struct PcapFile<W>(W);

impl<W: Write> PcapFile<W> {
    /// A file with its header.
    pub fn new(mut out: W) -> io::Result<Self> {
        for field in [MAGIC, 4 << 16 | 2, 0, 0, SNAPLEN, LINKTYPE_ETHERNET] {
            out.write_all(&field.to_le_bytes())?;
        }
        Ok(Self(out))
    }

    /// Adds a frame.
    pub fn write(&mut self, timed: &Timed) -> io::Result<()> {
        let (seconds, nanoseconds) = (timed.at / 1_000_000_000, timed.at % 1_000_000_000);
        let length = timed.frame.len() as u32;
        for field in [seconds as u32, nanoseconds as u32, length, length] {
            self.0.write_all(&field.to_le_bytes())?;
        }
        self.0.write_all(&timed.frame)
    }

    /// Writes what is still held.
    pub fn finish(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}
