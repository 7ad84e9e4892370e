//! One entry of a blocklist: what is listed, and by which marks it is recognised.

use std::sync::Arc;

use dissectors::x509::{Certificate, PublicKey};

use super::pattern::Pattern;

/// What being listed means. In order of weight.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// Made or used to intercept other people's TLS.
    Interception,
    /// Its private key is known to others than its owner, or it stands for an attacker.
    Compromised,
    /// A product that intercepts for the owner of the machine or network: antivirus, office proxy, firewall.
    Product,
    /// Revoked, retired or distrusted for another reason. Recorded, never an interception alert: such certificates are
    /// found in healthy chains every day.
    Revoked,
}

/// What kind of thing is listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A server's certificate, by its hash.
    Leaf,
    /// An authority's certificate, by hash and, if it is known, by its key: it may be sent or not.
    Intermediate,
    /// A root, likewise.
    Root,
    /// A public key, by its hash and, if it is known, by what it signed.
    Spki,
    /// The name of an issuer: never a proof.
    IssuerDn,
    /// A certificate by its issuer's name and its serial number (OneCRL): never a proof.
    IssuerSerial,
    /// A certificate by its subject's name and its key's hash (OneCRL).
    SubjectSpki,
}

/// One listed thing.
#[derive(Clone, Debug)]
pub struct Entry {
    /// A stable name: of the list, and of what is listed.
    pub id: String,
    /// What being listed means.
    pub class: Class,
    /// What kind of thing it is.
    pub kind: Kind,
    /// Who it is, for a person.
    pub label: String,
    /// Why it is listed; may be empty.
    pub reason: String,
    /// Where to read more; may be empty.
    pub reference: String,
    /// The list's name.
    pub source: Arc<str>,
    /// The line in the source at which it begins, or its number in a JSON list; from 1.
    pub line: u32,
    /// How it is recognised.
    pub marks: Marks,
}

/// The marks by which a certificate is recognised. Which of them are looked at depends on the entry's [`Kind`].
#[derive(Clone, Debug, Default)]
pub struct Marks {
    /// SHA-256 of the certificate.
    pub sha256: Option<[u8; 32]>,
    /// SHA-1 of the certificate.
    pub sha1: Option<[u8; 20]>,
    /// SHA-256 of its SubjectPublicKeyInfo.
    pub spki_sha256: Option<[u8; 32]>,
    /// The key itself: what it signed can be proven.
    pub key: Option<PublicKey>,
    /// The key identifier that certificates signed by it refer to.
    pub key_id: Option<Box<[u8]>>,
    /// DER of the subject's name.
    pub subject: Option<Box<[u8]>>,
    /// DER of the issuer's name.
    pub issuer: Option<Box<[u8]>>,
    /// The serial number's octets without leading zeros.
    pub serial: Option<Box<[u8]>>,
    /// The issuer's common name.
    pub issuer_cn: Option<Pattern>,
    /// The issuer's organisation.
    pub issuer_o: Option<Pattern>,
}

impl Class {
    /// All classes, the heaviest first.
    pub const ALL: [Self; 4] = [Self::Interception, Self::Compromised, Self::Product, Self::Revoked];

    /// The word used in lists and outputs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Interception => "interception",
            Self::Compromised => "compromised",
            Self::Product => "product",
            Self::Revoked => "revoked",
        }
    }

    /// The class that has this word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|class| class.as_str() == word)
    }

    /// Whether a match is worth an alert.
    pub fn alerts(self) -> bool {
        self != Self::Revoked
    }
}

impl Kind {
    /// All kinds.
    pub const ALL: [Self; 7] =
        [Self::Leaf, Self::Intermediate, Self::Root, Self::Spki, Self::IssuerDn, Self::IssuerSerial, Self::SubjectSpki];

    /// The word used in lists and outputs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Leaf => "leaf",
            Self::Intermediate => "intermediate",
            Self::Root => "root",
            Self::Spki => "spki",
            Self::IssuerDn => "issuer_dn",
            Self::IssuerSerial => "issuer_serial",
            Self::SubjectSpki => "subject_spki",
        }
    }

    /// The kind that has this word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }

    /// The kind of a certificate that is listed as a whole. Version 1 roots have no extension that says so: a
    /// certificate issued to itself counts as a root.
    pub fn of(certificate: &Certificate) -> Self {
        match certificate.facts() {
            Some(facts) if facts.self_issued() => Self::Root,
            Some(facts) if facts.extensions.ca => Self::Intermediate,
            _ => Self::Leaf,
        }
    }
}

impl Marks {
    /// The marks of a certificate that is at hand.
    pub fn of(certificate: &Certificate) -> Self {
        let facts = certificate.facts();
        Self {
            sha256: Some(certificate.sha256),
            sha1: Some(*certificate.sha1()),
            spki_sha256: facts.map(|facts| facts.key.spki_sha256),
            key: facts.map(|facts| facts.key.clone()),
            key_id: facts.and_then(|facts| facts.extensions.subject_key_id.as_deref().map(Box::from)),
            subject: facts.map(|facts| Box::from(&*facts.subject.der)),
            ..Self::default()
        }
    }

    /// The marks of a key that is at hand.
    pub fn of_key(key: PublicKey) -> Self {
        Self { spki_sha256: Some(key.spki_sha256), key: Some(key), ..Self::default() }
    }

    /// Whether an entry of this kind can be recognised by them.
    pub(super) fn suffice(&self, kind: Kind) -> bool {
        let issuer_and_serial = self.issuer.is_some() && self.serial.is_some();
        match kind {
            Kind::Leaf => self.sha256.is_some() || self.sha1.is_some() || issuer_and_serial,
            Kind::Intermediate | Kind::Root => {
                self.sha256.is_some() || self.sha1.is_some() || self.spki_sha256.is_some() || issuer_and_serial
            }
            Kind::Spki => self.spki_sha256.is_some(),
            Kind::IssuerDn => self.issuer.is_some() || self.issuer_cn.is_some() || self.issuer_o.is_some(),
            Kind::IssuerSerial => issuer_and_serial,
            Kind::SubjectSpki => self.subject.is_some() && self.spki_sha256.is_some(),
        }
    }
}
