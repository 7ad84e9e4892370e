//! What the box can do to a flow: one file an action. A [`Treatment`] is all that one rule does to one flow.

mod drop;
mod forge;
mod intercept;
mod rewrite;
mod throttle;

use dissectors::time::Time;

use super::config::Rule;
use super::reading::Opening;
use super::{Departure, Port};
use crate::net::Side;
use crate::net::frame::Packet;
use crate::random::Random;

/// A rule at work on one flow: its actions, in the order in which a packet meets them.
pub struct Treatment {
    actions: Vec<Box<dyn Act>>,
}

/// One action at work on one flow.
trait Act: Send {
    /// Takes the flow's next packet. What it returns goes on to the next action, and in the end leaves the box.
    fn handle(&mut self, scene: &mut Scene<'_>, packet: Packet) -> Option<Packet>;
}

/// What surrounds a packet that is treated.
pub struct Scene<'a> {
    /// Now.
    pub now: Time,
    /// The port it came in by.
    pub from: Port,
    /// The side of the box where the client is.
    pub opener: Port,
    /// Packets that both ends had sent, this one included.
    pub packets: u64,
    /// Bytes of payload that both ends had sent, this packet's included.
    pub bytes: u64,
    /// Chance.
    pub random: &'a mut Random,
    /// What leaves the box besides, now or later.
    pub out: &'a mut Vec<(Time, Departure)>,
}

impl Scene<'_> {
    /// Who sent the packet.
    pub fn sender(&self) -> Side {
        if self.from == self.opener { Side::Client } else { Side::Server }
    }

    /// The port behind which a side is.
    pub fn port(&self, side: Side) -> Port {
        match side {
            Side::Client => self.opener,
            Side::Server => self.opener.opposite().unwrap_or(Port::Outside),
        }
    }

    /// A packet leaves by `to` at `at`.
    pub fn send(&mut self, at: Time, to: Port, packet: Packet) {
        self.out.push((at, Departure { to, packet }));
    }
}

/// What set off a rule.
pub struct Trigger {
    /// When.
    pub now: Time,
    /// Packets that both ends had sent, the one that set it off included.
    pub packets: u64,
    /// Bytes of payload that both ends had sent, likewise.
    pub bytes: u64,
    /// What an interceptor must be told of the connection.
    pub opening: Option<Opening>,
    /// Whether it was an earlier flow of the same ends.
    pub is_residual: bool,
}

impl Treatment {
    /// What `rule` does to a flow, from the packet on that triggered it, which is the first to be handled. A box that
    /// knows the ends from an earlier flow need not think: what it drops later otherwise, it drops at once.
    pub fn begin(rule: &Rule, trigger: Trigger, random: &mut Random) -> Self {
        let mut actions: Vec<Box<dyn Act>> = Vec::new();
        if !rule.forge.is_empty() {
            actions.push(Box::new(forge::Forge::new(&rule.forge, rule.drops_trigger())));
        }
        if let Some(into) = rule.rewrite {
            actions.push(Box::new(rewrite::Rewriter::new(into)));
        }
        if let Some(drop) = &rule.drop {
            actions.push(Box::new(drop::Dropper::new(drop, &trigger, random)));
        }
        if let Some(throttle) = rule.throttle {
            actions.push(Box::new(throttle::Throttler::new(trigger.now, throttle)));
        }
        if let (true, Some(opening)) = (rule.intercept, trigger.opening) {
            actions.push(Box::new(intercept::Intercept::new(opening)));
        }
        Self { actions }
    }

    /// Takes the flow's next packet; what leaves the box in its place.
    pub fn handle(&mut self, scene: &mut Scene<'_>, packet: Packet) -> Option<Packet> {
        let mut packet = Some(packet);
        for action in &mut self.actions {
            packet = action.handle(scene, packet?);
        }
        packet
    }
}
