//! What first bytes are taken for.

use super::build::{Random, chrome, message, record, server_hello};
use crate::tls::{Probe, hello_end, probe};

fn sslv2() -> Vec<u8> {
    [&[0x80, 9 + 3 + 16, 1, 3, 1, 0, 3, 0, 0, 0, 16][..], &[0, 0, 5], &[3; 16]].concat()
}

#[test]
fn first_bytes() {
    let cases: [(&[u8], Probe); 25] = [
        (&record(22, &message(1, &chrome())), Probe::Tls),
        (&record(22, &message(2, &server_hello(0x7f12, &[0; 32], 1, &[]))), Probe::Tls),
        (&record(22, &[1]), Probe::Tls),
        (&record(21, &[2, 40]), Probe::Tls),
        (&sslv2(), Probe::Sslv2),
        (&[0x80, 17, 4, 0, 1, 0, 2, 0, 2, 0, 3, 0, 1], Probe::Sslv2),
        (&[0x80, 3, 0, 0, 1], Probe::Sslv2),
        (b"", Probe::Unsure),
        (b"\x16\x03\x01", Probe::Unsure),
        (b"\x16\x03\x01\x02\x00\x01\x00", Probe::Unsure),
        (b"\x15\x03\x03\x00\x02", Probe::Unsure),
        (b"HTTP/1.1 200 OK", Probe::NotTls),
        (b"SSH-2.0-x", Probe::NotTls),
        (b"\x16\x02", Probe::NotTls),
        (b"\x16\x03\x05", Probe::NotTls),
        (b"\x16\x03\x01\x00\x00", Probe::NotTls),
        (b"\x16\x03\x01\xff\xff\x01", Probe::NotTls),
        (b"\x16\x03\x01\x02\x00\x0b", Probe::NotTls),
        (b"\x16\x03\x01\x02\x00\x01\x01", Probe::NotTls),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x02\x00", Probe::NotTls),
        (b"\x15\x03\x03\x00\x1a", Probe::NotTls),
        (b"\x15\x03\x03\x00\x02\x03", Probe::NotTls),
        (b"\x17\x03\x03\x00\x20", Probe::NotTls),
        (b"\x80\x2e\x01\x03\x01\x00\x04\x00\x00\x00\x10", Probe::NotTls),
        (b"\x80\x03\x00\x00\x09", Probe::NotTls),
    ];
    for (bytes, expected) in cases {
        assert_eq!(probe(bytes), expected, "{bytes:x?}");
    }
}

/// More bytes may settle a doubt and never change an answer.
#[test]
fn answers_are_final() {
    let mut random = Random(3);
    let seeds = [
        record(22, &message(1, &chrome())),
        record(21, &[2, 40]),
        sslv2(),
        b"\x80\x11\x04\x00\x01\x00\x02\x00\x02\x00\x03\x00\x01".into(),
    ];
    for _ in 0..5000 {
        let mut bytes = seeds[random.below(seeds.len())].clone();
        for _ in 0..random.below(3) {
            let at = random.below(bytes.len().min(13));
            bytes[at] ^= 1 << random.below(8);
        }
        bytes.extend(random.bytes(12));
        let mut last = Probe::Unsure;
        for len in 0..=bytes.len() {
            let now = probe(&bytes[..len]);
            assert!(last == Probe::Unsure || last == now, "{bytes:x?} at {len}");
            assert!(now != Probe::Unsure || len < Probe::NEEDED, "{bytes:x?} at {len}");
            last = now;
        }
    }
}

#[test]
fn where_a_hello_ends() {
    let hello = message(1, &chrome());
    let alone = record(22, &hello);
    assert_eq!(hello_end(&alone), Some(alone.len()));
    assert_eq!(hello_end(&alone[..9]), Some(alone.len()), "its headers tell");
    assert_eq!(hello_end(&alone[..8]), None);
    assert_eq!(
        hello_end(&record(22, &[&hello[..], &[0]].concat())),
        Some(alone.len()),
        "more may follow in its record"
    );
    assert_eq!(hello_end(&record(22, &hello[..hello.len() - 1])), None, "it goes on in another record");
    assert_eq!(hello_end(&record(22, &message(2, &chrome()))), None);
    assert_eq!(hello_end(&record(23, &hello)), None);
}
