//! X.509 certificates written from their parts (RFC 5280): names, keys, extensions, signature.
//!
//! Nothing here decides what a certificate says, and no private key lives here.

use super::der::{
    BIT_STRING, BOOLEAN, NULL, OCTET_STRING, OID, PRINTABLE_STRING, SET, UTC_TIME, UTF8_STRING, bits, positive,
    sequence, value,
};
use crate::random::Random;

/// Object identifiers, encoded (RFC 5280, RFC 8017, RFC 6962).
pub mod oid {
    /// commonName.
    pub const COMMON_NAME: &[u8] = &[0x55, 4, 3];
    /// countryName.
    pub const COUNTRY: &[u8] = &[0x55, 4, 6];
    /// organizationName.
    pub const ORGANISATION: &[u8] = &[0x55, 4, 10];
    /// rsaEncryption.
    pub const RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1];
    /// sha256WithRSAEncryption.
    pub const SHA256_WITH_RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 11];
    /// subjectKeyIdentifier.
    pub const SUBJECT_KEY: &[u8] = &[0x55, 29, 14];
    /// keyUsage.
    pub const KEY_USAGE: &[u8] = &[0x55, 29, 15];
    /// subjectAltName.
    pub const SUBJECT_NAMES: &[u8] = &[0x55, 29, 17];
    /// basicConstraints.
    pub const BASIC_CONSTRAINTS: &[u8] = &[0x55, 29, 19];
    /// cRLDistributionPoints.
    pub const CRL_POINTS: &[u8] = &[0x55, 29, 31];
    /// certificatePolicies.
    pub const POLICIES: &[u8] = &[0x55, 29, 32];
    /// authorityKeyIdentifier.
    pub const AUTHORITY_KEY: &[u8] = &[0x55, 29, 35];
    /// extKeyUsage.
    pub const EXTENDED_USAGE: &[u8] = &[0x55, 29, 37];
    /// authorityInfoAccess.
    pub const AUTHORITY_ACCESS: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 1, 1];
    /// Access method: OCSP.
    pub const OCSP: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 0x30, 1];
    /// Access method: the issuer's certificate.
    pub const CA_ISSUERS: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 0x30, 2];
    /// Purpose: TLS server.
    pub const SERVER_AUTH: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 3, 1];
    /// Policy: domain validated.
    pub const DOMAIN_VALIDATED: &[u8] = &[0x67, 0x81, 0x0c, 1, 2, 1];
    /// Signed certificate timestamps.
    pub const SCTS: &[u8] = &[0x2b, 6, 1, 4, 1, 0xd6, 0x79, 2, 4, 2];
    /// Ed25519 (RFC 8410).
    pub const ED25519: &[u8] = &[0x2b, 0x65, 0x70];
}

/// From when until when a certificate is valid, as the content of UTCTime: `YYMMDDHHMMSSZ`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Validity {
    /// notBefore.
    pub from: Vec<u8>,
    /// notAfter.
    pub until: Vec<u8>,
}

/// What is signed (RFC 5280, section 4.1.2), of version 3.
#[derive(Clone, Debug)]
pub struct Body<'a> {
    /// Serial number, its first byte neither zero nor negative.
    pub serial: &'a [u8],
    /// Distinguished name of the issuer, encoded.
    pub issuer: &'a [u8],
    /// When it is valid.
    pub validity: Validity,
    /// Distinguished name of the subject, encoded.
    pub subject: &'a [u8],
    /// SubjectPublicKeyInfo, encoded.
    pub key: &'a [u8],
    /// Extensions, each encoded; without any, the field is left out.
    pub extensions: &'a [Vec<u8>],
}

/// The certificate: `body` under a signature of `algorithm`, which `sign` makes over the body's encoding.
pub fn signed(body: &Body<'_>, algorithm: &[u8], sign: impl FnOnce(&[u8]) -> Vec<u8>) -> Vec<u8> {
    let extensions: Vec<&[u8]> = body.extensions.iter().map(Vec::as_slice).collect();
    let extensions = if extensions.is_empty() { Vec::new() } else { value(0xa3, &[&sequence(&extensions)]) };
    let signed = sequence(&[
        &value(0xa0, &[&positive(&[2])]),
        &positive(body.serial),
        algorithm,
        body.issuer,
        &sequence(&[&value(UTC_TIME, &[&body.validity.from]), &value(UTC_TIME, &[&body.validity.until])]),
        body.subject,
        body.key,
        &extensions,
    ]);
    let signature = sign(&signed);
    sequence(&[&signed, algorithm, &bits(&signature)])
}

/// AlgorithmIdentifier of SHA-256 with RSA.
pub fn sha256_with_rsa() -> Vec<u8> {
    sequence(&[&value(OID, &[oid::SHA256_WITH_RSA]), &value(NULL, &[])])
}

/// AlgorithmIdentifier of Ed25519, which has no parameters.
pub fn ed25519() -> Vec<u8> {
    sequence(&[&value(OID, &[oid::ED25519])])
}

/// SubjectPublicKeyInfo of an RSA key that nobody has the private half of: a random modulus of `bytes` bytes.
pub fn rsa_key(random: &mut Random, bytes: usize, exponent: &[u8]) -> Vec<u8> {
    let mut modulus = random.bytes(bytes);
    modulus.iter_mut().take(1).for_each(|first| *first |= 0x80);
    let key = sequence(&[&positive(&modulus), &positive(exponent)]);
    sequence(&[&sequence(&[&value(OID, &[oid::RSA]), &value(NULL, &[])]), &bits(&key)])
}

/// SubjectPublicKeyInfo of an Ed25519 key.
pub fn ed25519_key(public: &[u8]) -> Vec<u8> {
    sequence(&[&ed25519(), &bits(public)])
}

/// An extension.
pub fn extension(number: &[u8], critical: bool, content: &[u8]) -> Vec<u8> {
    let critical = if critical { value(BOOLEAN, &[&[0xff]]) } else { Vec::new() };
    sequence(&[&value(OID, &[number]), &critical, &value(OCTET_STRING, &[content])])
}

/// subjectAltName of DNS names.
pub fn alternative_names(names: &[&str]) -> Vec<u8> {
    let names: Vec<Vec<u8>> = names.iter().map(|name| value(0x82, &[name.as_bytes()])).collect();
    extension(oid::SUBJECT_NAMES, false, &sequence(&names.iter().map(Vec::as_slice).collect::<Vec<_>>()))
}

/// basicConstraints and keyUsage of an authority.
pub fn authority() -> [Vec<u8>; 2] {
    [
        extension(oid::BASIC_CONSTRAINTS, true, &sequence(&[&value(BOOLEAN, &[&[0xff]])])),
        extension(oid::KEY_USAGE, true, &value(BIT_STRING, &[&[1, 0x06]])),
    ]
}

/// What a web server's certificate has beside its names: its purpose, and timestamps.
pub fn server_extensions(seed: &str) -> [Vec<u8>; 2] {
    let purpose = extension(oid::EXTENDED_USAGE, false, &sequence(&[&value(OID, &[oid::SERVER_AUTH])]));
    [purpose, timestamps(&mut Random::named(seed))]
}

/// Two signed certificate timestamps (RFC 6962, section 3.3) of 118 bytes each.
pub fn timestamps(random: &mut Random) -> Vec<u8> {
    let mut list = vec![0, 240];
    for _ in 0..2 {
        list.extend([0, 118]);
        list.extend(random.bytes(118));
    }
    extension(oid::SCTS, false, &value(OCTET_STRING, &[&list]))
}

/// A distinguished name of attributes, each with its object identifier. A country is printable, all else UTF-8 (RFC
/// 5280, appendix A.1).
pub fn distinguished(attributes: &[(&[u8], &str)]) -> Vec<u8> {
    let one = |(kind, text): &(&[u8], &str)| {
        let tag = if *kind == oid::COUNTRY { PRINTABLE_STRING } else { UTF8_STRING };
        value(SET, &[&sequence(&[&value(OID, &[kind]), &value(tag, &[text.as_bytes()])])])
    };
    let parts: Vec<Vec<u8>> = attributes.iter().map(one).collect();
    sequence(&parts.iter().map(Vec::as_slice).collect::<Vec<_>>())
}
