//! From a traffic secret to keys (RFC 8446, section 7.3): which cipher suite does it how, and under which labels.
//! Records and QUIC packets use the same, with labels of their own.

use ring::aead::quic::{self, HeaderProtectionKey};
use ring::aead::{self, LessSafeKey, NONCE_LEN, UnboundKey};
use ring::error::Unspecified;
use ring::hkdf::{self, KeyType, Okm, Prk};

use super::keylog::Secret;

/// The algorithms of a cipher suite of TLS 1.3.
#[derive(Clone, Copy)]
pub(crate) struct Suite {
    hash: hkdf::Algorithm,
    aead: &'static aead::Algorithm,
    header: &'static quic::Algorithm,
}

impl Suite {
    /// TLS_AES_128_GCM_SHA256, which protects QUIC's Initial packets too.
    pub(crate) const AES_128_GCM_SHA256: Self =
        Self { hash: hkdf::HKDF_SHA256, aead: &aead::AES_128_GCM, header: &quic::AES_128 };
    const AES_256_GCM_SHA384: Self = Self { hash: hkdf::HKDF_SHA384, aead: &aead::AES_256_GCM, header: &quic::AES_256 };
    const CHACHA20_POLY1305_SHA256: Self =
        Self { hash: hkdf::HKDF_SHA256, aead: &aead::CHACHA20_POLY1305, header: &quic::CHACHA20 };

    /// The suite of this number (RFC 8446, appendix B.4). The two with CCM are hardly met, and are not known here.
    fn of(cipher: u16) -> Option<Self> {
        match cipher {
            0x1301 => Some(Self::AES_128_GCM_SHA256),
            0x1302 => Some(Self::AES_256_GCM_SHA384),
            0x1303 => Some(Self::CHACHA20_POLY1305_SHA256),
            _ => None,
        }
    }
}

/// A secret that is ready for use with its suite.
pub(crate) struct TrafficSecret {
    suite: Suite,
    secret: Prk,
}

impl TrafficSecret {
    /// `secret` as the suite `cipher` uses it; `None` if the suite is not known, or its hash is of another length.
    pub(crate) fn new(secret: &Secret, cipher: u16) -> Option<Self> {
        let suite = Suite::of(cipher)?;
        let (hash, bytes) = match secret {
            Secret::Sha256(bytes) => (hkdf::HKDF_SHA256, &bytes[..]),
            Secret::Sha384(bytes) => (hkdf::HKDF_SHA384, &bytes[..]),
        };
        (hash == suite.hash).then(|| Self { suite, secret: Prk::new_less_safe(hash, bytes) })
    }

    /// A secret that was derived from another one.
    pub(crate) fn derived(suite: Suite, from: &Prk, label: &[u8]) -> Result<Self, Unspecified> {
        Ok(Self { suite, secret: expand(from, label, suite.hash, |okm| Prk::from(okm))? })
    }

    /// The key of packets or records.
    pub(crate) fn key(&self, label: &[u8]) -> Result<LessSafeKey, Unspecified> {
        expand(&self.secret, label, self.suite.aead, |okm| UnboundKey::from(okm)).map(LessSafeKey::new)
    }

    /// What is mixed with a number to be the nonce.
    pub(crate) fn iv(&self, label: &[u8]) -> Result<[u8; NONCE_LEN], Unspecified> {
        let mut iv = [0; NONCE_LEN];
        expand(&self.secret, label, IvLength, |okm| okm.fill(&mut iv))??;
        Ok(iv)
    }

    /// The key of QUIC's header protection.
    pub(crate) fn header(&self, label: &[u8]) -> Result<HeaderProtectionKey, Unspecified> {
        expand(&self.secret, label, self.suite.header, |okm| HeaderProtectionKey::from(okm))
    }
}

/// HKDF-Expand-Label with an empty context (RFC 8446, section 7.1); `label` includes its `tls13 `.
fn expand<L: KeyType, T>(
    secret: &Prk,
    label: &[u8],
    length: L,
    make: impl FnOnce(Okm<'_, L>) -> T,
) -> Result<T, Unspecified> {
    let output = u16::try_from(length.len()).map_err(|_| Unspecified)?.to_be_bytes();
    let label_length = u8::try_from(label.len()).map_err(|_| Unspecified)?;
    secret.expand(&[&output, &[label_length], label, &[0]], length).map(make)
}

/// HKDF's output length for an IV.
struct IvLength;

impl KeyType for IvLength {
    fn len(&self) -> usize {
        NONCE_LEN
    }
}
