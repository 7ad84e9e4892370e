//! Certificates as facts: what a DER certificate says, whether one signed another, and a memory of those already read.
//!
//! It holds no trust store and builds no chain. Whether a certificate is wanted, listed or suspect is not known here; a
//! certificate that does not parse is still a fact, with its hashes.

mod algorithm;
mod cache;
mod certificate;
mod extensions;
mod key;
mod malformed;
mod name;
mod part;
#[cfg(test)]
mod tests;
mod verify;

use std::fmt;

pub use algorithm::Verification;
pub use cache::{CacheCounts, CertificateCache, MAX_REMEMBERED};
pub use certificate::{Certificate, Facts, Validity, ValidityAt};
pub use extensions::{Extensions, MAX_DNS_NAMES};
pub use key::{KeyKind, PublicKey};
pub use malformed::{MAX_DER, Malformed};
pub use name::{MAX_NAME_TEXT, Name};
pub use part::Part;

/// The SHA-256 of `data`.
pub fn sha256(data: &[u8]) -> [u8; 32] {
    let mut hash = [0; 32];
    hash.copy_from_slice(ring::digest::digest(&ring::digest::SHA256, data).as_ref());
    hash
}

/// The SHA-1 of `data`: a name that published lists use, never a proof.
pub fn sha1(data: &[u8]) -> [u8; 20] {
    use sha1::{Digest, Sha1};
    Sha1::digest(data).into()
}

/// Bytes shown in lower-case hexadecimal, without separators.
#[derive(Clone, Copy, Debug)]
pub struct Hex<'a>(pub &'a [u8]);

impl fmt::Display for Hex<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// Fuzz entry: any bytes as a certificate, through the cache and as its own issuer.
pub fn fuzz_certificate(data: &[u8]) {
    let mut cache = CertificateCache::new(8, [1, 2]);
    let first = cache.certificate(data);
    let second = cache.certificate(data);
    assert_eq!(first.sha256, second.sha256, "one certificate, one hash");
    if let Some(facts) = first.facts() {
        assert!(facts.subject.text.len() <= MAX_NAME_TEXT, "names are bounded");
        assert!(facts.extensions.dns_names().len() <= MAX_DNS_NAMES, "lists are bounded");
        let _ = first.signed_by(&facts.key);
    }
    let _ = PublicKey::from_der(data);
}
