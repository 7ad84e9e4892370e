//! What the decoder has skipped and doubted so far.

use std::collections::BTreeMap;

use super::Skip;

/// Counters of a decoder, from its start.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Frames that gave no packet, by [`Skip::name`].
    pub skipped: BTreeMap<&'static str, u64>,
    /// Of those, the malformed ones, by layer.
    pub malformed: BTreeMap<&'static str, u64>,
    /// IPv4 headers, whose checksum was wrong. Such packets are decoded all the same.
    pub bad_ip_checksums: u64,
    /// TCP segments and UDP datagrams whose checksum was computed and wrong. Such packets are decoded all the same.
    pub bad_transport_checksums: u64,
    /// What became of fragments.
    pub fragments: FragmentCounts,
}

/// What became of fragmented datagrams.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FragmentCounts {
    /// Datagrams made whole.
    pub reassembled: u64,
    /// Datagrams given up after [`super::FragmentLimits::timeout`].
    pub timed_out: u64,
    /// Datagrams given up because the table or its memory was full.
    pub evicted: u64,
    /// Fragments that said again, in part or whole, what was known, in the same words.
    pub overlapping: u64,
    /// Fragments that contradicted an earlier one, in bytes or in the datagram's length. The earlier one was believed.
    pub conflicting: u64,
}

impl FragmentCounts {
    fn add(&mut self, other: Self) {
        self.reassembled += other.reassembled;
        self.timed_out += other.timed_out;
        self.evicted += other.evicted;
        self.overlapping += other.overlapping;
        self.conflicting += other.conflicting;
    }
}

impl Counts {
    /// Adds another's.
    pub fn add(&mut self, other: &Self) {
        for (sums, counts) in [(&mut self.skipped, &other.skipped), (&mut self.malformed, &other.malformed)] {
            counts.iter().for_each(|(name, count)| *sums.entry(name).or_default() += count);
        }
        self.bad_ip_checksums += other.bad_ip_checksums;
        self.bad_transport_checksums += other.bad_transport_checksums;
        self.fragments.add(other.fragments);
    }

    /// Counts a frame that gave no packet.
    pub(super) fn skip(&mut self, skip: Skip) {
        *self.skipped.entry(skip.name()).or_default() += 1;
        if let Skip::Malformed(layer) = skip {
            *self.malformed.entry(layer).or_default() += 1;
        }
    }
}
