//! Bytes that nobody should send.

use super::make::{Header, Random, Watched, client_hello, close, crypto, hex, server_hello, short};
use crate::quic::Side::{Client, Server};
use crate::quic::{Side, Version, fuzz_quic, probe};

/// A handshake with everything in it.
fn handshake() -> Vec<(Side, Vec<u8>)> {
    let (hello, answer) = (client_hello("example.net", 900), server_hello(&[9; 32]));
    let to_server = Header::new(b"original", b"me");
    let to_client = Header::new(b"me", b"server");
    let again = Header::new(b"server", b"me").token(b"token");
    let whole = crypto(&hello, 0, hello.len());
    vec![
        (Client, to_server.initial(Client, b"original", 0, &crypto(&hello, 500, hello.len()))),
        (Client, [to_server.initial(Client, b"original", 1, &whole), to_server.zero_rtt()].concat()),
        (Server, Header::new(b"me", b"original").version_negotiation(&[Version::V1, Version::V2])),
        (Server, to_client.clone().token(b"token").retry()),
        (Client, again.initial(Client, b"server", 2, &whole)),
        (Server, to_client.initial(Server, b"server", 0, &crypto(&answer, 0, answer.len()))),
        (Server, [to_client.initial(Server, b"server", 1, &close(0x100)), to_client.handshake()].concat()),
        (Client, [again.handshake(), short(b"server")].concat()),
        (Server, short(b"me")),
    ]
}

fn mutate(random: &mut Random, bytes: &mut Vec<u8>) {
    for _ in 0..1 + random.below(4) {
        let at = random.below(bytes.len().max(1));
        match random.below(4) {
            0 => bytes.truncate(at),
            1 => bytes.insert(at.min(bytes.len()), random.next().to_le_bytes()[0]),
            // Headers are where the lengths are.
            2 => {
                bytes.iter_mut().take(40).skip(at % 40).take(1).for_each(|byte| *byte = random.next().to_le_bytes()[0])
            }
            _ => bytes.iter_mut().skip(at).take(1).for_each(|byte| *byte ^= 1 << (at % 8)),
        }
    }
}

#[test]
fn ten_thousand_mutations_do_not_panic() {
    let mut random = Random(2);
    let good = handshake();
    for _ in 0..10_000 / good.len() + 1 {
        let mut watched = Watched::default();
        for (sender, datagram) in &good {
            let mut datagram = datagram.clone();
            mutate(&mut random, &mut datagram);
            probe(&datagram);
            let _ = watched.feed(*sender, &datagram);
        }
    }
}

/// Frames only open if they were sealed, so hostile ones are sealed here.
#[test]
fn hostile_frames_do_not_panic() {
    let mut random = Random(3);
    let header = Header::new(b"original", b"me");
    for _ in 0..500 {
        let mut watched = Watched::default();
        for number in 0..8 {
            let mut frames = match random.below(3) {
                0 => (0..20 + random.below(200)).map(|_| random.next().to_le_bytes()[0] & 0x1f).collect(),
                1 => [vec![6], hex("80 00 ff 00"), vec![0x44, 0x00], vec![1; 1024]].concat(),
                _ => crypto(&client_hello("example.net", 100), 0, 90),
            };
            mutate(&mut random, &mut frames);
            frames.extend([0; 8]);
            let _ = watched.feed(Client, &header.initial(Client, b"original", number, &frames));
        }
    }
}

#[test]
fn the_fuzz_entry_takes_anything() {
    let mut random = Random(4);
    for _ in 0..2000 {
        let mut data: Vec<u8> = (0..random.below(400)).map(|_| random.next().to_le_bytes()[0]).collect();
        // Small lengths, so that there are several pieces.
        data.iter_mut().skip(1).step_by(40).for_each(|byte| *byte = 0);
        fuzz_quic(&data);
    }
    let pieces = handshake().into_iter().flat_map(|(sender, datagram)| {
        let length = u16::try_from(datagram.len()).unwrap().to_be_bytes();
        [&[sender as u8][..], &length, &datagram].concat()
    });
    fuzz_quic(&pieces.collect::<Vec<u8>>());
}
