//! A box in the path that drops, forges, throttles, rewrites or intercepts, for captures with known truth.
//!
//! The box stands between its inside and its outside, like a bridge: what no rule matches passes unchanged. A third port
//! leads to an interceptor, a host with the servers' own addresses. How far away all of them are is the path's business.
//!
//! Sans-IO: a frame, its port and the time go in ([`Middlebox::handle`]), frames and their ports come out, some of them
//! later ([`Middlebox::poll`]). It knows nothing of interfaces, threads or clocks; chance comes from a seed, so that the
//! same frames at the same times meet the same fate.

pub mod actions;
pub mod config;
pub mod delay;
pub mod flow;
pub mod law;
pub mod matcher;
pub mod pattern;
pub mod reading;
pub mod residual;

use std::fmt;

use dissectors::time::Time;

use actions::{Scene, Treatment, Trigger};
use config::{Action, Config, ResidualStart};
use delay::DelayLine;
use flow::{Flow, FlowKey, FlowTable};
use matcher::Moment;
use reading::Reading;
use residual::Residuals;

use crate::net::Side;
use crate::net::frame::Packet;
use crate::random::Random;

/// A side of the box.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Port {
    /// Towards those whom the box is there for: usually the clients.
    Inside,
    /// Towards the rest of the world: usually the servers.
    Outside,
    /// Towards the host that answers in the servers' place.
    Interceptor,
}

impl Port {
    /// Every port.
    pub const ALL: [Self; 3] = [Self::Inside, Self::Outside, Self::Interceptor];

    /// Where a frame goes that the box has no opinion about. The interceptor speaks only when it was spoken to.
    pub fn opposite(self) -> Option<Self> {
        match self {
            Self::Inside => Some(Self::Outside),
            Self::Outside => Some(Self::Inside),
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
    pub packet: Packet,
}

/// What the box did to one flow: the truth that a detector's answer can be held against.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// When.
    pub time: Time,
    /// The flow.
    pub flow: FlowKey,
    /// The client's initial sequence number, which tells connections of the same ends apart; 0 of UDP.
    pub isn: u32,
    /// The rule's name; `pass` or `unwatched` without one.
    pub rule: String,
    /// What the rule does.
    pub action: Action,
    /// Whether it was an earlier flow that triggered the rule.
    pub is_residual: bool,
    /// The name in the hello, empty without one and before it.
    pub server_name: String,
}

impl Decision {
    /// Names of the comma-separated fields that `Display` writes.
    pub const FIELDS: &str = "action,server_name,client,server";
}

impl fmt::Display for Decision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{},{},{},{}", self.rule, self.server_name, self.flow.client, self.flow.server)
    }
}

/// All that follows from one frame.
#[derive(Debug, Default, PartialEq)]
pub struct Reaction {
    /// Frames to send now, in this order.
    pub frames: Vec<(Port, Vec<u8>)>,
    /// Set where it was decided what becomes of a flow: its hello was whole, a rule matched, or it will not be watched.
    pub decision: Option<Decision>,
}

/// The box: its rules, the flows that it follows and what it will send later.
pub struct Middlebox {
    config: Config,
    flows: FlowTable,
    residuals: Residuals,
    later: DelayLine<Time, Departure>,
    random: Random,
    began: Time,
    forgotten: u64,
}

impl Middlebox {
    /// A box without any flow yet, whose rules count seconds from `now`.
    pub fn new(config: Config, seed: &str, now: Time) -> Self {
        Self {
            flows: FlowTable::new(config.flows),
            config,
            residuals: Residuals::default(),
            later: DelayLine::default(),
            random: Random::named(seed),
            began: now,
            forgotten: 0,
        }
    }

    /// Takes a frame that reached the box, and says what leaves it now. What leaves it later, [`Middlebox::poll`] says
    /// from [`Middlebox::next_deadline`] on.
    ///
    /// Only TCP and UDP directly over IP are looked at; everything else crosses untouched, as neighbour discovery and
    /// ICMP need.
    pub fn handle(&mut self, now: Time, from: Port, frame: &[u8]) -> Reaction {
        let Some(packet) = Packet::parse(frame) else {
            let frames = from.opposite().map(|to| (to, frame.to_vec())).into_iter().collect();
            return Reaction { frames, decision: None };
        };
        let decision = self.look_at(now, from, &packet);
        let passing = self.treat(now, from, packet);
        let mut frames: Vec<(Port, Vec<u8>)> = self.due(now);
        frames.extend(passing.and_then(|packet| Some((from.opposite()?, packet.to_frame()))));
        Reaction { frames, decision }
    }

    /// What leaves the box of what was held or forged for a time that has come.
    pub fn poll(&mut self, now: Time) -> Reaction {
        Reaction { frames: self.due(now), decision: None }
    }

    /// When [`Middlebox::poll`] has something next.
    pub fn next_deadline(&self) -> Option<Time> {
        self.later.next_due()
    }

    /// Residual blocks for which there was no room, so that later flows of the same ends passed.
    pub fn forgotten(&self) -> u64 {
        self.forgotten
    }

    fn due(&mut self, now: Time) -> Vec<(Port, Vec<u8>)> {
        let due = std::iter::from_fn(|| self.later.pop_due(now));
        due.map(|departure| (departure.to, departure.packet.to_frame())).collect()
    }

    /// Follows the flow of a packet, before anything is done to the packet.
    fn look_at(&mut self, now: Time, from: Port, packet: &Packet) -> Option<Decision> {
        if from == Port::Interceptor {
            return None;
        }
        if self.begins_flow(packet) {
            let reading = Reading::begin(packet, self.config.reassembly);
            if !self.flows.add(now, Flow::new(packet, from, reading)) {
                return Some(unwatched(now, packet));
            }
        }
        let flow = self.flows.find(packet)?;
        let whole = flow.take(now, flow.sender(from), packet);
        if flow.treatment.is_some() {
            return None;
        }
        let moment = Moment { age: now.since(self.began), tcp_header: reading::tcp_header(packet) };
        let from_client = flow.sender(from) == Side::Client;
        let blocked = self.residuals.rule_for(now, flow.key).filter(|_| from_client);
        let blocked = blocked.filter(|rule| is_start(self.config.rules.get(*rule), packet));
        let matched = blocked.or_else(|| first_match(&self.config, flow, moment, &mut self.random));
        match matched {
            Some(index) => self.fire(now, index, packet, blocked.is_some()),
            None if whole && !std::mem::replace(&mut flow.is_told, true) => {
                Some(decision(now, flow, "pass", Action::Pass, false))
            }
            None => None,
        }
    }

    /// Whether a packet is the first of a flow, as far as this box cares.
    fn begins_flow(&mut self, packet: &Packet) -> bool {
        let known = self.flows.find(packet).map(|flow| flow.isn);
        match packet.tcp() {
            Some(tcp) if packet.opens_connection() => known != Some(tcp.sequence_number),
            Some(tcp) => known.is_none() && !self.config.stateful && !tcp.syn,
            None => known.is_none(),
        }
    }

    /// A rule has this flow from now on.
    fn fire(&mut self, now: Time, index: usize, packet: &Packet, is_residual: bool) -> Option<Decision> {
        let (rule, flow) = (self.config.rules.get(index)?, self.flows.find(packet)?);
        if let (Some(residual), false) = (&rule.residual, is_residual) {
            self.forgotten += u64::from(!self.residuals.block(now, index, residual, flow.key));
        }
        let (packets, bytes, opening) =
            (flow.packets(), flow.bytes(), rule.intercept.then(|| flow.opening()).flatten());
        let trigger = Trigger { now, packets, bytes, opening, is_residual };
        flow.treatment = Some(Treatment::begin(rule, trigger, &mut self.random));
        Some(decision(now, flow, rule.name.get_ref(), rule.action(), is_residual))
    }

    /// Lets a packet meet what is done to its flow; what is left of it.
    fn treat(&mut self, now: Time, from: Port, packet: Packet) -> Option<Packet> {
        let Some(flow) = self.flows.find(&packet) else { return Some(packet) };
        let (opener, packets, bytes) = (flow.opener, flow.packets(), flow.bytes());
        let Some(treatment) = &mut flow.treatment else { return Some(packet) };
        let mut out = Vec::new();
        let mut scene = Scene { now, from, opener, packets, bytes, random: &mut self.random, out: &mut out };
        let passing = treatment.handle(&mut scene, packet);
        for (at, departure) in out {
            self.later.push(at, departure);
        }
        passing
    }
}

/// Whether a residual block begins at this packet of the client.
fn is_start(rule: Option<&config::Rule>, packet: &Packet) -> bool {
    match rule.and_then(|rule| rule.residual).map(|residual| residual.on) {
        Some(ResidualStart::Packet) => true,
        Some(ResidualStart::Data) => !packet.payload.is_empty(),
        None => false,
    }
}

/// The first rule that matches, as far as chance lets it.
fn first_match(config: &Config, flow: &mut Flow, moment: Moment, random: &mut Random) -> Option<usize> {
    for (index, rule) in config.rules.iter().enumerate() {
        let bit = 1_u64.checked_shl(index as u32).unwrap_or(0);
        if flow.spared & bit != 0 || !rule.matches.holds(flow, moment) {
            continue;
        }
        if rule.matches.probability.is_none_or(|probability| random.happens(probability.value())) {
            return Some(index);
        }
        flow.spared |= bit;
    }
    None
}

fn decision(time: Time, flow: &Flow, rule: &str, action: Action, is_residual: bool) -> Decision {
    let server_name = flow.hello.as_ref().and_then(|hello| hello.server_name.clone()).unwrap_or_default();
    Decision { time, flow: flow.key, isn: flow.isn, rule: rule.to_owned(), action, is_residual, server_name }
}

fn unwatched(time: Time, packet: &Packet) -> Decision {
    let isn = packet.tcp().map_or(0, |tcp| tcp.sequence_number);
    let (flow, action) = (FlowKey::of(packet), Action::Unwatched);
    let rule = action.as_str().to_owned();
    Decision { time, flow, isn, rule, action, is_residual: false, server_name: String::new() }
}

#[cfg(test)]
mod tests;
