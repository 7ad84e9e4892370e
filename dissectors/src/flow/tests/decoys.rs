//! Hellos that disagree: which one the receiver saw, and every name.

use super::story::{Client, ISN, Server, Story, ms};
use super::tls;
use crate::attempt::{Acked, Conflict};

/// What is sent of a hello: where it begins and ends, in which version, with which TTL.
type Piece<'a> = (usize, usize, &'a [u8], u8);

fn told(pieces: &[Piece<'_>]) -> Story {
    let mut story = Story::open();
    let mut longest = 0;
    for (i, (from, to, hello, ttl)) in pieces.iter().enumerate() {
        let to = (*to).min(hello.len());
        longest = longest.max(to);
        let shot = story.say(40 + i as i64, Client, &hello[*from..to]);
        shot.tcp.seq = ISN[0].add(1 + *from as u32);
        shot.ttl = *ttl;
    }
    let shot = story.say(100, Server, &tls::flight13());
    shot.tcp.ack = ISN[0].add(1 + longest as u32);
    story
}

#[test]
fn the_version_that_could_arrive_wins() {
    let (real, fake) = (tls::hello("real.example"), tls::hello("fake.example"));
    let long = tls::hello("a-much-longer-decoy.example");
    let all = usize::MAX;
    let stories: &[(&str, &[Piece<'_>])] = &[
        ("decoy first", &[(0, all, &fake, 3), (0, all, &real, 60)]),
        ("decoy after", &[(0, all, &real, 60), (0, all, &fake, 3)]),
        ("decoy whole, real in two", &[(0, all, &fake, 3), (0, 100, &real, 60), (100, all, &real, 60)]),
        ("decoy in two, real whole", &[(0, 60, &fake, 3), (60, all, &fake, 3), (0, all, &real, 60)]),
        (
            "each part behind its decoy",
            &[(0, 80, &fake, 3), (0, 80, &real, 60), (80, all, &fake, 3), (80, all, &real, 60)],
        ),
        ("the parts in disorder", &[(80, all, &real, 60), (0, 80, &fake, 3), (0, 80, &real, 60)]),
        ("cut elsewhere", &[(0, 80, &fake, 3), (80, all, &fake, 3), (0, 70, &real, 60), (70, all, &real, 60)]),
    ];
    for (name, pieces) in stories {
        let told = told(pieces).play();
        let attempt = told.attempt();
        assert_eq!(attempt.server_name(), "real.example", "{name}");
        assert_eq!(attempt.hello.conflict, Some(Conflict::Ttl), "{name}");
        let facts = attempt.tcp().unwrap();
        assert_eq!((facts.hello_ttl, facts.hello_acked), (60, Acked::Whole), "{name}");
        assert!(facts.answer.is_some() && facts.client.conflict, "{name}");
        assert!(!attempt.hello.conflicting_names.iter().any(|name| name == "real.example"), "{name}");
    }
    let told = told(&[(0, all, &long, 3), (0, all, &real, 60)]).play();
    assert_eq!(told.attempt().server_name(), "real.example");
    assert_eq!(*told.attempt().hello.conflicting_names, ["a-much-longer-decoy.example"]);
}

#[test]
fn bytes_behind_a_longer_decoy_are_the_streams_own() {
    let (real, fake) = (tls::hello("real.example"), tls::hello("a-much-longer-decoy.example"));
    let mut story = Story::open();
    story.say(40, Client, &fake).ttl = 3;
    story.say(41, Client, &real).tcp.seq = ISN[0].add(1);
    let end = ISN[0].add(1 + real.len() as u32);
    story.say(60, Server, &tls::flight13()).tcp.ack = end;
    story.say(70, Client, &tls::finished13()).tcp.seq = end;
    assert_eq!(story.play().attempt().end, crate::attempt::End::Completed);
}

#[test]
fn where_nothing_tells_the_first_copy_counts() {
    let (one, two) = (tls::hello("one.example"), tls::hello("two.example"));
    let told = told(&[(0, usize::MAX, &one, 60), (0, usize::MAX, &two, 60)]).play();
    let hello = &told.attempt().hello;
    assert_eq!((told.attempt().server_name(), hello.conflict), ("one.example", Some(Conflict::First)));
    assert_eq!(*hello.conflicting_names, ["two.example"]);
}

#[test]
fn a_disagreement_with_bytes_that_wait_is_settled_when_they_are_in_order() {
    let (one, two) = (tls::hello("one.example"), tls::hello("two.example"));
    let cut = 50;
    let differs = one.iter().zip(&two).position(|(a, b)| a != b).unwrap();
    assert!(differs > cut, "the name is in the part that waits");
    let told = told(&[(cut, usize::MAX, &one, 60), (cut, usize::MAX, &two, 60), (0, cut, &one, 60)]).play();
    let attempt = told.attempt();
    assert_eq!((attempt.server_name(), attempt.hello.conflict), ("one.example", Some(Conflict::First)));
    assert_eq!(*attempt.hello.conflicting_names, ["two.example"]);
    assert!(attempt.tcp().unwrap().client.conflict);
}

#[test]
fn a_decoy_with_the_headers_of_the_real_hello_is_no_copy_of_it() {
    let (one, two) = (tls::hello("one.example"), tls::hello("two.example"));
    let mut story = told(&[(0, usize::MAX, &one, 60), (0, usize::MAX, &two, 60)]);
    story.shots.iter_mut().for_each(|shot| shot.ip_id = None);
    assert_eq!(*story.play().attempt().hello.conflicting_names, ["two.example"]);
}

#[test]
fn a_wrong_checksum_is_believed_where_it_was_computed() {
    let (real, fake) = (tls::hello("real.example"), tls::hello("fake.example"));
    for decoy_first in [true, false] {
        let pieces = [(0, usize::MAX, &fake[..], 60), (0, usize::MAX, &real[..], 60)];
        let mut story = told(&pieces);
        story.shots[3].bad_checksum = true;
        if !decoy_first {
            story.shots[3].at += 5000;
        }
        let told = story.play();
        let hello = &told.attempt().hello;
        assert_eq!((told.attempt().server_name(), hello.conflict), ("real.example", Some(Conflict::Checksum)));
        assert_eq!(*hello.conflicting_names, ["fake.example"]);
    }
}

#[test]
fn a_low_ttl_in_every_copy_is_stated_and_a_later_full_one_starts_the_clock() {
    let hello = tls::hello("a.example");
    let mut story = Story::open();
    story.say(40, Client, &hello).ttl = 5;
    story.again(240, &hello).ttl = 6;
    let facts = story.facts();
    assert_eq!((facts.hello_ttl, facts.client.syn.unwrap().ttl, facts.retransmission_count), (6, 60, 1));
    story.again(900, &hello).ttl = 60;
    let told = story.play();
    let facts = told.attempt().tcp().unwrap();
    assert_eq!((told.attempt().time, facts.hello_ttl, facts.retransmission_count), (ms(900), 60, 0));
}
