//! What a box is told: how it reads flows, and its rules. Part of a scenario file.
//!
//! Plain data, as it is written; nothing here acts.

mod conditions;
mod forgery;

use serde::Deserialize;
use toml::Spanned;

use super::law::{CountLaw, Share, TimeLaw};
use crate::net::Side;

pub use conditions::{Direction, Match, Protocol, Span};
pub use forgery::{AckLaw, Flags, Forgery, ForgeryKind};

/// Flows followed at once unless the scenario says otherwise.
const FLOWS: usize = 65_536;

/// A box.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Config {
    /// What it puts together before it reads.
    pub reassembly: Reassembly,
    /// Whether it reads a flow only if it saw it begin: a SYN, or a first datagram that is QUIC. Otherwise it reads
    /// any packet by itself.
    pub stateful: bool,
    /// Flows that it follows at once; those beyond pass unwatched, and the decisions say so.
    pub flows: usize,
    /// Its rules, in order: the first that matches a flow has it.
    #[serde(rename = "rule")]
    pub rules: Vec<Rule>,
}

impl Default for Config {
    fn default() -> Self {
        Self { reassembly: Reassembly::default(), stateful: true, flows: FLOWS, rules: Vec::new() }
    }
}

/// What a box puts together before it reads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reassembly {
    /// Nothing: a hello must lie in one packet.
    None,
    /// TCP segments, and QUIC's CRYPTO frames over several packets.
    Tcp,
    /// TLS records too, so that no way of cutting a hello helps.
    #[default]
    Records,
}

/// When to do what.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Rule {
    /// Its name in labels.
    pub name: Spanned<String>,
    /// Which flows.
    #[serde(rename = "match", default)]
    pub matches: Match,
    /// Packets to forge once it matches.
    #[serde(default)]
    pub forge: Vec<Forgery>,
    /// What vanishes.
    pub drop: Option<Drop>,
    /// What is held to a rate.
    pub throttle: Option<Throttle>,
    /// The first packet that comes back is made into something else.
    pub rewrite: Option<Rewrite>,
    /// The connection is handed to the interceptor.
    #[serde(default)]
    pub intercept: bool,
    /// What is done to the same ends for a while.
    pub residual: Option<Residual>,
}

/// One end of a connection, or both: whose packets, or to whom.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ends {
    /// Whoever opened the connection.
    Client,
    /// The end that was asked.
    Server,
    /// Both.
    #[default]
    Both,
}

impl Ends {
    /// Whether a side is meant.
    pub fn include(self, side: Side) -> bool {
        match self {
            Self::Both => true,
            Self::Client => side == Side::Client,
            Self::Server => side == Side::Server,
        }
    }
}

/// Packets vanish from the trigger on, the trigger included, and nobody is told.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Drop {
    /// Whose.
    pub from: Ends,
    /// Only once so many packets of both ends have passed after the trigger.
    pub after_packets: Option<CountLaw>,
    /// Only once so many bytes of payload of both ends have passed after the trigger.
    pub after_bytes: Option<CountLaw>,
    /// Only so long after the trigger.
    pub after_ms: TimeLaw,
    /// For so long; without it, for ever.
    pub seconds: Option<f64>,
    /// Which share of the packets, from 0 to 1; without it, all.
    pub share: Option<Share>,
    /// Bare acknowledgements pass that tell of nothing that was dropped.
    pub spare_acks: bool,
}

/// Packets from the trigger on are held to a rate.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Throttle {
    /// What becomes of what is too much.
    pub kind: ThrottleKind,
    /// Whose packets; each direction has its own rate.
    #[serde(default)]
    pub from: Ends,
    /// Kilobits of IP packets a second.
    pub kbps: f64,
    /// Bytes that may pass at once (policer), or wait (shaper).
    pub burst: u64,
}

/// What becomes of what exceeds a rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ThrottleKind {
    /// It is dropped (RFC 2475).
    Policer,
    /// It waits, and is dropped only where too much waits already.
    Shaper,
}

/// What the first returning packet with data becomes; its headers stay as its sender wrote them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rewrite {
    /// A RST+ACK without data.
    Reset,
    /// An HTTP redirect, and the connection's end.
    Redirect,
}

/// What happens to later packets between the same ends.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Residual {
    /// Which ends.
    pub key: ResidualKey,
    /// For how long after the trigger.
    pub seconds: f64,
    /// From which packet of a later connection on the rule acts.
    #[serde(default)]
    pub on: ResidualStart,
}

/// Which packets are between the same ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
pub enum ResidualKey {
    /// Client address, server address, server port.
    #[serde(rename = "3-tuple")]
    ThreeTuple,
    /// The client's port too.
    #[serde(rename = "4-tuple")]
    FourTuple,
}

/// Which packet of a connection that is blocked from its beginning is the trigger.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ResidualStart {
    /// The first of all.
    #[default]
    Packet,
    /// The client's first with payload.
    Data,
}

impl Rule {
    /// Whether it does anything.
    pub fn acts(&self) -> bool {
        let forges = !self.forge.is_empty() || self.rewrite.is_some() || self.intercept;
        forges || self.drop.is_some() || self.throttle.is_some()
    }

    /// The word for what it does, as labels have it: the mechanism that a detector could tell.
    pub fn action(&self) -> Action {
        let forges = |kind| self.forge.iter().any(|forgery| forgery.kind() == kind);
        match self {
            Self { intercept: true, .. } => Action::Intercept,
            Self { rewrite: Some(_), .. } => Action::Rewrite,
            _ if forges(ForgeryKind::Page) => Action::Page,
            _ if forges(ForgeryKind::Reset) => Action::Reset,
            _ if forges(ForgeryKind::Fin) => Action::Fin,
            _ if forges(ForgeryKind::Ack) => Action::SpoofedAck,
            Self { throttle: Some(_), .. } => Action::Throttle,
            Self { drop: Some(drop), .. } => drop.action(),
            _ => Action::Pass,
        }
    }
}

impl Drop {
    fn action(&self) -> Action {
        match self {
            Self { share: Some(_), .. } => Action::Throttle,
            Self { after_packets: Some(_), .. } | Self { after_bytes: Some(_), .. } => Action::Freeze,
            Self { from: Ends::Server, .. } => Action::DropAnswer,
            _ => Action::Drop,
        }
    }
}

/// What a box did to a flow, in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    /// Nothing.
    Pass,
    /// Nothing, and it did not look: the table of flows was full.
    Unwatched,
    /// The client's packets vanish.
    Drop,
    /// The server's answer vanishes.
    DropAnswer,
    /// Everything vanishes after so many packets or bytes.
    Freeze,
    /// Resets were forged.
    Reset,
    /// A FIN was forged.
    Fin,
    /// An acknowledgement was forged, and the rest vanishes.
    SpoofedAck,
    /// A page in clear was forged.
    Page,
    /// The returning packet was rewritten.
    Rewrite,
    /// It was held to a rate.
    Throttle,
    /// It was handed to the interceptor.
    Intercept,
}

impl Action {
    /// The word in labels.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Unwatched => "unwatched",
            Self::Drop => "drop",
            Self::DropAnswer => "drop_answer",
            Self::Freeze => "freeze",
            Self::Reset => "reset",
            Self::Fin => "fin",
            Self::SpoofedAck => "spoofed_ack",
            Self::Page => "page",
            Self::Rewrite => "rewrite",
            Self::Throttle => "throttle",
            Self::Intercept => "intercept",
        }
    }
}

impl Rule {
    /// Whether a client's packet that triggers it vanishes already.
    pub fn drops_trigger(&self) -> bool {
        self.drop.as_ref().is_some_and(|drop| drop.begins_at_trigger(Side::Client))
    }
}
