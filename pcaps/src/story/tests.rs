use super::*;
use crate::net::Side::{Client, Server};
use crate::net::path::Path;
use crate::net::segment::{ACK, FIN, RST, SYN};
use crate::tls::ClientHello;

const PAYLOAD: usize = 14 + 20 + 20;

/// Microseconds, sender, TTL, flags, relative to the story's beginning.
fn seen(story: &Story) -> Vec<(i64, Side, u8, u8)> {
    let row = |frame: &Frame| (frame.time.0 / 1_000, frame.sender, frame.bytes[14 + 8], frame.bytes[14 + 20 + 13]);
    story.frames.iter().map(row).collect()
}

fn hello() -> ClientHello {
    ClientHello::tls13("www.example")
}

#[test]
fn a_handshake_takes_the_paths_delay_and_hops() {
    let mut c = Connection::new();
    c.handshake();
    // The tap is 1 hop and 1 ms from the client, 13 hops and 39 ms from the server, which thinks for 150 µs.
    let expected = [(1_000, Client, 63, SYN), (79_150, Server, 51, SYN | ACK)];
    assert_eq!(seen(&Story::of([c]))[..2], expected);
}

#[test]
fn the_same_packets_are_seen_elsewhere_with_other_ttls() {
    let ttls = |path| {
        let mut c = Connection::seen(path);
        c.handshake();
        seen(&Story::of([c])).iter().map(|row| row.2).collect::<Vec<_>>()
    };
    assert_eq!(ttls(Path::NEAR_CLIENT), [63, 51, 63]);
    assert_eq!(ttls(Path::MID_PATH), [56, 58, 56]);
    assert_eq!(ttls(Path::NEAR_SERVER), [51, 63, 51]);
}

#[test]
fn what_the_middlebox_swallows_is_seen_before_it_and_not_behind_it() {
    let count = |path| {
        let mut c = Connection::seen(path);
        c.handshake().middlebox_swallows(Client).hello(&hello()).retransmits(Client, &[0.3, 0.9]);
        seen(&Story::of([c])).len()
    };
    assert_eq!((count(Path::NEAR_CLIENT), count(Path::NEAR_SERVER)), (6, 3));
}

#[test]
fn fates_decide_what_is_seen_and_what_arrives() {
    for (fate, seen_hellos, answered) in [
        (Fate::Arrives, 1, true),
        (Fate::Late(0.5), 1, true),
        (Fate::Lost, 1, false),
        (Fate::LostBeforeTap, 0, false),
        (Fate::Missed, 0, true),
    ] {
        let mut c = Connection::new();
        c.handshake().fates(&[fate]).hello(&hello()).acks(Server);
        let before = u32::from_be_bytes(c.frames()[1].bytes[14 + 20 + 8..14 + 20 + 12].try_into().unwrap());
        let last = c.frames().last().unwrap();
        let ack = u32::from_be_bytes(last.bytes[14 + 20 + 8..14 + 20 + 12].try_into().unwrap());
        assert_eq!(ack != before, answered, "{fate:?}");
        assert_eq!(c.frames().len(), 4 + seen_hellos, "{fate:?}");
    }
}

#[test]
fn a_late_segment_is_overtaken_and_acknowledged_with_the_rest() {
    let mut c = Connection::new();
    c.handshake().fates(&[Fate::Late(0.001)]).sends_in_pieces(Client, &[7; 20], 10).acks(Server);
    let end = c.next_seq(Client);
    let story = Story::of([c]);
    let seqs: Vec<u32> =
        story.frames[3..5].iter().map(|frame| u32::from_be_bytes(frame.bytes[38..42].try_into().unwrap())).collect();
    assert_eq!(seqs[0].wrapping_sub(seqs[1]), 10);
    assert_eq!(story.frames[5].bytes[42..46], end.to_be_bytes());
}

#[test]
fn a_low_ttl_expires_on_the_way_and_the_router_quotes_it() {
    let mut c = Connection::new();
    c.handshake().ttl(Client, 4).hello(&hello()).router_reports_expiry(4).acks(Server);
    let story = Story::of([c]);
    assert_eq!(seen(&story)[3].2, 3);
    let [hello, report] = [&story.frames[3], &story.frames[4]];
    assert_eq!((report.bytes[14 + 9], report.bytes[14 + 20]), (1, 11));
    let quoted = &report.bytes[14 + 28..];
    assert_eq!(quoted[8], 1, "its TTL has run out");
    assert_eq!(quoted[20..28], hello.bytes[14 + 20..14 + 28], "ports and sequence number");
    assert_eq!(story.frames[5].bytes[42..46], hello.bytes[38..42], "the server has nothing of it");
}

#[test]
fn a_forged_reset_comes_from_the_middlebox_with_the_expected_numbers() {
    let mut c = Connection::new();
    c.handshake().middlebox_swallows(Client).hello(&hello()).middlebox_forges(Server, &Forged::reset_242());
    let next = c.next_seq(Client);
    let story = Story::of([c]);
    let (hello, reset) = (&story.frames[3], &story.frames[4]);
    assert_eq!(seen(&story)[4].1, Server);
    assert_eq!(reset.bytes[14 + 8], 60, "four hops from the middlebox to the tap");
    assert_eq!(reset.time.since(hello.time), Duration::from_micros(2 * 7_000 + 300));
    assert_eq!(reset.bytes[42..46], next.to_be_bytes());
    assert_eq!(reset.bytes[38..42], hello.bytes[42..46]);
    assert_eq!((reset.bytes[18..20].to_vec(), reset.bytes[47]), (vec![0, 242], RST | ACK));
}

#[test]
fn retransmissions_repeat_the_oldest_bytes_at_their_times() {
    let mut c = Connection::new();
    c.handshake().middlebox_swallows(Client).hello(&hello()).at(0.1).fin(Client).retransmits(Client, &[0.3, 0.9]);
    let story = Story::of([c]);
    let [hello, fin, first, second] = [3, 4, 5, 6].map(|n| &story.frames[n]);
    assert_eq!(fin.bytes[47], FIN | ACK);
    assert_eq!(first.bytes[PAYLOAD + 12..], hello.bytes[PAYLOAD + 12..]);
    assert_eq!(first.time.since(hello.time), Duration::from_millis(300));
    assert_eq!(second.time.since(hello.time), Duration::from_millis(900));
}

#[test]
fn captures_begin_end_and_jump_as_told() {
    let story = || {
        let mut c = Connection::new();
        c.handshake().hello(&hello()).retransmits(Client, &[1.0, 2.0]).at(3.0).fin(Client);
        Story::of([c])
    };
    let count = |story: Story| story.frames.len();
    let all = count(story());
    assert_eq!(count(story().captured_from(0.05)), all - 1);
    assert_eq!(count(story().captured_until(2.5)), all - 1);
    assert_eq!(count(story().captured_only(Server)), 1);
    assert_eq!(count(story().captured_twice()), 2 * all);
    let jumped = story().clock_steps(2.5, -86_400);
    assert!(jumped.frames.last().unwrap().time < Time(0));
}
