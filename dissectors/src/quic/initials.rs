//! What the Initial packets of one attempt say once they are opened: hellos and closes.

use super::Side;
use super::assembler::Inserted;
use super::cid::ConnectionId;
use super::facts::{Close, Event, QuicFacts};
use super::frame::Frame;
use super::frames::{Dialect, Frames};
use super::handshake::{Handshake, Message};
use super::header::LongPacket;
use super::held::Held;
use super::scratch::{Scratch, open};
use crate::time::Time;
use crate::tls::{ClientHello, HandshakeType, ServerHello};

/// How many Initial packets of an attempt are opened, so that nobody can make this program decrypt without end.
/// Handshakes need two to ten; attempts that nobody answers repeat theirs about ten times.
pub const MAX_OPENED: u32 = 64;

/// One datagram on its way through a connection.
pub(super) struct Arrival<'a> {
    pub(super) sender: Side,
    pub(super) time: Time,
    pub(super) on: &'a mut dyn FnMut(Event<'_>),
}

impl Arrival<'_> {
    /// The server says something; the first time, it answers.
    pub(super) fn answer(&mut self, facts: &mut QuicFacts) {
        if self.sender == Side::Server && facts.answer.is_none() {
            facts.answer = Some(self.time);
            (self.on)(Event::Answer);
        }
    }
}

/// The two streams of hellos, and the connection IDs from which the keys to them follow.
#[derive(Clone, Debug, Default)]
pub(super) struct Initials {
    /// What the client's latest first flight was addressed to.
    current: Option<ConnectionId>,
    /// What a Retry told the client to use from then on.
    retry: Option<ConnectionId>,
    client: Handshake,
    server: Handshake,
    /// Whether the client began another handshake after Version Negotiation.
    restarted: bool,
    opened: u32,
    held: Held,
}

impl Initials {
    /// A Retry was seen: the client begins again with the server's `id`.
    pub(super) fn expect_retry(&mut self, id: ConnectionId) {
        self.retry = Some(id);
    }

    /// Whether a Retry told the client to use `id`.
    pub(super) fn is_retry(&self, id: ConnectionId) -> bool {
        self.retry == Some(id)
    }

    /// Bytes held.
    pub(super) fn held(&self) -> usize {
        self.client.held() + self.server.held() + self.held.bytes()
    }

    /// Nothing more is wanted of either stream.
    pub(super) fn close(&mut self) {
        self.client.close();
        self.server.close();
    }

    /// Opens a packet and reads it.
    pub(super) fn take(
        &mut self,
        packet: &LongPacket<'_>,
        arrival: &mut Arrival<'_>,
        facts: &mut QuicFacts,
        scratch: &mut Scratch,
    ) {
        if !self.open(packet, arrival, facts, scratch) {
            return arrival.answer(facts);
        }
        if self.is_of_this_handshake(packet, arrival.sender, facts) {
            self.read(Frames::new(scratch.frames(), Dialect::of(packet.version)), arrival, facts);
        }
        std::mem::take(&mut self.held).release(|time, packet| {
            let mut arrival = Arrival { sender: Side::Server, time, on: &mut *arrival.on };
            self.take(packet, &mut arrival, facts, scratch);
        });
    }

    /// Opens a packet in `scratch`, or counts why not.
    fn open(
        &mut self,
        packet: &LongPacket<'_>,
        arrival: &Arrival<'_>,
        facts: &mut QuicFacts,
        scratch: &mut Scratch,
    ) -> bool {
        if packet.missing > 0 {
            return refuse(&mut facts.damage.truncated);
        }
        if self.opened >= MAX_OPENED {
            return refuse(&mut facts.damage.over_limit);
        }
        if arrival.sender == Side::Server && self.current.or(self.retry).is_none() {
            if !self.held.keep(packet, arrival.time) {
                count(&mut facts.damage.not_held);
            }
            return refuse(&mut facts.damage.without_keys);
        }
        count(&mut self.opened);
        let opened = match arrival.sender {
            Side::Client => self.open_client(packet, facts, scratch),
            Side::Server => self.open_server(packet, scratch),
        };
        opened || refuse(&mut facts.damage.unopened)
    }

    /// The client's packets open with the connection ID it first used. After a Retry it uses another one, which the
    /// packet itself bears; if it was repeated from before the Retry, that changes nothing.
    fn open_client(&mut self, packet: &LongPacket<'_>, facts: &mut QuicFacts, scratch: &mut Scratch) -> bool {
        let current = self.current.filter(|id| *id != packet.dcid);
        if current.is_some_and(|id| open(packet, &id, Side::Client, scratch)) {
            return true;
        }
        if !open(packet, &packet.dcid, Side::Client, scratch) {
            return false;
        }
        if facts.first_dcid.is_none() {
            facts.first_dcid = Some(packet.dcid);
            facts.token = !packet.token.is_empty();
        }
        if self.current.is_none() || facts.first_dcid != Some(packet.dcid) {
            self.current = Some(packet.dcid);
        }
        true
    }

    /// The server's packets open with the client's connection ID, or with the one that the server gave in a Retry.
    fn open_server(&self, packet: &LongPacket<'_>, scratch: &mut Scratch) -> bool {
        [self.current, self.retry].iter().flatten().any(|id| open(packet, id, Side::Server, scratch))
    }

    /// After Version Negotiation the client begins another handshake in another version, and what it still repeats of
    /// the first one must not get mixed into that.
    fn is_of_this_handshake(&mut self, packet: &LongPacket<'_>, sender: Side, facts: &QuicFacts) -> bool {
        if sender == Side::Server || facts.version_negotiation.is_none() {
            return true;
        }
        let of_first = packet.version == facts.version;
        if !of_first && !self.restarted {
            self.restarted = true;
            self.client = Handshake::default();
        }
        !(of_first && self.restarted)
    }

    /// Reads the frames of a packet.
    pub(super) fn read(&mut self, frames: Frames<'_>, arrival: &mut Arrival<'_>, facts: &mut QuicFacts) {
        let (mut any, mut new) = (false, false);
        for frame in frames {
            match frame {
                Ok(Frame::Crypto { offset, data }) => {
                    any = true;
                    arrival.answer(facts);
                    new |= self.crypto(offset, data, arrival, facts);
                }
                Ok(Frame::ConnectionClose { code }) => close(code, arrival, facts),
                Ok(Frame::Ping | Frame::Ack) => {}
                Err(_) => count(&mut facts.damage.malformed),
            }
        }
        if any && !new {
            count(&mut facts.tally_mut(arrival.sender).repeated);
        }
    }

    /// Takes a CRYPTO frame; says whether it brought anything new.
    fn crypto(&mut self, offset: u64, data: &[u8], arrival: &mut Arrival<'_>, facts: &mut QuicFacts) -> bool {
        let stream = match arrival.sender {
            Side::Client => &mut self.client,
            Side::Server => &mut self.server,
        };
        match stream.insert(offset, data) {
            Inserted::Repeated => return false,
            Inserted::Refused => count(&mut facts.damage.refused),
            Inserted::Conflicting => count(&mut facts.damage.conflicting),
            Inserted::New => {}
        }
        while let Some(message) = stream.message() {
            if !read_message(message, arrival, facts) {
                count(&mut facts.damage.malformed);
            }
            stream.pass();
        }
        true
    }
}

/// Counts why a packet stays closed.
fn refuse(reason: &mut u32) -> bool {
    count(reason);
    false
}

/// Reports a hello; `false` if it is none, or cannot be read.
fn read_message(message: Message<'_>, arrival: &mut Arrival<'_>, facts: &mut QuicFacts) -> bool {
    let event = match (arrival.sender, HandshakeType(message.kind)) {
        (Side::Client, HandshakeType::ClientHello) => ClientHello::parse(message.body).map(Event::ClientHello),
        (Side::Server, HandshakeType::ServerHello) => ServerHello::parse(message.body).map(Event::ServerHello),
        _ => None,
    };
    let Some(event) = event else { return false };
    match event {
        Event::ServerHello(hello) if hello.is_retry() => facts.hello_retry = Some(arrival.time),
        Event::ServerHello(hello) => {
            facts.server_hello = Some(arrival.time);
            facts.cipher = Some(hello.cipher);
        }
        _ => {
            facts.hello.get_or_insert(arrival.time);
            count(&mut facts.hellos);
        }
    }
    (arrival.on)(event);
    true
}

fn close(code: u64, arrival: &mut Arrival<'_>, facts: &mut QuicFacts) {
    arrival.answer(facts);
    if facts.close.is_none() {
        let close = Close { sender: arrival.sender, time: arrival.time, code };
        facts.close = Some(close);
        (arrival.on)(Event::Close(close));
    }
}

/// Counts one more; a count that is full stays full.
pub(super) fn count(counter: &mut u32) {
    *counter = counter.saturating_add(1);
}
