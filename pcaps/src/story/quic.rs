//! One QUIC connection, told step by step.

use std::time::Duration;

use dissectors::time::Time;
use ring::error::Unspecified;

use super::end::End;
use super::moment;
use super::wire::{Fate, Trip, Wire};
use crate::file::Frame;
use crate::net::Side::{self, Client, Server};
use crate::net::host::Host;
use crate::net::packet::Network;
use crate::net::path::{Path, Place};
use crate::quic::{Ids, Keys, ack, crypto, handshake, short};
use crate::random::Random;
use crate::tls::{Answer, ClientHello, server_hello_tls13};

/// Between two datagrams of one flight.
const SPACING: Duration = Duration::from_micros(12);
/// What a host needs to answer.
const THINKING: Duration = Duration::from_micros(150);
/// CRYPTO bytes in one Initial packet.
const PIECE: usize = 1_100;
/// The server's own connection ID; the client's is empty.
const SERVER_ID: &[u8] = b"server80";

/// A connection between two hosts, told as [`Connection`](super::Connection) is. Initial packets are protected as they
/// are on the wire; what needs keys of the two ends is seeded random bytes.
#[derive(Debug)]
pub struct QuicConnection {
    client: End,
    server: End,
    wire: Wire,
    random: Random,
    /// What [`QuicConnection::at`] counts from: the beginning, then the hello.
    mark: Time,
    not_before: Time,
    /// The server's first name, from which the keys follow.
    first: Vec<u8>,
    hello: Vec<u8>,
    numbers: [u16; 2],
}

impl QuicConnection {
    /// A connection from the desktop to the web server, seen near the client.
    pub fn new() -> Self {
        Self::from_port(50_443)
    }

    /// The same from another port.
    pub fn from_port(port: u16) -> Self {
        let client = End::new(Host { port, ..Host::client() }, Place::CLIENT);
        let server = End::new(Host::server(), Path::NEAR_CLIENT.server);
        let mut random = Random::named(&format!("quic {port}"));
        let (mark, not_before, first) = (Time::default(), Time::default(), random.bytes(8));
        let (wire, hello, numbers) = (Wire::new(Path::NEAR_CLIENT), Vec::new(), [0; 2]);
        Self { client, server, wire, random, mark, not_before, first, hello, numbers }
    }

    /// Begins this many seconds into the story.
    pub fn starting_at(mut self, seconds: f64) -> Self {
        self.mark = moment(seconds);
        self.not_before = self.mark;
        self
    }

    /// The next step happens this many seconds after the hello.
    pub fn at(&mut self, seconds: f64) -> &mut Self {
        self.not_before = self.mark.after(Duration::from_secs_f64(seconds));
        self
    }

    /// What becomes of the next datagrams, one after the other.
    pub fn fates(&mut self, fates: &[Fate]) -> &mut Self {
        self.wire.fates = fates.iter().copied().collect();
        self
    }

    /// From now on the middlebox lets nothing of this side pass.
    pub fn middlebox_swallows(&mut self, side: Side) -> &mut Self {
        self.wire.swallows.push(side);
        self
    }

    /// From now on the client's datagrams come from another port, as behind a NAT that has forgotten the first, and are
    /// answered there.
    pub fn rebinds(&mut self, port: u16) -> &mut Self {
        self.client.host.port = port;
        self
    }

    /// The client's first flight, from whose last datagram [`QuicConnection::at`] counts.
    pub fn hello(&mut self, hello: &ClientHello) -> &mut Self {
        self.hello = hello.message();
        self.flight();
        self.mark = Time(self.client.ready.0 - SPACING.as_nanos() as i64);
        self
    }

    /// The client repeats its first flight at each of these times, in new packets.
    pub fn repeats(&mut self, times: &[f64]) -> &mut Self {
        for time in times {
            self.at(*time).flight();
        }
        self
    }

    /// The server says that it has heard the client, and no more.
    pub fn acknowledges(&mut self) -> &mut Self {
        self.initial(Server, &ack(0))
    }

    /// The server's flight: its hello, and what follows under keys of the two ends.
    pub fn answers(&mut self, hello: &ClientHello) -> &mut Self {
        let answer = server_hello_tls13(hello, Answer::Full);
        self.initial(Server, &[ack(0), crypto(0, &answer)].concat());
        for length in [1_150, 1_150, 620] {
            self.handshake(Server, length);
        }
        self
    }

    /// A Handshake packet with this many sealed bytes.
    pub fn handshake(&mut self, side: Side, length: usize) -> &mut Self {
        let sealed = self.random.bytes(length);
        let ids = self.ids(side);
        let packet = handshake(ids.borrowed(), &sealed);
        self.sends(side, &packet)
    }

    /// A packet with a short header and this many sealed bytes.
    pub fn short(&mut self, side: Side, length: usize) -> &mut Self {
        let sealed = self.random.bytes(length);
        let packet = short(&self.ids(side).dest, &sealed);
        self.sends(side, &packet)
    }

    /// The rest of a handshake that goes well, a request and a response.
    pub fn completes(&mut self) -> &mut Self {
        self.initial(Client, &ack(0)).handshake(Client, 75).short(Client, 420).short(Server, 1_200)
    }

    /// A datagram of the teller's own making.
    pub fn sends(&mut self, side: Side, payload: &[u8]) -> &mut Self {
        let departure = self.end(side).ready.max(std::mem::take(&mut self.not_before));
        let sender = match side {
            Client => &mut self.client,
            Server => &mut self.server,
        };
        let id = sender.ip_id(&mut self.random);
        sender.ready = departure.after(SPACING);
        if let Some(arrival) = self.travel(side, payload, id, departure) {
            let peer = self.end_mut(side.peer());
            peer.ready = peer.ready.max(arrival.after(THINKING));
        }
        self
    }

    pub(super) fn into_frames(self) -> Vec<Frame> {
        self.wire.frames
    }

    fn flight(&mut self) {
        let hello = self.hello.clone();
        for (piece, offset) in hello.chunks(PIECE).zip((0..).step_by(PIECE)) {
            self.initial(Client, &crypto(offset, piece));
        }
    }

    /// An Initial packet with these frames.
    fn initial(&mut self, side: Side, frames: &[u8]) -> &mut Self {
        let number = self.next_number(side);
        let ids = self.ids(side);
        let keys = Keys::derive(&self.first, side);
        match keys.and_then(|keys| keys.initial(ids.borrowed(), number, frames)) {
            Ok(packet) => self.sends(side, &packet),
            Err(Unspecified) => self,
        }
    }

    fn next_number(&mut self, side: Side) -> u16 {
        let [client, server] = &mut self.numbers;
        let number = if side == Client { client } else { server };
        std::mem::replace(number, number.wrapping_add(1))
    }

    /// The client calls the server by the name that it chose until the server has said its own.
    fn ids(&self, side: Side) -> OwnedIds {
        let answered = self.numbers[1] > 0;
        match side {
            Client if answered => OwnedIds { dest: SERVER_ID.to_vec(), source: Vec::new() },
            Client => OwnedIds { dest: self.first.clone(), source: Vec::new() },
            Server => OwnedIds { dest: Vec::new(), source: SERVER_ID.to_vec() },
        }
    }

    fn end(&self, side: Side) -> &End {
        match side {
            Client => &self.client,
            Server => &self.server,
        }
    }

    fn end_mut(&mut self, side: Side) -> &mut End {
        match side {
            Client => &mut self.client,
            Server => &mut self.server,
        }
    }

    fn travel(&mut self, side: Side, payload: &[u8], id: u16, departure: Time) -> Option<Time> {
        let (sender, receiver) = (self.end(side), self.end(side.peer()));
        let (from, to, ports) = (sender.place, receiver.place, (sender.host.port, receiver.host.port));
        let (source, destination) = (sender.host.address, receiver.host.address);
        let (ttl, dont_fragment) = (sender.host.ttl, sender.host.dont_fragment);
        let (macs, link) = ((sender.host.mac, receiver.host.mac), self.wire.link.clone());
        let packet = |ttl| {
            let network = Network { source, destination, ttl, id, dont_fragment, checksum_offloaded: false };
            network.udp(ports, payload, &link)
        };
        self.wire.carry(&Trip { sender: side, from, to, departure, ttl, macs, packet: &packet })
    }
}

impl Default for QuicConnection {
    fn default() -> Self {
        Self::new()
    }
}

/// The connection IDs of a long header.
struct OwnedIds {
    dest: Vec<u8>,
    source: Vec<u8>,
}

impl OwnedIds {
    fn borrowed(&self) -> Ids<'_> {
        Ids { dest: &self.dest, source: &self.source }
    }
}
