//! Tables that are full.

use std::num::NonZeroU32;

use super::story::{Client, Server, Stage, Story};
use super::tls;
use crate::attempt::End;
use crate::flow::{Config, Counts};
use crate::packet::Flags;

fn config(limit: u32) -> Config {
    let limit = NonZeroU32::new(limit).unwrap();
    Config { handshakes: limit, settled: limit, ..Config::default() }
}

#[test]
fn a_full_table_of_handshakes_gives_up_the_one_silent_for_longest() {
    let mut stage = Stage::new(config(3));
    for i in 0..5 {
        let mut story = Story::open();
        story.port = 50_000 + i;
        story.say(40, Client, &tls::hello(&format!("{i}.example")));
        story.shots.iter_mut().for_each(|shot| shot.at += i64::from(i) * 100_000);
        stage.tell(&story);
    }
    let told = stage.end(End::CaptureEnded);
    let ends: Vec<_> = told.closed().iter().map(|attempt| (attempt.server_name().to_owned(), attempt.end)).collect();
    assert_eq!(ends[..2], [("0.example".into(), End::Evicted), ("1.example".into(), End::Evicted)]);
    assert_eq!((ends.len(), told.counts.evicted_handshakes, told.counts.flows), (5, 2, 5));
}

#[test]
fn a_full_table_of_settled_flows_forgets_the_one_silent_for_longest() {
    let mut stage = Stage::new(Config { settled: NonZeroU32::MIN, ..Config::default() });
    for i in 0..7 {
        let mut story = Story::open();
        story.port = 50_000 + i;
        story.say(40, Client, &tls::hello("a.example"));
        story.say(60, Server, &tls::flight13());
        story.say(70, Client, &tls::finished13());
        story.ack(90, Server);
        stage.tell(&story);
    }
    let told = stage.end(End::CaptureEnded);
    assert_eq!((told.closed().len(), told.counts.evicted_settled, told.counts.settled_packets), (7, 2, 7));
}

#[test]
fn a_flood_of_syns_takes_no_place_among_the_flows() {
    let mut stage = Stage::new(config(3));
    let mut kept = Story::open();
    kept.say(40, Client, &tls::hello("a.example"));
    stage.tell(&kept);
    for i in 0..5000 {
        let mut story = Story::new();
        story.port = 50_000 + i;
        story.send(50, Client, Flags::SYN.0, b"");
        stage.tell(&story);
    }
    let told = stage.end(End::CaptureEnded);
    assert_eq!((told.attempt().server_name(), told.counts.flows), ("a.example", 1));
    let Counts { evicted_syns, unfinished_syns, .. } = told.counts;
    assert_eq!(evicted_syns + unfinished_syns, 5000, "none of them was told from one that is answered");
    assert!((1..=1024).contains(&unfinished_syns), "{unfinished_syns} waited when the capture ended");
}

#[test]
fn syns_that_meet_wait_side_by_side_and_the_one_that_waited_longest_gives_way() {
    // Both places of the smallest table, which are all there are for any flow.
    let mut stage = Stage::new(Config { syns: NonZeroU32::MIN, ..Config::default() });
    let stories: Vec<Story> = (0..3)
        .map(|i| {
            let mut story = Story::open();
            story.port = 50_000 + i;
            story.say(40, Client, &tls::hello(&format!("{i}.example")));
            story.shots.iter_mut().for_each(|shot| shot.at += i64::from(i));
            story
        })
        .collect();
    let (opening, rest): (Vec<Story>, Vec<Story>) = stories
        .into_iter()
        .map(|story| {
            let (mut opening, mut rest) = (story.clone(), story);
            opening.shots.truncate(1);
            rest.shots.remove(0);
            (opening, rest)
        })
        .unzip();
    opening.iter().chain(&rest).for_each(|story| stage.tell(story));
    let told = stage.end(End::CaptureEnded);
    let opened = told.closed().iter().map(|attempt| attempt.tcp().unwrap().client.syn.is_some()).collect::<Vec<_>>();
    assert_eq!((opened, told.counts.evicted_syns), (vec![false, true, true], 1));
}

#[test]
fn a_handshake_that_is_shed_is_evicted_and_a_syn_that_is_shed_was_not_refused() {
    let mut stage = Stage::new(Config::default());
    let mut begun = Story::open();
    begun.say(40, Client, &tls::hello("a.example"));
    stage.tell(&begun);
    let mut opening = Story::new();
    opening.port = 50_001;
    opening.send(50, Client, Flags::SYN.0, b"");
    stage.tell(&opening);
    stage.shed();
    stage.wait(600_000);
    let told = stage.end(End::CaptureEnded);
    assert_eq!((told.attempt().server_name(), told.attempt().end), ("a.example", End::Evicted));
    let (servers, _) = told.tracker.connects();
    assert_eq!((servers.len(), told.counts.evicted_syns, told.counts.shed_handshakes), (0, 1, 1));
}

#[test]
fn who_holds_more_than_its_share_gives_way_first() {
    let mut stage = Stage::new(Config { buffered: 40_000, ..Config::default() });
    let small = |i: u16| {
        let mut story = Story::open();
        story.port = 50_000 + i;
        story.say(40, Client, &tls::hello(&format!("{i}.example")));
        story
    };
    (0..3).for_each(|i| stage.tell(&small(i)));
    // A hello that never ends, in 60 kB.
    let mut endless = Story::open();
    endless.port = 51_000;
    let record = [&[22, 3, 1, 0x40, 0, 1, 0, 0xff, 0xff, 3, 3][..], &[0; 0x4000 - 6]].concat();
    endless.say(40, Client, &record);
    for _ in 0..3 {
        endless.say(50, Client, &[&[22, 3, 1, 0x40, 0][..], &[0; 0x4000]].concat());
    }
    stage.tell(&endless);
    let told = stage.end(End::CaptureEnded);
    assert_eq!(told.counts.evicted_buffered, 1);
    assert!(told.counts.settled_packets > 0, "what comes of it later begins no other attempt");
    let ends: Vec<_> = told.closed().iter().map(|attempt| (attempt.ends.source.port, attempt.end)).collect();
    assert_eq!(ends[0], (51_000, End::Evicted));
    assert!(ends[1..].iter().all(|(_, end)| *end == End::CaptureEnded) && ends.len() == 4, "{ends:?}");
}
