//! How connections open, and those that come no farther.

use std::net::Ipv4Addr;

use super::story::{Client, ISN, Server, Stage, Story};
use super::tls;
use crate::attempt::{End, Prelude};
use crate::flow::{Config, Connects, Counts};
use crate::packet::Flags;

fn connects(story: &Story) -> Connects {
    let mut stage = Stage::new(Config::default());
    stage.tell(story);
    stage.wait(600_000);
    let told = stage.end(End::CaptureEnded);
    let server = std::net::IpAddr::from(Ipv4Addr::new(192, 0, 2, 2));
    let (servers, others) = told.tracker.connects();
    let Counts { evicted_syns, unfinished_syns, .. } = told.counts;
    assert_eq!((others, evicted_syns, unfinished_syns), (Connects::default(), 0, 0));
    servers.get(&server).copied().unwrap_or_default()
}

#[test]
fn connections_without_a_hello_are_counted_by_server() {
    let mut story = Story::new();
    story.send(0, Client, Flags::SYN.0, b"");
    let mut silent = story.clone();
    silent.port = 40_001;
    silent.send(5000, Client, Flags::SYN.0, b"").tcp.seq = ISN[0].add(7);
    assert_eq!(connects(&silent), Connects { syn_silence: 2, ..Connects::default() });
    story.send(10, Server, Flags::RST.0 | Flags::ACK.0, b"");
    assert_eq!(connects(&story), Connects { reset_after_syn: 1, ..Connects::default() });
    let mut story = Story::open();
    assert_eq!(connects(&story), Connects { silence_after_connect: 1, ..Connects::default() });
    story.rst(50, Server);
    assert_eq!(connects(&story), Connects { reset_after_connect: 1, ..Connects::default() });
    let mut story = Story::open();
    story.fin(50, Client);
    story.fin(60, Server);
    assert_eq!(connects(&story), Connects::default(), "an orderly close is nothing to count");
}

#[test]
fn a_client_that_resets_its_own_syn_was_not_refused() {
    let mut story = Story::new();
    story.send(0, Client, Flags::SYN.0, b"");
    story.rst(10, Client);
    assert_eq!(connects(&story), Connects::default());
}

#[test]
fn both_ends_may_open_at_once() {
    let mut story = Story::new();
    story.send(0, Client, Flags::SYN.0, b"");
    story.send(1, Server, Flags::SYN.0, b"");
    for (at, from) in [(20, Client), (21, Server)] {
        let again = story.send(at, from, Flags::SYN.0 | Flags::ACK.0, b"");
        again.tcp.seq = ISN[from as usize];
        again.tcp.ack = ISN[1 - from as usize].add(1);
    }
    let hello = tls::hello("a.example");
    let shot = story.say(40, Server, &hello);
    (shot.tcp.seq, shot.tcp.ack) = (ISN[1].add(1), ISN[0].add(1));
    let told = story.play();
    let (attempt, facts) = (told.attempt(), told.attempt().tcp().unwrap());
    assert_eq!((attempt.server_name(), attempt.ends.source.port), ("a.example", 443), "the client is who says hello");
    assert!(facts.client.syn.is_some() && facts.server.syn.is_some() && !facts.syn_ack_repeated_after_ack);
    assert_eq!((told.counts.flows, facts.from), (1, Prelude::Start));
}

#[test]
fn a_new_syn_with_a_new_number_is_a_new_flow() {
    let hello = tls::hello("one.example");
    let mut story = Story::open();
    story.say(40, Client, &hello);
    let mut again = story.shots[0].clone();
    again.at = 50_000;
    story.shots.push(again.clone());
    assert_eq!(story.play().closed().len(), 1, "the same SYN again");
    (again.at, again.tcp.seq) = (60_000, ISN[0].add(77_777));
    story.shots.push(again);
    let mut shot = story.say(80, Client, &tls::hello("two.example")).clone();
    story.shots.pop();
    shot.tcp.seq = ISN[0].add(77_778);
    story.shots.push(shot);
    let told = story.play();
    let closed = told.closed();
    assert_eq!((closed[0].end, closed[0].server_name()), (End::Reused, "one.example"));
    assert_eq!((closed[1].end, closed[1].server_name()), (End::CaptureEnded, "two.example"));
    assert_ne!(closed[0].flow_id, closed[1].flow_id);
}

#[test]
fn a_settled_flows_ports_may_be_used_again() {
    let mut story = Story::open();
    story.say(40, Client, &tls::hello("one.example"));
    story.say(60, Server, &tls::flight13());
    story.say(70, Client, &tls::finished13());
    let mut stage = Stage::new(Config::default());
    stage.tell(&story);
    story.shots.iter_mut().for_each(|shot| {
        shot.at += 1_000_000;
        shot.tcp.seq = shot.tcp.seq.add(5_000_000);
        shot.tcp.ack = shot.tcp.ack.add(5_000_000);
    });
    stage.tell(&story);
    story.shots.retain(|shot| shot.from == Server);
    story.shots.iter_mut().for_each(|shot| {
        shot.at += 1_000_000;
        shot.tcp.seq = shot.tcp.seq.add(5_000_000);
    });
    stage.tell(&story);
    let told = stage.end(End::CaptureEnded);
    assert_eq!(told.closed().len(), 3, "the third of its server's half alone");
}

#[test]
fn a_connection_with_itself_is_survived() {
    let mut story = Story::open();
    story.port = 443;
    story.say(40, Client, &tls::hello("a.example"));
    story.say(60, Server, &tls::flight13());
    assert_eq!(story.play().closed().len(), 1);
}

#[test]
fn of_several_answers_to_a_syn_the_client_takes_one() {
    let mut story = Story::open();
    let taken = story.shots[1].tcp.seq.add(0x3000_0000);
    let mut other = story.shots[1].clone();
    (other.at, other.tcp.seq) = (20_100, taken);
    story.shots.insert(2, other);
    story.say(40, Client, &tls::hello("a.example"));
    story.say(60, Server, &tls::flight13());
    story.say(70, Client, &tls::finished13());
    for shot in &mut story.shots[3..] {
        match shot.from {
            Client => shot.tcp.ack = shot.tcp.ack.add(0x3000_0000),
            Server => shot.tcp.seq = shot.tcp.seq.add(0x3000_0000),
        }
    }
    let told = story.play();
    let facts = told.attempt().tcp().unwrap();
    assert_eq!((told.attempt().end, facts.answer.is_some()), (End::Completed, true));
    assert!(!facts.client_acks_unseen && told.counts.gaps == 0);
}
