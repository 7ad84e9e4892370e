//! Every rule of the list, its traps, its boundaries, its order; and that losing packets accuses nobody.

mod order;
mod quic;

use std::sync::LazyLock;

use dissectors::attempt::{Alert, Attempt, End, Side};
use dissectors::packet::{IcmpError, Quote};
use dissectors::tcp::half::Reset;
use dissectors::tcp::seq::Seq;

use super::{AnswerKind, Decision, Outcome, Reason, Settings, Strength};
use crate::quality::Quality;
use crate::reset::Arrival;
use crate::testing::{AFTER, START, Tell, at, clean, lossy, ms, quic, reset, tcp};

static SETTINGS: LazyLock<Settings> = LazyLock::new(Settings::default);

fn decide(attempt: &Attempt) -> Decision {
    super::decide(attempt, &clean(), &SETTINGS)
}

fn outcome(attempt: &Attempt) -> Outcome {
    decide(attempt).outcome
}

fn reason(attempt: &Attempt) -> Option<Reason> {
    decide(attempt).reason
}

/// A reset in the server's name with another TTL, 20 ms after the hello on a path of 80 ms.
fn forged() -> Reset {
    Reset { time: at(20), ttl: 61, ack: Some(AFTER), ..reset() }
}

fn alert(level: u8) -> Alert {
    Alert { from: Side::Server, level, description: 40, time: at(100) }
}

fn time_exceeded(after_ms: i64, seq: Option<Seq>) -> (dissectors::time::Time, Quote) {
    (at(after_ms), Quote { error: IcmpError::TimeExceeded, reporter: [198, 51, 100, 1].into(), seq })
}

#[test]
fn silence_needs_a_witness() {
    assert_eq!(reason(&tcp()), Some(Reason::Unwitnessed));
    for (witness, strength) in [
        (2_999, None),
        (3_000, Some(Strength::Soft)),
        (9_999, Some(Strength::Soft)),
        (10_000, Some(Strength::Hard)),
        (60_000, Some(Strength::Hard)),
    ] {
        let decision = decide(&tcp().witness(witness));
        assert_eq!(decision.strength, strength, "{witness}");
        assert_eq!(decision.silence, strength.map(|_| ms(witness as u64)));
        let expected = if strength.is_some() { Outcome::SilenceAfterHello } else { Outcome::Unresolved };
        assert_eq!(decision.outcome, expected, "{witness}");
    }
}

#[test]
fn retransmissions_never_shorten_a_deadline() {
    let six = tcp().retransmitted(&[200, 600, 1_400, 3_000, 6_200, 9_600]);
    assert_eq!(decide(&six.clone().witness(9_600)).strength, Some(Strength::Soft));
    let healthy = six.witness(9_600).answered(9_700).finished();
    let decision = decide(&healthy);
    assert_eq!(
        (decision.outcome, decision.answer),
        (Outcome::LateAnswer, Some(AnswerKind::Replaced(Outcome::Completed)))
    );
    assert_eq!((decision.hello_to_answer, decision.silence, decision.strength), (Some(ms(9_700)), None, None));
}

#[test]
fn an_answer_after_the_fin_of_the_server_is_late_and_no_close() {
    let attempt = tcp().witness(30_000).fin(Side::Server, 31_000).answered(33_000);
    let decision = decide(&attempt);
    assert_eq!(
        (decision.outcome, decision.answer),
        (Outcome::LateAnswer, Some(AnswerKind::Replaced(Outcome::Answered)))
    );
}

#[test]
fn an_answer_is_late_from_three_seconds_on() {
    for (answer, late) in [(2_999, false), (3_000, true)] {
        assert_eq!(outcome(&tcp().answered(answer)) == Outcome::LateAnswer, late, "{answer}");
    }
    let mut alerted = tcp().answered(3_500).tcp_facts(|facts| facts.tls.alerts.push(alert(2)));
    assert_eq!(decide(&alerted).answer, Some(AnswerKind::Replaced(Outcome::TlsAlert)));
    alerted =
        tcp().answered(3_500).tcp_facts(|facts| (facts.tls.server_began, facts.tls.server_not_tls) = (false, true));
    assert_eq!(decide(&alerted).answer, Some(AnswerKind::Replaced(Outcome::NotTls)));
}

#[test]
fn whoever_closes_does_not_end_a_silence() {
    let closed_by_both = tcp().fin(Side::Client, 2_000).fin(Side::Server, 2_100).witness(11_000);
    let decision = decide(&closed_by_both);
    assert_eq!((decision.outcome, decision.answers_close), (Outcome::SilenceAfterHello, Some(Side::Server)));
    assert_eq!(outcome(&tcp().fin(Side::Client, 2_000).reset(Side::Server, 2_100).witness(11_000)), decision.outcome);
}

#[test]
fn the_reset_of_the_client_ends_the_observation() {
    let attempt = tcp().reset(Side::Client, 5_000).witness(15_000);
    let decision = decide(&attempt);
    assert_eq!((decision.strength, decision.silence), (Some(Strength::Soft), Some(ms(5_000))));
    let early = tcp().reset(Side::Client, 2_000).witness(15_000).retransmitted(&[300, 900]);
    assert_eq!(reason(&early), Some(Reason::Unwitnessed));
}

#[test]
fn completion() {
    let answered = || tcp().answered(100);
    assert_eq!(outcome(&answered().finished()), Outcome::Completed);
    assert_eq!(outcome(&answered().finished().tcp_facts(|f| f.tls.client_finished = false)), Outcome::Answered);
    assert_eq!(outcome(&answered().finished().tcp_facts(|f| f.tls.server_ccs = false)), Outcome::Answered);
    for (version, record, expected) in [
        (0x0304, 44, Outcome::Answered),
        (0x0304, 45, Outcome::Completed),
        (0x7f1c, 53, Outcome::Completed),
        (0x0303, 53, Outcome::Answered),
    ] {
        let attempt = answered().version(version).tcp_facts(|f| {
            (f.tls.client_encrypted, f.tls.client_encrypted_records) = (record, 1);
        });
        assert_eq!(outcome(&attempt), expected, "{version:#x} {record}");
    }
    let only_legacy = answered().version(0x0304).finished();
    assert_eq!(outcome(&only_legacy), Outcome::Answered, "ChangeCipherSpec means nothing in TLS 1.3");
}

#[test]
fn a_short_record_and_a_close_are_a_refusal() {
    let alert = || {
        tcp().answered(100).version(0x0304).tcp_facts(|f| {
            (f.tls.client_encrypted, f.tls.client_encrypted_records) = (19, 1);
        })
    };
    assert!(!decide(&alert()).client_refused, "no close");
    let closed = decide(&alert().fin(Side::Client, 200));
    assert!(closed.client_refused && closed.outcome == Outcome::Answered);
    assert!(!decide(&tcp().answered(100).fin(Side::Client, 200)).client_refused);
}

#[test]
fn only_fatal_alerts_end_a_handshake() {
    let told = |level| outcome(&tcp().answered(100).tcp_facts(|facts| facts.tls.alerts.push(alert(level))));
    assert_eq!((told(1), told(2)), (Outcome::Answered, Outcome::TlsAlert));
}

#[test]
fn what_is_no_tls_must_be_contiguous() {
    let page =
        tcp().answered(100).tcp_facts(|facts| (facts.tls.server_began, facts.tls.server_not_tls) = (false, true));
    assert_eq!(outcome(&page), Outcome::NotTls);
    let holed = tcp().answered(100).tcp_facts(|facts| (facts.tls.server_began, facts.server.gap) = (false, true));
    assert_eq!(reason(&holed), Some(Reason::CaptureLoss));
    let cut = tcp().answered(100).tcp_facts(|facts| (facts.tls.server_began, facts.server.truncated) = (false, true));
    assert_eq!(reason(&cut), Some(Reason::Truncated));
    let banner = tcp().witness(12_000).tcp_facts(|f| (f.tls.server_not_tls, f.early, f.server.bytes) = (true, 20, 20));
    assert_eq!(outcome(&banner), Outcome::SilenceAfterHello, "what was said before the hello was heard is no answer");
}

#[test]
fn early_bytes_neither_answer_nor_end_a_silence() {
    let early = tcp().witness(12_000).tcp_facts(|f| (f.tls.server_began, f.early, f.server.bytes) = (true, 9, 9));
    assert_eq!(outcome(&early), Outcome::SilenceAfterHello);
}

#[test]
fn silence_mid_handshake_needs_the_server_to_owe_something() {
    let stalled = |since: i64, witness| {
        tcp().answered(100).tcp_facts(|f| {
            (f.server_progress, f.stall_witness) = (Some(at(since)), Some(at(witness)));
        })
    };
    assert_eq!(outcome(&stalled(100, 20_000)), Outcome::Answered, "a message boundary, and the client's turn");
    let open = |since, witness| stalled(since, witness).tcp_facts(|f| f.tls.server_open = true);
    assert_eq!(outcome(&open(100, 3_099)), Outcome::Answered);
    assert_eq!(decide(&open(100, 3_100)).strength, Some(Strength::Soft));
    assert_eq!(decide(&open(100, 10_100)).strength, Some(Strength::Hard));
    assert_eq!(decide(&open(8_000, 12_000)).silence, Some(ms(4_000)), "counted from the server's last new byte");
    let slow_client =
        stalled(100, 22_000).tcp_facts(|f| (f.tls.client_flight, f.client_progress) = (true, Some(at(20_000))));
    assert_eq!(outcome(&slow_client), Outcome::Answered, "the server owed nothing while the client thought");
    let flight = stalled(100, 9_000).tcp_facts(|f| (f.tls.client_flight, f.client_progress) = (true, Some(at(500))));
    assert_eq!(outcome(&flight), Outcome::SilenceMidHandshake);
    let retry = |count| {
        stalled(100, 9_000)
            .with(|a| (a.server_hello, a.hello.count) = (None, count))
            .tcp_facts(|f| (f.tls.retry, f.tls.server_open) = (true, true))
    };
    assert_eq!(outcome(&retry(1)), Outcome::Answered, "the client never sent its second hello");
    assert_eq!(outcome(&retry(2)), Outcome::SilenceMidHandshake);
    assert_eq!(outcome(&open(100, 9_000).reset(Side::Client, 2_000)), Outcome::Answered, "the client reset");
}

#[test]
fn resets_of_the_server() {
    let decision = decide(&tcp().reset(Side::Server, 100));
    assert_eq!(decision.outcome, Outcome::ResetAfterHello);
    let genuine = decision.reset.unwrap();
    assert_eq!((genuine.sender, genuine.arrival, genuine.injected), (Side::Server, Arrival::After, false));
    let injected = decide(&tcp().reset_like(Side::Server, forged())).reset.unwrap();
    assert!(injected.injected && injected.distance == ms(20));
    assert_eq!(outcome(&tcp().answered(50).reset(Side::Server, 100)), Outcome::ResetMidHandshake);
    assert_eq!(
        outcome(&tcp().reset(Side::Server, -5)),
        Outcome::Unresolved,
        "before the hello, and nothing of it acknowledged"
    );
    let reordered = Reset { time: at(-1), ..forged() };
    assert_eq!(
        outcome(&tcp().reset_like(Side::Server, reordered)),
        Outcome::ResetAfterHello,
        "it acknowledges the hello"
    );
}

#[test]
fn a_reset_that_overtakes_the_answer_is_after_the_hello() {
    let attempt =
        tcp().reset_like(Side::Server, forged()).answered(100).tcp_facts(|f| f.server.sent_after_reset = true);
    let decision = decide(&attempt);
    assert_eq!(decision.outcome, Outcome::ResetAfterHello);
    assert_eq!(decision.reset.unwrap().counted(), 3);
    assert_eq!(outcome(&attempt.finished()), Outcome::Completed, "it did not work");
}

#[test]
fn a_close_that_answers_a_close_is_never_the_outcome() {
    let attempt = tcp().fin(Side::Client, 1_000).reset(Side::Server, 1_100);
    let decision = decide(&attempt);
    assert_eq!((decision.outcome, decision.answers_close), (Outcome::Abandoned, Some(Side::Server)));
    assert_eq!(outcome(&attempt.answered(500)), Outcome::Answered);
    let both = tcp().fin(Side::Server, 1_000).reset(Side::Client, 1_001);
    assert_eq!(decide(&both).answers_close, Some(Side::Client));
    assert_eq!(outcome(&both), Outcome::ClosedAfterHello);
    assert_eq!(outcome(&tcp().fin(Side::Server, -5)), Outcome::Unresolved, "closed before the hello");
}

#[test]
fn a_server_that_closes_late_ends_a_silence_and_no_handshake() {
    let closed = |fin| tcp().fin(Side::Server, fin).witness(27_000);
    assert_eq!(outcome(&closed(2_999)), Outcome::ClosedAfterHello);
    assert_eq!(outcome(&closed(3_000)), Outcome::SilenceAfterHello);
    assert_eq!(decide(&closed(10_000)).strength, Some(Strength::Hard));
    assert_eq!(outcome(&tcp().fin(Side::Server, 60_000)), Outcome::ClosedAfterHello, "without a witness it is a close");
}

#[test]
fn of_two_closings_captured_together_the_lower_sequence_number_was_first() {
    let fin_then_reset = |fin, rst| {
        tcp().fin(Side::Server, fin).reset_like(Side::Server, Reset { time: at(rst), seq: Seq(5_002), ..reset() })
    };
    assert_eq!(outcome(&fin_then_reset(105, 100)), Outcome::ClosedAfterHello, "swapped by the tap");
    assert_eq!(outcome(&fin_then_reset(111, 100)), Outcome::ResetAfterHello, "too far apart for that");
}

#[test]
fn resets_in_the_name_of_the_client() {
    assert_eq!(outcome(&tcp().reset(Side::Client, 100)), Outcome::Abandoned);
    let foreign = |time| Reset { time: at(time), seq: START, ttl: 66, payload: 3, ..reset() };
    let decision = decide(&tcp().reset_like(Side::Client, foreign(100)));
    assert_eq!(decision.outcome, Outcome::ResetAfterHello);
    assert_eq!(decision.reset.unwrap().sender, Side::Client);
    assert_eq!(outcome(&tcp().answered(5).reset_like(Side::Client, foreign(100))), Outcome::ResetMidHandshake);
    assert_eq!(outcome(&tcp().answered(5).reset(Side::Client, 100)), Outcome::Answered);
    let one_trait = Reset { payload: 0, ..foreign(100) };
    assert_eq!(outcome(&tcp().reset_like(Side::Client, one_trait)), Outcome::Abandoned);
}

#[test]
fn a_forged_reset_may_overtake_the_hello() {
    let before = |ms, seq| {
        let reset =
            Reset { time: at(ms), seq, ttl: 66, window: 16, ip_id: Some(242), ack: Some(Seq(5_001)), ..reset() };
        decide(&tcp().reset_like(Side::Client, reset).reset(Side::Server, 5))
    };
    let decision = before(-3, START);
    assert_eq!(decision.outcome, Outcome::ResetAfterHello);
    assert_eq!(decision.reset.unwrap().arrival, Arrival::Before);
    assert_eq!(decision.answers_close, Some(Side::Server));
    assert_eq!(before(-100, START).outcome, Outcome::ResetAfterHello, "one round trip");
    assert_ne!(before(-101, START).outcome, Outcome::ResetAfterHello);
    assert_ne!(before(-3, START.add(1)).outcome, Outcome::ResetAfterHello);
}

#[test]
fn abandoned_and_unwitnessed() {
    assert_eq!(outcome(&tcp().fin(Side::Client, 1_000)), Outcome::Abandoned);
    assert_eq!(outcome(&tcp().fin(Side::Client, 1_000).retransmitted(&[300])), Outcome::Abandoned);
    assert_eq!(reason(&tcp().fin(Side::Client, 1_000).retransmitted(&[300, 900])), Some(Reason::Unwitnessed));
}

#[test]
fn hello_incomplete() {
    let holed = || tcp().holed().tcp_facts(|facts| facts.client.gap = true);
    assert_eq!(outcome(&holed().witness(3_000)), Outcome::HelloIncomplete);
    assert_eq!(outcome(&holed().witness(2_999)), Outcome::Unresolved);
    let covered = holed().witness(12_000).tcp_facts(|facts| facts.server_acks_unseen = true);
    assert_eq!(reason(&covered), Some(Reason::CaptureLoss), "the server has what the capture has not");
    let none = holed().witness(12_000).tcp_facts(|facts| facts.hello_missing = 0);
    assert_eq!(outcome(&none), Outcome::Unresolved);
    assert_eq!(outcome(&holed().answered(100)), Outcome::Answered, "begun, and answered as far as it went");
}

#[test]
fn reasons() {
    let unwitnessed = || tcp().ended(End::CaptureEnded, 3_000);
    let cases = [
        (tcp().tcp_facts(|f| f.client.truncated = true), Reason::Truncated),
        (tcp().ended(End::Evicted, 1_000), Reason::Evicted),
        (tcp().holed().tcp_facts(|f| (f.client.syn, f.server.syn) = (None, None)), Reason::Midstream),
        (tcp().tcp_facts(|f| f.server_acknowledges = false), Reason::OneSided),
        (tcp().tcp_facts(|f| f.client_acks_unseen = true), Reason::OneSided),
        (tcp().tcp_facts(|f| (f.client_acks_unseen, f.server.bytes) = (true, 1)), Reason::CaptureLoss),
        (tcp().tcp_facts(|f| f.server_acks_unseen = true), Reason::CaptureLoss),
        (tcp().tcp_facts(|f| f.client.gap = true), Reason::CaptureLoss),
        (tcp().tcp_facts(|f| f.server.overflow = true), Reason::CaptureLoss),
        (tcp().tcp_facts(|f| f.hello_ttl = 57), Reason::Undelivered),
        (tcp().tcp_facts(|f| f.quotes.push(time_exceeded(5, Some(START)))), Reason::Undelivered),
        (tcp(), Reason::Unwitnessed),
        (unwitnessed(), Reason::Unwitnessed),
        (tcp().ended(End::Reused, 1_000), Reason::Unwitnessed),
        (tcp().ended(End::ClockJump, 1_000), Reason::ClockJump),
        (tcp().ended(End::ClockJump, 1_500_000_000_000), Reason::ClockJump),
        (tcp().ended(End::CaptureEnded, 2_999), Reason::CaptureEnded),
    ];
    for (index, (attempt, expected)) in cases.iter().enumerate() {
        assert_eq!((outcome(attempt), reason(attempt)), (Outcome::Unresolved, Some(*expected)), "case {index}");
    }
    for reason in Reason::ALL {
        assert!(cases.iter().any(|(_, reached)| reached == reason), "{reason}");
    }
}

#[test]
fn reasons_have_an_order() {
    let mut attempt = tcp().holed().ended(End::CaptureEnded, 1_000);
    assert_eq!(reason(&attempt), Some(Reason::CaptureEnded));
    attempt = attempt.tcp_facts(|f| f.quotes.push(time_exceeded(5, None)));
    assert_eq!(reason(&attempt), Some(Reason::Undelivered));
    attempt = attempt.tcp_facts(|f| f.server_acks_unseen = true);
    assert_eq!(reason(&attempt), Some(Reason::CaptureLoss));
    attempt = attempt.tcp_facts(|f| f.server_acknowledges = false);
    assert_eq!(reason(&attempt), Some(Reason::OneSided));
    attempt = attempt.tcp_facts(|f| (f.client.syn, f.server.syn) = (None, None));
    assert_eq!(reason(&attempt), Some(Reason::Midstream));
    attempt = attempt.ended(End::Evicted, 1_000);
    assert_eq!(reason(&attempt), Some(Reason::Evicted));
    attempt = attempt.tcp_facts(|f| f.client.truncated = true);
    assert_eq!(reason(&attempt), Some(Reason::Truncated));
}

#[test]
fn a_missing_syn_alone_decides_nothing() {
    let attempt = tcp().witness(12_000).tcp_facts(|f| (f.client.syn, f.server.syn) = (None, None));
    assert_eq!(outcome(&attempt), Outcome::SilenceAfterHello);
}

#[test]
fn only_the_copy_that_started_the_clock_may_have_run_out_of_hops() {
    let silent = || tcp().witness(12_000);
    assert_eq!(outcome(&silent().tcp_facts(|f| f.hello_ttl = 58)), Outcome::SilenceAfterHello, "two hops");
    let quoted = |after, seq| outcome(&silent().tcp_facts(|f| f.quotes.push(time_exceeded(after, seq))));
    assert_eq!(quoted(-5, Some(START)), Outcome::SilenceAfterHello, "a decoy before it");
    assert_eq!(quoted(5, Some(AFTER)), Outcome::SilenceAfterHello, "a packet after it");
    assert_eq!(quoted(5, Some(START.add(500))), Outcome::Unresolved);
    let probe = tcp().tcp_facts(|f| f.hello_ttl = 9);
    assert_eq!(outcome(&probe.clone().reset(Side::Server, 30)), Outcome::Unresolved);
    assert_eq!(
        outcome(&probe.reset_like(Side::Server, forged())),
        Outcome::ResetAfterHello,
        "who else can have reset it"
    );
}

#[test]
fn the_half_of_the_server_alone_is_unresolved() {
    let half = |syn| {
        tcp().answered(100).finished().with(|a| a.hello.first = None).tcp_facts(|f| {
            (f.client.packets, f.client.bytes, f.client.syn) = (0, 0, None);
            f.server.syn = if syn { f.server.syn } else { None };
        })
    };
    assert_eq!(reason(&half(true)), Some(Reason::OneSided));
    assert_eq!(reason(&half(false)), Some(Reason::Midstream));
    let client_too = half(false).tcp_facts(|f| (f.client.packets, f.client.bytes) = (3, 80));
    assert_eq!(reason(&client_too), Some(Reason::Midstream), "a capture that began behind the hello");
}
