//! The hello: its clock, its place, its repetitions and what was acknowledged of it.

use super::story::{Client, ISN, Server, Story, ms};
use super::tls;
use crate::attempt::{Acked, Moment, Prelude};
use crate::packet::Flags;

const NAME: &str = "a.example";

#[test]
fn a_healthy_handshake_is_told_once_and_what_follows_is_only_counted() {
    for (flight, finished, version) in
        [(tls::flight13(), tls::finished13(), 0x0304), (tls::flight12(), tls::finished12(), 0x0303)]
    {
        let mut story = Story::open();
        story.say(40, Client, &tls::hello(NAME));
        story.say(60, Server, &flight);
        story.say(70, Client, &finished);
        story.say(90, Server, &tls::finished12());
        story.say(100, Client, &[5; 100]);
        let told = story.play();
        let attempt = told.attempt();
        assert_eq!((told.moments(), attempt.server_name()), (vec![Moment::Closed], NAME));
        assert_eq!((attempt.version(), attempt.hello.count, attempt.time), (Some(version), 1, ms(40)));
        let facts = attempt.tcp().unwrap();
        assert_eq!((facts.hello_acked, facts.answer.unwrap().time), (Acked::Whole, ms(60)));
        assert_eq!((facts.from, facts.retransmission_count, facts.early), (Prelude::Start, 0, 0));
        assert_eq!(facts.hello_span.map(|(start, _)| start), Some(ISN[0].add(1)), "across the wrap");
        assert!(told.counts.settled_packets > 0 && told.counts.gaps == 0);
    }
}

#[test]
fn the_clock_starts_at_the_last_missing_byte() {
    let hello = tls::hello(NAME);
    let (first, second) = hello.split_at(150);
    let mut story = Story::open();
    story.say(50, Client, first).at = 55_000;
    story.say(40, Client, second);
    let told = story.play();
    assert_eq!((told.attempt().time, told.attempt().frame), (ms(55), 5));
    assert_eq!(told.attempt().tcp().unwrap().hello_missing, 0);
}

#[test]
fn a_hello_that_is_not_whole_says_what_is_missing_and_how_much_was_acknowledged() {
    let hello = tls::hello(NAME);
    let len = hello.len() as u32;
    let (first, rest) = hello.split_at(100);
    let (lost, last) = rest.split_at(80);
    let mut story = Story::open();
    story.say(40, Client, first);
    story.say(41, Client, lost);
    story.shots.pop();
    story.say(42, Client, last);
    story.send(60, Server, Flags::ACK.0, b"").tcp.ack = ISN[0].add(101);
    let told = story.play();
    let facts = told.attempt().tcp().unwrap();
    assert_eq!((facts.hello_missing, facts.hello_acked), (len - 100, Acked::Part));
    assert_eq!(facts.hello_span, Some((ISN[0].add(1), ISN[0].add(1 + len))));
    assert!(facts.client.gap && told.attempt().hello.first.is_none());
    assert_eq!((told.attempt().time, told.counts.gaps), (ms(40), 0), "the hole is nobody's but the path's");
}

#[test]
fn selective_acknowledgement_is_a_part() {
    let hello = tls::hello(NAME);
    let (first, second) = hello.split_at(100);
    let mut story = Story::open();
    story.say(40, Client, first);
    story.say(41, Client, second);
    let edges = [ISN[0].add(101).0.to_be_bytes(), ISN[0].add(1 + hello.len() as u32).0.to_be_bytes()].concat();
    let shot = story.ack(60, Server);
    shot.tcp.ack = ISN[0].add(1);
    shot.options = [&[1, 1, 5, 10][..], &edges].concat();
    assert_eq!(story.facts().hello_acked, Acked::Part);
}

#[test]
fn an_acknowledgement_captured_before_the_hello_counts_and_is_no_loss() {
    let mut story = Story::open();
    story.say(45, Client, &tls::hello(NAME));
    story.ack(44, Server);
    let told = story.play();
    let facts = told.attempt().tcp().unwrap();
    assert_eq!(facts.hello_acked, Acked::Whole);
    assert!(!facts.server_acks_unseen && told.counts.gaps == 0);
}

#[test]
fn retransmissions_start_at_the_lowest_byte_without_acknowledgement() {
    let hello = tls::hello(NAME);
    let (first, second) = hello.split_at(100);
    let mut story = Story::open();
    story.say(40, Client, first);
    story.say(41, Client, second);
    story.again(60, first);
    story.again(240, first);
    story.again(240, second);
    let acknowledges_the_first = ISN[0].add(101);
    story.ack(300, Server).tcp.ack = acknowledges_the_first;
    story.again(700, second);
    story.again(1500, second);
    let facts = story.facts();
    assert_eq!(*facts.retransmissions, [ms(240), ms(700), ms(1500)]);
    assert_eq!((facts.retransmission_count, facts.witness), (3, Some(ms(1500))));
}

#[test]
fn a_keep_alive_with_a_byte_of_garbage_is_a_witness_and_nothing_else() {
    let hello = tls::hello(NAME);
    let mut story = Story::open();
    story.say(40, Client, &hello);
    let end = ISN[0].add(1 + hello.len() as u32);
    for (at, byte) in [(45_000, &b"\0"[..]), (46_000, b"")] {
        story.send(at, Client, Flags::ACK.0, byte).tcp.seq = end.add(u32::MAX);
    }
    let told = story.play();
    let facts = told.attempt().tcp().unwrap();
    assert_eq!((facts.retransmission_count, facts.witness), (0, Some(ms(46_000))));
    assert!(!facts.client.conflict && told.attempt().hello.conflict.is_none());
    assert_eq!(told.moments(), [Moment::Unanswered, Moment::Closed]);
}

#[test]
fn data_on_a_syn_counts_once_acknowledged() {
    let hello = tls::hello(NAME);
    let mut story = Story::new();
    story.send(0, Client, Flags::SYN.0, &hello);
    story.send(20, Server, Flags::SYN.0 | Flags::ACK.0, b"");
    story.ack(30, Client);
    story.say(40, Server, &tls::flight13());
    let told = story.play();
    let facts = told.attempt().tcp().unwrap();
    assert!(facts.fast_open && facts.answer.is_some());
    assert_eq!((told.attempt().time, told.attempt().frame, facts.hello_ttl), (ms(0), 1, 60));
    assert_eq!((facts.hello_acked, facts.from), (Acked::Whole, Prelude::Start));
}

#[test]
fn data_on_a_syn_that_is_refused_counts_from_its_copy() {
    let hello = tls::hello(NAME);
    let mut story = Story::new();
    story.send(0, Client, Flags::SYN.0, &hello);
    let refused = ISN[0].add(1);
    story.send(20, Server, Flags::SYN.0 | Flags::ACK.0, b"").tcp.ack = refused;
    let copy = story.say(3000, Client, &hello);
    copy.tcp.seq = refused;
    story.say(3770, Server, &tls::flight13());
    let told = story.play();
    let facts = told.attempt().tcp().unwrap();
    assert_eq!((told.attempt().time, facts.answer.unwrap().time), (ms(3000), ms(3770)));
    assert!(!facts.fast_open && facts.retransmission_count == 0);
}

#[test]
fn records_cut_a_hello_anywhere() {
    for len in [1, 3, 5, 100] {
        let mut story = Story::open();
        story.say(40, Client, &tls::hello_in_records(NAME, len));
        assert_eq!(story.play().attempt().server_name(), NAME, "records of {len}");
    }
}

#[test]
fn early_data_behind_the_hello_is_neither_hello_nor_completion() {
    let hello = tls::hello(NAME);
    let mut story = Story::open();
    story.say(40, Client, &[&hello[..], &tls::data(400)].concat());
    story.ack(60, Server);
    let told = story.play();
    let facts = told.attempt().tcp().unwrap();
    assert_eq!(facts.hello_acked, Acked::Whole);
    assert_eq!((facts.tls.client_encrypted, told.attempt().hello.count), (0, 1));
}

#[test]
fn early_data_captured_behind_the_answer_completes_nothing() {
    let mut story = Story::open();
    story.say(40, Client, &tls::hello(NAME));
    story.say(60, Server, &tls::flight13());
    story.say(61, Client, &tls::data(400)).tcp.ack = ISN[1].add(1);
    assert_eq!(story.facts().tls.client_encrypted, 0);
    story.say(80, Client, &tls::finished13());
    assert_eq!(story.facts().tls.client_encrypted, 53);
}

#[test]
fn a_second_hello_leaves_the_first_ones_clock() {
    let mut story = Story::open();
    let hello = tls::hello(NAME);
    story.say(40, Client, &hello);
    story.say(60, Server, &tls::retry_request());
    story.say(70, Client, &hello);
    story.again(4000, &hello);
    let told = story.play();
    let facts = told.attempt().tcp().unwrap();
    assert_eq!((told.attempt().time, told.attempt().hello.count), (ms(40), 2));
    assert!(facts.tls.retry && facts.tls.server_open && told.attempt().server_hello.is_none());
    assert_eq!((facts.client_progress, facts.stall_witness), (Some(ms(70)), Some(ms(4000))));
    assert_eq!(facts.hello_span, Some((ISN[0].add(1), ISN[0].add(1 + hello.len() as u32))));
}

#[test]
fn a_hello_without_a_syn_may_have_its_halves_reordered() {
    let hello = tls::hello(NAME);
    let (first, second) = hello.split_at(150);
    for acked_first in [false, true] {
        let mut story = Story::open();
        story.shots.clear();
        story.say(42, Client, first);
        story.say(41, Client, second);
        if acked_first {
            story.ack(40, Server);
        }
        story.say(60, Server, &tls::flight13());
        let told = story.play();
        assert_eq!((told.attempt().server_name(), told.attempt().time), (NAME, ms(42)));
        let facts = told.attempt().tcp().unwrap();
        assert_eq!((facts.from, facts.answer.map(|answer| answer.time)), (Prelude::Midstream, Some(ms(60))));
        assert!(!facts.client_acks_unseen && !facts.server_acks_unseen && told.counts.gaps == 0);
    }
}
