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

    /// Handshakes are decrypted with `keys` from here on, where they fit.
    pub fn use_keys(&mut self, keys: Arc<KeyLog>) {
        self.keys = keys;
    }
}
