//! Each trait alone, on both sides of where it begins to count.

use dissectors::attempt::{Attempt, Side};
use dissectors::tcp::half::{IpIdLaw, Reset, Uniform};
use dissectors::tcp::seq::Seq;

use super::*;
use crate::testing::{AFTER, START, Tell, at, reset, tcp};

/// Names of the traits that count against the first reset of `side`.
fn counting(attempt: &Attempt, side: Side) -> Vec<&'static str> {
    let evidence = assess(attempt, attempt.tcp().unwrap(), side, &Settings::default()).unwrap();
    evidence.traits.iter().filter(|line| line.weight == Weight::Trait).map(|line| line.name).collect()
}

fn by_server(change: impl FnOnce(&mut Reset)) -> Attempt {
    let mut one = Reset { time: at(500), dont_fragment: true, ..reset() };
    change(&mut one);
    tcp().reset_like(Side::Server, one)
}

#[test]
fn a_genuine_reset_has_none() {
    assert!(counting(&by_server(|_| ()), Side::Server).is_empty());
    assert!(counting(&tcp().reset(Side::Client, 100), Side::Client).is_empty());
    assert!(assess(&tcp(), tcp().tcp().unwrap(), Side::Server, &Settings::default()).is_none());
}

#[test]
fn a_ttl_step_counts_from_two_beyond_what_the_sender_showed() {
    for (ttl, counts) in [(48, true), (49, false), (51, false), (52, true)] {
        assert_eq!(counting(&by_server(|r| r.ttl = ttl), Side::Server) == ["ttl_step"], counts, "{ttl}");
    }
    let varying = by_server(|r| r.ttl = 55).tcp_facts(|f| f.server.ttl.add(54));
    assert!(counting(&varying, Side::Server).is_empty(), "the sender's own packets go two ways");
}

#[test]
fn half_a_round_trip_is_too_soon() {
    let after = |ms, ack| by_server(|r| (r.time, r.ack) = (at(ms), ack));
    assert_eq!(counting(&after(39, Some(AFTER)), Side::Server), ["elapsed_of_rtt_permille"]);
    assert!(counting(&after(40, Some(AFTER)), Side::Server).is_empty());
    // The SYN-ACK passed 21 ms before the hello, and the client's acknowledgement of it can have come back from 60 ms on.
    assert_eq!(counting(&after(38, None), Side::Server), ["elapsed_of_rtt_permille"]);
    let slow_client = after(5, None).tcp_facts(|f| f.server.syn.as_mut().unwrap().time = at(-90));
    assert!(counting(&slow_client, Side::Server).is_empty(), "it may answer what came before the hello");
    let repeated = after(5, Some(AFTER)).tcp_facts(|f| f.client.syn.as_mut().unwrap().copies = 2);
    assert!(counting(&repeated, Side::Server).is_empty(), "Karn");
    let early = Reset { time: at(1), ttl: 60, ack: None, ..reset() };
    assert!(counting(&tcp().reset_like(Side::Client, early), Side::Client).is_empty(), "a client resets when it likes");
}

#[test]
fn data_after_it_and_text_in_it_count() {
    let later = by_server(|_| ()).tcp_facts(|f| f.server.sent_after_reset = true);
    assert_eq!(counting(&later, Side::Server), ["sent_after_reset"]);
    assert_eq!(counting(&by_server(|r| r.payload = 1), Side::Server), ["payload"]);
}

#[test]
fn only_a_distinctive_fingerprint_counts() {
    let airtel = by_server(|r| (r.ack, r.ip_id, r.window, r.dont_fragment) = (Some(AFTER), Some(242), 16, false));
    assert_eq!(counting(&airtel, Side::Server), ["fingerprint"]);
    let weak = by_server(|r| (r.ttl, r.dont_fragment) = (58, false));
    let evidence = assess(&weak, weak.tcp().unwrap(), Side::Server, &Settings::default()).unwrap();
    let named = evidence.traits.iter().find(|line| line.name == "fingerprint").unwrap();
    assert_eq!((named.weight, &named.value), (Weight::Context, &"gfw-1".to_owned().into()));
    assert!(!evidence.injected, "its TTL alone");
}

#[test]
fn header_fields_need_a_law_of_three_packets() {
    let law = |packets: u32, law: IpIdLaw| {
        by_server(|r| (r.ip_id, r.window, r.dont_fragment) = (Some(9_000), 77, false)).tcp_facts(|f| {
            f.server.packets = packets + 2;
            (f.server.ip_id, f.server.dont_fragment) = (law, Uniform::Always);
        })
    };
    let counter = IpIdLaw { packets: 3, last: Some(503), zero: 0, small_steps: 2 };
    assert!(counting(&law(2, IpIdLaw { packets: 2, small_steps: 1, ..counter }), Side::Server).is_empty());
    let broken = law(3, counter);
    assert_eq!(counting(&broken, Side::Server), ["breaks_header_law"], "three fields, one trait");
    let evidence = assess(&broken, broken.tcp().unwrap(), Side::Server, &Settings::default()).unwrap();
    let line = evidence.traits.iter().find(|line| line.name == "breaks_header_law").unwrap();
    assert_eq!(line.value, "ip_id,dont_fragment,window".to_owned().into());
}

#[test]
fn an_ip_id_breaks_a_counter_or_a_row_of_zeros_only() {
    let breaks = |id, law: IpIdLaw| {
        let attempt = by_server(|r| r.ip_id = id).tcp_facts(|f| (f.server.packets, f.server.ip_id) = (9, law));
        !counting(&attempt, Side::Server).is_empty()
    };
    let counter = IpIdLaw { packets: 4, last: Some(65_530), zero: 0, small_steps: 3 };
    assert!(!breaks(Some(65_531), counter) && !breaks(Some(94), counter) && breaks(Some(95), counter));
    assert!(!breaks(Some(0), counter), "genuine resets have 0");
    assert!(!breaks(Some(4_000), IpIdLaw { small_steps: 1, ..counter }), "random");
    assert!(breaks(Some(4_000), IpIdLaw { packets: 4, last: Some(0), zero: 4, small_steps: 0 }));
    assert!(!breaks(None, counter));
}

#[test]
fn two_traits_make_it_injected() {
    let one = by_server(|r| r.ttl = 60);
    let two = one.clone().tcp_facts(|f| f.server.sent_after_reset = true);
    for (attempt, injected) in [(one, false), (two, true)] {
        assert_eq!(
            assess(&attempt, attempt.tcp().unwrap(), Side::Server, &Settings::default()).unwrap().injected,
            injected
        );
    }
}

#[test]
fn sequence_numbers_place_it_where_they_can() {
    let placed = |side, change: &dyn Fn(&mut Reset)| {
        let mut one = Reset { time: at(-2), ..reset() };
        change(&mut one);
        let attempt = tcp().reset_like(side, one);
        assess(&attempt, attempt.tcp().unwrap(), side, &Settings::default()).map(|evidence| evidence.arrival)
    };
    assert_eq!(placed(Side::Server, &|r| r.ack = Some(START.add(1))), Some(Arrival::After));
    assert_eq!(placed(Side::Server, &|r| r.ack = Some(START)), None);
    assert_eq!(placed(Side::Server, &|r| r.ack = None), None);
    assert_eq!(placed(Side::Client, &|r| r.seq = START), Some(Arrival::Before));
    assert_eq!(placed(Side::Client, &|r| r.seq = Seq(START.0 - 1)), None);
}
