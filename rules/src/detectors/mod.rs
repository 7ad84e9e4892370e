//! Detectors: each looks at a decided attempt and may have one finding. A detector is a file and a line in
//! [`DETECTORS`]; none remembers anything, and none knows what was written before.

mod blocklisted_chain;
mod closed;
mod reset;
mod silence;
#[cfg(test)]
mod tests;

pub use blocklisted_chain::RULE as BLOCKLISTED_CHAIN;

use dissectors::attempt::{Attempt, TcpFacts};
use dissectors::packet::IcmpError;

use crate::blocklist::Match;
use crate::evidence::Evidence;
use crate::finding::{Finding, Rule};
use crate::outcome::{Decision, hello_quoted};

/// What a detector looks at.
#[derive(Clone, Copy, Debug)]
pub struct Case<'a> {
    /// The facts.
    pub attempt: &'a Attempt,
    /// What became of it. It has asked already whether both directions were visible and nothing was lost.
    pub decision: &'a Decision,
    /// What the server's chain leads to, the heaviest first.
    pub matches: &'a [Match],
}

/// A rule and what finds it.
#[derive(Debug)]
pub struct Detector {
    /// What it is.
    pub rule: &'static Rule,
    /// Looks at a case.
    pub detect: fn(&Case<'_>) -> Option<Finding>,
}

/// All detectors, by their rules' ids.
pub static DETECTORS: &[Detector] = &[
    Detector { rule: &silence::AFTER_HELLO, detect: silence::after_hello },
    Detector { rule: &silence::MID_HANDSHAKE, detect: silence::mid_handshake },
    Detector { rule: &reset::AFTER_HELLO, detect: reset::after_hello },
    Detector { rule: &reset::MID_HANDSHAKE, detect: reset::mid_handshake },
    Detector { rule: &closed::AFTER_HELLO, detect: closed::after_hello },
    Detector { rule: &blocklisted_chain::RULE, detect: blocklisted_chain::detect },
];

/// All rules, by id.
pub fn rules() -> impl Iterator<Item = &'static Rule> {
    DETECTORS.iter().map(|detector| detector.rule)
}

impl Case<'_> {
    /// Whether the hello names a server: without a name there is nothing that a censor can have read, nor a row to count
    /// it in.
    fn is_named(&self) -> bool {
        !self.attempt.server_name().is_empty()
    }

    /// What else explains that no answer came, if anything: a client that could take none, a path dead before the hello,
    /// or a router or host that said why.
    fn obstacle(&self) -> Option<&'static str> {
        let facts = self.attempt.tcp()?;
        let obstacles = [
            ("client_window_0", facts.client.window_closed),
            ("syn_ack_repeated", facts.syn_ack_repeated_after_ack),
            ("too_big", self.hello_quoted(facts, |error| matches!(error, IcmpError::TooBig(_)))),
            ("port_unreachable", self.hello_quoted(facts, |error| error == IcmpError::PortUnreachable)),
            ("unreachable", self.hello_quoted(facts, |error| matches!(error, IcmpError::Unreachable(..)))),
        ];
        obstacles.into_iter().find(|(_, holds)| *holds).map(|(name, _)| name)
    }

    fn hello_quoted(&self, facts: &TcpFacts, which: impl Fn(IcmpError) -> bool) -> bool {
        hello_quoted(self.attempt, facts, which)
    }

    /// What every finding about a connection's end states.
    fn context(&self) -> Vec<Evidence> {
        let hops = self.attempt.tcp().and_then(|facts| facts.server.ttl.seen);
        let names = u32::try_from(self.attempt.hello.conflicting_names.len()).unwrap_or(u32::MAX);
        let prohibited = |facts| self.hello_quoted(facts, |error| error == IcmpError::Prohibited);
        [
            hops.map(|seen| Evidence::context("server_ttl", u32::from(seen.last))),
            (names > 0).then(|| Evidence::context("conflicting_names", names)),
            (self.attempt.tcp().is_some_and(prohibited)).then(|| Evidence::context("icmp", "prohibited")),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}
