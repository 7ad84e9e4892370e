//! Which flows a rule means.

use serde::Deserialize;

use crate::middlebox::law::Share;
use crate::middlebox::pattern::{NamePattern, Network};

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

impl Match {
    /// Whether it waits for a whole hello.
    pub fn needs_hello(&self) -> bool {
        !self.sni.is_empty() || !self.ja4.is_empty() || matches!(self.protocol, Some(Protocol::Tls | Protocol::Quic))
    }
}
