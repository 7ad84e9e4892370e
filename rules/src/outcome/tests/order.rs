//! What holds between rules: which comes first, that each can hold, and that lost packets never make one hold that accuses.

use super::quic::{quic_silence, quic_stall};
use super::*;

#[test]
fn a_capture_that_loses_packets_accuses_nobody() {
    for attempt in accusing() {
        assert!(outcome(&attempt).accuses());
        assert!(!super::super::decide(&attempt, &lossy(), &SETTINGS).outcome.accuses());
    }
}

/// One attempt for each accusing outcome.
fn accusing() -> Vec<Attempt> {
    vec![
        tcp().witness(12_000),
        tcp().holed().witness(12_000),
        tcp().answered(100).tcp_facts(|f| (f.tls.server_open, f.stall_witness) = (true, Some(at(12_000)))),
        tcp().reset(Side::Server, 100),
        tcp().reset_like(Side::Server, forged()),
        tcp().answered(50).reset(Side::Server, 100),
        tcp().fin(Side::Server, 100),
        quic_silence(3, 3_000),
        quic_stall(),
    ]
}

type Change = fn(Attempt) -> Attempt;

/// What can be true of an attempt, by the rule that it makes hold, in order of precedence.
fn conditions() -> Vec<(Outcome, Change)> {
    vec![
        (Outcome::Completed, |a| a.answered(100).finished()),
        (Outcome::TlsAlert, |a| a.answered(100).tcp_facts(|f| f.tls.alerts.push(alert(2)))),
        (Outcome::ResetAfterHello, |a| a.reset_like(Side::Server, forged())),
        (Outcome::SilenceMidHandshake, |a| {
            a.answered(100).tcp_facts(|f| (f.tls.server_open, f.stall_witness) = (true, Some(at(12_000))))
        }),
        (Outcome::Answered, |a| a.answered(100)),
        (Outcome::ClosedAfterHello, |a| a.fin(Side::Server, 500)),
        (Outcome::SilenceAfterHello, |a| a.witness(12_000)),
        (Outcome::Abandoned, |a| a.fin(Side::Client, 1_000)),
        (Outcome::Unresolved, |a| a),
    ]
}

#[test]
fn of_two_rules_the_first_holds() {
    for (i, (first, make_first)) in conditions().into_iter().enumerate() {
        for (second, make_second) in conditions().into_iter().skip(i) {
            let attempt = make_second(make_first(tcp()));
            assert_eq!(outcome(&attempt), first, "{first} before {second}");
            assert_eq!(outcome(&make_first(make_second(tcp()))), first, "{first} before {second}, told the other way");
        }
    }
}

#[test]
fn every_outcome_is_reached() {
    let mut reached: Vec<_> = accusing().iter().map(outcome).collect();
    reached.extend(conditions().into_iter().map(|(outcome, _)| outcome));
    reached.extend([outcome(&tcp().answered(3_000))]);
    let page =
        tcp().answered(100).tcp_facts(|facts| (facts.tls.server_began, facts.tls.server_not_tls) = (false, true));
    reached.push(outcome(&page));
    for one in Outcome::ALL {
        assert!(reached.contains(one), "{one}");
    }
}

/// SplitMix64 (Steele, Lea and Flood, 2014).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn flag(&mut self) -> bool {
        self.next() & 3 == 0
    }
}

/// What a lossy or one-sided capture adds to an attempt.
fn damages() -> Vec<Change> {
    vec![
        |a| a.tcp_facts(|f| f.client.gap = true),
        |a| a.tcp_facts(|f| f.server.gap = true),
        |a| a.tcp_facts(|f| f.client_acks_unseen = true),
        |a| a.tcp_facts(|f| f.server_acks_unseen = true),
        |a| a.tcp_facts(|f| f.server_acknowledges = false),
        |a| a.tcp_facts(|f| f.client.truncated = true),
        |a| a.tcp_facts(|f| f.server.truncated = true),
        |a| a.tcp_facts(|f| f.server.overflow = true),
        |a| a.tcp_facts(|f| f.witness = None),
        |a| a.tcp_facts(|f| f.stall_witness = None),
        |a| a.quic_facts(|f| f.damage.truncated = 1),
        |a| a.quic_facts(|f| f.damage.unopened = 1),
        |a| a.quic_facts(|f| f.damage.over_limit = 1),
    ]
}

#[test]
fn losing_packets_never_makes_an_accusation() {
    let mut random = Random(1);
    let shapes: Vec<_> = accusing().into_iter().chain(conditions().into_iter().map(|(_, make)| make(tcp()))).collect();
    for _ in 0..5_000 {
        let pick = random.next() as usize;
        let mut attempt = shapes[pick % shapes.len()].clone();
        for (_, make) in conditions() {
            attempt = if random.flag() { make(attempt) } else { attempt };
        }
        for damage in damages() {
            attempt = if random.flag() && random.flag() { damage(attempt) } else { attempt };
        }
        let before = outcome(&attempt);
        assert!(before.accuses() || !super::super::decide(&attempt, &lossy(), &SETTINGS).outcome.accuses());
        for damage in damages() {
            let after = decide(&damage(attempt.clone()));
            assert!(before.accuses() || !after.outcome.accuses(), "{before} became {}", after.outcome);
        }
    }
}
