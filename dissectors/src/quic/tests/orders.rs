//! Whatever the order and the cut of a client's first flight, the same hello comes out.

use super::make::{Header, Random, Watched, client_hello, crypto};
use crate::quic::Side::Client;

/// Cuts a hello into frames at random, frames that overlap and repeat included, and deals them out to packets and
/// datagrams.
fn flight(random: &mut Random, hello: &[u8]) -> Vec<Vec<u8>> {
    let mut frames = Vec::new();
    let mut at = 0;
    while at < hello.len() {
        let end = (at + 1 + random.below(700)).min(hello.len());
        frames.push(crypto(hello, at, end));
        at = end - random.below(end - at).min(end - at - 1);
        at = if end == hello.len() { end } else { at };
    }
    let from = random.below(hello.len() - 1);
    frames.push(crypto(hello, from, hello.len().min(from + 300)));
    random.shuffle(&mut frames);
    let header = Header::new(b"original", b"");
    let packets = frames.chunks(1 + random.below(3)).zip(0..).map(|(frames, number)| {
        let payload = frames.join(&[0, 1, 0][..]);
        header.initial(Client, b"original", number, &[payload, vec![0; 30]].concat())
    });
    let packets: Vec<_> = packets.collect();
    packets.chunks(1 + random.below(2)).map(<[_]>::concat).collect()
}

#[test]
fn any_order_of_the_first_flight_gives_the_same_hello() {
    let mut random = Random(1);
    for round in 0..100 {
        let hello = client_hello("example.net", random.below(5000));
        let mut datagrams: Vec<_> = flight(&mut random, &hello).into_iter().map(|bytes| (Client, bytes)).collect();
        for _ in 0..4 {
            let mut watched = Watched::default();
            let hellos: Vec<_> = watched.all(&datagrams).into_iter().filter(|line| line != "clientinitial").collect();
            assert_eq!(hellos, ["hello example.net"], "round {round}");
            assert_eq!(watched.connection.facts().damage, Default::default(), "round {round}");
            random.shuffle(&mut datagrams);
        }
    }
}
