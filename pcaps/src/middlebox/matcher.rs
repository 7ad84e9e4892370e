//! Which flows a rule means: conditions, all of which must hold.

use std::time::Duration;

use serde::Deserialize;

use super::Port;
use super::flow::Flow;
use super::law::Share;
use super::pattern::{NamePattern, Network};

/// Conditions; those that are left out hold always.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Match {
    /// The hello names one of these servers, over TCP or QUIC.
    pub sni: Vec<NamePattern>,
    /// The server's address lies in one of these networks.
    pub address: Vec<Network>,
    /// The server's port is one of these.
    pub port: Vec<u16>,
    /// What the client speaks.
    pub protocol: Option<Protocol>,
    /// The hello has one of these fingerprints.
    pub ja4: Vec<String>,
    /// Which side of the box opened the connection.
    pub direction: Option<Direction>,
    /// This is the n-th packet of the connection, or lies in this range, counted over both ends, the SYN the first.
    pub packet: Option<Span>,
    /// The connection has had so many bytes of payload, counted over both ends.
    pub bytes: Option<u64>,
    /// The client's first packet with payload has a payload of this many bytes.
    pub first_payload: Option<Span>,
    /// The TCP header of the packet that completed the hello has this many bytes.
    pub tcp_header: Option<u16>,
    /// The client's port number is above the server's.
    pub client_port_above: bool,
    /// How often the rule looks, of all the times that all else holds; drawn once a connection.
    pub probability: Option<Share>,
    /// Between these seconds of the scenario.
    pub seconds: Option<[f64; 2]>,
}

/// A number or a range of numbers, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged, expecting = "a number or a range [low, high]")]
pub enum Span {
    /// Exactly so many.
    Exactly(u64),
    /// From the first to the second.
    Within([u64; 2]),
}

impl Span {
    /// Whether `number` is meant.
    pub fn contains(self, number: u64) -> bool {
        match self {
            Self::Exactly(exactly) => number == exactly,
            Self::Within([low, high]) => (low..=high).contains(&number),
        }
    }
}

/// What a client's first bytes are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Protocol {
    /// TLS over TCP, once its hello is whole.
    Tls,
    /// QUIC, once its hello is whole.
    Quic,
    /// HTTP in clear.
    Http,
    /// Anything else over TCP.
    Other,
}

/// Which way a connection was opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Direction {
    /// From the box's inside to its outside.
    Outbound,
    /// From its outside to its inside.
    Inbound,
}

/// The moment at which a rule looks at a flow.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    /// Time since the box began.
    pub age: Duration,
    /// Length of the TCP header of the packet that is looked at; 0 of UDP.
    pub tcp_header: u16,
}

impl Match {
    /// Whether all conditions hold but for chance.
    pub fn holds(&self, flow: &Flow, moment: Moment) -> bool {
        self.ends_fit(flow) && self.counts_fit(flow) && self.hello_fits(flow, moment) && self.time_fits(moment)
    }

    /// Whether it waits for a whole hello.
    pub fn needs_hello(&self) -> bool {
        !self.sni.is_empty() || !self.ja4.is_empty() || matches!(self.protocol, Some(Protocol::Tls | Protocol::Quic))
    }

    fn ends_fit(&self, flow: &Flow) -> bool {
        let (client, server) = (flow.key.client, flow.key.server);
        let direction = match flow.opener {
            Port::Outside => Direction::Inbound,
            Port::Inside | Port::Interceptor => Direction::Outbound,
        };
        (self.address.is_empty() || self.address.iter().any(|network| network.contains(server.ip())))
            && (self.port.is_empty() || self.port.contains(&server.port()))
            && self.direction.is_none_or(|wanted| wanted == direction)
            && (!self.client_port_above || client.port() > server.port())
    }

    fn counts_fit(&self, flow: &Flow) -> bool {
        let first = flow.first_payload.map(u64::from);
        self.packet.is_none_or(|span| span.contains(flow.packets()))
            && self.bytes.is_none_or(|least| flow.bytes() >= least)
            && self.first_payload.is_none_or(|span| first.is_some_and(|length| span.contains(length)))
    }

    fn hello_fits(&self, flow: &Flow, moment: Moment) -> bool {
        if self.protocol.is_some_and(|wanted| flow.protocol != Some(wanted)) {
            return false;
        }
        if self.sni.is_empty() && self.ja4.is_empty() {
            return self.tcp_header.is_none_or(|bytes| bytes == moment.tcp_header);
        }
        let Some(hello) = &flow.hello else { return false };
        let named = |name: &String| self.sni.iter().any(|pattern| pattern.matches(name));
        (self.sni.is_empty() || hello.server_name.as_ref().is_some_and(named))
            && (self.ja4.is_empty() || self.ja4.contains(&hello.ja4))
            && self.tcp_header.is_none_or(|bytes| bytes == hello.tcp_header)
    }

    fn time_fits(&self, moment: Moment) -> bool {
        let age = moment.age.as_secs_f64();
        self.seconds.is_none_or(|[from, until]| (from..until).contains(&age))
    }
}
