//! The options that bound what a run remembers.

use std::num::NonZeroUsize;

use clap::value_parser;
use dissectors::decode::FragmentLimits;
use rules::blocklist::MatcherLimits;
use sensor::limits::Limits;

/// How much is remembered. What was reached stands under `limits` in `summary.json` and in the statistics, and under `caches` what
/// was forgotten that costs nothing but time.
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

    /// Fragmented datagrams that are put together at once; beyond them the oldest is given up
    #[arg(long, hide_short_help = true, value_name = "N", default_value_t = Limits::default().fragments.datagrams)]
    max_datagrams: usize,

    /// Bytes held of fragmented datagrams
    #[arg(long, value_name = "BYTES", default_value_t = Limits::default().fragments.bytes)]
    max_fragments: usize,

    /// Attempts of which an alert stands before they end; the alerts of others wait for the end
    #[arg(long, hide_short_help = true, value_name = "N", default_value_t = Limits::default().standing)]
    max_standing: NonZeroUsize,

    /// Sessions whose secret is kept, of key logs; beyond them the older half is forgotten
    #[arg(long, hide_short_help = true, value_name = "N", default_value_t = Limits::default().sessions)]
    max_sessions: usize,

    /// Certificates remembered as written whole; beyond them all are forgotten, and written whole once more
    #[arg(long, value_name = "N", default_value_t = Limits::default().shown)]
    max_shown: usize,

    /// Signatures that matching chains against the blocklists may verify in a second of the capture's time; others are not tried
    #[arg(long, hide_short_help = true, value_name = "N", default_value_t = Limits::default().matching.verifications_per_second)]
    max_verifications: u32,

    /// Batches of packets on their way between two threads; beyond them the reader waits
    #[arg(long, hide_short_help = true, value_name = "N", default_value_t = Limits::default().batches)]
    max_batches: NonZeroUsize,

    #[command(flatten)]
    caches: CachesArgs,
}

/// Sizes of memories that save time and change nothing.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Caches, which save time and change no output")]
struct CachesArgs {
    /// Certificates that each worker remembers, and the hashes of 32 times as many, so that they are hashed once
    #[arg(long, hide_short_help = true, value_name = "N", default_value_t = Limits::default().certificates)]
    max_certificates: usize,

    /// JA4 fingerprints that each worker remembers, so that they are hashed once
    #[arg(long, hide_short_help = true, value_name = "N", default_value_t = Limits::default().fingerprints)]
    max_fingerprints: usize,

    /// QUIC connections whose Initial keys are kept, at 2 kB each, so that they are derived once
    #[arg(long, hide_short_help = true, value_name = "N", default_value_t = Limits::default().quic_keys)]
    max_quic_keys: usize,

    /// Servers' certificates of which it is remembered what lines say of them, so that they are read once
    #[arg(long, hide_short_help = true, value_name = "N", default_value_t = Limits::default().leaves)]
    max_leaves: usize,

    /// Certificates remembered as having to do with nothing on the blocklists
    #[arg(long, hide_short_help = true, value_name = "N", default_value_t = Limits::default().matching.healthy)]
    max_healthy: usize,

    /// Other chains remembered with what they lead to on the blocklists
    #[arg(long, hide_short_help = true, value_name = "N", default_value_t = Limits::default().matching.chains)]
    max_chains: usize,

    /// Pairs of certificate and key remembered with whether the one is signed by the other
    #[arg(long, hide_short_help = true, value_name = "N", default_value_t = Limits::default().matching.links)]
    max_links: usize,
}

impl LimitsArgs {
    /// What was meant.
    pub(super) fn meant(&self) -> Limits {
        let fragments = Limits::default().fragments;
        Limits {
            names: self.max_names,
            handshakes: self.max_handshakes,
            buffered: self.max_buffered,
            settled: self.max_flows,
            syns: self.max_syns,
            servers: self.max_servers,
            clients: self.max_clients,
            fragments: FragmentLimits { datagrams: self.max_datagrams, bytes: self.max_fragments, ..fragments },
            standing: self.max_standing,
            sessions: self.max_sessions,
            shown: self.max_shown,
            batches: self.max_batches,
            certificates: self.caches.max_certificates,
            fingerprints: self.caches.max_fingerprints,
            quic_keys: self.caches.max_quic_keys,
            leaves: self.caches.max_leaves,
            matching: MatcherLimits {
                healthy: self.caches.max_healthy,
                chains: self.caches.max_chains,
                links: self.caches.max_links,
                verifications_per_second: self.max_verifications,
            },
        }
    }
}
