//! The server's Handshake packets, where its secret is known.

use super::make::{Header, Random, Watched, client_hello, crypto, message, server_hello_with};
use crate::quic::Side::{Client, Server};
use crate::quic::{MAX_HELD, Version};
use crate::tls::{Decryption, Secret, compressed};

const FIRST: &[u8] = b"original";
const CLIENT_ID: &[u8] = b"me";
const SECRET: Secret = Secret::Sha256([7; 32]);

fn to_client(version: Version) -> Header {
    Header::new(CLIENT_ID, b"server").version(version)
}

/// A connection up to the ServerHello, and its secret given.
fn begun(version: Version, cipher: u16, secret: Secret) -> Watched {
    let mut watched = Watched::default();
    let (hello, answer) = (client_hello("example.net", 0), server_hello_with(&[9; 32], cipher));
    let first = Header::new(FIRST, CLIENT_ID).version(version);
    watched.all(&[(Client, first.initial(Client, FIRST, 0, &crypto(&hello, 0, hello.len())))]);
    watched.decrypt_with(Some(secret));
    let answer = to_client(version).initial(Server, FIRST, 0, &crypto(&answer, 0, answer.len()));
    let log = watched.all(&[(Server, answer)]);
    assert_eq!(log, ["answer", "server hello 0x304"]);
    watched
}

/// EncryptedExtensions, then a chain of one certificate of 3000 bytes.
fn messages() -> Vec<u8> {
    let entry = [&[0, 0x0b, 0xb8][..], &[0x30; 3000], &[0, 0]].concat();
    let certificate = [&[0, 0, 0x0b, 0xbd][..], &entry].concat();
    [message(8, &[0, 0]), message(11, &certificate), message(20, &[1; 32])].concat()
}

fn packets(version: Version, cipher: u16, secret: &Secret, messages: &[u8]) -> Vec<Vec<u8>> {
    let cuts = (0..messages.len()).step_by(900).zip(0_u16..);
    let frames = cuts.map(|(from, number)| (crypto(messages, from, messages.len().min(from + 900)), number));
    frames.map(|(frame, number)| to_client(version).sealed_handshake(secret, cipher, number, &frame)).collect()
}

#[test]
fn a_chain_in_any_order_under_every_suite_and_version() {
    let secrets = [(SECRET, 0x1301), (Secret::Sha384([8; 48]), 0x1302), (SECRET, 0x1303)];
    for (version, (secret, cipher)) in [Version::V1, Version::V2, Version(0xff00_001d)]
        .into_iter()
        .flat_map(|version| secrets.clone().map(|s| (version, s)))
    {
        for seed in 0..8 {
            let mut watched = begun(version, cipher, secret.clone());
            let mut packets = packets(version, cipher, &secret, &messages());
            Random(seed).shuffle(&mut packets);
            let log = watched.all(&packets.into_iter().map(|packet| (Server, packet)).collect::<Vec<_>>());
            assert_eq!(log, ["certificates [3000]"], "{version} {cipher:#x} {seed}");
            assert_eq!(watched.connection.facts().decryption, Decryption::Certificates);
            assert_eq!(watched.connection.facts().damage, Default::default());
        }
    }
}

/// What comes before its keys: the whole answer before the hello, and Handshake packets before the ServerHello, in the
/// same datagram or in their own.
#[test]
fn packets_wait_for_their_keys() {
    let (hello, answer) = (client_hello("example.net", 0), server_hello_with(&[9; 32], 0x1301));
    let first = || Header::new(FIRST, CLIENT_ID).initial(Client, FIRST, 0, &crypto(&hello, 0, hello.len()));
    let answer = to_client(Version::V1).initial(Server, FIRST, 0, &crypto(&answer, 0, answer.len()));
    let flight = packets(Version::V1, 0x1301, &SECRET, &messages());
    let datagrams = [vec![answer.clone()], flight.clone()].concat();
    let coalesced = vec![[answer, flight.concat()].concat()];
    for (name, datagrams) in [("reversed", datagrams.iter().rev().cloned().collect()), ("coalesced", coalesced)] {
        for after in 0..=datagrams.len() {
            let mut watched = Watched::default();
            let (before, behind) = datagrams.split_at(after);
            let from_server = |datagrams: &[Vec<u8>]| datagrams.iter().map(|d| (Server, d.clone())).collect::<Vec<_>>();
            let mut log = watched.all(&from_server(before));
            log.extend(watched.all(&[(Client, first())]));
            watched.decrypt_with(Some(SECRET));
            log.extend(watched.all(&from_server(behind)));
            assert_eq!(log.last().map(String::as_str), Some("certificates [3000]"), "{name} {after}: {log:?}");
            assert_eq!(watched.connection.facts().decryption, Decryption::Certificates);
            assert_eq!(watched.connection.facts().damage.not_held, 0);
        }
    }
}

#[test]
fn no_more_than_a_few_packets_wait() {
    let packet = &packets(Version::V1, 0x1301, &SECRET, &messages())[0];
    let mut watched = Watched::default();
    watched.all(&vec![(Server, packet.clone()); MAX_HELD + 3]);
    assert_eq!(watched.connection.facts().damage.not_held, 3);
    watched.decrypt_with(None);
    watched.all(&[(Server, packet.clone())]);
    assert_eq!(watched.connection.facts().damage.not_held, 3, "what nobody can open is not waited for");
}

#[test]
fn a_chain_that_was_sent_compressed() {
    for sample in compressed::tests::samples() {
        let mut watched = begun(Version::V1, 0x1301, SECRET);
        let messages = [message(8, &[0, 0]), message(25, &sample)].concat();
        let packets = packets(Version::V1, 0x1301, &SECRET, &messages);
        let log = watched.all(&packets.into_iter().map(|packet| (Server, packet)).collect::<Vec<_>>());
        assert_eq!(log, ["certificates [500, 256]"]);
        assert_eq!(watched.connection.facts().decryption, Decryption::Certificates);
    }
}

#[test]
fn what_is_no_chain() {
    let cases = [
        ("compressed by another method", message(25, &[0, 9, 0, 0, 9, 0, 0, 1, 7]), Decryption::UnknownCompression),
        ("compressed and broken", message(25, &[0; 50]), Decryption::BrokenCompression),
        ("resumed", message(20, &[0; 32]), Decryption::NoCertificates),
        ("not all", messages()[..2000].to_vec(), Decryption::Begun),
    ];
    for (name, messages, expected) in cases {
        let mut watched = begun(Version::V1, 0x1301, SECRET);
        let packets = packets(Version::V1, 0x1301, &SECRET, &messages);
        assert!(watched.all(&packets.into_iter().map(|packet| (Server, packet)).collect::<Vec<_>>()).is_empty());
        assert_eq!(watched.connection.facts().decryption, expected, "{name}");
    }
}

#[test]
fn a_wrong_key_opens_nothing() {
    for wrong in [Secret::Sha256([8; 32]), Secret::Sha384([7; 48])] {
        let mut watched = begun(Version::V1, 0x1301, wrong);
        for packet in packets(Version::V1, 0x1301, &SECRET, &messages()) {
            assert!(watched.all(&[(Server, packet)]).is_empty());
        }
        assert_eq!(watched.connection.facts().decryption, Decryption::WrongKey);
        assert_eq!(watched.connection.facts().server.handshakes, 4);
    }
}

#[test]
fn one_damaged_packet_does_not_make_a_key_wrong() {
    let mut watched = begun(Version::V1, 0x1301, SECRET);
    let packets = packets(Version::V1, 0x1301, &SECRET, &messages());
    let mut damaged = packets[0].clone();
    *damaged.last_mut().unwrap() ^= 1;
    watched.all(&[(Server, damaged)]);
    assert_eq!(watched.connection.facts().decryption, Decryption::WrongKey);
    let log = watched.all(&packets.into_iter().map(|packet| (Server, packet)).collect::<Vec<_>>());
    assert_eq!(log, ["certificates [3000]"]);
}
