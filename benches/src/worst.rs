//! Traffic made to be as costly as it can be: every shape in which parts can come of something that has to be put together.
//!
//! Each is a capture of so many frames. A reader whose work grows faster than they do, or for which one of them is many times
//! as costly as a healthy frame, can be stalled by whoever sends it.

use std::net::SocketAddr;

use pcaps::bytes::Put;
use pcaps::net::packet::{checksum, set_u16};
use pcaps::net::segment::{ACK, PSH, SYN};
use pcaps::quic::{Ids, Keys, crypto};
use pcaps::random::Random;

use crate::interleave::Timed;
use crate::scenario::{BEGIN, Kind, frames};
use crate::tls::{handshake_failure, hello, in_record, server};
use crate::wire::Side::{self, Client, Server};
use crate::wire::frame;

/// A kind of costly traffic.
#[derive(Clone, Copy)]
pub struct Case {
    /// What is costly in it.
    pub name: &'static str,
    /// So many frames of it, or a few more.
    pub frames: fn(usize) -> Vec<Timed>,
}

/// All of them; the first is healthy, for comparison.
pub const CASES: [Case; 15] = [
    Case { name: "healthy", frames: |count| frames(Kind::Handshakes, count / 19 + 1).collect() },
    Case { name: "one-byte segments", frames: |count| flight(in_order(count)) },
    Case { name: "segments in reverse order", frames: |count| flight(cut(count, 16).rev().collect()) },
    Case { name: "runs that wait beside one-byte segments", frames: |count| flight(beside_runs(count)) },
    Case { name: "overlaps by turns", frames: |count| flight(by_turns(count)) },
    Case { name: "the same segment again and again", frames: |count| flight(vec![(5_000, 1_400); count]) },
    Case { name: "a hello in one-byte segments", frames: hellos_in_bytes },
    Case { name: "a hello in one-byte records", frames: hellos_in_records },
    Case { name: "hellos of thousands of extensions", frames: hellos_of_extensions },
    Case { name: "hellos repeated with other names", frames: hellos_that_disagree },
    Case { name: "chains of thousands of certificates", frames: tiny_certificates },
    Case { name: "QUIC: messages of nothing before a far piece", frames: |count| initials(count, &empty_messages()) },
    Case { name: "QUIC: one-byte frames with holes", frames: |count| initials(count, &holes()) },
    Case { name: "fragments of eight bytes in reverse order", frames: |count| fragments(count, 8) },
    Case { name: "fragments that overlap", frames: |count| fragments(count, 800) },
];

/// Between two frames.
const EVERY: u64 = 2_000;
/// Payload of a full segment.
const FULL: usize = 1_400;
/// Bytes that a Certificate message has here; 512 kB are put together.
const MESSAGE: usize = 500_000;
/// Initials of one connection: as many as are opened.
const INITIALS: usize = 64;

/// Where a segment begins in its direction's stream, and how long it is.
type Cut = (usize, usize);

/// The frames of connections, one after the other.
struct Wire {
    frames: Vec<Timed>,
    connections: u16,
}

impl Wire {
    fn new() -> Self {
        Self { frames: Vec::new(), connections: 0 }
    }

    fn push(&mut self, frame: Vec<u8>) {
        self.frames.push(Timed { at: BEGIN + self.frames.len() as u64 * EVERY, frame });
    }

    /// The IP header of a side of the latest connection.
    fn ip(&self, from: Side) -> frame::Ip {
        let client: SocketAddr = ([10, 9, 0, 1], 1_024 + self.connections).into();
        let server: SocketAddr = ([198, 18, 0, 9], 443).into();
        let (source, dest) = if from == Client { (client, server) } else { (server, client) };
        frame::Ip { source, dest, ttl: 60, id: self.frames.len() as u16 }
    }

    fn segment(&mut self, from: Side, flags: u8, at: usize, payload: &[u8]) {
        let (seq, ack) = (1_000 + at as u32, 1_001);
        let tcp = frame::Tcp { seq, ack, flags, window: 60_000, options: &[] };
        self.push(frame::tcp(&self.ip(from), &tcp, payload));
    }

    /// Opens another connection.
    fn open(&mut self) {
        self.connections += 1;
        self.segment(Client, SYN, 0, &[]);
        self.segment(Server, SYN | ACK, 0, &[]);
        self.segment(Client, ACK, 1, &[]);
    }

    /// Sends cuts of a stream.
    fn cuts(&mut self, from: Side, stream: &[u8], cuts: impl IntoIterator<Item = Cut>) {
        for (at, length) in cuts {
            let bytes = stream.get(at..stream.len().min(at + length)).unwrap_or_default();
            self.segment(from, PSH | ACK, 1 + at, bytes);
        }
    }

    /// Sends a stream in full segments.
    fn says(&mut self, from: Side, stream: &[u8]) {
        self.cuts(from, stream, (0..stream.len()).step_by(FULL).map(|at| (at, FULL)));
    }
}

/// Connections that go on until there are so many frames.
fn connections(count: usize, mut one: impl FnMut(&mut Wire)) -> Vec<Timed> {
    let mut wire = Wire::new();
    while wire.frames.len() < count {
        wire.open();
        one(&mut wire);
    }
    wire.frames
}

/// One connection whose server's flight, a chain without measure, comes in these cuts.
fn flight(cuts: Vec<Cut>) -> Vec<Timed> {
    let mut random = Random::named("worst");
    let stream = server::flight_tls12(&[&vec![0x55; MESSAGE]], &mut random);
    let mut wire = Wire::new();
    wire.open();
    wire.says(Client, &hello::CHROME.record("worst.example", &mut random));
    wire.cuts(Server, &stream, cuts);
    wire.frames
}

fn in_order(count: usize) -> Vec<Cut> {
    cut(count, 1).collect()
}

fn cut(count: usize, length: usize) -> impl DoubleEndedIterator<Item = Cut> {
    (0..count).map(move |number| (number * length, length))
}

/// As many runs as may wait, and as many bytes, far ahead of segments that come in order.
fn beside_runs(count: usize) -> Vec<Cut> {
    let runs = (0..64).map(|run| (200_000 + run * 1_100, 1_000));
    runs.chain(in_order(count)).collect()
}

/// Segments that begin in the midst of each other, from both ends, behind a hole.
fn by_turns(count: usize) -> Vec<Cut> {
    let place =
        |number: usize| if number.is_multiple_of(2) { number * 7 % 60_000 } else { 60_000 - number * 7 % 60_000 };
    (0..count).map(|number| (1_000 + place(number), FULL)).collect()
}

fn hellos_in_bytes(count: usize) -> Vec<Timed> {
    connections(count, |wire| {
        let hello = in_record(&with_extensions(3_000));
        wire.cuts(Client, &hello, in_order(hello.len()));
    })
}

fn hellos_in_records(count: usize) -> Vec<Timed> {
    connections(count, |wire| {
        let records: Vec<u8> = with_extensions(3_000).chunks(1).flat_map(in_record).collect();
        wire.says(Client, &records);
    })
}

fn hellos_of_extensions(count: usize) -> Vec<Timed> {
    connections(count, |wire| {
        let hello: Vec<u8> = with_extensions(16_000).chunks(1 << 14).flat_map(in_record).collect();
        wire.says(Client, &hello);
        wire.segment(Server, PSH | ACK, 1, &handshake_failure());
    })
}

/// A ClientHello with so many empty extensions, each of its own kind.
fn with_extensions(count: u16) -> Vec<u8> {
    let mut extensions = Vec::new();
    for kind in 0..count {
        extensions.put_u16(0x4000 + kind).put_u16(0);
    }
    let mut body = Vec::new();
    body.put_u16(0x0303).put(&[7; 32]).put_u8(0).put_prefixed(2, &[0x13, 1]).put_prefixed(1, &[0]);
    body.put_prefixed(2, &extensions);
    let mut message = vec![1];
    message.put_prefixed(3, &body);
    message
}

/// One hello again and again, with another name each time and no answer.
fn hellos_that_disagree(count: usize) -> Vec<Timed> {
    let mut wire = Wire::new();
    wire.open();
    let mut copies = 0;
    while wire.frames.len() < count {
        // The same draws each time: the names alone differ.
        let hello = hello::CHROME.record(&format!("{:04}.example", copies % 10_000), &mut Random::named("copy"));
        wire.says(Client, &hello);
        copies += 1;
    }
    wire.frames
}

fn tiny_certificates(count: usize) -> Vec<Timed> {
    connections(count, |wire| {
        let mut random = Random::named("worst");
        wire.says(Client, &hello::CHROME.record("worst.example", &mut random));
        let tiny = vec![&[0x30][..]; MESSAGE / 20];
        wire.says(Server, &server::flight_tls12(&tiny, &mut random));
    })
}

/// Initials with these frames in each, in connections of as many as are opened.
fn initials(count: usize, frames: &[Vec<u8>]) -> Vec<Timed> {
    let mut wire = Wire::new();
    while wire.frames.len() < count {
        wire.connections += 1;
        let id = u64::from(wire.connections).to_be_bytes();
        let Ok(keys) = Keys::derive(&id, Client) else { return wire.frames };
        for number in 0..INITIALS {
            let frames = frames.get(number % frames.len().max(1)).map(Vec::as_slice).unwrap_or_default();
            let packet = keys.initial(Ids { dest: &id, source: &[] }, number as u16, frames).unwrap_or_default();
            wire.push(frame::udp(&wire.ip(Client), &packet));
        }
    }
    wire.frames
}

/// A piece as far ahead as may be, and then messages that are nothing but a header.
fn empty_messages() -> Vec<Vec<u8>> {
    const PACKET: usize = 1_100;
    let messages = [99, 0, 0, 0].repeat(PACKET / 4);
    // Offsets of two bytes end at 16 kB, where this stream of messages does too.
    let part = |number: usize| crypto(number * PACKET, &messages);
    let far = [&[6][..], &(0x8000_0000_u32 | 65_000).to_be_bytes(), &[1, 0]].concat();
    std::iter::once(far).chain((0..14).map(part)).collect()
}

/// Frames of one byte with a hole behind each, and then what fills the holes.
fn holes() -> Vec<Vec<u8>> {
    const FRAMES: usize = 180;
    let bytes = |first: usize| (0..FRAMES).flat_map(|frame| crypto(first + frame * 2, &[1])).collect();
    (0..32).flat_map(|packet| [1, 0].map(|odd| bytes(packet * FRAMES * 2 + odd))).collect()
}

/// Datagrams of 64,000 bytes in fragments that begin eight bytes apart and are so long, the last first.
fn fragments(count: usize, length: usize) -> Vec<Timed> {
    const DATAGRAM: usize = 64_000;
    let mut wire = Wire::new();
    while wire.frames.len() < count {
        wire.connections += 1;
        let whole = frame::udp(&wire.ip(Client), &vec![0x17; DATAGRAM]);
        let (headers, datagram) = whole.split_at(14 + 20);
        for at in (8..datagram.len()).step_by(8).rev().take(count) {
            let part = datagram.get(at..datagram.len().min(at + length)).unwrap_or_default();
            let more = if at + part.len() < datagram.len() { 0x2000 } else { 0 };
            let mut frame = [headers, part].concat();
            set_u16(&mut frame, 14 + 2, 20 + part.len() as u16);
            set_u16(&mut frame, 14 + 4, wire.connections);
            set_u16(&mut frame, 14 + 6, more | (at / 8) as u16);
            set_u16(&mut frame, 14 + 10, 0);
            let sum = checksum(&[frame.get(14..34).unwrap_or_default()]);
            set_u16(&mut frame, 14 + 10, sum);
            wire.push(frame);
        }
    }
    wire.frames
}
