//! One certificate, read once.

use std::borrow::Cow;
use std::sync::{Arc, OnceLock};

use x509_parser::certificate::{X509Certificate, X509CertificateParser};
use x509_parser::error::X509Error;
use x509_parser::nom::Parser;

use super::algorithm;
use super::extensions::Extensions;
use super::key::PublicKey;
use super::malformed::{MAX_DER, Malformed};
use super::name::Name;
use super::part::Part;
use super::{Hex, sha1, sha256};
use crate::time::Time;

/// A certificate as it was sent. Two are the same certificate exactly if their SHA-256 is the same.
///
/// It is read when it is first asked what it says, and then remembers. Most are never asked: an authority's that has to do
/// with nothing listed, or one of which the same was said before.
#[derive(Debug)]
pub struct Certificate {
    /// SHA-256 of the whole DER.
    pub sha256: [u8; 32],
    sha1: OnceLock<[u8; 20]>,
    facts: OnceLock<Result<Box<Facts>, Malformed>>,
    der: Arc<[u8]>,
}

/// What a certificate says (RFC 5280, section 4.1). What is bytes in it stays in the certificate's own; what is rarely asked
/// for is read when it is.
#[derive(Clone, Debug)]
pub struct Facts {
    /// Who it is for.
    pub subject: Name,
    /// Who signed it, by its own account.
    pub issuer: Name,
    /// The serial number's octets without leading zeros; empty for zero.
    pub serial: Part,
    /// When it is valid.
    pub validity: Validity,
    /// The subject's public key.
    pub key: PublicKey,
    /// The algorithm of its signature: its common name, or the dotted OID of one that has none here.
    pub signature_algorithm: Cow<'static, str>,
    /// What its extensions say.
    pub extensions: Extensions,
    /// Bytes after the certificate's own end.
    pub trailing: usize,
}

/// The period of validity, in whole seconds since the Unix epoch, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Validity {
    /// First second.
    pub not_before: i64,
    /// Last second.
    pub not_after: i64,
}

/// How a moment lies to a period of validity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValidityAt {
    /// Within it.
    Valid,
    /// Before it, by this many started days.
    NotYet(u64),
    /// After it, by this many started days.
    Expired(u64),
}

impl Certificate {
    /// A certificate in DER. It never fails: what cannot be parsed keeps its hashes.
    pub fn new(der: &[u8]) -> Self {
        Self::with_hash(der, sha256(der))
    }

    /// A certificate in DER whose SHA-256 is known.
    pub(super) fn with_hash(der: &[u8], sha256: [u8; 32]) -> Self {
        if der.len() <= MAX_DER {
            return Self { sha256, sha1: OnceLock::new(), facts: OnceLock::new(), der: der.into() };
        }
        let malformed = Err(Malformed::TooLong(der.len()));
        Self { sha256, sha1: sha1(der).into(), facts: malformed.into(), der: Arc::default() }
    }

    /// The certificate's bytes; empty if it was longer than [`MAX_DER`].
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// A hash for memories of certificates: a part of the SHA-256.
    pub fn place(&self) -> u64 {
        u64::from_le_bytes(*self.sha256.first_chunk().unwrap_or(&[0; 8]))
    }

    /// SHA-1 of the whole DER, as older lists name certificates.
    pub fn sha1(&self) -> &[u8; 20] {
        self.sha1.get_or_init(|| sha1(&self.der))
    }

    /// What it says.
    ///
    /// # Errors
    ///
    /// Why it could not be read.
    pub fn read(&self) -> Result<&Facts, Malformed> {
        match self.facts.get_or_init(|| Facts::parse(&self.der).map(Box::new)) {
            Ok(facts) => Ok(facts),
            Err(malformed) => Err(*malformed),
        }
    }

    /// What it says, if it could be read.
    pub fn facts(&self) -> Option<&Facts> {
        self.read().ok()
    }
}

impl Facts {
    fn parse(der: &Arc<[u8]>) -> Result<Self, Malformed> {
        let (rest, parsed) = read(der)?;
        Ok(Self {
            subject: Name::new(der, parsed.subject()),
            issuer: Name::new(der, parsed.issuer()),
            serial: Part::of(der, significant(parsed.raw_serial())),
            validity: Validity {
                not_before: parsed.validity().not_before.timestamp(),
                not_after: parsed.validity().not_after.timestamp(),
            },
            key: PublicKey::new(der, parsed.public_key()),
            signature_algorithm: algorithm::name(&parsed.signature_algorithm.algorithm),
            extensions: Extensions::new(der, parsed.extensions()),
            trailing: rest.len(),
        })
    }

    /// Subject and issuer are the same name. It may still be signed by another key.
    pub fn self_issued(&self) -> bool {
        self.subject.der == self.issuer.der
    }

    /// The serial number in lower-case hexadecimal; `00` for zero.
    pub fn serial_hex(&self) -> String {
        if self.serial.is_empty() { "00".to_owned() } else { Hex(&self.serial).to_string() }
    }
}

impl Validity {
    /// The first moment; saturates where [`Time`] cannot express it (before 1677, after 2262).
    pub fn not_before(self) -> Time {
        Time::new(self.not_before, 0)
    }

    /// The last second's first moment; saturates as above.
    pub fn not_after(self) -> Time {
        Time::new(self.not_after, 0)
    }

    /// How `now` lies to it.
    pub fn at(self, now: Time) -> ValidityAt {
        let now = now.0.div_euclid(1_000_000_000);
        if now < self.not_before {
            ValidityAt::NotYet(started_days(now, self.not_before))
        } else if now > self.not_after {
            ValidityAt::Expired(started_days(self.not_after, now))
        } else {
            ValidityAt::Valid
        }
    }

    /// How long it is, in whole days; zero if it ends before it begins.
    pub fn days(self) -> u64 {
        seconds_between(self.not_before, self.not_after) / SECONDS_A_DAY
    }
}

const SECONDS_A_DAY: u64 = 86_400;

fn seconds_between(earlier: i64, later: i64) -> u64 {
    u64::try_from(later.saturating_sub(earlier)).unwrap_or(0)
}

fn started_days(earlier: i64, later: i64) -> u64 {
    seconds_between(earlier, later).div_ceil(SECONDS_A_DAY)
}

/// The parsed structure and what follows it. Extensions are left as bytes, so that one broken extension cannot hide the
/// others.
pub(super) fn read(der: &[u8]) -> Result<(&[u8], X509Certificate<'_>), Malformed> {
    let mut parser = X509CertificateParser::new().with_deep_parse_extensions(false);
    parser.parse(der).map_err(|error| Malformed::from(&X509Error::from(error)))
}

/// The octets of a serial number after its leading zeros, in which lists and encoders differ.
fn significant(serial: &[u8]) -> &[u8] {
    let zeros = serial.iter().take_while(|&&octet| octet == 0).count();
    serial.get(zeros..).unwrap_or_default()
}
