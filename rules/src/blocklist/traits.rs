//! Traits of forged certificates: evidence beside a match, and never a finding alone.
//!
//! They are those that Raman et al. found in the certificates injected in Kazakhstan in 2019 ("Investigating Large
//! Scale HTTPS Interception in Kazakhstan", IMC 2020, section 4.2), and the short-lived intermediates of OONI's report
//! of 2024.

use dissectors::x509::{Certificate, Facts, KeyKind};

/// Leaves of public authorities carry nine or ten extensions in practice. One that was copied without what its forger
/// cannot make has none (Raman et al.) or six (the leaf recorded in July 2019, of which the genuine one had ten).
const FEW_EXTENSIONS: usize = 6;

/// The state's intermediates are valid for 75 days, those of public authorities for years.
const SHORT_LIVED_CA_DAYS: u64 = 180;

/// RSA keys below this are not issued any more (Baseline Requirements, section 6.1.5).
const WEAK_RSA_BITS: u32 = 2048;

/// One trait, with what it was read from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trait {
    /// RSA with public exponent 3.
    RsaExponent3,
    /// An RSA key of so many bits, fewer than anybody issues.
    WeakKey(u32),
    /// A leaf without embedded certificate timestamps.
    NoEmbeddedSct,
    /// A leaf with so few extensions.
    FewExtensions(usize),
    /// An authority that is valid for so few days.
    ShortLivedCa(u64),
}

impl Trait {
    /// The word used in outputs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::RsaExponent3 => "rsa_exponent_3",
            Self::WeakKey(_) => "weak_key",
            Self::NoEmbeddedSct => "no_embedded_sct",
            Self::FewExtensions(_) => "few_extensions",
            Self::ShortLivedCa(_) => "short_lived_ca",
        }
    }

    /// The number that goes with it: bits, extensions, days.
    pub fn value(self) -> Option<u64> {
        match self {
            Self::RsaExponent3 | Self::NoEmbeddedSct => None,
            Self::WeakKey(bits) => Some(u64::from(bits)),
            Self::FewExtensions(count) => u64::try_from(count).ok(),
            Self::ShortLivedCa(days) => Some(days),
        }
    }
}

/// The traits of one certificate of a match's path.
pub fn traits(certificate: &Certificate) -> Vec<Trait> {
    let Some(facts) = certificate.facts() else { return Vec::new() };
    let key = key_traits(facts);
    let rest = if facts.extensions.ca { [short_lived_ca(facts), None] } else { leaf_traits(facts) };
    key.into_iter().chain(rest).flatten().collect()
}

fn key_traits(facts: &Facts) -> [Option<Trait>; 2] {
    let rsa = facts.key.kind == KeyKind::Rsa;
    [
        (facts.key.rsa_exponent == Some(3)).then_some(Trait::RsaExponent3),
        (rsa && facts.key.bits < WEAK_RSA_BITS).then_some(Trait::WeakKey(facts.key.bits)),
    ]
}

fn leaf_traits(facts: &Facts) -> [Option<Trait>; 2] {
    let count = facts.extensions.count;
    [
        (!facts.extensions.sct).then_some(Trait::NoEmbeddedSct),
        (count <= FEW_EXTENSIONS).then_some(Trait::FewExtensions(count)),
    ]
}

fn short_lived_ca(facts: &Facts) -> Option<Trait> {
    let days = facts.validity.days();
    (days < SHORT_LIVED_CA_DAYS).then_some(Trait::ShortLivedCa(days))
}
