//! What a shard may hold, what its thread remembers, and how long it waits.

use std::num::NonZeroU32;
use std::time::Duration;

use crate::flow::key::Key;
use crate::tls::Ja4Cache;

/// Limits and spans of one shard.
#[derive(Clone, Copy, Debug)]
pub struct Config {
    /// Flows with a handshake in progress.
    pub handshakes: NonZeroU32,
    /// Flows whose handshake is over, or that have none.
    pub settled: NonZeroU32,
    /// Bytes of streams held in all handshakes in progress together.
    pub buffered: usize,
    /// Bare SYNs remembered, of which a flood makes one replace another.
    pub syns: NonZeroU32,
    /// Servers whose connections without a ClientHello are counted apart; those that come later are counted together.
    pub servers: usize,
    /// Certificates remembered, by all shards of one thread together, and the hashes of 32 times as many.
    pub certificates: usize,
    /// JA4 inputs remembered, likewise.
    pub fingerprints: usize,
    /// QUIC connections whose Initial keys are kept, 2 kB each: those that shake hands within a few milliseconds of each other.
    pub quic_keys: usize,
    /// A flow that is silent for this long is over.
    pub idle: Duration,
    /// The silence after a hello that is told before the attempt's end, at its witness.
    pub unanswered: Duration,
    /// How many Initial packets of a QUIC client such a silence takes besides.
    pub unanswered_initials: u32,
    /// The key that flows are hashed with.
    pub key: Key,
}

impl Default for Config {
    fn default() -> Self {
        const fn limit(n: u32) -> NonZeroU32 {
            match NonZeroU32::new(n) {
                Some(n) => n,
                None => NonZeroU32::MIN,
            }
        }
        Self {
            handshakes: limit(4096),
            settled: limit(65536),
            buffered: 16 << 20,
            syns: limit(1024),
            servers: 1024,
            certificates: 512,
            fingerprints: Ja4Cache::DEFAULT_LIMIT,
            quic_keys: 32,
            idle: Duration::from_secs(120),
            unanswered: Duration::from_secs(10),
            unanswered_initials: 3,
            key: Key::default(),
        }
    }
}
