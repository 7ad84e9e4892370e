//! The flows that the box follows: who opened each, how much has passed, what its hello says and what is done to it.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::time::Duration;

use dissectors::time::Time;

use super::Port;
use super::actions::Treatment;
use super::config::Protocol;
use super::reading::{Hello, Opening, Reading};
use crate::net::Side;
use crate::net::frame::{Packet, Transport};

/// Flows that nothing was heard of for so long are forgotten where room is needed. TSPU boxes keep established
/// connections 480 s (Xue et al., IMC 2022).
const IDLE: Duration = Duration::from_secs(480);

/// The two ends of a flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FlowKey {
    /// Who opened it.
    pub client: SocketAddr,
    /// Whom it was opened to, be it the server or the interceptor that answers.
    pub server: SocketAddr,
    /// Whether it is TCP, otherwise UDP.
    pub is_tcp: bool,
}

impl FlowKey {
    /// The flow of a packet whose sender is its client.
    pub fn of(packet: &Packet) -> Self {
        let is_tcp = matches!(packet.transport, Transport::Tcp(_));
        Self { client: packet.source(), server: packet.destination(), is_tcp }
    }

    /// The same with its ends exchanged.
    pub fn reversed(self) -> Self {
        Self { client: self.server, server: self.client, ..self }
    }
}

/// What one end sent.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tally {
    /// Packets.
    pub packets: u64,
    /// Bytes of payload.
    pub bytes: u64,
}

/// A flow.
pub struct Flow {
    /// Its ends.
    pub key: FlowKey,
    /// The side of the box that opened it.
    pub opener: Port,
    /// Initial sequence number of its client; 0 of UDP and where no SYN was seen.
    pub isn: u32,
    /// When it was last heard of.
    pub last: Time,
    /// What the client sent.
    pub client: Tally,
    /// What the server sent.
    pub server: Tally,
    /// Length of the client's first payload.
    pub first_payload: Option<u16>,
    /// What the client speaks, once that is known.
    pub protocol: Option<Protocol>,
    /// Its hello, once that is whole.
    pub hello: Option<Hello>,
    /// What is done to it.
    pub treatment: Option<Treatment>,
    /// Whether it was said what becomes of it.
    pub is_told: bool,
    /// Rules that chance kept from it, a bit each.
    pub spared: u64,
    reading: Reading,
}

impl Flow {
    /// A flow whose first packet is this, which is not counted yet.
    pub fn new(packet: &Packet, opener: Port, reading: Reading) -> Self {
        Self {
            key: FlowKey::of(packet),
            opener,
            isn: packet.tcp().map_or(0, |tcp| tcp.sequence_number),
            last: Time::default(),
            client: Tally::default(),
            server: Tally::default(),
            first_payload: None,
            protocol: None,
            hello: None,
            treatment: None,
            is_told: false,
            spared: 0,
            reading,
        }
    }

    /// Who sent what came in by a port.
    pub fn sender(&self, from: Port) -> Side {
        if from == self.opener { Side::Client } else { Side::Server }
    }

    /// Packets of both ends.
    pub fn packets(&self) -> u64 {
        self.client.packets + self.server.packets
    }

    /// Bytes of payload of both ends.
    pub fn bytes(&self) -> u64 {
        self.client.bytes + self.server.bytes
    }

    /// Counts a packet and reads it; whether the hello was whole with it.
    pub fn take(&mut self, now: Time, sender: Side, packet: &Packet) -> bool {
        self.last = now;
        let tally = match sender {
            Side::Client => &mut self.client,
            Side::Server => &mut self.server,
        };
        tally.packets += 1;
        tally.bytes += packet.payload.len() as u64;
        if sender == Side::Server || packet.payload.is_empty() {
            return false;
        }
        self.first_payload.get_or_insert(u16::try_from(packet.payload.len()).unwrap_or(u16::MAX));
        self.protocol = self.protocol.or_else(|| Protocol::in_clear(packet));
        if self.hello.is_some() {
            return false;
        }
        self.hello = self.reading.read(now, packet);
        if let Some(hello) = &self.hello {
            self.protocol = Some(hello.protocol);
        }
        self.hello.is_some()
    }

    /// What an interceptor must be told of the connection so far; once.
    pub fn opening(&mut self) -> Option<Opening> {
        self.reading.take_opening()
    }
}

/// All flows, so many at most.
pub struct FlowTable {
    flows: HashMap<FlowKey, Flow>,
    limit: usize,
}

impl FlowTable {
    /// A table for so many flows.
    pub fn new(limit: usize) -> Self {
        Self { flows: HashMap::new(), limit }
    }

    /// The flow of a packet, whichever way it goes.
    pub fn find(&mut self, packet: &Packet) -> Option<&mut Flow> {
        let key = FlowKey::of(packet);
        let key = if self.flows.contains_key(&key) { key } else { key.reversed() };
        self.flows.get_mut(&key)
    }

    /// Adds a flow in place of an older one of the same ends; nothing where the table is full.
    pub fn add(&mut self, now: Time, flow: Flow) -> bool {
        self.flows.remove(&flow.key.reversed());
        if self.flows.len() >= self.limit && !self.flows.contains_key(&flow.key) {
            self.flows.retain(|_, old| now.since(old.last) < IDLE);
        }
        let has_room = self.flows.len() < self.limit || self.flows.contains_key(&flow.key);
        if has_room {
            self.flows.insert(flow.key, flow);
        }
        has_room
    }
}
