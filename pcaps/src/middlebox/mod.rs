//! A small box in the path that drops, resets or intercepts TLS by server name, for captures with known truth.
//!
//! The box stands between a client's network and a server's, like a bridge: what it has no rule for passes unchanged
//! but for the hop limit, which falls as if routers stood on either side. A third port leads to an interceptor, a host
//! with the servers' own addresses.
//!
//! Sans-IO: a frame and the port it came from go in, frames and their ports come out. It knows nothing of interfaces,
//! threads or clocks; the binary `middlebox` has those, and delays frames as the links say.

pub mod actions;
pub mod config;
pub mod delay;
pub mod flow;
pub mod packet;
pub mod rules;

use std::fmt;
use std::net::SocketAddr;

use config::{Config, Links};
use flow::{Flow, FlowKey, FlowTable};
use packet::TcpPacket;
use rules::Rules;

/// A side of the box.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Port {
    /// Towards those who open connections.
    Client,
    /// Towards the servers.
    Server,
    /// Towards the host that answers in the servers' place.
    Interceptor,
}

impl Port {
    /// Every port, in the order of the configuration's documentation.
    pub const ALL: [Self; 3] = [Self::Client, Self::Server, Self::Interceptor];

    /// Where a frame goes that the box has no opinion about. The interceptor speaks only when it was spoken to.
    fn opposite(self) -> Option<Self> {
        match self {
            Self::Client => Some(Self::Server),
            Self::Server => Some(Self::Client),
            Self::Interceptor => None,
        }
    }
}

/// A packet on its way out of the box.
#[derive(Clone, Debug, PartialEq)]
pub struct Departure {
    /// The port it leaves by.
    pub to: Port,
    /// The packet as it is at the box.
    pub packet: TcpPacket,
}

/// What the box did to one ClientHello: the truth that a detector's answer can be held against.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// The action's name in the rules; [`PASS`](Self::PASS) or [`UNWATCHED`](Self::UNWATCHED) without one.
    pub action: &'static str,
    /// The name in the hello, empty without one.
    pub server_name: String,
    /// The sender of the hello.
    pub client: SocketAddr,
    /// The receiver of the hello.
    pub server: SocketAddr,
}

impl Decision {
    /// No rule matched, and everything passes.
    pub const PASS: &str = "pass";

    /// The table of flows was full when this connection was opened: everything passes, and its hello is not read.
    pub const UNWATCHED: &str = "unwatched";

    /// Names of the comma-separated fields that `Display` writes.
    pub const FIELDS: &str = "action,server_name,client,server";
}

impl fmt::Display for Decision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { action, server_name, client, server } = self;
        write!(f, "{action},{server_name},{client},{server}")
    }
}

/// All that follows from one frame.
#[derive(Debug, Default, PartialEq)]
pub struct Reaction {
    /// Frames to send, in this order.
    pub frames: Vec<(Port, Vec<u8>)>,
    /// Set where this frame completed a ClientHello, or opened a connection that will not be watched.
    pub decision: Option<Decision>,
}

/// The box: its links, its rules and the flows that it follows.
pub struct Middlebox {
    links: Links,
    rules: Rules,
    flows: FlowTable,
}

impl Middlebox {
    /// A box without any flow yet.
    pub fn new(config: Config) -> Self {
        Self { links: config.links, rules: config.rules, flows: FlowTable::default() }
    }

    /// Takes a frame that reached the box, and says what leaves it.
    ///
    /// Only TCP directly over IP is looked at and ages by hops; everything else crosses untouched, as neighbour
    /// discovery needs.
    pub fn handle(&mut self, from: Port, frame: &[u8]) -> Reaction {
        match TcpPacket::parse(frame) {
            Some(packet) => self.handle_tcp(from, packet),
            None => Reaction {
                frames: from.opposite().map(|to| (to, frame.to_vec())).into_iter().collect(),
                decision: None,
            },
        }
    }

    fn handle_tcp(&mut self, from: Port, mut packet: TcpPacket) -> Reaction {
        if !packet.age(self.links.of(from).hops) {
            return Reaction::default();
        }
        let key = FlowKey::of(from, &packet);
        let decision = self.look_at(key, from, &packet);
        let departures = match self.flows.find(key) {
            Some(Flow::Treated(treatment)) => treatment.handle(from, packet),
            _ => from.opposite().map(|to| Departure { to, packet }).into_iter().collect(),
        };
        Reaction { frames: departures.into_iter().filter_map(|departure| self.depart(departure)).collect(), decision }
    }

    /// Follows the flow of a packet, before anything is done to the packet.
    fn look_at(&mut self, key: FlowKey, from: Port, packet: &TcpPacket) -> Option<Decision> {
        if from == Port::Client && packet.opens_connection() {
            let watched = self.flows.open(key, packet);
            return (!watched).then(|| key.decision(Decision::UNWATCHED, None));
        }
        let flow = self.flows.find(key)?;
        let hello = flow.watch(from, packet)?;
        let action = hello.server_name.as_deref().and_then(|name| self.rules.action_for(name));
        *flow = action.map_or(Flow::Passing, |action| Flow::Treated((action.begin)(&hello)));
        Some(key.decision(action.map_or(Decision::PASS, |action| action.name), hello.server_name))
    }

    fn depart(&self, Departure { to, mut packet }: Departure) -> Option<(Port, Vec<u8>)> {
        packet.age(self.links.of(to).hops).then(|| (to, packet.to_frame()))
    }
}

#[cfg(test)]
mod tests;
