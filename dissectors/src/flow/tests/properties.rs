//! Bytes cut and frames ordered otherwise say the same.

use super::story::{Client, Server, Shot, Story};
use super::tls;
use crate::attempt::Attempt;

/// SplitMix64 (Steele, Lea, Flood 2014).
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % end as u64) as usize
    }
}

fn healthy() -> Vec<Story> {
    let opened = |flight: &[u8], finished: &[u8]| {
        let mut story = Story::open();
        story.say(40, Client, &tls::hello("a.example"));
        story.say(60, Server, flight);
        story.say(80, Client, finished);
        story.say(100, Server, &tls::finished12());
        story
    };
    let mut retried = Story::open();
    retried.say(40, Client, &tls::hello("a.example"));
    retried.say(60, Server, &tls::retry_request());
    retried.say(80, Client, &tls::hello("a.example"));
    retried.say(100, Server, &tls::flight13());
    retried.say(120, Client, &tls::finished13());
    let mut mail = Story::open();
    mail.say(31, Server, b"220 mx.example\r\n");
    mail.say(32, Client, b"STARTTLS\r\n");
    mail.say(33, Server, b"220 go\r\n");
    mail.say(40, Client, &tls::hello("a.example"));
    mail.say(60, Server, &tls::flight13());
    mail.say(80, Client, &tls::finished13());
    vec![opened(&tls::flight13(), &tls::finished13()), opened(&tls::flight12(), &tls::finished12()), retried, mail]
}

/// What must not depend on how the bytes travel.
fn said(attempt: &Attempt) -> String {
    let facts = attempt.tcp().unwrap();
    let chain: Vec<_> = attempt.chain.iter().map(|certificate| certificate.sha256).collect();
    let Attempt { end, hello, server_hello, .. } = attempt;
    format!(
        "{end:?} {hello:?} {server_hello:?} {chain:?} {:?} {:?} {:?} {:?} {}",
        facts.hello_span,
        facts.hello_acked,
        facts.from,
        facts.tls,
        facts.answer.is_some()
    )
}

fn pieces(shot: &Shot, random: &mut Random) -> Vec<Shot> {
    let mut pieces = Vec::new();
    let mut at = 0;
    while at < shot.payload.len() {
        let end = (at + 1 + random.below(400)).min(shot.payload.len());
        let mut piece = shot.clone();
        piece.payload = shot.payload[at..end].to_vec();
        piece.tcp.seq = shot.tcp.seq.add(at as u32);
        piece.ip_id = None;
        piece.at += pieces.len() as i64;
        pieces.push(piece);
        at = end;
    }
    if pieces.is_empty() { vec![shot.clone()] } else { pieces }
}

#[test]
fn any_cut_says_the_same() {
    let mut random = Random(1);
    for story in healthy() {
        let expected = said(story.play().attempt());
        for _ in 0..100 {
            let mut cut = story.clone();
            cut.shots = story.shots.iter().flat_map(|shot| pieces(shot, &mut random)).collect();
            assert_eq!(said(cut.play().attempt()), expected);
        }
    }
}

#[test]
fn any_order_within_a_flight_says_the_same() {
    let mut random = Random(2);
    for story in healthy() {
        let expected = said(story.play().attempt());
        for _ in 0..100 {
            let mut cut = story.clone();
            cut.shots.clear();
            for shot in &story.shots {
                let mut flight = pieces(shot, &mut random);
                let last = flight.len() - 1;
                for i in (1..flight.len()).rev() {
                    flight.swap(i, random.below(i + 1));
                }
                // Times follow the new order.
                flight.iter_mut().enumerate().for_each(|(i, piece)| piece.at = shot.at + i as i64);
                assert_eq!(flight.len(), last + 1);
                cut.shots.extend(flight);
            }
            assert_eq!(said(cut.play().attempt()), expected);
        }
    }
}

#[test]
fn random_loss_is_always_told() {
    let mut random = Random(3);
    let story = &healthy()[1];
    let expected = said(story.play().attempt());
    for _ in 0..300 {
        let mut cut = story.clone();
        cut.shots = story.shots.iter().flat_map(|shot| pieces(shot, &mut random)).collect();
        let lost = cut.shots.remove(random.below(cut.shots.len()));
        let told = cut.play();
        let Some(attempt) = told.closed().first().copied() else { continue };
        let facts = attempt.tcp().unwrap();
        let visible = facts.client.gap
            || facts.server.gap
            || facts.client_acks_unseen
            || facts.server_acks_unseen
            || lost.payload.is_empty();
        assert!(visible || said(attempt) == expected || attempt.end != crate::attempt::End::Completed, "{lost:?}");
    }
}
