//! A bounded memory of certificates, so that each is hashed once: of some all bytes, of many more the SHA-256.
//!
//! A certificate is looked up by a fingerprint: a keyed hash of its last bytes, which are its signature and differ between
//! any two honest certificates. What decides is the comparison of all bytes. Whoever sends certificates with the same end
//! gains nothing over one who sends new certificates, namely the price of a miss.
//!
//! One whose bytes are not remembered is looked up by a SipHash-1-3 of 128 bits over all of them. Under a key that nobody
//! outside knows that is a pseudorandom function (Aumasson, Bernstein, "SipHash: a fast short-input PRF", 2012): nobody can
//! make a certificate that is taken for another, and by chance two of a billion are with a probability of 2^-69.

use std::sync::Arc;

use siphasher::{sip::SipHasher13, sip128};

use super::certificate::Certificate;
use super::sha256;
use crate::memory::Memory;

/// The longest certificate that is remembered, in bytes. Of longer ones only the hash is, so that a full cache
/// holds at most this times its capacity, and the hashes.
pub const MAX_REMEMBERED: usize = 8192;

/// How many of the last bytes are hashed: the whole of an ECDSA P-256 signature's `s`, an eighth of an RSA-2048 one.
const TAIL: usize = 32;

/// How many hashes are remembered for each certificate that is. At 48 bytes each they take as much room as it does.
const HASHES: usize = 32;

/// What the cache did so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CacheCounts {
    /// Certificates found.
    pub hits: u64,
    /// Certificates not found.
    pub misses: u64,
    /// Of those, whose SHA-256 was remembered.
    pub hashed_before: u64,
    /// Certificates forgotten to make room.
    pub evicted: u64,
    /// Hashes forgotten to make room.
    pub evicted_hashes: u64,
    /// Certificates too long for their bytes to be remembered ([`MAX_REMEMBERED`]).
    pub oversized: u64,
}

/// Certificates by their bytes.
#[derive(Debug)]
pub struct CertificateCache {
    known: Memory<Arc<Certificate>>,
    /// Each SHA-256 behind the second half of the hash that it is found by.
    hashes: Memory<(u64, [u8; 32])>,
    key: [u64; 2],
    counts: CacheCounts,
}

impl CertificateCache {
    /// A cache of `capacity` certificates. `key` must be secret, and reaches no output.
    pub fn new(capacity: usize, key: [u64; 2]) -> Self {
        let hashes = Memory::new(capacity.saturating_mul(HASHES));
        Self { known: Memory::new(capacity), hashes, key, counts: CacheCounts::default() }
    }

    /// The certificate with these bytes, hashed now if it is not remembered.
    pub fn certificate(&mut self, der: &[u8]) -> Arc<Certificate> {
        if der.len() > MAX_REMEMBERED {
            self.counts.oversized += 1;
            return self.miss(der);
        }
        let fingerprint = self.fingerprint(der);
        if let Some(certificate) = self.known.recall(fingerprint, |known| known.der() == der) {
            self.counts.hits += 1;
            return Arc::clone(certificate);
        }
        let certificate = self.miss(der);
        self.known.remember(fingerprint, Arc::clone(&certificate));
        certificate
    }

    /// What it did so far.
    pub fn counts(&self) -> CacheCounts {
        CacheCounts { evicted: self.known.forgotten(), evicted_hashes: self.hashes.forgotten(), ..self.counts }
    }

    fn miss(&mut self, der: &[u8]) -> Arc<Certificate> {
        self.counts.misses += 1;
        let sha256 = self.sha256(der);
        Arc::new(Certificate::with_hash(der, sha256))
    }

    fn sha256(&mut self, der: &[u8]) -> [u8; 32] {
        let [low, high] = self.key;
        let name = sip128::SipHasher13::new_with_keys(low, high).hash(der);
        if let Some((_, sha256)) = self.hashes.recall(name.h1, |(known, _)| *known == name.h2) {
            self.counts.hashed_before += 1;
            return *sha256;
        }
        let sha256 = sha256(der);
        self.hashes.remember(name.h1, (name.h2, sha256));
        sha256
    }

    fn fingerprint(&self, der: &[u8]) -> u64 {
        let [low, high] = self.key;
        SipHasher13::new_with_keys(low, high).hash(der.last_chunk::<TAIL>().map_or(der, |tail| tail))
    }
}
