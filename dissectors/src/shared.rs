//! What the flows of one shard share: memories of what many of them show alike. Bounded, and never a source of
//! difference between flows.

use crate::tls::Ja4Cache;
use crate::x509::CertificateCache;

/// Certificates and fingerprints seen before.
#[derive(Debug)]
pub(crate) struct Shared {
    /// Certificates, parsed and hashed once.
    pub(crate) certificates: CertificateCache,
    /// JA4 fingerprints by their input.
    pub(crate) ja4: Ja4Cache,
}
