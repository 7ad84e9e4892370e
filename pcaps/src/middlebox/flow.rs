//! The flows that the box follows, each from its SYN until its ClientHello is whole.

use std::collections::{BTreeMap, HashMap};
use std::net::SocketAddr;

use super::Port;
use super::actions::Treatment;
use super::hello::{self, Reading};
use super::packet::TcpPacket;

/// Flows followed at once. A lab's run is short, so a flow is forgotten only when its ports are used anew; once the
/// table is full, further flows pass unwatched and are counted.
const MAX_FLOWS: usize = 4096;

/// Client segments kept for one hello, against a client that sends a byte at a time.
const MAX_SEGMENTS: usize = 64;

/// The two ends of a flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FlowKey {
    /// Who opened it.
    pub client: SocketAddr,
    /// Whom it was opened to, be it the server or the interceptor that answers.
    pub server: SocketAddr,
}

impl FlowKey {
    /// The flow of a packet that came in by `from`.
    pub fn of(from: Port, packet: &TcpPacket) -> Self {
        match from {
            Port::Client => Self { client: packet.source(), server: packet.destination() },
            Port::Server | Port::Interceptor => Self { client: packet.destination(), server: packet.source() },
        }
    }
}

/// A whole ClientHello and the client's packets until then.
pub struct Hello {
    /// The name that it asks for, in lower case.
    pub server_name: Option<String>,
    /// The packet that opened the connection.
    pub syn: TcpPacket,
    /// Segments of the hello before the one that completed it, in order of arrival.
    pub earlier: Vec<TcpPacket>,
}

/// What the box does with a flow.
pub enum Flow {
    /// Waits for the whole ClientHello; everything passes.
    Watched(Watch),
    /// Has no rule, or no TLS: everything passes, unseen.
    Passing,
    /// Is in the hands of an action.
    Treated(Box<dyn Treatment>),
}

impl Flow {
    /// Looks at a packet of a flow whose hello is not whole yet; the hello, where this packet completed it.
    pub fn watch(&mut self, from: Port, packet: &TcpPacket) -> Option<Hello> {
        let Self::Watched(watch) = self else { return None };
        if from != Port::Client || packet.payload.is_empty() {
            return None;
        }
        match watch.read(packet) {
            Reading::Incomplete if watch.segments.len() < MAX_SEGMENTS => {
                watch.segments.push(packet.clone());
                None
            }
            Reading::Incomplete | Reading::Foreign => {
                *self = Self::Passing;
                None
            }
            Reading::Whole { server_name } => {
                let earlier = std::mem::take(&mut watch.segments);
                Some(Hello { server_name, syn: watch.syn.clone(), earlier })
            }
        }
    }
}

/// A connection whose ClientHello is not whole yet.
pub struct Watch {
    syn: TcpPacket,
    segments: Vec<TcpPacket>,
}

impl Watch {
    /// Reads the client's stream, from the SYN to the first gap, with `last` as its newest segment.
    fn read(&self, last: &TcpPacket) -> Reading {
        let start = self.syn.tcp.sequence_number.wrapping_add(1);
        let by_offset: BTreeMap<u32, &[u8]> = self
            .segments
            .iter()
            .chain([last])
            .map(|segment| (segment.tcp.sequence_number.wrapping_sub(start), segment.payload.as_slice()))
            .collect();
        let mut stream = Vec::new();
        for (offset, payload) in by_offset {
            let known = stream.len().saturating_sub(usize::try_from(offset).unwrap_or(usize::MAX));
            if usize::try_from(offset).is_ok_and(|offset| offset <= stream.len()) {
                stream.extend_from_slice(payload.get(known..).unwrap_or_default());
            }
        }
        hello::read(&stream)
    }
}

/// All flows, at most [`MAX_FLOWS`].
#[derive(Default)]
pub struct FlowTable {
    flows: HashMap<FlowKey, Flow>,
    refused: u64,
}

impl FlowTable {
    /// Begins to watch a flow. A repeated SYN changes nothing; another initial sequence number is a new flow.
    pub fn open(&mut self, key: FlowKey, syn: &TcpPacket) {
        let repeated = matches!(self.flows.get(&key),
            Some(Flow::Watched(watch)) if watch.syn.tcp.sequence_number == syn.tcp.sequence_number);
        if repeated {
            return;
        }
        if self.flows.len() >= MAX_FLOWS && !self.flows.contains_key(&key) {
            self.refused += 1;
            return;
        }
        self.flows.insert(key, Flow::Watched(Watch { syn: syn.clone(), segments: Vec::new() }));
    }

    /// The flow of these two ends, if it is followed.
    pub fn find(&mut self, key: FlowKey) -> Option<&mut Flow> {
        self.flows.get_mut(&key)
    }

    /// How many flows found the table full.
    pub fn refused(&self) -> u64 {
        self.refused
    }
}
