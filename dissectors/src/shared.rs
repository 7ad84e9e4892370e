//! What the flows of one thread share: memories of what many of them show alike, bounded, and never a source of
//! difference between flows, so that it makes none either whether shards have one each or one together; and the keys that
//! the caller has.

use std::sync::Arc;

use crate::flow::Config;
use crate::tls::{Ja4Cache, KeyLog};
use crate::x509::CertificateCache;

/// Certificates and fingerprints seen before, and the secrets of sessions.
///
/// The shards of a thread share one: a popular server's flows are in all shards, and its chain would be parsed and kept
/// in each.
#[derive(Debug)]
pub struct Shared {
    /// Certificates, parsed and hashed once.
    pub(crate) certificates: CertificateCache,
    /// JA4 fingerprints by their input.
    pub(crate) ja4: Ja4Cache,
    /// Secrets of sessions.
    pub(crate) keys: Arc<KeyLog>,
}

/// What a thread's memories forgot to make room. It was made anew where it was met again, so that nothing but time was lost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Forgotten {
    /// Certificates.
    pub certificates: u64,
    /// Hashes of certificates.
    pub certificate_hashes: u64,
    /// JA4 fingerprints.
    pub fingerprints: u64,
}

impl Forgotten {
    /// Adds another thread's.
    pub fn add(&mut self, other: Self) {
        self.certificates += other.certificates;
        self.certificate_hashes += other.certificate_hashes;
        self.fingerprints += other.fingerprints;
    }
}

impl Shared {
    /// Empty memories of the sizes that `config` states. `key` must be secret ([`CertificateCache::new`]): a file's own key of
    /// all hashes is not.
    pub fn new(config: &Config, key: [u64; 2]) -> Self {
        Self {
            certificates: CertificateCache::new(config.certificates, key),
            ja4: Ja4Cache::new(config.fingerprints),
            keys: Arc::default(),
        }
    }

    /// What was forgotten to make room.
    pub fn forgotten(&self) -> Forgotten {
        Forgotten {
            certificates: self.certificates.counts().evicted,
            certificate_hashes: self.certificates.counts().evicted_hashes,
            fingerprints: self.ja4.forgotten(),
        }
    }

    /// Handshakes are decrypted with `keys` from here on, where they fit.
    pub fn use_keys(&mut self, keys: Arc<KeyLog>) {
        self.keys = keys;
    }
}
