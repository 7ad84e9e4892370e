//! A FIN instead of an answer.

use super::Case;
use crate::evidence::Evidence;
use crate::finding::{Finding, Level, Rule};
use crate::outcome::Outcome;

/// A FIN before any answer.
pub(super) static AFTER_HELLO: Rule = Rule {
    id: 7_000_021,
    revision: 1,
    name: "closed_after_hello",
    message: "close after ClientHello",
    description: "The server's side of a named handshake closed by FIN after the ClientHello, before any byte of an answer \
                  and before the client closed. Always soft: servers that do not know a name do the same.",
    category: "handshake-close",
    levels: &[Level::Soft],
    early: false,
};

pub(super) fn after_hello(case: &Case<'_>) -> Option<Finding> {
    if case.decision.outcome != Outcome::ClosedAfterHello || !case.is_named() || case.obstacle().is_some() {
        return None;
    }
    let fin = case.attempt.tcp()?.server.fin?;
    let distance = fin.time.since(case.attempt.time);
    let mut evidence = vec![Evidence::observed("distance", distance), Evidence::context("fin_ttl", u32::from(fin.ttl))];
    evidence.extend(case.context());
    let message =
        format!("FIN in the server's name {:.1} ms after the ClientHello, and no answer", distance.as_secs_f64() * 1e3);
    Some(Finding { rule: &AFTER_HELLO, level: Level::Soft, severity: 3, message, evidence })
}
