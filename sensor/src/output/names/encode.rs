//! HdrHistogram's own encoding, by which files of several sensors merge without loss.

use std::io;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hdrhistogram::Histogram;
use hdrhistogram::serialization::{Serializer as _, V2Serializer};

use super::layout::{self, HIGHEST, LOWEST, SIGNIFICANT_DIGITS};
use super::sparse::Sparse;

/// Encodes one sparse histogram after the other through one dense one.
pub(super) struct Encoder {
    dense: Histogram<u64>,
    serializer: V2Serializer,
    bytes: Vec<u8>,
}

impl Encoder {
    pub(super) fn new() -> io::Result<Self> {
        let dense = Histogram::new_with_bounds(LOWEST, HIGHEST, SIGNIFICANT_DIGITS).map_err(io::Error::other)?;
        Ok(Self { dense, serializer: V2Serializer::new(), bytes: Vec::new() })
    }

    /// The V2 encoding (not deflated) in base64.
    pub(super) fn encode(&mut self, sparse: &Sparse) -> io::Result<String> {
        self.dense.reset();
        for (bucket, count) in sparse.iter() {
            self.dense.record_n(layout::lowest_in(bucket), count).map_err(io::Error::other)?;
        }
        self.bytes.clear();
        self.serializer.serialize(&self.dense, &mut self.bytes).map_err(io::Error::other)?;
        Ok(STANDARD.encode(&self.bytes))
    }
}
