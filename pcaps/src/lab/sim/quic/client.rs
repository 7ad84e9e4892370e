//! A QUIC client: its Initials, its probes, its request, and how long it waits.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::time::Duration;

use dissectors::quic::{Connection, Datagram, Event, Scratch};
use dissectors::side::Side as End;
use dissectors::time::Time;
use ring::error::Unspecified;

use super::timer::Timer;
use super::{CRYPTO, ID, Kind, Message, Sockets, kind, read_handshake, read_short, round_trip};
use crate::net::Side;
use crate::net::frame::Packet;
use crate::net::host::Host;
use crate::quic::{Ids, Keys, ack, crypto};
use crate::random::Random;

/// Bytes of a datagram that is sent first by whoever wants to be overlooked.
const PRELUDE: usize = 60;

/// How a client behaves.
#[derive(Clone, Debug)]
pub(in crate::lab::sim) struct Habits {
    /// Its hello, as a message.
    pub(in crate::lab::sim) hello: Vec<u8>,
    /// How long it waits for a handshake, and then for each further datagram.
    pub(in crate::lab::sim) waits: Duration,
    /// Bytes that it asks for.
    pub(in crate::lab::sim) asks: u32,
    /// Whether it sends a datagram of noise first.
    pub(in crate::lab::sim) prelude: bool,
}

/// One connection at a client.
pub(in crate::lab::sim) struct QuicClient {
    sockets: Sockets,
    habits: Habits,
    keys: Keys,
    /// What it called the server first.
    first: Vec<u8>,
    number: u16,
    reading: Connection,
    has_server_hello: bool,
    flight: BTreeSet<u8>,
    pieces: BTreeSet<u32>,
    timer: Timer,
    /// When what is waited for was sent, if once.
    sent: Option<Time>,
    stage: Stage,
    gives_up: Time,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Hello,
    Request,
    Response,
    Satisfied,
    Failed,
}

impl QuicClient {
    pub(in crate::lab::sim) fn begin(
        now: Time,
        host: Host,
        peer: (SocketAddr, [u8; 6]),
        habits: Habits,
        mut random: Random,
    ) -> Result<Self, Unspecified> {
        let first = random.bytes(ID);
        let keys = Keys::derive(&first, Side::Client)?;
        let sockets = Sockets { host, peer: peer.0, peer_mac: peer.1, random, frames: Vec::new() };
        let gives_up = now.after(habits.waits);
        let mut client = Self {
            sockets,
            habits,
            keys,
            first,
            number: 0,
            reading: Connection::default(),
            has_server_hello: false,
            flight: BTreeSet::new(),
            pieces: BTreeSet::new(),
            timer: Timer::new(),
            sent: Some(now),
            stage: Stage::Hello,
            gives_up,
        };
        if client.habits.prelude {
            let noise = client.sockets.random.bytes(PRELUDE);
            // The fixed bit clear: no QUIC.
            client.sockets.send(&[&[0x0f], noise.as_slice()].concat());
        }
        client.says_hello(now);
        client.timer.sent(now);
        Ok(client)
    }

    pub(in crate::lab::sim) fn take_frames(&mut self) -> Vec<Vec<u8>> {
        std::mem::take(&mut self.sockets.frames)
    }

    pub(in crate::lab::sim) fn satisfied(&self) -> Option<bool> {
        match self.stage {
            Stage::Satisfied => Some(true),
            Stage::Failed => Some(false),
            Stage::Hello | Stage::Request | Stage::Response => None,
        }
    }

    pub(in crate::lab::sim) fn deadline(&self) -> Option<Time> {
        if self.satisfied().is_some() {
            return None;
        }
        self.timer.deadline().into_iter().chain([self.gives_up]).min()
    }

    pub(in crate::lab::sim) fn on_time(&mut self, now: Time) {
        if now >= self.gives_up {
            self.stage = Stage::Failed;
            return;
        }
        if self.timer.deadline().is_some_and(|deadline| deadline <= now) {
            self.sent = None;
            self.timer.probed(now);
            match self.stage {
                Stage::Hello => self.says_hello(now),
                Stage::Request => self.requests(),
                Stage::Response | Stage::Satisfied | Stage::Failed => self.timer.stop(),
            }
        }
    }

    pub(in crate::lab::sim) fn on_packet(&mut self, now: Time, packet: &Packet) {
        if self.satisfied().is_some() {
            return;
        }
        match kind(&packet.payload) {
            Kind::Initial => self.on_initial(now, &packet.payload),
            Kind::Handshake => self.on_flight(read_handshake(&packet.payload)),
            Kind::Short => self.on_message(now, read_short(&packet.payload, 0)),
            Kind::Other => {}
        }
        if self.stage == Stage::Hello && self.has_whole_flight() {
            self.timer.acknowledged(now, round_trip(self.sent, now), true);
            self.stage = Stage::Request;
            self.sent = Some(now);
            self.gives_up = now.after(self.habits.waits);
            self.requests();
        }
    }

    /// Parts of the flight that were seen say how many there are; none is remembered but by its number.
    fn has_whole_flight(&self) -> bool {
        self.has_server_hello && self.flight.len() == usize::from(super::server::FLIGHT)
    }

    fn on_initial(&mut self, now: Time, payload: &[u8]) {
        let datagram = Datagram { time: now, bytes: payload, missing: 0 };
        let whole = &mut self.has_server_hello;
        let _ = self.reading.datagram(End::Server, datagram, &mut Scratch::default(), &mut |event| {
            *whole |= matches!(event, Event::ServerHello(_));
        });
    }

    fn on_flight(&mut self, message: Option<Message>) {
        if let Some(Message::Flight { part, .. }) = message {
            self.flight.insert(part);
        }
    }

    fn on_message(&mut self, now: Time, message: Option<Message>) {
        let Some(Message::Piece { number, of }) = message else { return };
        if self.stage == Stage::Request {
            self.timer.acknowledged(now, round_trip(self.sent, now), false);
            self.stage = Stage::Response;
        }
        self.gives_up = now.after(self.habits.waits);
        self.pieces.insert(number);
        self.acknowledges();
        if self.pieces.len() == of as usize {
            self.says(Message::Close);
            self.stage = Stage::Satisfied;
        }
    }

    fn acknowledges(&mut self) {
        let next = (0..).find(|number| !self.pieces.contains(number)).unwrap_or(0);
        let bits = (0..32).filter(|bit| self.pieces.contains(&(next + bit))).fold(0, |bits, bit| bits | 1 << bit);
        self.says(Message::Received { next, bits });
    }

    fn says(&mut self, message: Message) {
        let dest = self.server_id();
        self.sockets.send_short(&dest, message);
    }

    /// What the server calls itself, once that is known.
    fn server_id(&self) -> Vec<u8> {
        self.reading.facts().server_scid.map_or_else(|| self.first.clone(), |id| id.as_bytes().to_vec())
    }

    fn says_hello(&mut self, now: Time) {
        let first = self.first.clone();
        for (part, bytes) in self.habits.hello.clone().chunks(CRYPTO).enumerate() {
            self.initial(now, &first, &crypto(part * CRYPTO, bytes));
        }
    }

    fn requests(&mut self) {
        let id = self.server_id();
        self.initial(Time::default(), &id, &ack(0));
        self.sockets.send_handshake(Ids { dest: &id, source: &[] }, Message::Finished);
        self.says(Message::Request(self.habits.asks));
    }

    fn initial(&mut self, now: Time, dest: &[u8], frames: &[u8]) {
        // Sealing fails for lengths that no packet here has.
        if let Ok(packet) = self.keys.initial(Ids { dest, source: &[] }, self.number, frames) {
            let datagram = Datagram { time: now, bytes: &packet, missing: 0 };
            let _ = self.reading.datagram(End::Client, datagram, &mut Scratch::default(), &mut |_| {});
            self.sockets.send(&packet);
            self.number = self.number.wrapping_add(1);
        }
    }
}
