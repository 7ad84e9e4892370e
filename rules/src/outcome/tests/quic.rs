//! The rules for QUIC.

use super::*;

pub(super) fn quic_silence(initials: u32, last: i64) -> Attempt {
    quic().quic_facts(|f| {
        (f.client.initials, f.client.datagrams, f.client.unanswered) = (initials, initials, initials);
        (f.client.last, f.client.last_initial) = (Some(at(last)), Some(at(last)));
    })
}

fn quic_answered(after: i64) -> Attempt {
    quic().quic_facts(|f| {
        (f.server.datagrams, f.server.initials, f.answer) = (1, 1, Some(at(after)));
        (f.server.first, f.server.first_initial, f.server.last) = (Some(at(after)), Some(at(after)), Some(at(after)));
        (f.client.unanswered, f.client.unanswered_since) = (0, None);
    })
}

pub(super) fn quic_stall() -> Attempt {
    quic_answered(100).quic_facts(|f| {
        (f.client.unanswered, f.client.unanswered_since, f.client.last) = (4, Some(at(110)), Some(at(4_000)));
    })
}

/// The client finished at 110 ms, and sent so many Handshake packets, the last of them at `last`; the server repeats its
/// flight all the while.
fn unconfirmed(handshakes: u32, last: i64) -> Attempt {
    quic_answered(100).quic_facts(|f| {
        (f.client.short, f.client.first_short) = (1, Some(at(110)));
        (f.client.handshakes, f.client.last_handshake) = (handshakes, Some(at(last)));
    })
}

#[test]
fn quic_outcomes() {
    use dissectors::quic::{Close, Side};
    let close = |sender, code| Some(Close { sender, time: at(200), code });
    let cases = [
        (quic(), Outcome::Unresolved),
        (quic_silence(2, 12_000), Outcome::Unresolved),
        (quic_silence(3, 2_999), Outcome::Unresolved),
        (quic_silence(3, 3_000), Outcome::SilenceAfterHello),
        (quic_silence(5, 10_000), Outcome::SilenceAfterHello),
        (quic_silence(5, 9_000).quic_facts(|f| f.hello = None), Outcome::HelloIncomplete),
        (quic_silence(5, 9_000).quic_facts(|f| f.damage.truncated = 1), Outcome::Unresolved),
        (quic_silence(5, 9_000).quic_facts(|f| f.server.foreign = 1), Outcome::Unresolved),
        (quic_answered(100), Outcome::Answered),
        (quic_answered(3_000), Outcome::LateAnswer),
        (quic_stall(), Outcome::SilenceMidHandshake),
        (quic_stall().quic_facts(|f| f.client.short = 1), Outcome::Answered),
        (unconfirmed(3, 3_110), Outcome::SilenceMidHandshake),
        (unconfirmed(3, 3_109), Outcome::Answered),
        (unconfirmed(2, 9_000), Outcome::Answered),
        (unconfirmed(9, 9_000).quic_facts(|f| f.damage.unopened = 1), Outcome::Answered),
        (quic_answered(100).quic_facts(|f| f.completed = Some(at(300))), Outcome::Completed),
        (quic_answered(100).quic_facts(|f| f.close = close(Side::Server, 0x128)), Outcome::TlsAlert),
        (quic_answered(100).quic_facts(|f| f.close = close(Side::Server, 2)), Outcome::Answered),
        (quic().quic_facts(|f| f.close = close(Side::Client, 0)), Outcome::Abandoned),
    ];
    for (index, (attempt, expected)) in cases.iter().enumerate() {
        assert_eq!(outcome(attempt), *expected, "case {index}");
    }
    assert_eq!(decide(&quic_silence(5, 10_000)).strength, Some(Strength::Hard));
}

#[test]
fn quic_silence_needs_the_way_back_to_be_visible() {
    let heard = |away| Quality { client_heard: away, ..clean() };
    let told = |away| super::super::decide(&quic_silence(4, 12_000), &heard(away), &SETTINGS);
    assert_eq!(told(None).reason, Some(Reason::OneSided));
    assert_eq!(told(Some(ms(60_001))).reason, Some(Reason::OneSided));
    assert_eq!(told(Some(ms(60_000))).outcome, Outcome::SilenceAfterHello);
    let acknowledged = quic_silence(4, 12_000).quic_facts(|f| (f.server.datagrams, f.server.initials) = (1, 1));
    let decision = super::super::decide(&acknowledged, &heard(None), &SETTINGS);
    assert_eq!(decision.outcome, Outcome::SilenceAfterHello, "an acknowledgement shows the way back, and is no answer");
}

#[test]
fn version_negotiation_answers() {
    let negotiation = quic().quic_facts(|f| {
        (f.version_negotiation, f.answer, f.server.datagrams) = (Some(at(50)), Some(at(50)), 1);
    });
    let decision = decide(&negotiation);
    assert_eq!((decision.outcome, decision.answer), (Outcome::Answered, Some(AnswerKind::VersionNegotiation)));
    assert_eq!(decision.answer.unwrap().as_str(), "version_negotiation");
    assert_eq!(decide(&negotiation.quic_facts(|f| f.hellos = 2)).answer, None);
}
