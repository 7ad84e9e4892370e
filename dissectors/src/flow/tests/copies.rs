//! Frames that a mirror shows twice.

use super::story::{Client, Server, Story};
use super::tls;
use crate::attempt::{Attempt, Moment};

fn healthy() -> Story {
    let mut story = Story::open();
    story.say(40, Client, &tls::hello("a.example"));
    story.ack(50, Server);
    for (i, part) in tls::flight12().chunks(400).enumerate() {
        story.say(60 + i as i64, Server, part);
    }
    story.ack(70, Client);
    story.ack(71, Client);
    story.say(80, Client, &tls::finished12());
    story.fin(5000, Client);
    story
}

/// All that an attempt says, but for the numbers of frames and the time of the last.
fn said(attempt: &Attempt) -> String {
    let mut attempt = attempt.clone();
    let crate::attempt::Transport::Tcp(facts) = &mut attempt.transport else { panic!("TCP") };
    for half in [&mut facts.client, &mut facts.server] {
        half.syn.iter_mut().for_each(|syn| syn.frame = 0);
        half.fin.iter_mut().for_each(|fin| fin.frame = 0);
    }
    facts.answer.iter_mut().for_each(|answer| answer.frame = 0);
    (attempt.frame, attempt.closed) = (0, attempt.time);
    format!("{attempt:?}")
}

#[test]
fn a_mirror_of_both_ports_changes_nothing() {
    let story = healthy();
    let once = story.play();
    for (delay, ttl_step, with_id) in [(4, 0, true), (4, 1, true), (400, 1, true), (4, 0, false)] {
        let (mut plain, mut twice) = (story.clone(), story.clone());
        if !with_id {
            plain.shots.iter_mut().chain(&mut twice.shots).for_each(|shot| shot.ip_id = None);
        }
        let copies = plain.shots.clone().into_iter().map(|mut shot| {
            shot.at += delay;
            shot.ttl -= ttl_step;
            shot
        });
        twice.shots.extend(copies);
        let (plain, twice) = (plain.play(), twice.play());
        let same = said(plain.attempt()) == said(twice.attempt());
        assert!(same, "{delay} µs, a TTL {ttl_step} lower, with IP-ID: {with_id}");
        assert_eq!(twice.counts.gaps, once.counts.gaps);
        assert!(twice.counts.copies > 5);
    }
}

#[test]
fn a_retransmission_is_no_copy_however_alike() {
    let hello = tls::hello("a.example");
    let mut story = Story::open();
    story.say(40, Client, &hello);
    for at in [240, 640, 1440, 11_000] {
        let ip_id = story.shots.last().unwrap().ip_id;
        story.again(at, &hello).ip_id = ip_id;
    }
    let told = story.play();
    assert_eq!(told.attempt().tcp().unwrap().retransmission_count, 4);
    assert_eq!((told.counts.copies, told.moments()), (0, vec![Moment::Unanswered, Moment::Closed]));
}

#[test]
fn frames_that_follow_each_other_fast_are_not_all_copies_of_the_first() {
    let hello = tls::hello("a.example");
    let mut story = Story::open();
    story.say(40, Client, &hello);
    for i in 1..=10 {
        let ip_id = story.shots.last().unwrap().ip_id;
        story.again(40 + 40 * i, &hello).ip_id = ip_id;
    }
    let facts = story.facts();
    assert_eq!(facts.retransmission_count, 5, "one of two comes 50 ms or more after the last that counted");
}

#[test]
fn resets_are_counted_each() {
    let mut story = Story::open();
    story.say(40, Client, &tls::hello("a.example"));
    let reset = story.rst(45, Server).clone();
    story.shots.push(reset.clone());
    story.shots.push(reset);
    assert_eq!(story.facts().server.reset_count, 3);
}

/// On a mirror of both ports each of three equal resets comes twice, the copies behind each or behind all.
#[test]
fn mirrored_resets_are_counted_once_each() {
    for delay in [1, 4] {
        let mut story = Story::open();
        story.say(40, Client, &tls::hello("a.example"));
        let reset = story.rst(45, Server).clone();
        for _ in 0..2 {
            story.shots.push(reset.clone());
        }
        let copies = story.shots.clone().into_iter().map(|mut shot| {
            shot.at += delay;
            shot
        });
        story.shots.extend(copies);
        assert_eq!(story.facts().server.reset_count, 3, "{delay}");
    }
}
