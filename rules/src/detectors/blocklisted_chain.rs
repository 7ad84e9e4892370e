//! A server's chain that leads to something listed.

use std::fmt::Write as _;

use dissectors::x509::{Certificate, ValidityAt};

use super::Case;
use crate::blocklist::{self, Class, Match, traits};
use crate::evidence::{Evidence, Value};
use crate::finding::{Finding, Level, Rule};

/// A listed certificate or key.
pub static RULE: Rule = Rule {
    id: 7_000_031,
    revision: 1,
    name: "blocklisted_chain",
    message: "chain leads to a listed certificate",
    description: "The server's chain leads to a listed certificate or key. proven: every link from the leaf verified by \
                  signature, or listed by hash; claimed: a name, a serial number, or a link that could not be verified. \
                  Never for entries of the class revoked; at the lowest severity for interception products. Needs no \
                  server name: the certificate says who it pretends to be.",
    category: "certificate-chain",
    levels: &[Level::Proven, Level::Claimed],
    early: false,
};

pub(super) fn detect(case: &Case<'_>) -> Option<Finding> {
    let found =
        case.matches.iter().filter(|found| found.class().alerts()).min_by_key(|found| (found.class(), found.level))?;
    let level = match found.level {
        blocklist::Level::Proven => Level::Proven,
        blocklist::Level::Claimed => Level::Claimed,
    };
    let message = match level {
        Level::Proven => format!("The chain leads to {}, proven by {}", found.entry.label, found.by.as_str()),
        _ => format!("The chain names {} and does not prove it", found.entry.label),
    };
    Some(Finding {
        rule: &RULE,
        level,
        severity: severity(found.class(), level),
        message,
        evidence: evidence(case, found),
    })
}

/// A product intercepts by its owner's wish, and is noted; a claim weighs less than a proof.
fn severity(class: Class, level: Level) -> u8 {
    match (class, level) {
        (Class::Product | Class::Revoked, _) => 4,
        (Class::Interception | Class::Compromised, Level::Proven) => 1,
        (Class::Interception | Class::Compromised, _) => 2,
    }
}

fn evidence(case: &Case<'_>, found: &Match) -> Vec<Evidence> {
    let entry = &found.entry;
    let mut lines = vec![
        Evidence::observed("entry", entry.id.clone()),
        Evidence::observed("class", found.class().as_str()),
        Evidence::observed("by", found.by.as_str()),
        Evidence::observed("signature", found.signature.as_str()),
        Evidence::context("label", entry.label.clone()),
        Evidence::context("source", entry.source.to_string()),
    ];
    let further = [("reason", &entry.reason), ("reference", &entry.reference)];
    lines.extend(
        further
            .into_iter()
            .filter(|(_, text)| !text.is_empty())
            .map(|(name, text)| Evidence::context(name, text.clone())),
    );
    if found.candidates > 1 {
        lines.push(Evidence::context("candidates", u32::try_from(found.candidates).unwrap_or(u32::MAX)));
    }
    lines.extend(found.path.iter().map(|certificate| Evidence::context("path", hex(&certificate.sha256))));
    lines.extend(found.path.iter().filter_map(|certificate| validity(certificate, case)));
    lines.extend(found.path.iter().flat_map(|certificate| traits(certificate)).map(trait_line));
    lines
}

/// Whether the certificate was valid when captured: reported, and never a reason to keep silent.
fn validity(certificate: &Certificate, case: &Case<'_>) -> Option<Evidence> {
    match certificate.facts()?.validity.at(case.attempt.time) {
        ValidityAt::Valid => None,
        ValidityAt::NotYet(days) => Some(Evidence::context("not_yet_valid_days", days_of(days))),
        ValidityAt::Expired(days) => Some(Evidence::context("expired_days", days_of(days))),
    }
}

fn trait_line(one: blocklist::Trait) -> Evidence {
    let value = one.value().map_or(Value::from("yes"), |number| Value::Number(days_of(number)));
    Evidence::context(one.as_str(), value)
}

fn days_of(days: u64) -> i64 {
    i64::try_from(days).unwrap_or(i64::MAX)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
