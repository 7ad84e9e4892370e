//! A reset that ended the handshake.

use super::Case;
use crate::evidence::Evidence;
use crate::finding::{Finding, Level, Rule};
use crate::outcome::Outcome;
use crate::reset::{Arrival, ResetEvidence};
use dissectors::attempt::Side;

/// A reset before any answer.
pub(super) static AFTER_HELLO: Rule = Rule {
    id: 7_000_011,
    revision: 1,
    name: "reset_after_hello",
    message: "reset after ClientHello",
    description: "The handshake with a named server ended by an RST after the ClientHello and before any answer, and no \
                  side had closed before. injected: two independent traits say that another than the alleged sender sent \
                  it; otherwise soft, since a server may refuse a name that way.",
    category: "handshake-reset",
    levels: &[Level::Injected, Level::Soft],
    early: false,
};

/// A reset after the server began.
pub(super) static MID_HANDSHAKE: Rule = Rule {
    id: 7_000_012,
    revision: 1,
    name: "reset_mid_handshake",
    message: "reset in the midst of the handshake",
    description: "As reset_after_hello, after the server's answer began.",
    category: "handshake-reset",
    levels: &[Level::Injected, Level::Soft],
    early: false,
};

pub(super) fn after_hello(case: &Case<'_>) -> Option<Finding> {
    find(case, &AFTER_HELLO, Outcome::ResetAfterHello)
}

pub(super) fn mid_handshake(case: &Case<'_>) -> Option<Finding> {
    find(case, &MID_HANDSHAKE, Outcome::ResetMidHandshake)
}

fn find(case: &Case<'_>, rule: &'static Rule, outcome: Outcome) -> Option<Finding> {
    let reset = case.decision.reset.as_ref().filter(|_| case.decision.outcome == outcome && case.is_named())?;
    let (level, severity) = if reset.injected { (Level::Injected, 1) } else { (Level::Soft, 3) };
    let mut evidence = vec![
        Evidence::observed("sender", sender(reset.sender)),
        Evidence::observed("arrival", reset.arrival.as_str()),
        Evidence::observed("distance", reset.distance),
    ];
    evidence.extend(reset.traits.iter().cloned());
    evidence.extend(case.context());
    Some(Finding { rule, level, severity, message: message(reset), evidence })
}

fn message(reset: &ResetEvidence) -> String {
    let place = match reset.arrival {
        Arrival::Before => "before",
        Arrival::After => "after",
    };
    let ms = reset.distance.as_secs_f64() * 1e3;
    let sender = sender(reset.sender);
    format!("RST in the {sender}'s name {ms:.1} ms {place} the ClientHello; {} foreign traits", reset.counted())
}

fn sender(side: Side) -> &'static str {
    match side {
        Side::Client => "client",
        Side::Server => "server",
    }
}
