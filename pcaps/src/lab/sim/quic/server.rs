//! A QUIC server: answers a hello with its flight and a request with so many bytes, and sends again what gets lost.

use std::collections::BTreeSet;
use std::rc::Rc;

use dissectors::quic::{Connection, Datagram, Event, Scratch};
use dissectors::side::Side as End;
use dissectors::time::Time;

use super::timer::Timer;
use super::{CRYPTO, FULL, ID, Kind, Message, Sockets, kind, read_handshake, read_short};
use crate::lab::sim::tls::{Identity, understood};
use crate::net::Side;
use crate::net::frame::Packet;
use crate::net::host::Host;
use crate::quic::{Ids, Keys, ack, crypto};
use crate::random::Random;
use crate::tls::{Answer, server_hello_tls13};

/// Datagrams of its sealed flight.
pub(super) const FLIGHT: u8 = 3;
/// Pieces of a response on their way at once.
const WINDOW: u32 = 10;
/// How often it sends again what nobody acknowledges before it forgets the connection.
const MAX_PROBES: u32 = 7;

/// One connection at a server.
pub(in crate::lab::sim) struct QuicServer {
    sockets: Sockets,
    identity: Rc<Identity>,
    id: Vec<u8>,
    number: u16,
    reading: Connection,
    /// The ServerHello, once the hello is whole.
    hello: Option<Vec<u8>>,
    thinks_until: Option<Time>,
    is_silent: bool,
    timer: Timer,
    probes: u32,
    stage: Stage,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Stage {
    Waiting,
    /// Its flight is out.
    Flight,
    /// The client has finished, and asked for nothing yet.
    Finished,
    /// It sends so many pieces; those below `sent` were, and those in `arrived` have come.
    Responding {
        of: u32,
        sent: u32,
        arrived: BTreeSet<u32>,
    },
    Over,
}

impl QuicServer {
    /// A server that hears of a connection by this packet.
    pub(in crate::lab::sim) fn accept(now: Time, host: Host, packet: &Packet, identity: Rc<Identity>) -> Self {
        let mut random = Random::named(&format!("{} {}", packet.source(), host.isn));
        let (id, is_silent) = (random.bytes(ID), random.happens(identity.silent.value()));
        let (peer, peer_mac) = (packet.source(), packet.macs().0);
        let mut server = Self {
            sockets: Sockets { host, peer, peer_mac, random, frames: Vec::new() },
            identity,
            id,
            number: 0,
            reading: Connection::default(),
            hello: None,
            thinks_until: None,
            is_silent,
            timer: Timer::new(),
            probes: 0,
            stage: Stage::Waiting,
        };
        server.on_packet(now, packet);
        server
    }

    pub(in crate::lab::sim) fn take_frames(&mut self) -> Vec<Vec<u8>> {
        std::mem::take(&mut self.sockets.frames)
    }

    pub(in crate::lab::sim) fn deadline(&self) -> Option<Time> {
        [self.thinks_until, self.timer.deadline()].into_iter().flatten().min()
    }

    pub(in crate::lab::sim) fn on_time(&mut self, now: Time) {
        if self.thinks_until.take_if(|until| *until <= now).is_some() {
            self.stage = Stage::Flight;
            self.sends_flight();
            self.timer.sent(now);
        }
        if self.timer.deadline().is_some_and(|deadline| deadline <= now) {
            self.probes(now);
        }
    }

    fn probes(&mut self, now: Time) {
        self.probes += 1;
        if self.probes > MAX_PROBES {
            self.stage = Stage::Over;
        }
        self.timer.probed(now);
        match &self.stage {
            Stage::Flight => self.sends_flight(),
            Stage::Responding { of, arrived, .. } => {
                let of = *of;
                let missing: Vec<u32> = (0..of).filter(|number| !arrived.contains(number)).take(2).collect();
                missing.into_iter().for_each(|number| self.sends_piece(number, of));
            }
            Stage::Waiting | Stage::Finished | Stage::Over => self.timer.stop(),
        }
    }

    pub(in crate::lab::sim) fn on_packet(&mut self, now: Time, packet: &Packet) {
        if self.is_silent {
            return;
        }
        match kind(&packet.payload) {
            Kind::Initial => self.on_initial(now, &packet.payload),
            Kind::Handshake if self.stage == Stage::Flight => {
                if let Some(Message::Finished) = read_handshake(&packet.payload) {
                    self.stage = Stage::Finished;
                    self.timer.acknowledged(now, None, false);
                    self.probes = 0;
                }
            }
            Kind::Short => self.on_message(now, read_short(&packet.payload, ID)),
            Kind::Handshake | Kind::Other => {}
        }
    }

    fn on_initial(&mut self, now: Time, payload: &[u8]) {
        let datagram = Datagram { time: now, bytes: payload, missing: 0 };
        let mut hello = None;
        let _ = self.reading.datagram(End::Client, datagram, &mut Scratch::default(), &mut |event| {
            if let Event::ClientHello(heard) = event {
                hello = Some(server_hello_tls13(&understood(&heard, true), Answer::Full));
            }
        });
        if let (Some(answer), None) = (hello, &self.hello) {
            self.hello = Some(answer);
            self.thinks_until = Some(now.after(self.identity.think.draw(&mut self.sockets.random)));
        }
    }

    fn on_message(&mut self, now: Time, message: Option<Message>) {
        match (message, &mut self.stage) {
            (Some(Message::Request(bytes)), Stage::Flight | Stage::Finished) => {
                let of = (bytes as usize).div_ceil(FULL).max(1) as u32;
                self.stage = Stage::Responding { of, sent: 0, arrived: BTreeSet::new() };
                self.timer.sent(now);
                self.goes_on();
            }
            (Some(Message::Received { next, bits }), Stage::Responding { of, arrived, .. }) => {
                arrived.extend(0..next);
                arrived.extend((0..32).filter(|bit| bits & 1 << bit != 0).map(|bit| next + bit));
                let waiting = arrived.len() < *of as usize;
                self.timer.acknowledged(now, None, waiting);
                self.probes = 0;
                self.goes_on();
            }
            (Some(Message::Close), _) => {
                self.stage = Stage::Over;
                self.timer.stop();
            }
            _ => {}
        }
    }

    /// Sends what the window lets out, and what was overtaken by three others (RFC 9002, section 6.1.1).
    fn goes_on(&mut self) {
        let Stage::Responding { of, sent, arrived } = &mut self.stage else { return };
        let of = *of;
        let highest = arrived.last().copied().unwrap_or(0);
        let lost: Vec<u32> = (0..highest.saturating_sub(2)).filter(|number| !arrived.contains(number)).collect();
        let on_the_way = sent.saturating_sub(arrived.len() as u32);
        let until = of.min(*sent + WINDOW.saturating_sub(on_the_way));
        let fresh = *sent..until;
        *sent = until;
        for number in lost.into_iter().take(2).chain(fresh) {
            self.sends_piece(number, of);
        }
    }

    fn sends_piece(&mut self, number: u32, of: u32) {
        let dest = self.client_id();
        self.sockets.send_short(&dest, Message::Piece { number, of });
    }

    fn client_id(&self) -> Vec<u8> {
        self.reading.facts().client_scid.map_or_else(Vec::new, |id| id.as_bytes().to_vec())
    }

    fn sends_flight(&mut self) {
        let Some(first) = self.reading.facts().first_dcid else { return };
        let (Some(hello), Ok(keys)) = (self.hello.clone(), Keys::derive(first.as_bytes(), Side::Server)) else {
            return;
        };
        let (dest, source) = (self.client_id(), self.id.clone());
        let ids = Ids { dest: &dest, source: &source };
        for (part, bytes) in hello.chunks(CRYPTO).enumerate() {
            let frames = [ack(0), crypto(part * CRYPTO, bytes)].concat();
            // Sealing fails for lengths that no packet here has.
            if let Ok(packet) = keys.initial(ids, self.number, &frames) {
                self.sockets.send(&packet);
                self.number = self.number.wrapping_add(1);
            }
        }
        for part in 0..FLIGHT {
            self.sockets.send_handshake(ids, Message::Flight { part, of: FLIGHT });
        }
    }
}
