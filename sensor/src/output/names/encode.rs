//! HdrHistogram's own encoding, by which files of several sensors merge without loss: V2, not deflated, as the project's
//! implementations write it (`V2EncodingCookieBase` and what follows it in `EncodableHistogram`), in base64.
//!
//! Made of the buckets that have values, without the thousands that have none; the tests compare it with what the crate
//! `hdrhistogram` makes of the same values.

use super::layout::{HIGHEST, LOWEST, SIGNIFICANT_DIGITS};
use super::sparse::Sparse;
use crate::output::text::push_base64;

/// The second version of the encoding, with counts as variable-length integers.
const COOKIE: u32 = 0x1c84_9303 | 0x10;

/// Encodes one histogram after the other.
#[derive(Default)]
pub(super) struct Encoder {
    counts: Vec<u8>,
    bytes: Vec<u8>,
}

impl Encoder {
    /// Appends the encoding of a histogram that has values.
    pub(super) fn push(&mut self, out: &mut Vec<u8>, sparse: &Sparse) {
        self.counts.clear();
        push_counts(&mut self.counts, sparse);
        self.bytes.clear();
        self.push_header();
        self.bytes.extend_from_slice(&self.counts);
        push_base64(out, &self.bytes);
    }

    fn push_header(&mut self) {
        // Buckets are below 3,300, and each takes a few bytes.
        let length = u32::try_from(self.counts.len()).unwrap_or(u32::MAX);
        let offset_of_first_bucket = 0;
        for word in [COOKIE, length, offset_of_first_bucket, u32::from(SIGNIFICANT_DIGITS)] {
            self.bytes.extend_from_slice(&word.to_be_bytes());
        }
        let ratio_of_values_to_units = 1.0_f64;
        for word in [LOWEST, HIGHEST, ratio_of_values_to_units.to_bits()] {
            self.bytes.extend_from_slice(&word.to_be_bytes());
        }
    }
}

/// Appends the counts of all buckets up to the last that has one: a run of empty buckets is its length, negative, but for
/// a run of one, which is the count 0.
fn push_counts(out: &mut Vec<u8>, sparse: &Sparse) {
    let mut next = 0;
    for (bucket, count) in sparse.iter() {
        match bucket.saturating_sub(next) {
            0 => {}
            1 => push_varint(out, 0),
            empty => push_varint(out, zigzag(-i64::from(empty))),
        }
        push_varint(out, zigzag(i64::try_from(count).unwrap_or(i64::MAX)));
        next = bucket.saturating_add(1);
    }
}

/// Signed numbers as unsigned ones, small where they are near 0.
fn zigzag(number: i64) -> u64 {
    ((number << 1) ^ (number >> 63)).cast_unsigned()
}

/// Seven bits a byte, the lowest first, each byte but the last with its highest bit set. HdrHistogram's ninth byte would
/// take eight; a count here has 32 bits and never comes so far.
fn push_varint(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push(0x80 | (number & 0x7f) as u8);
        number >>= 7;
    }
    out.push(number as u8);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::names::layout;
    use crate::output::text::text_of;
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use hdrhistogram::Histogram;
    use hdrhistogram::serialization::{Serializer as _, V2Serializer};
    use std::time::Duration;

    /// What the crate makes of the same values.
    fn of_the_crate(sparse: &Sparse) -> String {
        let mut dense = Histogram::<u64>::new_with_bounds(LOWEST, HIGHEST, SIGNIFICANT_DIGITS).unwrap();
        sparse.iter().for_each(|(bucket, count)| dense.record_n(layout::lowest_in(bucket), count).unwrap());
        let mut bytes = Vec::new();
        V2Serializer::new().serialize(&dense, &mut bytes).unwrap();
        STANDARD.encode(&bytes)
    }

    #[test]
    fn it_is_hdrhistograms() {
        let sets: [&[u64]; 8] = [
            &[0],
            &[1],
            &[2],
            &[0, 1, 2, 4],
            &[255, 256, 257],
            &[1, 3, 5, 300, 3_599_999_999],
            &[HIGHEST; 200],
            &[u64::MAX],
        ];
        let random =
            (1..20_000_u64).map(|n| n.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (30 + n % 30)).collect::<Vec<_>>();
        let mut encoder = Encoder::default();
        for values in sets.into_iter().chain(random.chunks(1000)) {
            let mut sparse = Sparse::default();
            values.iter().for_each(|micros| {
                sparse.record(Duration::from_micros(*micros), layout::Grain::default());
            });
            assert_eq!(text_of(|out| encoder.push(out, &sparse)), of_the_crate(&sparse), "{values:?}");
        }
    }
}
