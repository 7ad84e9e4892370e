//! Who asks, who answers, and who answers in somebody else's place.

use std::net::{IpAddr, Ipv4Addr};

use serde::Deserialize;
use toml::Spanned;

use super::Date;
use crate::middlebox::Port;
use crate::middlebox::law::{CountLaw, Share, TimeLaw};
use crate::middlebox::pattern::NamePattern;

/// A server, with one chain for all its names.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Server {
    /// Where it listens, on port 443. A client asks the first of its own family.
    pub addresses: Vec<IpAddr>,
    /// On which side of the box it stands; those who ask it stand on the other.
    #[serde(default)]
    pub side: Side,
    /// The names that it serves; `*` as in rules.
    pub names: Vec<NamePattern>,
    /// The newest version that it speaks.
    #[serde(default)]
    pub tls: TlsVersion,
    /// Whether it speaks QUIC too.
    #[serde(default)]
    pub quic: bool,
    /// How long its program takes to answer a hello.
    #[serde(default)]
    pub think_ms: TimeLaw,
    /// Share of the connections that its program never answers, though its host acknowledges: an overload.
    #[serde(default)]
    pub silent: Share,
    /// TTL with which its packets leave.
    #[serde(default = "ttl")]
    pub ttl: u8,
}

fn ttl() -> u8 {
    64
}

impl Server {
    /// Whether it serves a name.
    pub fn serves(&self, name: &str) -> bool {
        self.names.iter().any(|pattern| pattern.matches(name))
    }
}

/// A side of the box.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Side {
    /// The one that the box is there for.
    Inside,
    /// The rest of the world.
    #[default]
    Outside,
}

impl Side {
    /// The box's port on this side.
    pub fn port(self) -> Port {
        match self {
            Self::Inside => Port::Inside,
            Self::Outside => Port::Outside,
        }
    }
}

/// A version of TLS.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
pub enum TlsVersion {
    /// 1.2 (RFC 5246).
    #[serde(rename = "1.2")]
    Tls12,
    /// 1.3 (RFC 8446).
    #[default]
    #[serde(rename = "1.3")]
    Tls13,
}

/// Connections of one kind.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Traffic {
    /// The names that are asked for, in turn.
    pub names: Vec<Spanned<String>>,
    /// Connections; retries come on top.
    pub connections: u32,
    /// Connections a second; they begin evenly spaced.
    pub rate: Rate,
    /// When the first begins, in seconds.
    #[serde(default)]
    pub starts: f64,
    /// The clients' addresses, in turn.
    #[serde(default = "clients")]
    pub clients: Vec<IpAddr>,
    /// The program that asks.
    #[serde(default)]
    pub client: Browser,
    /// The newest version that it offers.
    #[serde(default)]
    pub tls: TlsVersion,
    /// Whether it offers a hybrid key share, which makes the hello longer than a packet.
    #[serde(default = "yes")]
    pub post_quantum: bool,
    /// Whether it speaks QUIC.
    #[serde(default)]
    pub quic: bool,
    /// Sends a datagram of noise first, as circumvention tools do.
    #[serde(default)]
    pub quic_prelude: bool,
    /// Cuts the hello into TCP segments of so many bytes.
    pub segments: Option<u16>,
    /// Cuts the hello into TLS records of so many bytes.
    pub records: Option<u16>,
    /// Whether its TCP has timestamps.
    #[serde(default = "yes")]
    pub timestamps: bool,
    /// Uses this port for every connection, one after the other.
    pub port: Option<u16>,
    /// Bytes that it asks for.
    #[serde(default = "response")]
    pub response: CountLaw,
    /// After how many milliseconds without the next byte it gives up; without it, as the program does.
    pub gives_up_ms: Option<TimeLaw>,
    /// How often it tries again after a failure.
    #[serde(default)]
    pub retries: u32,
    /// Share of the clients that trust the interceptor's root.
    #[serde(default)]
    pub trusts_interceptor: Share,
}

impl Traffic {
    /// Whether no ordinary program can make it: QUIC, or a hello that is cut.
    pub fn needs_peer(&self) -> bool {
        self.quic || self.records.is_some() || self.segments.is_some()
    }
}

fn yes() -> bool {
    true
}

fn clients() -> Vec<IpAddr> {
    vec![Ipv4Addr::new(192, 0, 2, 10).into(), Ipv4Addr::new(192, 0, 2, 11).into()]
}

fn response() -> CountLaw {
    CountLaw::Range([900, 4_000])
}

/// How many a second: more than none.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(try_from = "f64")]
pub struct Rate(f64);

impl TryFrom<f64> for Rate {
    type Error = String;

    fn try_from(rate: f64) -> Result<Self, Self::Error> {
        if rate > 0.0 && rate.is_finite() { Ok(Self(rate)) } else { Err(format!("{rate} is no rate: more than 0")) }
    }
}

impl Rate {
    /// When the n-th begins, counted from 0, in seconds after the first.
    pub fn beginning(self, number: u32) -> f64 {
        f64::from(number) / self.0
    }
}

/// A program that asks: its hello and its patience.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Browser {
    /// Chrome 131 and later.
    #[default]
    Chrome,
    /// Firefox 135 and later.
    Firefox,
    /// Safari 26.
    Safari,
    /// curl with OpenSSL 3.5.
    Curl,
    /// A program in Go 1.24.
    Go,
}

/// Who answers in the servers' place.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Interceptor {
    /// The common name of its root and, with a number, of its intermediates.
    pub authority: String,
    /// The newest version that it speaks.
    #[serde(default)]
    pub tls: TlsVersion,
    /// How long it takes to answer: it asks the true server first.
    #[serde(default)]
    pub think_ms: TimeLaw,
    /// Its intermediates, of which it uses the one that became valid last, still valid or not; without any, one that
    /// is valid as long as the root.
    #[serde(default)]
    pub intermediates: Vec<Period>,
    /// Public exponent of a forged leaf's RSA key.
    #[serde(default = "exponent")]
    pub rsa_exponent: u32,
    /// Whether a forged leaf has no extension but its names.
    #[serde(default)]
    pub bare_leaf: bool,
    /// By how many hours a forged leaf's validity is shifted against the true one's.
    #[serde(default)]
    pub shift_hours: i64,
    /// TTL with which its packets leave.
    #[serde(default = "ttl")]
    pub ttl: u8,
    /// Whether the judge is given its root as a blocklist.
    #[serde(default = "yes")]
    pub listed: bool,
}

fn exponent() -> u32 {
    65_537
}

/// When something is valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Period {
    /// From.
    pub from: Date,
    /// Until.
    pub until: Date,
}
