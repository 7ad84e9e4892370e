//! What each detector says of attempts made by hand, what keeps it silent, and what is written and taken back.

use std::collections::BTreeSet;
use std::num::NonZeroUsize;
use std::sync::Arc;

use dissectors::attempt::{Acked, Attempt, Moment, Side};
use dissectors::packet::{IcmpError, Quote};
use dissectors::tcp::half::Reset;

use super::{Case, DETECTORS, rules};
use crate::blocklist::{self, By, Class, Entry, Kind, Marks, Match};
use crate::evidence::{Value, Weight};
use crate::finding::{Finding, Level, RULE_IDS};
use crate::judge::{Config, Judge};
use crate::notice::{Action, Notice};
use crate::outcome::{self, Outcome};
use crate::settings::Settings;
use crate::testing::{AFTER, Tell, at, clean, lossy, ms, quic, reset, tcp};

/// All findings, soft ones included.
fn findings(attempt: &Attempt) -> Vec<Finding> {
    findings_with(attempt, &[])
}

fn findings_with(attempt: &Attempt, matches: &[Match]) -> Vec<Finding> {
    let decision = outcome::decide(attempt, &clean(), &Settings::default());
    let case = Case { attempt, decision: &decision, matches };
    DETECTORS.iter().filter_map(|detector| (detector.detect)(&case)).collect()
}

/// Names and levels.
fn told(attempt: &Attempt) -> Vec<(&'static str, Level)> {
    findings(attempt).iter().map(|finding| (finding.rule.name, finding.level)).collect()
}

fn stalled() -> Attempt {
    tcp().answered(100).tcp_facts(|f| (f.tls.server_open, f.stall_witness) = (true, Some(at(12_000))))
}

fn injected() -> Reset {
    Reset { time: at(20), ttl: 61, ack: Some(AFTER), ..reset() }
}

fn listed(class: Class, level: blocklist::Level) -> Match {
    let entry = Entry {
        id: "test/1".to_owned(),
        class,
        kind: Kind::Root,
        label: "Example Authority".to_owned(),
        reason: String::new(),
        reference: "https://example.org/1".to_owned(),
        source: "test".into(),
        line: 1,
        marks: Marks::default(),
    };
    let signature = blocklist::Signature::Verified;
    Match { entry: Arc::new(entry), level, signature, by: By::Signer, candidates: 1, path: Vec::new() }
}

/// One attempt for each detector about a connection's end, and what it says.
fn telling() -> Vec<(Attempt, &'static str, Level)> {
    vec![
        (tcp().witness(10_000), "silence_after_hello", Level::Hard),
        (tcp().witness(9_999), "silence_after_hello", Level::Soft),
        (stalled(), "silence_mid_handshake", Level::Hard),
        (tcp().reset_like(Side::Server, injected()), "reset_after_hello", Level::Injected),
        (tcp().reset(Side::Server, 100), "reset_after_hello", Level::Soft),
        (tcp().answered(10).reset_like(Side::Server, injected()), "reset_mid_handshake", Level::Injected),
        (tcp().answered(50).reset(Side::Server, 100), "reset_mid_handshake", Level::Soft),
        (tcp().fin(Side::Server, 100), "closed_after_hello", Level::Soft),
    ]
}

#[test]
fn each_says_what_was_observed() {
    for (attempt, name, level) in telling() {
        assert_eq!(told(&attempt), [(name, level)]);
    }
}

#[test]
fn nobody_is_accused_without_a_name_or_with_packets_lost() {
    for (attempt, name, _) in telling() {
        assert_eq!(told(&attempt.clone().nameless()), [], "{name} without a name");
        let decision = outcome::decide(&attempt, &lossy(), &Settings::default());
        let case = Case { attempt: &attempt, decision: &decision, matches: &[] };
        assert!(DETECTORS.iter().all(|detector| (detector.detect)(&case).is_none()), "{name} with packets lost");
        let one_sided = attempt.clone().tcp_facts(|f| f.server_acknowledges = false);
        assert_eq!(told(&one_sided), [], "{name} with one side");
    }
    for attempt in [tcp(), tcp().answered(100).finished(), tcp().answered(12_000), tcp().fin(Side::Client, 500)] {
        assert_eq!(told(&attempt), []);
    }
}

#[test]
fn what_explains_a_silence_is_no_alert_and_still_the_outcome() {
    let quote = |error| (at(5), Quote { error, reporter: [198, 51, 100, 1].into(), seq: None });
    let obstacles: [fn(Attempt) -> Attempt; 2] =
        [|a| a.tcp_facts(|f| f.client.window_closed = true), |a| a.tcp_facts(|f| f.syn_ack_repeated_after_ack = true)];
    let errors = [IcmpError::TooBig(1_280), IcmpError::PortUnreachable, IcmpError::Unreachable(3, 1)];
    let silent = tcp().witness(12_000);
    let explained = obstacles.into_iter().map(|make| make(silent.clone()));
    let quoted = errors.map(|error| silent.clone().tcp_facts(|f| f.quotes.push(quote(error))));
    for attempt in explained.chain(quoted) {
        assert_eq!(told(&attempt), []);
        assert_eq!(outcome::decide(&attempt, &clean(), &Settings::default()).outcome, Outcome::SilenceAfterHello);
    }
    let prohibited = silent.tcp_facts(|f| f.quotes.push(quote(IcmpError::Prohibited)));
    assert_eq!(
        told(&prohibited),
        [("silence_after_hello", Level::Hard)],
        "that is no obstacle but a filter that says so"
    );
}

#[test]
fn a_silence_states_its_length_and_who_acknowledged() {
    let attempt = tcp().witness(12_345).retransmitted(&[200, 600]);
    for (acked, words) in
        [(Acked::None, "never acknowledged"), (Acked::Part, "acknowledged in part"), (Acked::Whole, "acknowledged")]
    {
        let finding = findings(&attempt.clone().tcp_facts(|f| f.hello_acked = acked)).remove(0);
        assert_eq!(finding.message, format!("No answer to the ClientHello for 12.3 s or longer; {words}"));
        let value = |name| &finding.evidence.iter().find(|line| line.name == name).unwrap().value;
        assert_eq!(value("silence_at_least"), &Value::Span(ms(12_345)));
        assert_eq!(value("hello_acknowledged"), &Value::from(words));
        assert_eq!(value("retransmitted_at"), &Value::Times(vec![at(200), at(600)]));
    }
}

#[test]
fn quic_silence_is_told_likewise() {
    let silent = quic().quic_facts(|f| {
        (f.client.initials, f.client.last_initial) = (6, Some(at(11_000)));
    });
    assert_eq!(told(&silent), [("silence_after_hello", Level::Hard)]);
    assert_eq!(told(&silent.nameless()), []);
}

#[test]
fn a_reset_states_its_traits_with_value_and_weight() {
    let finding = findings(&tcp().reset_like(Side::Server, injected())).remove(0);
    assert_eq!(finding.message, "RST in the server's name 20.0 ms after the ClientHello; 2 foreign traits");
    let line = |name| finding.evidence.iter().find(|line| line.name == name).unwrap();
    assert_eq!((&line("ttl_step").value, line("ttl_step").weight), (&Value::Number(11), Weight::Trait));
    assert_eq!(line("elapsed_of_rtt_permille").value, Value::Number(250));
    assert_eq!(line("flags").weight, Weight::Context);
    assert_eq!(finding.severity, 1);
}

#[test]
fn chains() {
    use blocklist::Level::{Claimed, Proven};
    let severity = |class, level| findings_with(&tcp(), &[listed(class, level)]).first().map(|f| (f.level, f.severity));
    assert_eq!(severity(Class::Interception, Proven), Some((Level::Proven, 1)));
    assert_eq!(severity(Class::Interception, Claimed), Some((Level::Claimed, 2)));
    assert_eq!(severity(Class::Compromised, Proven), Some((Level::Proven, 1)));
    assert_eq!(severity(Class::Product, Proven), Some((Level::Proven, 4)));
    assert_eq!(severity(Class::Revoked, Proven), None);
    let several =
        [listed(Class::Revoked, Proven), listed(Class::Product, Proven), listed(Class::Interception, Claimed)];
    let found = findings_with(&tcp().nameless(), &several);
    assert_eq!(found.len(), 1, "one finding a chain, with or without a name");
    assert_eq!(
        (found[0].severity, found[0].message.as_str()),
        (2, "The chain names Example Authority and does not prove it")
    );
}

#[test]
fn rules_are_told_apart() {
    let (mut ids, mut names) = (BTreeSet::new(), BTreeSet::new());
    for rule in rules() {
        assert!(RULE_IDS.contains(&rule.id) && rule.revision > 0 && !rule.levels.is_empty(), "{}", rule.name);
        assert!(ids.insert(rule.id) && names.insert(rule.name), "{}", rule.name);
    }
    assert!(rules().map(|rule| rule.id).is_sorted());
    for (attempt, _, level) in telling() {
        assert!(findings(&attempt)[0].rule.levels.contains(&level));
    }
}

/// The actions, names and levels that a judge writes.
fn written(judge: &mut Judge, moment: Moment, attempt: &Attempt) -> Vec<(Action, &'static str, Level)> {
    let notice = |notice: &Notice| (notice.action, notice.finding.rule.name, notice.finding.level);
    judge.judge(moment, attempt, &clean()).notices.iter().map(notice).collect()
}

fn judge(change: impl FnOnce(&mut Config)) -> Judge {
    let mut config = Config::default();
    change(&mut config);
    Judge::new(config)
}

const SILENT: (Action, &str, Level) = (Action::Allowed, "silence_after_hello", Level::Hard);
const TAKEN_BACK: (Action, &str, Level) = (Action::Withdrawn, "silence_after_hello", Level::Hard);

#[test]
fn a_hard_silence_is_written_at_its_witness_and_once() {
    let mut judge = judge(|_| ());
    assert_eq!(written(&mut judge, Moment::Unanswered, &tcp().witness(10_000)), [SILENT]);
    assert_eq!(written(&mut judge, Moment::Unanswered, &tcp().witness(11_000)), []);
    assert_eq!(written(&mut judge, Moment::Closed, &tcp().witness(20_000)), []);
    assert_eq!(judge.notices().standing(), 0);
    assert_eq!(written(&mut judge, Moment::Closed, &tcp().witness(20_000)), [SILENT], "another attempt of the flow");
}

#[test]
fn an_answer_takes_it_back_once() {
    let mut judge = judge(|_| ());
    let silent = tcp().witness(10_000);
    assert_eq!(written(&mut judge, Moment::Unanswered, &silent), [SILENT]);
    let answered = silent.answered(14_000);
    let withdrawal = judge.judge(Moment::Answered, &answered, &clean()).notices.remove(0);
    assert_eq!(withdrawal.action, Action::Withdrawn);
    assert_eq!(withdrawal.finding.evidence[0].value, Value::from("late_answer"));
    assert_eq!(written(&mut judge, Moment::Closed, &answered), []);
}

#[test]
fn another_outcome_takes_it_back_too() {
    let mut judge = judge(|config| config.alert_soft = true);
    let silent = tcp().witness(10_000);
    assert_eq!(written(&mut judge, Moment::Unanswered, &silent), [SILENT]);
    let ended = silent.clone().reset(Side::Server, 60_000);
    let reset = (Action::Allowed, "reset_after_hello", Level::Soft);
    assert_eq!(written(&mut judge, Moment::Closed, &ended), [TAKEN_BACK, reset]);
    assert_eq!(written(&mut judge, Moment::Unanswered, &silent), [SILENT]);
    let lost = judge.judge(Moment::Closed, &silent, &lossy()).notices;
    assert_eq!((lost.len(), lost[0].action), (1, Action::Withdrawn), "packets turned out to be lost");
}

#[test]
fn the_frame_of_an_attempt_may_change_while_an_alert_stands() {
    let mut judge = judge(|_| ());
    assert_eq!(written(&mut judge, Moment::Unanswered, &tcp().witness(10_000)), [SILENT]);
    let restarted = tcp().witness(12_000).with(|attempt| attempt.frame = 99);
    assert_eq!(written(&mut judge, Moment::Closed, &restarted), []);
}

#[test]
fn what_stands_is_bounded_and_the_rest_waits_for_the_close() {
    let mut judge = judge(|config| config.max_standing = NonZeroUsize::MIN);
    let flow = |id| tcp().witness(12_000).with(|attempt| attempt.flow_id = id);
    assert_eq!(written(&mut judge, Moment::Unanswered, &flow(1)), [SILENT]);
    assert_eq!(written(&mut judge, Moment::Unanswered, &flow(2)), []);
    assert_eq!((judge.notices().standing(), judge.notices().deferred()), (1, 1));
    assert_eq!(written(&mut judge, Moment::Closed, &flow(2)), [SILENT]);
    assert_eq!(written(&mut judge, Moment::Closed, &flow(1)), []);
}

#[test]
fn soft_findings_are_written_on_request_and_rules_can_be_switched_off() {
    let soft = tcp().witness(5_000);
    assert_eq!(written(&mut judge(|_| ()), Moment::Closed, &soft), []);
    let asked = written(&mut judge(|config| config.alert_soft = true), Moment::Closed, &soft);
    assert_eq!(asked, [(Action::Allowed, "silence_after_hello", Level::Soft)]);
    let mut off = judge(|config| config.rules.switch("silence_after_hello", false).unwrap());
    assert_eq!(written(&mut off, Moment::Closed, &tcp().witness(12_000)), []);
}

#[test]
fn a_judgement_names_signature_and_vantage() {
    use crate::signature::Signature;
    use crate::vantage::Vantage;
    let silent = tcp().witness(12_000);
    let opinion = judge(|_| ()).judge(Moment::Closed, &silent, &clean());
    assert_eq!((opinion.signature, opinion.vantage), (Some(Signature::AckNothing), Vantage::NearClient));
    let there = judge(|config| config.vantage = Some(Vantage::NearServer)).judge(Moment::Closed, &silent, &clean());
    assert_eq!((there.signature, there.vantage), (Some(Signature::PshNothing), Vantage::NearServer));
    let acked = silent.tcp_facts(|f| f.hello_acked = Acked::Whole);
    assert_eq!(judge(|_| ()).judge(Moment::Closed, &acked, &clean()).signature, Some(Signature::PshNothing));
    let reset = judge(|_| ()).judge(Moment::Closed, &tcp().reset(Side::Server, 100), &clean());
    assert_eq!(reset.signature, Some(Signature::PshRst));
    let closed = judge(|_| ()).judge(Moment::Closed, &tcp().fin(Side::Server, 100), &clean());
    assert_eq!(closed.signature, Some(Signature::NoMatch));
    assert_eq!(judge(|_| ()).judge(Moment::Closed, &tcp().answered(100), &clean()).signature, None);
}
