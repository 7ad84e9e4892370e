//! What is read of a server's encrypted records with its secret.

use ring::aead::{Aad, Nonce};

use super::build::{extension, message, record, server_hello, vector24};
use super::rfc8448::{CLIENT_HELLO, CLIENT_RANDOM, SERVER_FLIGHT, SERVER_HELLO, SERVER_SECRET, hex};
use crate::tls::secret::TrafficSecret;
use crate::tls::{Decryption, Item, KeyLog, MAX_CERTIFICATE_MESSAGE, Opener, Reader, Secret, compressed};

/// What was read, and the certificates.
type Read = (Decryption, Vec<Vec<u8>>);

/// Reads a server's stream in pieces of `size` bytes.
fn read(stream: &[u8], size: usize, secret: &Secret) -> Read {
    let (mut opener, mut came) = (None, (Decryption::None, Vec::new()));
    let mut reader = Reader::default();
    for piece in stream.chunks(size) {
        reader.read(piece, |item| match (item, &mut opener) {
            (Item::ServerHello(hello), _) => opener = Opener::new(secret, hello.cipher),
            (Item::Ciphertext(bytes), Some(opener)) => opener.take(bytes),
            (Item::Encrypted { content_type: 23, .. }, Some(opener))
                if came.0 == Decryption::None || came.0.goes_on() =>
            {
                came.0 = opener.end(&mut |list| came.1.extend(list.iter().map(<[u8]>::to_vec)));
            }
            _ => {}
        });
    }
    came
}

/// The record number `number` of a server with `secret`, with three bytes of padding.
fn seal(secret: &Secret, cipher: u16, number: u8, kind: u8, content: &[u8]) -> Vec<u8> {
    let secret = TrafficSecret::new(secret, cipher).unwrap();
    let mut iv = secret.iv(b"tls13 iv").unwrap();
    iv[11] ^= number;
    let mut inner = [content, &[kind, 0, 0, 0]].concat();
    let [high, low] = u16::try_from(inner.len() + 16).unwrap().to_be_bytes();
    let header = [23, 3, 3, high, low];
    let (key, nonce) = (secret.key(b"tls13 key").unwrap(), Nonce::assume_unique_for_key(iv));
    key.seal_in_place_append_tag(nonce, Aad::from(header), &mut inner).unwrap();
    [&header[..], &inner].concat()
}

/// A server's stream: its hello, and `messages` in records of `size` bytes.
fn stream(secret: &Secret, cipher: u16, messages: &[u8], size: usize) -> Vec<u8> {
    let hello = message(2, &server_hello(0x0303, &[1; 32], cipher, &[extension(43, &[3, 4])]));
    let mut stream = record(22, &hello);
    for (number, piece) in messages.chunks(size).enumerate() {
        stream.extend(seal(secret, cipher, u8::try_from(number).unwrap(), 22, piece));
    }
    stream
}

fn certificate(der: &[u8]) -> Vec<u8> {
    let entry = [vector24(der), vec![0, 0]].concat();
    message(11, &[vec![0], vector24(&entry)].concat())
}

#[test]
fn the_published_handshake() {
    let mut log = KeyLog::default();
    log.add(format!("SERVER_HANDSHAKE_TRAFFIC_SECRET {CLIENT_RANDOM} {SERVER_SECRET}").as_bytes());
    let random = hex(CLIENT_HELLO)[11..43].to_vec();
    let secret = log.server_handshake(&random).unwrap();
    let server = [hex(SERVER_HELLO), hex(SERVER_FLIGHT)].concat();
    for size in [1, 7, 100, server.len()] {
        let (decryption, chain) = read(&server, size, secret);
        assert_eq!(decryption, Decryption::Certificates);
        // The self-signed certificate that the section prints.
        let [der] = &chain[..] else { panic!("one certificate") };
        assert_eq!(der.len(), 432);
        assert!(der.starts_with(&hex("308201ac30820115a003020102020102300d06092a864886f70d01010b0500")));
    }
}

#[test]
fn every_cipher_suite_and_any_cut() {
    let messages = [message(8, &[0, 0]), certificate(&[0x30; 700]), message(15, &[1; 20])].concat();
    for (secret, cipher) in
        [(Secret::Sha256([7; 32]), 0x1301), (Secret::Sha384([8; 48]), 0x1302), (Secret::Sha256([9; 32]), 0x1303)]
    {
        for (record, cut) in [(1000, 10_000), (100, 13), (9, 1)] {
            let (decryption, chain) = read(&stream(&secret, cipher, &messages, record), cut, &secret);
            assert_eq!((decryption, chain), (Decryption::Certificates, vec![vec![0x30; 700]]), "{cipher:#x} {record}");
        }
    }
}

#[test]
fn a_chain_that_was_sent_compressed() {
    let secret = Secret::Sha256([7; 32]);
    for sample in compressed::tests::samples() {
        let messages = [message(8, &[0, 0]), message(25, &sample)].concat();
        let (decryption, chain) = read(&stream(&secret, 0x1301, &messages, 50), 7, &secret);
        assert_eq!(decryption, Decryption::Certificates);
        assert_eq!(chain.iter().map(Vec::len).collect::<Vec<_>>(), [500, 256]);
    }
}

#[test]
fn what_is_no_chain() {
    let secret = Secret::Sha256([7; 32]);
    let begun = message(8, &[0, 0]);
    let longer = u32::try_from(MAX_CERTIFICATE_MESSAGE).unwrap() + 1;
    let cases = [
        ("compressed by another method", message(25, &[0, 9, 0, 0, 9, 0, 0, 1, 7]), Decryption::UnknownCompression),
        ("compressed and broken", message(25, &[0; 50]), Decryption::BrokenCompression),
        ("compressed and too long", message(25, &[0, 1, 255, 255, 255, 0, 0, 1, 7]), Decryption::Oversized),
        ("resumed", message(20, &[0; 32]), Decryption::NoCertificates),
        ("not all", certificate(&[0x30; 99])[..60].to_vec(), Decryption::Begun),
        ("no message", vec![99; 50], Decryption::Begun),
        ("too long", [&[11][..], &longer.to_be_bytes()[1..], &[0; 50]].concat(), Decryption::Begun),
        ("empty chain", message(11, &[0, 0, 0, 0]), Decryption::Certificates),
    ];
    for (name, message, expected) in cases {
        let stream = stream(&secret, 0x1301, &[begun.clone(), message].concat(), 1000);
        assert_eq!(read(&stream, 1000, &secret), (expected, vec![]), "{name}");
    }
}

#[test]
fn a_wrong_key_opens_nothing() {
    let messages = [message(8, &[0, 0]), certificate(&[0x30; 700])].concat();
    let (right, wrong) = (Secret::Sha256([7; 32]), Secret::Sha256([8; 32]));
    let whole = stream(&right, 0x1301, &messages, 1000);
    assert_eq!(read(&whole, 1000, &wrong), (Decryption::WrongKey, vec![]));
    let mut damaged = whole.clone();
    *damaged.last_mut().unwrap() ^= 1;
    assert_eq!(read(&damaged, 1000, &right), (Decryption::WrongKey, vec![]));
    assert!(Opener::new(&Secret::Sha384([7; 48]), 0x1301).is_none(), "the hash of another suite");
    assert!(Opener::new(&right, 0x1304).is_none(), "a suite that is not known");
}

/// An alert under the handshake's keys ends no message and begins none.
#[test]
fn other_records_are_passed_over() {
    let secret = Secret::Sha256([7; 32]);
    let mut bytes = stream(&secret, 0x1301, &message(8, &[0, 0]), 1000);
    bytes.extend(seal(&secret, 0x1301, 1, 21, &[1, 0]));
    bytes.extend(seal(&secret, 0x1301, 2, 22, &certificate(b"leaf")));
    assert_eq!(read(&bytes, 50, &secret), (Decryption::Certificates, vec![b"leaf".to_vec()]));
}

#[test]
fn an_opener_shows_no_key() {
    let opener = Opener::new(&Secret::Sha256([0xab; 32]), 0x1301).unwrap();
    assert_eq!(format!("{opener:?}"), "Opener { number: 0, .. }");
}
