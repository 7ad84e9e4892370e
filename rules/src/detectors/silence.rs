//! No answer: to the hello, or in the midst of the handshake.

use std::time::Duration;

use dissectors::attempt::{Acked, Attempt, Transport};

use super::Case;
use crate::evidence::Evidence;
use crate::finding::{Finding, Level, Rule};
use crate::outcome::{Outcome, Strength};

/// A whole hello, no answer, and a witness.
pub(super) static AFTER_HELLO: Rule = Rule {
    id: 7_000_001,
    revision: 1,
    name: "silence_after_hello",
    message: "silence after ClientHello",
    description: "A whole ClientHello for a named server had no answer for 10 s (hard) or 3 s (soft), and the client was \
                  heard again that late without one. Both directions were visible and nothing was lost. Not where the \
                  client's window was 0, the SYN-ACK was repeated after its ACK, or an ICMP error says why.",
    category: "handshake-silence",
    levels: &[Level::Hard, Level::Soft],
    early: true,
};

/// The server began, and stopped.
pub(super) static MID_HANDSHAKE: Rule = Rule {
    id: 7_000_002,
    revision: 1,
    name: "silence_mid_handshake",
    message: "silence in the midst of the handshake",
    description: "The server of a named handshake began its answer, owed its next byte, and sent none for 10 s (hard) or \
                  3 s (soft), and the client was heard again that late. Conditions as for silence_after_hello.",
    category: "handshake-silence",
    levels: &[Level::Hard, Level::Soft],
    early: false,
};

pub(super) fn after_hello(case: &Case<'_>) -> Option<Finding> {
    let (level, silence) = silence(case, Outcome::SilenceAfterHello)?;
    let acknowledged = acknowledged(case.attempt);
    let message = format!("No answer to the ClientHello for {:.1} s or longer; {acknowledged}", silence.as_secs_f64());
    let mut evidence =
        vec![Evidence::observed("silence_at_least", silence), Evidence::observed("hello_acknowledged", acknowledged)];
    evidence.extend(repetitions(case.attempt));
    evidence.extend(case.context());
    Some(Finding { rule: &AFTER_HELLO, level, severity: severity(level), message, evidence })
}

pub(super) fn mid_handshake(case: &Case<'_>) -> Option<Finding> {
    let (level, silence) = silence(case, Outcome::SilenceMidHandshake)?;
    let message =
        format!("The server stopped in the midst of the handshake for {:.1} s or longer", silence.as_secs_f64());
    let mut evidence = vec![Evidence::observed("silence_at_least", silence)];
    evidence.extend(progress(case.attempt));
    evidence.extend(case.context());
    Some(Finding { rule: &MID_HANDSHAKE, level, severity: severity(level), message, evidence })
}

/// Level and length of the silence, where the outcome is `outcome` and nothing else explains it.
fn silence(case: &Case<'_>, outcome: Outcome) -> Option<(Level, Duration)> {
    if case.decision.outcome != outcome || !case.is_named() || case.obstacle().is_some() {
        return None;
    }
    let level = match case.decision.strength? {
        Strength::Hard => Level::Hard,
        Strength::Soft => Level::Soft,
    };
    Some((level, case.decision.silence?))
}

fn severity(level: Level) -> u8 {
    if level == Level::Hard { 2 } else { 3 }
}

fn acknowledged(attempt: &Attempt) -> &'static str {
    match &attempt.transport {
        Transport::Quic(_) => "acknowledgements are encrypted",
        Transport::Tcp(facts) => match facts.hello_acked {
            Acked::None => "never acknowledged",
            Acked::Part => "acknowledged in part",
            Acked::Whole => "acknowledged",
        },
    }
}

/// How often the client tried again.
fn repetitions(attempt: &Attempt) -> Vec<Evidence> {
    match &attempt.transport {
        Transport::Quic(facts) => vec![Evidence::context("initials", facts.client.initials)],
        Transport::Tcp(facts) => vec![
            Evidence::context("retransmissions", facts.retransmission_count),
            Evidence::context("retransmitted_at", facts.retransmissions.to_vec()),
        ],
    }
}

/// How far the server had come.
fn progress(attempt: &Attempt) -> Vec<Evidence> {
    match &attempt.transport {
        Transport::Quic(facts) => vec![Evidence::context("unanswered_datagrams", facts.client.unanswered)],
        Transport::Tcp(facts) => vec![
            Evidence::context("server_bytes", i64::try_from(facts.server.bytes).unwrap_or(i64::MAX)),
            Evidence::context("server_packets", facts.server.packets),
            Evidence::context("history", facts.tls.history.as_str().to_owned()),
        ],
    }
}
