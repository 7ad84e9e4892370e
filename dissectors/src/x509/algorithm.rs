//! Signature algorithms: their names, and which keys can be tried with each.

use std::borrow::Cow;

use x509_parser::asn1_rs::{Oid, oid};

use super::key::{KeyKind, PublicKey};

/// What a try of one key on one certificate's signature gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verification {
    /// The key made this signature.
    Valid,
    /// It did not, or the certificate cannot be read.
    Fails,
    /// Nobody here can say: the algorithm, curve or key size is not implemented.
    Unsupported,
    /// Too weak to prove anything: RSA below 2048 bits (below 1024 with SHA-1), or an MD2 or MD5 signature.
    WeakKey,
}

/// ring's own limits on RSA (`RSA_PKCS1_2048_8192_*`, `RSA_PKCS1_1024_8192_SHA1_FOR_LEGACY_USE_ONLY`): outside them it
/// refuses a signature that may be right, and "fails" would be a false statement. Sizes are in bits.
const RSA_MINIMUM: u32 = 2048;
const RSA_MINIMUM_SHA1: u32 = 1024;
const RSA_MAXIMUM: u32 = 8192;
const RSA_EXPONENT_MINIMUM: u64 = 3;
const RSA_EXPONENT_MAXIMUM: u64 = (1 << 33) - 1;

/// RFC 3279, RFC 4055, RFC 5758, RFC 8410, and OIW's twin of SHA-1 with RSA.
const ALGORITHMS: &[Algorithm] = &[
    row(oid!(1.2.840.113549.1.1.2), "md2WithRSAEncryption", KeyKind::Rsa, None),
    row(oid!(1.2.840.113549.1.1.4), "md5WithRSAEncryption", KeyKind::Rsa, None),
    row(oid!(1.2.840.113549.1.1.5), "sha1WithRSAEncryption", KeyKind::Rsa, Some(RSA_MINIMUM_SHA1)),
    row(oid!(1.3.14.3.2.29), "sha1WithRSA", KeyKind::Rsa, Some(RSA_MINIMUM_SHA1)),
    row(oid!(1.2.840.113549.1.1.10), "rsassaPss", KeyKind::Rsa, Some(RSA_MINIMUM)),
    row(oid!(1.2.840.113549.1.1.11), "sha256WithRSAEncryption", KeyKind::Rsa, Some(RSA_MINIMUM)),
    row(oid!(1.2.840.113549.1.1.12), "sha384WithRSAEncryption", KeyKind::Rsa, Some(RSA_MINIMUM)),
    row(oid!(1.2.840.113549.1.1.13), "sha512WithRSAEncryption", KeyKind::Rsa, Some(RSA_MINIMUM)),
    row(oid!(1.2.840.10045.4.1), "ecdsa-with-SHA1", KeyKind::Ec, Some(0)),
    row(oid!(1.2.840.10045.4.3.2), "ecdsa-with-SHA256", KeyKind::Ec, Some(0)),
    row(oid!(1.2.840.10045.4.3.3), "ecdsa-with-SHA384", KeyKind::Ec, Some(0)),
    row(oid!(1.2.840.10045.4.3.4), "ecdsa-with-SHA512", KeyKind::Ec, Some(0)),
    row(oid!(1.3.101.112), "Ed25519", KeyKind::Ed25519, Some(0)),
    row(oid!(1.3.101.113), "Ed448", KeyKind::Ed448, Some(0)),
];

struct Algorithm {
    oid: Oid<'static>,
    name: &'static str,
    key: KeyKind,
    /// The smallest RSA modulus that ring accepts with it; 0 where the key is not RSA, `None` if the hash is broken.
    minimum: Option<u32>,
}

const fn row(oid: Oid<'static>, name: &'static str, key: KeyKind, minimum: Option<u32>) -> Algorithm {
    Algorithm { oid, name, key, minimum }
}

fn find(oid: &Oid<'_>) -> Option<&'static Algorithm> {
    ALGORITHMS.iter().find(|algorithm| algorithm.oid == *oid)
}

/// The common name, or the dotted OID.
pub(super) fn name(oid: &Oid<'_>) -> Cow<'static, str> {
    find(oid).map_or_else(|| Cow::Owned(oid.to_id_string()), |algorithm| Cow::Borrowed(algorithm.name))
}

/// What is known of a signature of this algorithm under `key` without arithmetic; `None` where it takes arithmetic.
pub(super) fn foregone(oid: &Oid<'_>, key: &PublicKey) -> Option<Verification> {
    let Some(algorithm) = find(oid) else { return Some(Verification::Unsupported) };
    match algorithm.minimum {
        _ if algorithm.key != key.kind => Some(Verification::Fails),
        None => Some(Verification::WeakKey),
        Some(minimum) if key.kind == KeyKind::Rsa => foregone_rsa(key, minimum),
        Some(_) => None,
    }
}

fn foregone_rsa(key: &PublicKey, minimum: u32) -> Option<Verification> {
    let exponent = key.rsa_exponent.unwrap_or(u64::MAX);
    if key.bits < minimum {
        Some(Verification::WeakKey)
    } else if key.bits > RSA_MAXIMUM || !(RSA_EXPONENT_MINIMUM..=RSA_EXPONENT_MAXIMUM).contains(&exponent) {
        Some(Verification::Unsupported)
    } else {
        None
    }
}
