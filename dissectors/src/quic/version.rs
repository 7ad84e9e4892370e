//! QUIC versions: which exist, how each numbers its packet types, and with which salt and labels its Initial packets
//! are protected. It knows nothing of packets or keys.

use std::fmt;

/// A QUIC version as on the wire.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version(pub u32);

/// Whose protocol a version is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Family {
    /// Version 1 (RFC 9000).
    V1,
    /// Version 2 (RFC 9369), with the last provisional number of its drafts.
    V2,
    /// Draft 22 to 34 of version 1; earlier drafts have other headers and are not met any more.
    Draft(u8),
    /// Facebook's mvfst, which numbers its own copies of drafts and of version 1.
    Mvfst,
    /// Google's QUIC with TLS 1.3 (T050, T051): the packets of the drafts.
    GoogleTls,
    /// Google's QUIC with its own cryptography (Q024 to Q050): there is no TLS in it.
    GoogleCrypto,
    /// `0x?a?a?a?a`, reserved to force version negotiation (RFC 9000, section 15).
    Reserved,
}

impl Version {
    /// QUIC version 1 (RFC 9000).
    pub const V1: Self = Self(1);
    /// QUIC version 2 (RFC 9369, section 3.1).
    pub const V2: Self = Self(0x6b33_43cf);
    /// What draft-ietf-quic-v2-01 and later called version 2 while it was provisional.
    const V2_DRAFT: Self = Self(0x709a_50c4);

    /// The family this version belongs to; `None` for versions this program has never heard of.
    pub fn family(self) -> Option<Family> {
        match (self, self.0.to_be_bytes()) {
            (Self::V1, _) => Some(Family::V1),
            (Self::V2 | Self::V2_DRAFT, _) => Some(Family::V2),
            (_, [0xff, 0, 0, draft @ 22..=34]) => Some(Family::Draft(draft)),
            (_, [0xfa, 0xce, 0xb0, 0x01..=0x1f]) => Some(Family::Mvfst),
            (_, [b'T', b'0', b'5', b'0' | b'1']) => Some(Family::GoogleTls),
            (_, [b'Q', b'0', b'2'..=b'5', b'0'..=b'9']) => Some(Family::GoogleCrypto),
            _ if self.0 & 0x0f0f_0f0f == 0x0a0a_0a0a => Some(Family::Reserved),
            _ => None,
        }
    }

    /// Whether packet types are numbered as in version 2 (RFC 9369, section 3.2).
    pub(super) fn renumbers_types(self) -> bool {
        self.family() == Some(Family::V2)
    }

    /// With which labels the keys of this version's Handshake packets follow from a secret. Google's versions, of which no
    /// key logs are met, have none here.
    pub(super) fn labels(self) -> Option<&'static Labels> {
        match self.family()? {
            Family::V2 => Some(&QUIC_V2),
            Family::V1 | Family::Draft(_) | Family::Mvfst => Some(&QUIC),
            Family::GoogleTls | Family::GoogleCrypto | Family::Reserved => None,
        }
    }

    /// How the Initial packets of this version may be protected, the likeliest first. A version that does not say
    /// which specification it follows has several; authentication tells which one it was.
    pub(super) fn schemes(self) -> &'static [Scheme] {
        match self.family() {
            Some(Family::V1 | Family::Draft(33..)) => &[Scheme::V1],
            Some(Family::V2) if self == Self::V2_DRAFT => &[Scheme::V2_DRAFT],
            Some(Family::V2) => &[Scheme::V2],
            Some(Family::Draft(..=22)) => &[Scheme::DRAFT_22],
            Some(Family::Draft(..=28)) => &[Scheme::DRAFT_23],
            Some(Family::Draft(_)) => &[Scheme::DRAFT_29],
            Some(Family::GoogleTls) if self.0 & 0xff == 0x30 => &[Scheme::T050],
            Some(Family::GoogleTls) => &[Scheme::T051],
            Some(Family::Mvfst) => mvfst_schemes(self),
            Some(Family::Reserved) => &[Scheme::V1, Scheme::DRAFT_29, Scheme::DRAFT_23],
            Some(Family::GoogleCrypto) | None => &[],
        }
    }
}

/// 0xfaceb001 follows draft 22, 0xfaceb002 and 0xfaceb00e draft 27 (Wireshark, packet-quic.c); the others are not
/// documented.
fn mvfst_schemes(version: Version) -> &'static [Scheme] {
    match version.0 & 0xff {
        0x01 => &[Scheme::DRAFT_22],
        0x02 | 0x0e => &[Scheme::DRAFT_23, Scheme::V1],
        _ => &[Scheme::V1, Scheme::DRAFT_23, Scheme::DRAFT_29],
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "0x{:08x}", self.0)
    }
}

/// How a version derives the keys of its Initial packets from a connection ID: HKDF's salt, and the labels for key, IV
/// and header protection.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Scheme {
    pub(super) salt: [u8; 20],
    pub(super) labels: &'static Labels,
}

/// The labels of HKDF-Expand-Label for a version's packets (RFC 9001, section 5.1).
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Labels {
    pub(super) key: &'static [u8],
    pub(super) iv: &'static [u8],
    pub(super) header: &'static [u8],
}

/// RFC 9001, section 5.1.
const QUIC: Labels = Labels { key: b"tls13 quic key", iv: b"tls13 quic iv", header: b"tls13 quic hp" };
/// RFC 9369, section 3.3.2.
const QUIC_V2: Labels = Labels { key: b"tls13 quicv2 key", iv: b"tls13 quicv2 iv", header: b"tls13 quicv2 hp" };

impl Scheme {
    const fn quic(salt: [u8; 20]) -> Self {
        Self { salt, labels: &QUIC }
    }

    /// RFC 9001, section 5.2; the same since draft-ietf-quic-tls-33.
    pub(super) const V1: Self = Self::quic([
        0x38, 0x76, 0x2c, 0xf7, 0xf5, 0x59, 0x34, 0xb3, 0x4d, 0x17, 0x9a, 0xe6, 0xa4, 0xc8, 0x0c, 0xad, 0xcc, 0xbb,
        0x7f, 0x0a,
    ]);
    /// RFC 9369, section 3.3.1.
    pub(super) const V2: Self = Self {
        salt: [
            0x0d, 0xed, 0xe3, 0xde, 0xf7, 0x00, 0xa6, 0xdb, 0x81, 0x93, 0x81, 0xbe, 0x6e, 0x26, 0x9d, 0xcb, 0xf9, 0xbd,
            0x2e, 0xd9,
        ],
        labels: &QUIC_V2,
    };
    /// draft-ietf-quic-v2-01, section 3.3.1.
    const V2_DRAFT: Self = Self {
        salt: [
            0xa7, 0x07, 0xc2, 0x03, 0xa5, 0x9b, 0x47, 0x18, 0x4a, 0x1d, 0x62, 0xca, 0x57, 0x04, 0x06, 0xea, 0x7a, 0xe3,
            0xe5, 0xd3,
        ],
        labels: &QUIC_V2,
    };
    /// draft-ietf-quic-tls-29 to 32, section 5.2.
    const DRAFT_29: Self = Self::quic([
        0xaf, 0xbf, 0xec, 0x28, 0x99, 0x93, 0xd2, 0x4c, 0x9e, 0x97, 0x86, 0xf1, 0x9c, 0x61, 0x11, 0xe0, 0x43, 0x90,
        0xa8, 0x99,
    ]);
    /// draft-ietf-quic-tls-23 to 28, section 5.2.
    const DRAFT_23: Self = Self::quic([
        0xc3, 0xee, 0xf7, 0x12, 0xc7, 0x2e, 0xbb, 0x5a, 0x11, 0xa7, 0xd2, 0x43, 0x2b, 0xb4, 0x63, 0x65, 0xbe, 0xf9,
        0xf5, 0x02,
    ]);
    /// draft-ietf-quic-tls-21 and 22, section 5.2.
    const DRAFT_22: Self = Self::quic([
        0x7f, 0xbc, 0xdb, 0x0e, 0x7c, 0x66, 0xbb, 0xe9, 0x19, 0x3a, 0x96, 0xcd, 0x21, 0x51, 0x9e, 0xbd, 0x7a, 0x02,
        0x64, 0x4a,
    ]);
    /// Google's T050 (Wireshark, packet-quic.c).
    const T050: Self = Self::quic([
        0x7f, 0xf5, 0x79, 0xe5, 0xac, 0xd0, 0x72, 0x91, 0x55, 0x80, 0x30, 0x4c, 0x43, 0xa2, 0x36, 0x7c, 0x60, 0x48,
        0x83, 0x10,
    ]);
    /// Google's T051 (Wireshark, packet-quic.c).
    const T051: Self = Self::quic([
        0x7a, 0x4e, 0xde, 0xf4, 0xe7, 0xcc, 0xee, 0x5f, 0xa4, 0x50, 0x6c, 0x19, 0x12, 0x4f, 0xc8, 0xcc, 0xda, 0x6e,
        0x03, 0x3d,
    ]);
}

#[cfg(test)]
mod tests {
    use super::{Family, Scheme, Version};

    #[test]
    fn families() {
        let cases = [
            (1, Some(Family::V1)),
            (0x6b33_43cf, Some(Family::V2)),
            (0x709a_50c4, Some(Family::V2)),
            (0xff00_0015, None),
            (0xff00_0016, Some(Family::Draft(22))),
            (0xff00_0022, Some(Family::Draft(34))),
            (0xff00_0023, None),
            (0xface_b002, Some(Family::Mvfst)),
            (0xface_c002, None),
            (0x5430_3531, Some(Family::GoogleTls)),
            (0x5130_3436, Some(Family::GoogleCrypto)),
            (0x5130_3632, None),
            (0x1a2a_3a4a, Some(Family::Reserved)),
            (0x1a2a_3a4b, None),
            (0, None),
        ];
        for (version, family) in cases {
            assert_eq!(Version(version).family(), family, "{version:#x}");
        }
    }

    #[test]
    fn salts_change_with_the_draft() {
        let salt = |draft: u32| Version(0xff00_0000 | draft).schemes();
        assert_eq!(salt(22), [Scheme::DRAFT_22]);
        for draft in 23..=28 {
            assert_eq!(salt(draft), [Scheme::DRAFT_23]);
        }
        for draft in 29..=32 {
            assert_eq!(salt(draft), [Scheme::DRAFT_29]);
        }
        assert_eq!(salt(33), [Scheme::V1]);
        assert_eq!(salt(34), [Scheme::V1]);
        assert!(Version(0x5130_3530).schemes().is_empty(), "Google's own cryptography is named only");
    }
}
