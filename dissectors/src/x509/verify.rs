//! Whether a key signed a certificate.

use x509_parser::asn1_rs::FromDer;
use x509_parser::certificate::X509Certificate;
use x509_parser::error::X509Error;
use x509_parser::x509::SubjectPublicKeyInfo;

use super::algorithm::{self, Verification};
use super::certificate::{Certificate, read};
use super::key::PublicKey;

impl Certificate {
    /// Tries `issuer` on this certificate's signature. Names, dates and constraints are not looked at. RSA-4096 costs
    /// about 60 µs.
    pub fn signed_by(&self, issuer: &PublicKey) -> Verification {
        let Ok((_, certificate)) = read(self.der()) else { return Verification::Fails };
        let Ok((_, key)) = SubjectPublicKeyInfo::from_der(issuer.spki()) else { return Verification::Fails };
        let algorithm = &certificate.signature_algorithm.algorithm;
        algorithm::foregone(algorithm, issuer).unwrap_or_else(|| verify(&certificate, &key))
    }
}

fn verify(certificate: &X509Certificate<'_>, key: &SubjectPublicKeyInfo<'_>) -> Verification {
    match certificate.verify_signature(Some(key)) {
        Ok(()) => Verification::Valid,
        Err(X509Error::SignatureUnsupportedAlgorithm) => Verification::Unsupported,
        Err(_) => Verification::Fails,
    }
}
