//! Resets and round trips.

use super::story::{Client, ISN, Server, Story, ms};
use super::tls;
use crate::packet::Flags;
use std::time::Duration;

fn hello_sent() -> Story {
    let mut story = Story::open();
    story.say(40, Client, &tls::hello("a.example"));
    story
}

#[test]
fn a_reset_is_kept_with_what_its_sender_had_sent() {
    let mut story = hello_sent();
    let forged = story.rst(41, Server);
    (forged.ttl, forged.ip_id, forged.tcp.window) = (63, Some(242), 16);
    let facts = story.facts();
    let reset = facts.server.resets[0];
    assert_eq!((reset.ttl, reset.ip_id, reset.window, reset.ack), (63, Some(242), 16, None));
    assert_eq!((reset.expected, reset.seq), (Some(ISN[1].add(1)), ISN[1].add(1)));
    assert_eq!(facts.server.ttl.seen.unwrap().max, 50, "resets do not count among the others");
    assert!(!facts.server.sent_after_reset);
}

#[test]
fn a_genuine_reset_after_a_fin_stands_behind_it() {
    let mut story = hello_sent();
    story.fin(50, Client);
    story.rst(60, Client);
    let reset = story.facts().client.resets[0];
    assert_eq!(reset.expected, Some(reset.seq));
}

#[test]
fn who_speaks_on_after_a_reset_did_not_send_it() {
    let mut story = hello_sent();
    let flight = tls::flight13();
    story.rst(41, Server);
    story.say(60, Server, &flight);
    assert!(story.facts().server.sent_after_reset);
}

#[test]
fn what_was_sent_before_a_reset_and_captured_after_says_nothing() {
    let mut story = hello_sent();
    story.say(62, Server, &tls::flight13());
    story.rst(61, Server);
    assert!(!story.facts().server.sent_after_reset, "reordered");
    let mut story = hello_sent();
    story.say(50, Server, &tls::flight13());
    story.rst(60, Server);
    story.again(300, &tls::flight13());
    assert!(!story.facts().server.sent_after_reset, "a repetition");
}

#[test]
fn a_clients_forged_reset_may_come_before_the_hello() {
    let mut story = Story::open();
    story.rst(38, Client).ttl = 90;
    story.say(40, Client, &tls::hello("a.example"));
    let facts = story.facts();
    assert_eq!(facts.client.resets[0].seq, facts.hello_span.unwrap().0);
    assert!(facts.client.sent_after_reset);
}

#[test]
fn round_trips_are_the_smallest_and_never_from_a_repeated_packet() {
    let rtts = |story: &Story| {
        let facts = story.facts();
        (facts.client_rtt.map(|rtt| rtt.as_millis()), facts.server_rtt.map(|rtt| rtt.as_millis()))
    };
    let mut story = hello_sent();
    story.ack(55, Server);
    assert_eq!(rtts(&story), (Some(10), Some(15)));
    let mut story = hello_sent();
    let syn = story.shots[0].clone();
    story.shots[0].at = -1_000_000;
    story.shots.push(syn);
    assert_eq!(rtts(&story), (None, None), "a repeated SYN");
    story.ack(55, Server);
    assert_eq!(rtts(&story), (None, Some(15)), "but the hello's own");
    story.again(45 + 60, &tls::hello("a.example"));
    story.shots.iter_mut().filter(|shot| shot.at == 55_000).for_each(|shot| shot.at = 120_000);
    assert_eq!(rtts(&story), (None, None), "the hello was repeated");
}

#[test]
fn a_hello_instead_of_the_bare_acknowledgement_shows_no_round_trip_to_the_client() {
    let mut story = hello_sent();
    story.shots.remove(2);
    assert_eq!(story.facts().client_rtt, None);
    assert_eq!(story.facts().server_rtt, Some(Duration::from_millis(20)));
}

#[test]
fn a_syn_ack_after_the_clients_acknowledgement_is_stated() {
    let mut story = hello_sent();
    let mut syn_ack = story.shots[1].clone();
    assert!(!story.facts().syn_ack_repeated_after_ack);
    syn_ack.at = 1_020_000;
    story.shots.push(syn_ack);
    let facts = story.facts();
    assert!(facts.syn_ack_repeated_after_ack && facts.server.syn.unwrap().copies == 2);
}

#[test]
fn a_forged_syn_ack_is_no_repetition() {
    let mut story = hello_sent();
    let mut forged = story.shots[1].clone();
    (forged.at, forged.tcp.seq) = (200_000, forged.tcp.seq.add(77));
    story.shots.push(forged);
    let told = story.play();
    assert_eq!(told.attempt().tcp().unwrap().server.syn.unwrap().copies, 1);
}

#[test]
fn the_first_fin_counts() {
    let mut story = hello_sent();
    story.fin(50, Client);
    let mut again = story.shots.last().unwrap().clone();
    (again.at, again.ip_id) = (300_000, Some(900));
    story.shots.push(again);
    story.send(400, Server, Flags::RST.0 | Flags::ACK.0, b"");
    let facts = story.facts();
    assert_eq!(facts.client.fin.unwrap().time, ms(50));
    assert_eq!(facts.server.resets[0].ack, Some(facts.client.fin.unwrap().seq.add(1)));
}
