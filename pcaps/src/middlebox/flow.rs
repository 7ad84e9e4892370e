//! The flows that the box follows, each from its SYN until its ClientHello is whole.

use std::collections::HashMap;
use std::net::SocketAddr;

use dissectors::tcp::assembler::Assembler;
use dissectors::tcp::seq::Seq;
use dissectors::tls::{Item, Reader};

use super::actions::Treatment;
use super::packet::TcpPacket;
use super::{Decision, Port};

/// Flows followed at once. A lab's run is short, so a flow is forgotten only when its ports are used anew; once the
/// table is full, further flows pass unwatched, and the decisions say so.
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

    /// What was decided about this flow.
    pub fn decision(self, action: &'static str, server_name: Option<String>) -> Decision {
        let Self { client, server } = self;
        Decision { action, server_name: server_name.unwrap_or_default(), client, server }
    }
}

/// A whole ClientHello and the client's packets until then.
pub struct Hello {
    /// The name that it asks for, as [`dissectors::tls::server_name`] writes it.
    pub server_name: Option<String>,
    /// The packet that opened the connection.
    pub syn: TcpPacket,
    /// Segments of the hello before the one that completed it, in order of arrival.
    pub earlier: Vec<TcpPacket>,
}

/// What the box does with a flow.
pub enum Flow {
    /// Waits for the whole ClientHello; everything passes.
    Watched(Box<Watch>),
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
            Some(Begins::Hello { server_name }) => {
                let earlier = std::mem::take(&mut watch.segments);
                Some(Hello { server_name, syn: watch.syn.clone(), earlier })
            }
            None if watch.segments.len() < MAX_SEGMENTS => {
                watch.segments.push(packet.clone());
                None
            }
            None | Some(Begins::Otherwise) => {
                *self = Self::Passing;
                None
            }
        }
    }
}

/// With what a client's stream begins.
enum Begins {
    Hello { server_name: Option<String> },
    Otherwise,
}

impl From<Item<'_>> for Begins {
    fn from(item: Item<'_>) -> Self {
        match item {
            Item::ClientHello(hello, _) => Self::Hello { server_name: hello.server_name() },
            _ => Self::Otherwise,
        }
    }
}

/// A connection whose ClientHello is not whole yet.
pub struct Watch {
    syn: TcpPacket,
    segments: Vec<TcpPacket>,
    stream: Assembler,
    tls: Reader,
}

impl Watch {
    fn new(syn: &TcpPacket) -> Self {
        let mut stream = Assembler::default();
        stream.start(Seq(syn.tcp.sequence_number).add(1));
        Self { syn: syn.clone(), segments: Vec::new(), stream, tls: Reader::default() }
    }

    /// Reads on; what the stream begins with, once this segment tells.
    fn read(&mut self, segment: &TcpPacket) -> Option<Begins> {
        let mut first = None;
        self.stream.insert(Seq(segment.tcp.sequence_number), &segment.payload, |bytes| {
            self.tls.read(bytes, |item| {
                first.get_or_insert(Begins::from(item));
            });
        });
        first
    }
}

/// All flows, at most [`MAX_FLOWS`].
#[derive(Default)]
pub struct FlowTable(HashMap<FlowKey, Flow>);

impl FlowTable {
    /// Begins to watch a flow; false where the table is full. A repeated SYN changes nothing; another initial sequence
    /// number is a new flow.
    pub fn open(&mut self, key: FlowKey, syn: &TcpPacket) -> bool {
        let known = self.0.get(&key);
        let repeated = matches!(known,
            Some(Flow::Watched(watch)) if watch.syn.tcp.sequence_number == syn.tcp.sequence_number);
        let room = known.is_some() || self.0.len() < MAX_FLOWS;
        if room && !repeated {
            self.0.insert(key, Flow::Watched(Box::new(Watch::new(syn))));
        }
        room
    }

    /// The flow of these two ends, if it is followed.
    pub fn find(&mut self, key: FlowKey) -> Option<&mut Flow> {
        self.0.get_mut(&key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::middlebox::tests::syn_from;

    #[test]
    fn a_full_table_refuses_new_flows_and_keeps_the_old() {
        let mut table = FlowTable::default();
        let mut open = |port| {
            let syn = syn_from(port);
            table.open(FlowKey::of(Port::Client, &syn), &syn)
        };
        assert!((0..MAX_FLOWS).all(|port| open(port as u16)));
        assert!(!open(MAX_FLOWS as u16), "a new flow");
        assert!(open(0), "a repeated SYN");
    }
}
