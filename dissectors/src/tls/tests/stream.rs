//! What a reader makes of whole streams, and that the cuts do not matter.

use super::build::{
    Random, chrome, client_hello, extension, message, record, records, server_hello, server_name, vector24,
};
use crate::tls::{
    HandshakeType, Item, MAX_CERTIFICATE_MESSAGE, MAX_HELLO, Message, Messages, NoMessage, Pending, Reader, fuzz_tls,
};

const RETRY: [u8; 32] = [
    0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91, 0xc2, 0xa2, 0x11,
    0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c,
];

/// An item in a few words.
fn word(item: Item<'_>) -> String {
    match item {
        Item::ClientHello(hello, framing) => {
            format!(
                "client {} {:#06x}/{}",
                hello.server_name().unwrap_or_default(),
                framing.record_version,
                framing.records
            )
        }
        Item::Sslv2Hello(hello) => format!("sslv2 client {:#06x}", hello.version),
        Item::Sslv2Answer => "sslv2 server".into(),
        Item::ServerHello(hello) if hello.is_retry() => "retry".into(),
        Item::ServerHello(hello) => format!("server {:#06x}", hello.negotiated()),
        Item::Certificate(list) => format!("{} certificates", list.sent()),
        Item::Handshake(kind) => format!("{kind:?}"),
        Item::ChangeCipherSpec => "ccs".into(),
        Item::Alert { level, description } => format!("alert {} {}", level.0, description.0),
        Item::Ciphertext(_) => unreachable!("left out by the caller, since it depends on the cuts"),
        Item::Encrypted { content_type, len } => format!("{content_type}/{len}"),
        Item::NotTls { offset } => format!("not tls at {offset}"),
        Item::Oversized { kind, len } => format!("oversized {kind:?} {len}"),
        Item::Malformed { kind } => format!("malformed {kind:?}"),
    }
}

fn words<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> Vec<String> {
    let (mut reader, mut words) = (Reader::default(), Vec::new());
    for piece in pieces {
        reader.read(piece, |item| {
            if !matches!(item, Item::Ciphertext(_)) {
                words.push(word(item));
            }
        });
    }
    words
}

fn hello(name: &str) -> Vec<u8> {
    message(1, &client_hello(0x0303, &[0x1301], Some(&[server_name(name)])))
}

fn server(version: u16) -> Vec<u8> {
    message(2, &server_hello(0x0303, &[1; 32], 0x1301, &[extension(43, &version.to_be_bytes())]))
}

fn certificate() -> Vec<u8> {
    message(11, &vector24(&[vector24(&[0x30; 3000]), vector24(&[0x31; 2000])].concat()))
}

fn sslv2_hello(version: [u8; 2]) -> Vec<u8> {
    [&[0x80, 9 + 6 + 16, 1][..], &version, &[0, 6, 0, 0, 0, 16], &[0, 0, 5, 1, 0, 0x80], &[3; 16]].concat()
}

/// Streams of one direction, and what is in them.
fn streams() -> Vec<(&'static str, Vec<u8>, Vec<&'static str>)> {
    let ccs = || record(20, &[1]);
    let finished = || record(22, &[0xa5; 40]);
    let data = |len: usize| record(23, &vec![0; len]);
    let flight = [server(0x0303), certificate(), message(12, &[0; 300]), message(14, &[])].concat();
    let one_byte_records = records(22, &hello("tiny.example"), 1);
    let tiny = format!("client tiny.example 0x0301/{}", hello("tiny.example").len());
    vec![
        ("nothing", vec![], vec![]),
        ("a hello", record(22, &hello("a.example")), vec!["client a.example 0x0301/1"]),
        ("a hello over records", records(22, &message(1, &chrome()), 100), vec!["client example.com 0x0301/4"]),
        ("one byte a record", one_byte_records, vec![Box::leak(tiny.into_boxed_str())]),
        (
            "an alert amid a hello, which counts no record of it",
            [record(22, &hello("a.example")[..20]), record(21, &[1, 90]), record(22, &hello("a.example")[20..])]
                .concat(),
            vec!["alert 1 90", "client a.example 0x0301/2"],
        ),
        (
            "empty records between",
            [record(22, &[]), records(22, &hello("a.example"), 40), record(22, &[]), record(23, &[])].concat(),
            vec!["client a.example 0x0301/2", "23/0"],
        ),
        (
            "a server's flight of TLS 1.2 in one record, then encryption",
            [record(22, &flight), ccs(), finished(), data(70), record(21, &[9; 26])].concat(),
            vec![
                "server 0x0303",
                "2 certificates",
                "ServerKeyExchange",
                "ServerDone",
                "ccs",
                "22/40",
                "23/70",
                "21/26",
            ],
        ),
        (
            "the same flight over records",
            [records(22, &flight, 777), ccs(), finished()].concat(),
            vec!["server 0x0303", "2 certificates", "ServerKeyExchange", "ServerDone", "ccs", "22/40"],
        ),
        (
            "a client of TLS 1.3 that is told to retry, with early data",
            [record(22, &hello("a.example")), ccs(), data(50), record(22, &hello("b.example")), data(69)].concat(),
            vec!["client a.example 0x0301/1", "ccs", "23/50", "client b.example 0x0301/1", "23/69"],
        ),
        (
            "a server of TLS 1.3 that asks for a retry",
            [record(22, &message(2, &server_hello(0x0303, &RETRY, 0x1301, &[]))), ccs(), record(22, &server(0x0304))]
                .into_iter()
                .chain([data(900), data(0), data(16000)])
                .collect::<Vec<_>>()
                .concat(),
            vec!["retry", "ccs", "server 0x0304", "23/900", "23/0", "23/16000"],
        ),
        ("an alert", record(21, &[2, 40]), vec!["alert 2 40"]),
        ("an alert over records", [record(21, &[2]), record(21, &[70])].concat(), vec!["alert 2 70"]),
        ("an alert in clear after ccs", [ccs(), record(21, &[2, 80])].concat(), vec!["ccs", "alert 2 80"]),
        ("a heartbeat", record(24, &[1, 0, 1, 7]), vec!["24/4"]),
        ("picked up late", [record(22, &[0xa5; 40]), data(20)].concat(), vec!["22/40", "23/20"]),
        (
            "encryption amid a message",
            [record(22, &hello("a.example")[..20]), data(30)].concat(),
            vec!["malformed ClientHello", "23/30"],
        ),
        ("a short hello", record(22, &message(1, &[3, 3, 1])), vec!["malformed ClientHello"]),
        ("a short server hello", record(22, &message(2, &[3, 3, 1])), vec!["malformed ServerHello"]),
        ("a web page", b"HTTP/1.1 403 Forbidden\r\n\r\n".to_vec(), vec!["not tls at 0"]),
        ("a short refusal", b"\x16no".to_vec(), vec!["not tls at 0"]),
        (
            "garbage behind an alert",
            [record(21, &[1, 0]), b"\x17\x03\x03\xff\xff".to_vec()].concat(),
            vec!["alert 1 0", "not tls at 7"],
        ),
        (
            "SSLv2's format, answered in TLS",
            [sslv2_hello([3, 1]), record(22, &message(16, &[0; 130])), ccs()].concat(),
            vec!["sslv2 client 0x0301", "ClientKeyExchange", "ccs"],
        ),
        (
            "SSLv2's format, then garbage",
            [sslv2_hello([3, 1]), b"GET".to_vec()].concat(),
            vec!["sslv2 client 0x0301", "not tls at 33"],
        ),
        ("SSLv2 to the end", [sslv2_hello([3, 1]), vec![0x80, 5, 2]].concat(), vec!["sslv2 client 0x0301"]),
        ("SSLv2 alone", [sslv2_hello([0, 2]), vec![0x40, 5, 2]].concat(), vec!["sslv2 client 0x0002"]),
        (
            "an SSLv2 server",
            vec![0x80, 17, 4, 0, 1, 0, 2, 0, 2, 0, 3, 0, 1, 0x30, 0x31, 7, 0, 0xc0, 9, 0x80, 7],
            vec!["sslv2 server", "1 certificates"],
        ),
        ("an SSLv2 error", vec![0x80, 3, 0, 0, 1, 7, 7], vec!["sslv2 server"]),
        ("not quite SSLv2", vec![0x80, 50, 1, 3, 1, 0, 6, 0, 0, 0, 16, 0], vec!["not tls at 0"]),
    ]
}

#[test]
fn streams_read_whole_and_byte_by_byte() {
    for (what, stream, expected) in streams() {
        assert_eq!(words([&stream[..]]), expected, "{what}");
        assert_eq!(words(stream.chunks(1)), expected, "{what}, byte by byte");
    }
}

#[test]
fn any_cut_gives_the_same() {
    let mut random = Random(1);
    for (_, stream, _) in streams() {
        for _ in 0..50 {
            let mut cuts = random.bytes(16);
            let most = [3, 17, 255][random.below(3)];
            cuts.iter_mut().for_each(|cut| *cut %= most);
            fuzz_tls(&[cuts, stream.clone()].concat());
        }
    }
}

#[test]
fn spoiled_streams_neither_panic_nor_depend_on_cuts() {
    let mut random = Random(2);
    let streams = streams();
    for _ in 0..1500 {
        let mut stream = streams[random.below(streams.len())].1.clone();
        for _ in 0..random.below(6) {
            let at = random.below(stream.len().max(1));
            match (random.below(4), stream.get_mut(at)) {
                (0, Some(byte)) => *byte = random.next() as u8,
                (1, Some(byte)) => *byte ^= 1 << random.below(8),
                (2, _) => stream.truncate(at),
                (_, Some(_)) => {
                    stream.remove(at);
                }
                (_, None) => {}
            }
        }
        fuzz_tls(&[random.bytes(16), stream].concat());
    }
}

#[test]
fn what_is_open_and_missing() {
    let stream = record(22, &hello("a.example"));
    let mut reader = Reader::default();
    for (at, byte) in stream.iter().enumerate() {
        assert_eq!(reader.is_open(), at > 0, "{at}");
        match reader.pending() {
            None => assert!(at <= 5),
            Some(Pending { kind, missing }) => {
                let header = if at < 9 { 9 } else { stream.len() };
                assert_eq!((kind, missing), (Some(HandshakeType::ClientHello), header - at));
            }
        }
        assert_eq!(reader.buffered(), at.saturating_sub(5));
        reader.read(&[*byte], |_| ());
    }
    assert_eq!((reader.is_open(), reader.pending(), reader.buffered()), (false, None, 0));

    let stream = sslv2_hello([3, 1]);
    let mut reader = Reader::default();
    reader.read(&stream[..20], |_| ());
    let missing = Pending { kind: Some(HandshakeType::ClientHello), missing: stream.len() - 20 };
    assert_eq!((reader.is_open(), reader.pending(), reader.buffered()), (true, Some(missing), 20));

    let mut reader = Reader::default();
    reader.read(&record(23, &[0; 100])[..50], |_| ());
    assert!(reader.is_open(), "a record that is not whole");
}

#[test]
fn whole_messages_are_not_copied() {
    let mut reader = Reader::default();
    let stream = [record(22, &hello("a.example")), record(23, &[0; 9000])].concat();
    let (first, rest) = stream.split_at(stream.len() - 4500);
    let hello_at = stream[9..].as_ptr_range();
    let ciphertext_in = |part: &[u8], bytes: &[u8]| assert!(part.as_ptr_range().contains(&bytes.as_ptr()));
    reader.read(first, |item| match item {
        Item::ClientHello(hello, _) => assert!(hello_at.contains(&hello.random.as_ptr())),
        Item::Ciphertext(bytes) => ciphertext_in(first, bytes),
        other => panic!("{other:?}"),
    });
    assert_eq!(reader.buffered(), 0);
    reader.read(rest, |item| match item {
        Item::Ciphertext(bytes) => ciphertext_in(rest, bytes),
        item => assert_eq!(item, Item::Encrypted { content_type: 23, len: 9000 }),
    });
}

#[test]
fn a_message_over_the_limit_is_skipped() {
    for (kind, limit) in [(1, MAX_HELLO), (2, MAX_HELLO), (11, MAX_CERTIFICATE_MESSAGE)] {
        let (at_limit, over) = (message(kind, &vec![0; limit]), message(kind, &vec![0; limit + 1]));
        let stream = [records(22, &over, 16384), record(22, &[&at_limit[..9000], &[]].concat())].concat();
        let mut reader = Reader::default();
        let mut seen = Vec::new();
        for piece in stream.chunks(1400) {
            reader.read(piece, |item| seen.push(word(item)));
            assert!(reader.buffered() <= 9000);
        }
        assert_eq!(seen, [format!("oversized {:?} {}", HandshakeType(kind), limit + 1)]);
        let missing = limit + 4 - 9000;
        assert_eq!(reader.pending(), Some(Pending { kind: Some(HandshakeType(kind)), missing }));
    }
}

#[test]
fn messages_without_records() {
    let (hello, certificate) = (hello("a.example"), certificate());
    let stream = [&hello[..], &message(8, &[0, 0]), &certificate, &message(20, &[1; 32])].concat();
    for size in [1, 3, 4, 5, 1000, stream.len()] {
        let (mut messages, mut seen) = (Messages::default(), Vec::new());
        for piece in stream.chunks(size) {
            let on = &mut |message: Message<'_>| {
                seen.push(match message {
                    Message::Whole { kind, body } => (kind.0, body.len()),
                    Message::Passed { kind } => (kind.0, 0),
                    Message::Oversized { .. } => panic!("{message:?}"),
                });
            };
            assert_eq!(messages.read(piece, on), Ok(()));
        }
        assert_eq!(seen, [(1, hello.len() - 4), (8, 0), (11, certificate.len() - 4), (20, 0)], "pieces of {size}");
        assert_eq!((messages.pending(), messages.buffered()), (None, 0));
    }
    assert_eq!(Messages::default().read(&[99, 0, 0, 1], &mut |_| ()), Err(NoMessage), "a type not in use");
    assert_eq!(Messages::default().read(&[16, 9, 0, 0], &mut |_| ()), Err(NoMessage), "an absurd length");
}
