//! A public key: its name by hash, its kind and its strength.

use std::sync::Arc;

use x509_parser::asn1_rs::{FromDer, Oid, oid};
use x509_parser::public_key::{PublicKey as Parsed, RSAPublicKey};
use x509_parser::x509::SubjectPublicKeyInfo;

use super::malformed::Malformed;
use super::part::Part;
use super::{sha1, sha256};

/// A SubjectPublicKeyInfo (RFC 5280, section 4.1.2.7) with what is derived from it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicKey {
    /// SHA-256 of the SubjectPublicKeyInfo's DER: the name under which keys are pinned and listed.
    pub spki_sha256: [u8; 32],
    /// The algorithm.
    pub kind: KeyKind,
    /// The size in bits: of the modulus, or of the curve's field; 0 where it is not known.
    pub bits: u32,
    /// RSA's public exponent, if it is RSA and fits.
    pub rsa_exponent: Option<u64>,
    spki: Part,
}

/// The algorithm of a public key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyKind {
    /// RSA (RFC 3279), also restricted to PSS (RFC 4055).
    Rsa,
    /// An elliptic curve of RFC 5480.
    Ec,
    /// Ed25519 (RFC 8410).
    Ed25519,
    /// Ed448 (RFC 8410).
    Ed448,
    /// DSA (RFC 3279).
    Dsa,
    /// Any other.
    Other,
}

impl KeyKind {
    /// The name in lower case.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Rsa => "rsa",
            Self::Ec => "ec",
            Self::Ed25519 => "ed25519",
            Self::Ed448 => "ed448",
            Self::Dsa => "dsa",
            Self::Other => "other",
        }
    }
}

impl PublicKey {
    /// Reads the DER of a SubjectPublicKeyInfo, as lists of keys give it.
    ///
    /// # Errors
    ///
    /// [`Malformed::Key`] if it is none, or has bytes left over.
    pub fn from_der(spki: &[u8]) -> Result<Self, Malformed> {
        let der: Arc<[u8]> = spki.into();
        match SubjectPublicKeyInfo::from_der(&der) {
            Ok(([], parsed)) => Ok(Self::new(&der, &parsed)),
            _ => Err(Malformed::Key),
        }
    }

    /// The key that stands in `der`.
    pub(super) fn new(der: &Arc<[u8]>, spki: &SubjectPublicKeyInfo<'_>) -> Self {
        let kind = known(KINDS, &spki.algorithm.algorithm).unwrap_or(KeyKind::Other);
        let (bits, rsa_exponent) = strength(kind, spki);
        Self { spki_sha256: sha256(spki.raw), kind, bits, rsa_exponent, spki: Part::of(der, spki.raw) }
    }

    /// SHA-1 of the key bits: the key identifier of RFC 5280, section 4.2.1.2, method 1.
    pub fn key_id(&self) -> [u8; 20] {
        let parsed = SubjectPublicKeyInfo::from_der(&self.spki);
        sha1(parsed.as_ref().map_or(&[], |(_, spki)| &spki.subject_public_key.data))
    }

    /// The DER of the SubjectPublicKeyInfo.
    pub fn spki(&self) -> &[u8] {
        &self.spki
    }
}

const KINDS: &[(Oid<'static>, KeyKind)] = &[
    (oid!(1.2.840.113549.1.1.1), KeyKind::Rsa),
    (oid!(1.2.840.113549.1.1.10), KeyKind::Rsa),
    (oid!(1.2.840.10045.2.1), KeyKind::Ec),
    (oid!(1.3.101.112), KeyKind::Ed25519),
    (oid!(1.3.101.113), KeyKind::Ed448),
    (oid!(1.2.840.10040.4.1), KeyKind::Dsa),
];

/// The field sizes of named curves, in bits (RFC 5480, section 2.1.1.1, and SEC 2 for secp256k1).
const CURVES: &[(Oid<'static>, u32)] = &[
    (oid!(1.2.840.10045.3.1.1), 192),
    (oid!(1.3.132.0.33), 224),
    (oid!(1.2.840.10045.3.1.7), 256),
    (oid!(1.3.132.0.10), 256),
    (oid!(1.3.132.0.34), 384),
    (oid!(1.3.132.0.35), 521),
];

fn known<T: Copy>(table: &[(Oid<'static>, T)], wanted: &Oid<'_>) -> Option<T> {
    table.iter().find_map(|(oid, value)| (oid == wanted).then_some(*value))
}

fn strength(kind: KeyKind, spki: &SubjectPublicKeyInfo<'_>) -> (u32, Option<u64>) {
    match (kind, spki.parsed()) {
        (KeyKind::Rsa, Ok(Parsed::RSA(key))) => (modulus_bits(&key), key.try_exponent().ok()),
        (KeyKind::Ec, _) => (curve_bits(spki), None),
        (KeyKind::Ed25519, _) => (255, None),
        (KeyKind::Ed448, _) => (448, None),
        _ => (0, None),
    }
}

/// The exact length of the modulus: leading zero octets and zero bits do not count.
fn modulus_bits(key: &RSAPublicKey<'_>) -> u32 {
    let zeros = key.modulus.iter().take_while(|&&octet| octet == 0).count();
    let octets = key.modulus.get(zeros..).unwrap_or_default();
    let unused = octets.first().map_or(0, |first| first.leading_zeros());
    u32::try_from(octets.len()).unwrap_or(u32::MAX).saturating_mul(8).saturating_sub(unused)
}

fn curve_bits(spki: &SubjectPublicKeyInfo<'_>) -> u32 {
    let curve = spki.algorithm.parameters.as_ref().and_then(|parameters| parameters.as_oid().ok());
    curve.and_then(|curve| known(CURVES, &curve)).unwrap_or(0)
}
