//! TLS that begins later.

use super::story::{Client, Server, Story};
use super::tls;
use crate::attempt::Prelude;

const NAME: &str = "a.example";

/// Who says what.
type Line<'a> = (super::story::Who, &'a [u8]);

fn dialogue(lines: &[Line<'_>]) -> Story {
    let mut story = Story::open();
    for (i, (from, line)) in lines.iter().enumerate() {
        story.say(31 + i as i64, *from, line);
    }
    story
}

#[test]
fn a_hello_is_found_behind_every_prelude() {
    let hello = tls::hello(NAME);
    let greeting = b"\x4a\0\0\0\x0a8.0.36\0";
    let proxy2 = [&b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c"[..], &[192, 0, 2, 9, 192, 0, 2, 8, 1, 2, 1, 0xbb]].concat();
    let mysql = [&[0x20, 0, 0, 1, 0x85, 0xae, 0xff, 0x19][..], &[0; 28]].concat();
    let dialogues: &[(Prelude, &[Line<'_>])] = &[
        (
            Prelude::Smtp,
            &[
                (Server, b"220 mx\r\n"),
                (Client, b"EHLO c\r\n"),
                (Server, b"250 STARTTLS\r\n"),
                (Client, b"STARTTLS\r\n"),
                (Server, b"220 go\r\n"),
            ],
        ),
        (Prelude::Imap, &[(Server, b"* OK\r\n"), (Client, b"a STARTTLS\r\n"), (Server, b"a OK\r\n")]),
        (Prelude::Pop3, &[(Server, b"+OK\r\n"), (Client, b"STLS\r\n"), (Server, b"+OK\r\n")]),
        (Prelude::Ftp, &[(Server, b"220 ftp\r\n"), (Client, b"AUTH TLS\r\n"), (Server, b"234 go\r\n")]),
        (Prelude::Xmpp, &[(Client, b"<?xml version='1.0'?>"), (Server, b"<proceed/>")]),
        (Prelude::Postgres, &[(Client, b"\0\0\0\x08\x04\xd2\x16\x2f"), (Server, b"S")]),
        (Prelude::MySql, &[(Server, greeting), (Client, &mysql)]),
        (
            Prelude::HttpConnect,
            &[(Client, b"CONNECT a.example:443 HTTP/1.1\r\n\r\n"), (Server, b"HTTP/1.1 200 OK\r\n\r\n")],
        ),
        (
            Prelude::Socks,
            &[
                (Client, b"\x05\x01\0"),
                (Server, b"\x05\0"),
                (Client, b"\x05\x01\0\x01\xc0\0\x02\x01\x01\xbb"),
                (Server, b"\x05\0\0\x01\0\0\0\0\0\0"),
            ],
        ),
        (Prelude::ProxyProtocol, &[(Client, b"PROXY TCP4 192.0.2.9 192.0.2.8 258 443\r\n")]),
        (Prelude::ProxyProtocol, &[(Client, &proxy2)]),
        (Prelude::Unknown, &[(Client, b"hi"), (Server, b"there")]),
    ];
    for (prelude, lines) in dialogues {
        let mut story = dialogue(lines);
        story.say(60, Client, &hello);
        story.say(80, Server, &tls::flight13());
        story.say(90, Client, &tls::finished13());
        let told = story.play();
        let facts = told.attempt().tcp().unwrap();
        assert_eq!((told.attempt().server_name(), facts.from), (NAME, *prelude));
        assert_eq!(told.attempt().end, crate::attempt::End::Completed, "{prelude:?}");
        assert_eq!((facts.early, told.counts.gaps), (0, 0), "{prelude:?}");
    }
}

#[test]
fn a_hello_in_one_segment_with_its_prelude_is_found_however_that_is_cut() {
    let hello = tls::hello(NAME);
    let preludes: &[(Prelude, &[u8], &[u8])] = &[
        (Prelude::ProxyProtocol, b"PROXY TCP4 192.0.2.9 192.0.2.8 258 443\r\n", b""),
        (Prelude::Postgres, b"\0\0\0\x08\x04\xd2\x16\x2f", b"S"),
        (Prelude::HttpConnect, b"CONNECT a.example:443 HTTP/1.1\r\n\r\n", b"HTTP/1.1 200 OK\r\n\r\n"),
        (Prelude::Socks, b"\x05\x01\0\x05\x01\0\x01\xc0\0\x02\x01\x01\xbb", b"\x05\0\x05\0\0\x01\0\0\0\0\0\0"),
    ];
    for (prelude, line, reply) in preludes {
        let stream = [line, &hello[..]].concat();
        for cut in 1..stream.len() {
            let mut story = Story::open();
            story.say(40, Client, &stream[..cut]);
            story.say(41, Client, &stream[cut..]);
            story.say(80, Server, &[reply, &tls::flight13()[..]].concat());
            let told = story.play();
            let facts = told.attempt().tcp().unwrap();
            assert_eq!((told.attempt().server_name(), facts.from), (NAME, *prelude), "cut at {cut}");
            assert_eq!(told.attempt().version(), Some(0x0304), "{prelude:?} cut at {cut}");
            assert!(facts.tls.server_began && !facts.tls.server_not_tls);
        }
    }
}

#[test]
fn one_captured_segment_is_enough_for_a_prelude_and_its_hello() {
    let mut story = Story::open();
    let stream = [b"PROXY TCP4 192.0.2.9 192.0.2.8 258 443\r\n", &tls::hello(NAME)[..]].concat();
    story.say(40, Client, &stream);
    story.shots.retain(|shot| shot.payload == stream);
    assert_eq!(story.play().attempt().server_name(), NAME);
}

#[test]
fn a_hello_within_other_data_is_none() {
    let hello = tls::hello(NAME);
    let mut story = Story::open();
    story.say(40, Client, b"GET /capture.pcap HTTP/1.1\r\n\r\n");
    story.say(60, Server, &[b"HTTP/1.1 200 OK\r\n\r\n", &hello[..]].concat());
    assert!(story.play().closed().is_empty());
}

#[test]
fn the_capture_may_lose_a_part_of_the_prelude() {
    let mut story = dialogue(&[
        (Server, b"220 mx\r\n"),
        (Client, b"EHLO c\r\n"),
        (Server, b"250 ok\r\n"),
        (Client, b"STARTTLS\r\n"),
        (Server, b"220 go\r\n"),
    ]);
    story.shots.retain(|shot| shot.payload != b"STARTTLS\r\n");
    story.say(60, Client, &tls::hello(NAME));
    story.ack(80, Server);
    story.say(140, Server, &tls::flight13());
    let told = story.play();
    let facts = told.attempt().tcp().unwrap();
    assert_eq!((told.attempt().server_name(), facts.from), (NAME, Prelude::Smtp));
    assert!(facts.client.gap && facts.answer.is_some());
}

#[test]
fn who_says_hello_is_the_client_whoever_opened() {
    let mut story = Story::open();
    story.say(40, Server, &tls::hello(NAME));
    story.say(60, Client, &tls::flight13());
    let told = story.play();
    assert_eq!((told.attempt().ends.source.port, told.attempt().version()), (443, Some(0x0304)));
    assert_eq!(told.attempt().tcp().unwrap().server_rtt.map(|rtt| rtt.as_millis()), Some(10));
}
