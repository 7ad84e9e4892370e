//! The options that bound what a run remembers.

use std::num::NonZeroUsize;

use clap::value_parser;
use sensor::settings::Limits;

/// How much is remembered. What was reached stands under `limits` in `summary.json` and in the statistics.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Limits")]
pub(super) struct LimitsArgs {
    /// Server names counted apart; all others are (other)
    #[arg(long, value_name = "N", default_value_t = Limits::default().names)]
    max_names: NonZeroUsize,

    /// Handshakes followed at once; beyond them the longest idle are evicted, and undecided
    #[arg(long, value_name = "N", default_value_t = Limits::default().handshakes, value_parser = value_parser!(u32).range(1..))]
    max_handshakes: u32,

    /// Bytes held for handshakes: parts that wait for others, hellos, certificates
    ///
    /// Beyond them whoever holds more than an equal share is evicted, and undecided, or else the longest idle.
    #[arg(long, value_name = "BYTES", default_value_t = Limits::default().buffered)]
    max_buffered: usize,

    /// Flows remembered at once after their handshake, at up to 64 bytes each
    #[arg(long, value_name = "N", default_value_t = Limits::default().settled, value_parser = value_parser!(u32).range(1..))]
    max_flows: u32,

    /// SYNs that wait for an answer, rounded up to a power of two; beyond them one replaces another
    #[arg(long, value_name = "N", default_value_t = Limits::default().syns, value_parser = value_parser!(u32).range(1..))]
    max_syns: u32,

    /// Servers whose connections without a ClientHello are counted apart
    #[arg(long, value_name = "N", default_value_t = Limits::default().servers)]
    max_servers: usize,

    /// Clients known to have been sent something: without it a QUIC silence stays undecided
    #[arg(long, value_name = "N", default_value_t = Limits::default().clients)]
    max_clients: usize,

    /// Certificates remembered as written whole; beyond them all are forgotten, and written whole once more
    #[arg(long, value_name = "N", default_value_t = Limits::default().shown)]
    max_shown: usize,

    /// Servers' certificates of which it is remembered what lines say of them, so that they are read once; rounded up to a power
    /// of two
    #[arg(long, value_name = "N", default_value_t = Limits::default().leaves)]
    max_leaves: usize,

    /// Bytes held of fragmented datagrams
    #[arg(long, value_name = "BYTES", default_value_t = Limits::default().fragments)]
    max_fragments: usize,

    /// Certificates that each worker remembers, and the hashes of 32 times as many, so that they are hashed once; rounded up to a
    /// power of two
    #[arg(long, value_name = "N", default_value_t = Limits::default().certificates)]
    max_certificates: usize,

    /// JA4 fingerprints that each worker remembers, so that they are hashed once; rounded up to a power of two
    #[arg(long, value_name = "N", default_value_t = Limits::default().fingerprints)]
    max_fingerprints: usize,
}

impl LimitsArgs {
    /// What was meant.
    pub(super) fn meant(&self) -> Limits {
        Limits {
            names: self.max_names,
            handshakes: self.max_handshakes,
            buffered: self.max_buffered,
            settled: self.max_flows,
            syns: self.max_syns,
            servers: self.max_servers,
            clients: self.max_clients,
            shown: self.max_shown,
            leaves: self.max_leaves,
            fragments: self.max_fragments,
            certificates: self.max_certificates,
            fingerprints: self.max_fingerprints,
        }
    }
}
