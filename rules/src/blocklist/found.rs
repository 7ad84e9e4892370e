//! What a match states.

use std::sync::Arc;

use dissectors::x509::Certificate;

use super::entry::{Class, Entry};

/// How sure a match is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// From the leaf on, every link verified by signature, up to a listed key or hash.
    Proven,
    /// A name, a serial number, or a link that nobody could verify.
    Claimed,
}

/// What the signatures between the leaf and the listed thing said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Signature {
    /// All verified.
    Verified,
    /// One needs an algorithm that is not implemented.
    Unsupported,
    /// One is too weak to prove anything.
    WeakKey,
    /// One was not tried, because the budget was spent.
    NotTried,
    /// There was nothing to verify with: the entry has no key, or it is a name.
    NoKey,
    /// The name is a listed key's, and none of the keys of that name made the signature.
    Fails,
}

/// By which mark the entry was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// The last certificate of the path names a listed key as its signer.
    Signer,
    /// The last certificate of the path is listed by its SHA-256.
    Sha256,
    /// By its SHA-1.
    Sha1,
    /// By its key's hash.
    Spki,
    /// By its subject's name and its key's hash.
    SubjectSpki,
    /// By its issuer's name and its serial number.
    IssuerSerial,
    /// By its issuer's name.
    IssuerDn,
    /// By a pattern over its issuer's name.
    IssuerPattern,
}

/// One entry that a chain leads to.
#[derive(Clone, Debug)]
pub struct Match {
    /// What is listed.
    pub entry: Arc<Entry>,
    /// How sure it is.
    pub level: Level,
    /// What the signatures said.
    pub signature: Signature,
    /// By which mark.
    pub by: By,
    /// How many listed keys the last certificate's issuer may mean. Of a claim, `entry` is only the first of them.
    pub candidates: usize,
    /// The certificates from the leaf to the one that carries the mark.
    pub path: Vec<Arc<Certificate>>,
}

impl Match {
    /// The class of the entry.
    pub fn class(&self) -> Class {
        self.entry.class
    }

    /// The heaviest class first, and in it the surest.
    pub(super) fn rank(&self) -> (Class, Level, Signature) {
        (self.entry.class, self.level, self.signature)
    }
}

impl Level {
    /// The word used in outputs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Proven => "proven",
            Self::Claimed => "claimed",
        }
    }
}

impl Signature {
    /// The word used in outputs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Verified => "verified",
            Self::Unsupported => "unsupported",
            Self::WeakKey => "weak_key",
            Self::NotTried => "not_tried",
            Self::NoKey => "no_key",
            Self::Fails => "fails",
        }
    }
}

impl By {
    /// The word used in outputs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Signer => "signer",
            Self::Sha256 => "sha256",
            Self::Sha1 => "sha1",
            Self::Spki => "spki",
            Self::SubjectSpki => "subject_spki",
            Self::IssuerSerial => "issuer_serial",
            Self::IssuerDn => "issuer_dn",
            Self::IssuerPattern => "issuer_pattern",
        }
    }

    /// Whether the mark itself proves what it points at: a name does not, nor a serial number.
    pub(super) fn proves(self) -> bool {
        matches!(self, Self::Signer | Self::Sha256 | Self::Sha1 | Self::Spki | Self::SubjectSpki)
    }
}
