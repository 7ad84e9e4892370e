//! What answers a hello and what does not; who was seen to see what.

use super::story::{Client, ISN, Server, Story, ms};
use super::tls;
use crate::attempt::{Acked, Moment};
use crate::packet::Flags;

const NAME: &str = "a.example";

fn silent() -> Story {
    let mut story = Story::open();
    story.say(40, Client, &tls::hello(NAME));
    story
}

#[test]
fn an_answer_acknowledges_the_whole_hello_and_less_is_early() {
    let mut story = silent();
    story.say(41, Server, b"banner").tcp.ack = ISN[0].add(1);
    story.ack(60, Server);
    story.ack(5000, Client).tcp.ack = ISN[1].add(1);
    let facts = story.facts();
    assert_eq!((facts.answer, facts.early, facts.hello_acked), (None, 6, Acked::Whole));
    assert_eq!(facts.witness, Some(ms(5000)));
}

#[test]
fn bare_acknowledgements_keep_alives_and_repeated_bytes_answer_nothing() {
    let mut story = Story::open();
    story.say(35, Server, b"220 mail.example\r\n");
    story.say(40, Client, &tls::hello(NAME));
    story.ack(60, Server);
    story.again(300, b"220 mail.example\r\n").tcp.ack = ISN[0].add(1000);
    story.send(400, Server, Flags::ACK.0, b"\0").tcp.seq = ISN[1].add(18);
    assert_eq!(story.facts().answer, None);
}

#[test]
fn an_answer_captured_before_its_hello_is_one() {
    let mut story = Story::open();
    story.say(44, Client, &tls::hello(NAME));
    story.say(42, Server, &tls::flight13());
    let told = story.play();
    let facts = told.attempt().tcp().unwrap();
    let answer = facts.answer.unwrap();
    assert_eq!((answer.time, answer.frame, facts.early), (ms(44), 4, 0));
    assert_eq!((told.attempt().server_name(), told.attempt().version()), (NAME, Some(0x0304)));
    assert!(!facts.server_acks_unseen);
}

#[test]
fn an_answer_that_is_no_tls_is_known_in_either_order_of_capture() {
    for at in [60, 39] {
        let mut story = silent();
        story.say(at, Server, b"HTTP/1.1 400 Bad Request\r\n\r\n");
        let facts = story.facts();
        assert!(facts.answer.is_some() && facts.tls.server_not_tls && !facts.tls.server_began, "at {at} ms");
    }
}

#[test]
fn an_alert_answers_in_either_order_of_capture() {
    for at in [60, 39] {
        let mut story = silent();
        story.say(at, Server, &tls::fatal_alert());
        let facts = story.facts();
        assert_eq!((facts.tls.alerts.len(), facts.tls.server_not_tls), (1, false), "at {at} ms");
    }
}

#[test]
fn silence_is_told_at_its_witness_and_the_answer_afterwards() {
    let hello = tls::hello(NAME);
    let mut story = silent();
    story.again(5000, &hello);
    story.again(11_000, &hello);
    story.again(15_000, &hello);
    story.say(33_000, Server, &tls::flight13());
    let told = story.play();
    assert_eq!(told.moments(), [Moment::Unanswered, Moment::Answered, Moment::Closed]);
    assert_eq!(told.all[0].at, ms(11_000));
    let facts = told.attempt().tcp().unwrap();
    assert_eq!((facts.witness, facts.answer.unwrap().time), (Some(ms(15_000)), ms(33_000)));
}

#[test]
fn a_client_that_acknowledges_more_than_was_captured_is_no_witness() {
    let mut story = silent();
    story.ack(11_000, Client).tcp.ack = ISN[1].add(1400);
    let told = story.play();
    let facts = told.attempt().tcp().unwrap();
    assert!(facts.client_acks_unseen && facts.witness.is_none());
    assert_eq!((told.moments(), told.counts.gaps), (vec![Moment::Closed], 1));
}

#[test]
fn an_acknowledgement_far_beyond_is_noise() {
    let mut story = silent();
    story.ack(60, Server).tcp.ack = ISN[0].add(0x4000_0000);
    story.ack(70, Client).tcp.ack = ISN[1].add(0x4000_0000);
    story.ack(11_000, Client);
    let facts = story.facts();
    assert!(!facts.server_acks_unseen && !facts.client_acks_unseen);
    assert_eq!((facts.hello_acked, facts.witness), (Acked::None, Some(ms(11_000))));
}

#[test]
fn a_segment_far_ahead_does_not_hide_the_answer() {
    let mut story = silent();
    story.say(50, Server, b"forged").tcp.seq = ISN[1].add(500_000);
    let answer = story.say(60, Server, &tls::flight13());
    answer.tcp.seq = ISN[1].add(1);
    let facts = story.facts();
    assert_eq!(facts.server_progress, Some(ms(60)));
    assert!(facts.tls.server_began);
}

#[test]
fn nothing_is_unseen_after_a_close() {
    let mut story = silent();
    story.say(60, Server, &tls::flight13());
    story.say(70, Client, &tls::data(20));
    story.fin(80, Client);
    story.ack(90, Server);
    story.send(95, Server, Flags::FIN.0 | Flags::ACK.0, &tls::fatal_alert());
    story.ack(100, Client);
    let told = story.play();
    let facts = told.attempt().tcp().unwrap();
    assert!(!facts.client_acks_unseen && !facts.server_acks_unseen && told.counts.gaps == 0);
    let fin = facts.server.fin.unwrap();
    assert_eq!(fin.seq, ISN[1].add(1 + (tls::flight13().len() + tls::fatal_alert().len()) as u32));
}

#[test]
fn one_direction_alone_shows_what_the_other_was() {
    let mut story = silent();
    story.say(60, Server, &tls::flight13());
    story.say(70, Client, &tls::finished13());
    let mut client = story.clone();
    client.shots.retain(|shot| shot.from == Client);
    let told = client.play();
    let facts = told.attempt().tcp().unwrap();
    assert!(!facts.server_acknowledges && facts.client_acks_unseen && facts.server.packets == 0);
    assert_eq!(told.counts.gaps, 0, "a direction that is not captured has no gaps");
    let mut server = story.clone();
    server.shots.retain(|shot| shot.from == Server);
    let told = server.play();
    let attempt = told.attempt();
    assert_eq!((attempt.ends.source.port, attempt.version()), (40_000, Some(0x0304)));
    assert!(attempt.hello.first.is_none() && attempt.tcp().unwrap().client.packets == 0);
}

#[test]
fn a_gap_in_the_answer_is_a_gap_and_the_stall_has_no_witness() {
    let flight = tls::flight12();
    let mut story = silent();
    story.say(60, Server, &flight[..500]);
    story.say(61, Server, &flight[500..1000]);
    story.shots.pop();
    story.say(62, Server, &flight[1000..]);
    story.ack(5000, Client);
    let told = story.play();
    let facts = told.attempt().tcp().unwrap();
    assert!(facts.server.gap && facts.tls.server_open);
    assert_eq!(told.counts.gaps, 1);
}

#[test]
fn a_server_that_stops_amid_its_flight_is_witnessed_by_the_client() {
    let flight = tls::flight12();
    let mut story = silent();
    story.say(60, Server, &flight[..500]);
    story.ack(70, Client);
    story.ack(13_000, Client);
    let facts = story.facts();
    assert!(facts.tls.server_open);
    assert_eq!((facts.server_progress, facts.stall_witness), (Some(ms(60)), Some(ms(13_000))));
}

#[test]
fn a_closed_window_and_a_snapped_segment_are_stated() {
    let mut story = silent();
    story.ack(50, Client).tcp.window = 0;
    let cut = story.say(60, Server, &tls::flight13()[..100]);
    cut.missing = 900;
    let facts = story.facts();
    assert!(facts.client.window_closed && facts.server.truncated);
}
