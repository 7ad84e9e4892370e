//! Holding packets to a rate: a policer drops what is too much, a shaper makes it wait.

use std::time::Duration;

use dissectors::time::Time;

use super::{Act, Scene};
use crate::middlebox::config::{Throttle, ThrottleKind};
use crate::net::Side;
use crate::net::frame::Packet;

/// Holds a flow to a rate, each direction by itself.
pub(super) struct Throttler {
    throttle: Throttle,
    client: Meter,
    server: Meter,
}

/// The state of one direction.
#[derive(Clone, Copy)]
struct Meter {
    /// Bytes that may pass at once as of `at` (policer).
    tokens: f64,
    at: Time,
    /// When the last packet that waits will have left (shaper).
    busy_until: Time,
}

impl Throttler {
    pub(super) fn new(now: Time, throttle: Throttle) -> Self {
        let meter = Meter { tokens: throttle.burst as f64, at: now, busy_until: now };
        Self { throttle, client: meter, server: meter }
    }

    fn bytes_per_second(&self) -> f64 {
        (self.throttle.kbps * 125.0).max(1.0)
    }

    fn meter(&mut self, side: Side) -> &mut Meter {
        match side {
            Side::Client => &mut self.client,
            Side::Server => &mut self.server,
        }
    }

    /// A token bucket (RFC 2697): whether a packet of this length may pass now.
    fn conforms(&mut self, now: Time, side: Side, length: f64) -> bool {
        let (rate, burst) = (self.bytes_per_second(), self.throttle.burst as f64);
        let meter = self.meter(side);
        let earned = now.since(meter.at).as_secs_f64() * rate;
        (meter.tokens, meter.at) = ((meter.tokens + earned).min(burst), now);
        let conforms = meter.tokens >= length;
        if conforms {
            meter.tokens -= length;
        }
        conforms
    }

    /// When a packet of this length leaves the queue; nothing if the queue is full.
    fn departure(&mut self, now: Time, side: Side, length: f64) -> Option<Time> {
        let (rate, room) = (self.bytes_per_second(), self.throttle.burst as f64);
        let meter = self.meter(side);
        let begins = meter.busy_until.max(now);
        let waiting = begins.since(now).as_secs_f64() * rate;
        if waiting + length > room.max(length) {
            return None;
        }
        meter.busy_until = begins.after(Duration::from_secs_f64(length / rate));
        Some(meter.busy_until)
    }
}

impl Act for Throttler {
    fn handle(&mut self, scene: &mut Scene<'_>, packet: Packet) -> Option<Packet> {
        let side = scene.sender();
        if !self.throttle.from.include(side) {
            return Some(packet);
        }
        let length = packet.ip_length() as f64;
        match self.throttle.kind {
            ThrottleKind::Policer => self.conforms(scene.now, side, length).then_some(packet),
            ThrottleKind::Shaper => {
                let at = self.departure(scene.now, side, length)?;
                scene.send(at, scene.port(side.peer()), packet);
                None
            }
        }
    }
}
