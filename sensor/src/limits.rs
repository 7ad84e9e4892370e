//! How much a run remembers: the size of every table, memory and queue that traffic fills.
//!
//! What one handshake may hold is not here: that follows from the protocols (`dissectors`), and `buffered` bounds all of them
//! together.

use std::num::NonZeroUsize;

use dissectors::decode::FragmentLimits;
use dissectors::flow;
use dissectors::tls::DEFAULT_SESSIONS;
use rules::blocklist::MatcherLimits;
use rules::notice::DEFAULT_STANDING;

use crate::engine::{DEFAULT_CLIENTS, SHARDS};
use crate::output;
use crate::pipeline::DEFAULT_BATCHES;

/// How much a run remembers.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Flows with a handshake in progress.
    pub handshakes: u32,
    /// Flows whose handshake is over.
    pub settled: u32,
    /// Server names with a row of their own.
    pub names: NonZeroUsize,
    /// Bytes held for handshakes in progress: parts of streams that wait for others, hellos, certificates.
    pub buffered: usize,
    /// Bare SYNs that wait for an answer.
    pub syns: u32,
    /// Servers whose connections without a ClientHello are counted apart.
    pub servers: usize,
    /// Clients that are known to have been sent something, which QUIC's silences ask for.
    pub clients: usize,
    /// Attempts of which an alert stands before they close.
    pub standing: NonZeroUsize,
    /// Certificates remembered by each worker, and the hashes of 32 times as many, so that they are hashed once.
    pub certificates: usize,
    /// JA4 fingerprints remembered by each worker, so that they are hashed once.
    pub fingerprints: usize,
    /// QUIC connections whose Initial keys are kept, so that they are derived once.
    pub quic_keys: usize,
    /// Certificates remembered as written whole, so that later lines only name them.
    pub shown: usize,
    /// Certificates of servers of which it is remembered what lines say of them, so that they are read once.
    pub leaves: usize,
    /// What matching chains against the blocklists may remember and cost.
    pub matching: MatcherLimits,
    /// Datagrams that came in fragments and are not whole yet, and the bytes held of them.
    pub fragments: FragmentLimits,
    /// Sessions whose secret is kept, of key logs.
    pub sessions: usize,
    /// Batches of packets on their way between two threads.
    pub batches: NonZeroUsize,
}

impl Default for Limits {
    fn default() -> Self {
        let shard = flow::Config::default();
        Self {
            handshakes: 65_536,
            settled: 1 << 20,
            names: output::DEFAULT_NAMES,
            buffered: shard.buffered * SHARDS,
            syns: shard.syns.get() * SHARDS as u32,
            servers: shard.servers * SHARDS,
            clients: DEFAULT_CLIENTS,
            standing: DEFAULT_STANDING,
            certificates: shard.certificates,
            fingerprints: shard.fingerprints,
            quic_keys: shard.quic_keys * SHARDS,
            shown: output::DEFAULT_SHOWN,
            leaves: output::DEFAULT_LEAVES,
            matching: MatcherLimits::default(),
            fragments: FragmentLimits::default(),
            sessions: DEFAULT_SESSIONS,
            batches: DEFAULT_BATCHES,
        }
    }
}
