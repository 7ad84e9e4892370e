//! A bounded memory of certificates, so that each is hashed once.
//!
//! A certificate is looked up by a fingerprint: a keyed hash of its last bytes, which are its signature and differ between
//! any two honest certificates. What decides is the comparison of all bytes, so no collision, made
//! or met, can give one certificate the facts of another. Whoever sends certificates with the same end gains nothing over
//! one who sends new certificates, namely the price of a miss.

use std::sync::Arc;

use siphasher::sip::SipHasher13;

use super::certificate::Certificate;
use crate::memory::Memory;

/// The longest certificate that is remembered, in bytes. Longer ones are hashed and read each time they come, so that a full
/// cache holds at most this times its capacity.
pub const MAX_REMEMBERED: usize = 8192;

/// How many of the last bytes are hashed: the whole of an ECDSA P-256 signature's `s`, an eighth of an RSA-2048 one.
const TAIL: usize = 32;

/// What the cache did so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CacheCounts {
    /// Certificates found.
    pub hits: u64,
    /// Certificates not found, and hashed.
    pub misses: u64,
    /// Certificates forgotten to make room.
    pub evicted: u64,
    /// Certificates too long to be remembered ([`MAX_REMEMBERED`]).
    pub oversized: u64,
}

/// Certificates by their bytes.
#[derive(Debug)]
pub struct CertificateCache {
    /// Each behind its fingerprint, so that only what is likely the same is compared.
    known: Memory<(u64, Arc<Certificate>)>,
    key: [u64; 2],
    counts: CacheCounts,
}

impl CertificateCache {
    /// A cache of `capacity` certificates, whose fingerprints depend on `key`.
    pub fn new(capacity: usize, key: [u64; 2]) -> Self {
        Self { known: Memory::new(capacity), key, counts: CacheCounts::default() }
    }

    /// The certificate with these bytes, hashed now if it is not remembered.
    pub fn certificate(&mut self, der: &[u8]) -> Arc<Certificate> {
        if der.len() > MAX_REMEMBERED {
            self.counts.oversized += 1;
            return self.miss(der);
        }
        let fingerprint = self.fingerprint(der);
        let is_it = |(known, certificate): &(u64, Arc<Certificate>)| *known == fingerprint && certificate.der() == der;
        if let Some((_, certificate)) = self.known.recall(fingerprint, is_it) {
            self.counts.hits += 1;
            return Arc::clone(certificate);
        }
        let certificate = self.miss(der);
        self.known.remember(fingerprint, (fingerprint, Arc::clone(&certificate)));
        certificate
    }

    /// What it did so far.
    pub fn counts(&self) -> CacheCounts {
        CacheCounts { evicted: self.known.forgotten(), ..self.counts }
    }

    fn miss(&mut self, der: &[u8]) -> Arc<Certificate> {
        self.counts.misses += 1;
        Arc::new(Certificate::new(der))
    }

    fn fingerprint(&self, der: &[u8]) -> u64 {
        let [low, high] = self.key;
        SipHasher13::new_with_keys(low, high).hash(der.last_chunk::<TAIL>().map_or(der, |tail| tail))
    }
}
