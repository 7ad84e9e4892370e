//! The links and the box as one machine that carries frames between hosts. Sans-IO: the same between simulated hosts and
//! between real interfaces.
//!
//! A host's frame goes in with its port ([`Network::send`]); [`Network::poll`] says which frames reach which hosts by
//! now. Where a capture is made, what passes is recorded.

use dissectors::time::Time;

use super::path::{Carried, Way, Wire};
use super::point::Point;
use super::scenario::{Path, Scenario};
use crate::file::Frame;
use crate::middlebox::delay::DelayLine;
use crate::middlebox::{Decision, Middlebox, Port, Reaction};
use crate::net::Side;

/// A frame on its way.
enum Transit {
    ToBox(Port, Vec<u8>),
    ToHost(Port, Vec<u8>),
}

/// Links and box.
pub struct Network {
    inside: Wire,
    outside: Wire,
    interceptor: Wire,
    middlebox: Middlebox,
    line: DelayLine<Time, Transit>,
    captures: Vec<(Point, Vec<Frame>)>,
    decisions: Vec<Decision>,
}

impl Network {
    /// The network of a scenario that begins at `now`.
    pub fn new(scenario: &Scenario, now: Time) -> Self {
        let Path { inside, outside, interceptor, vantages } = &scenario.path;
        let wire = |link: &super::path::Link, name| Wire::new(link.clone(), &format!("{} {name}", scenario.seed));
        Self {
            inside: wire(inside, "inside"),
            outside: wire(outside, "outside"),
            interceptor: wire(interceptor, "interceptor"),
            middlebox: Middlebox::new(scenario.middlebox.clone(), &format!("{} box", scenario.seed), now),
            line: DelayLine::default(),
            captures: vantages.iter().map(|point| (*point, Vec::new())).collect(),
            decisions: Vec::new(),
        }
    }

    /// A network that records nothing: captures are made elsewhere.
    pub fn unrecorded(self) -> Self {
        Self { captures: Vec::new(), ..self }
    }

    /// A host behind `port` sends a frame.
    pub fn send(&mut self, now: Time, port: Port, frame: Vec<u8>) {
        if let Some((host, _)) = Point::ends(port) {
            self.record(host, now, port, &frame);
        }
        let carried = self.wire(port).carry(now, Way::ToBox, &frame);
        self.carry(carried, |frame| Transit::ToBox(port, frame), |complaint| Transit::ToHost(port, complaint));
    }

    /// The frames that have reached hosts by `now`, each with the port behind which its host is, in order.
    pub fn poll(&mut self, now: Time) -> Vec<(Port, Vec<u8>)> {
        let mut delivered = Vec::new();
        while let Some(due) = self.next_deadline().filter(|due| *due <= now) {
            if self.middlebox.next_deadline() == Some(due) {
                let reaction = self.middlebox.poll(due);
                self.react(due, reaction);
            }
            while let Some(transit) = self.line.pop_due(due) {
                delivered.extend(self.arrive(due, transit));
            }
        }
        delivered
    }

    /// When something happens next.
    pub fn next_deadline(&self) -> Option<Time> {
        [self.line.next_due(), self.middlebox.next_deadline()].into_iter().flatten().min()
    }

    /// What the box has decided since this was asked last.
    pub fn take_decisions(&mut self) -> Vec<Decision> {
        std::mem::take(&mut self.decisions)
    }

    /// Residual blocks for which the box had no room.
    pub fn forgotten(&self) -> u64 {
        self.middlebox.forgotten()
    }

    /// What was recorded, in the order of its times.
    pub fn into_captures(self) -> Vec<(Point, Vec<Frame>)> {
        self.captures
    }

    fn arrive(&mut self, now: Time, transit: Transit) -> Option<(Port, Vec<u8>)> {
        match transit {
            Transit::ToHost(port, frame) => {
                if let Some((host, _)) = Point::ends(port) {
                    self.record(host, now, port.opposite().unwrap_or(port), &frame);
                }
                Some((port, frame))
            }
            Transit::ToBox(port, frame) => {
                if let Some((_, at_box)) = Point::ends(port) {
                    self.record(at_box, now, port, &frame);
                }
                let reaction = self.middlebox.handle(now, port, &frame);
                self.react(now, reaction);
                None
            }
        }
    }

    /// Sends what leaves the box, and keeps what it decided.
    fn react(&mut self, now: Time, reaction: Reaction) {
        self.decisions.extend(reaction.decision);
        for (port, frame) in reaction.frames {
            if let Some((_, at_box)) = Point::ends(port) {
                self.record(at_box, now, port.opposite().unwrap_or(port), &frame);
            }
            let carried = self.wire(port).carry(now, Way::FromBox, &frame);
            self.carry(carried, |frame| Transit::ToHost(port, frame), |complaint| Transit::ToBox(port, complaint));
        }
    }

    fn carry(
        &mut self,
        Carried { arrival, complaint }: Carried,
        arrives: impl FnOnce(Vec<u8>) -> Transit,
        complains: impl FnOnce(Vec<u8>) -> Transit,
    ) {
        if let Some((at, frame)) = arrival {
            self.line.push(at, arrives(frame));
        }
        if let Some((at, frame)) = complaint {
            self.line.push(at, complains(frame));
        }
    }

    fn wire(&mut self, port: Port) -> &mut Wire {
        match port {
            Port::Inside => &mut self.inside,
            Port::Outside => &mut self.outside,
            Port::Interceptor => &mut self.interceptor,
        }
    }

    /// Records a frame that passes a point; `from` is the port on whose side it was sent.
    fn record(&mut self, point: Point, time: Time, from: Port, frame: &[u8]) {
        let sender = if from == Port::Inside { Side::Client } else { Side::Server };
        if let Some((_, frames)) = self.captures.iter_mut().find(|(vantage, _)| *vantage == point) {
            frames.push(Frame { time, sender, bytes: frame.to_vec() });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::frame::Packet;
    use etherparse::PacketBuilder;

    const TEXT: &str = r#"
about = "a"
sources = []
[path]
vantages = ["client", "middle", "beyond", "server"]
[path.inside]
hops = 3
delay-ms = 4
[path.outside]
hops = 10
delay-ms = 20
[[server]]
addresses = ["198.51.100.1"]
names = ["*.example"]
[[traffic]]
names = ["a.example"]
connections = 1
rate = 1
[[middlebox.rule]]
name = "reset"
match = { port = [443] }
forge = [{ to = "client", ttl = 64, after-ms = 2 }]
drop = {}
"#;

    fn syn(port: u16) -> Vec<u8> {
        let mut frame = Vec::new();
        let builder = PacketBuilder::ethernet2([1; 6], [2; 6]).ipv4([192, 0, 2, 1], [198, 51, 100, 1], 64);
        builder.tcp(5_000, port, 7, 8).syn().write(&mut frame, &[]).unwrap();
        frame
    }

    /// When a frame passed, in nanoseconds, and the TTL that it had left.
    type Passed = (i64, u8);

    /// What reaches hosts of a SYN to a port, and what is recorded at each point.
    fn carried(port: u16) -> (Vec<(Port, Passed)>, Vec<Vec<Passed>>) {
        let mut network = Network::new(&Scenario::parse("a.toml", TEXT).unwrap(), Time(0));
        network.send(Time(0), Port::Inside, syn(port));
        let mut delivered = Vec::new();
        while let Some(now) = network.next_deadline() {
            let frames = network.poll(now).into_iter();
            delivered.extend(frames.map(|(port, frame)| (port, (now.0, Packet::parse(&frame).unwrap().hop_limit()))));
        }
        let seen = |(_, frames): (Point, Vec<Frame>)| {
            let age = |frame: &Frame| (frame.time.0, Packet::parse(&frame.bytes).unwrap().hop_limit());
            frames.iter().map(age).collect()
        };
        (delivered, network.into_captures().into_iter().map(seen).collect())
    }

    #[test]
    fn a_frame_is_recorded_where_it_passes_and_ages_on_its_way() {
        const MS: i64 = 1_000_000;
        let (delivered, seen) = carried(80);
        assert_eq!(delivered, [(Port::Outside, (24 * MS, 51))]);
        assert_eq!(seen, [[(0, 64)], [(4 * MS, 61)], [(4 * MS, 61)], [(24 * MS, 51)]]);
    }

    #[test]
    fn what_the_box_drops_and_forges_is_seen_on_its_own_side_only() {
        const MS: i64 = 1_000_000;
        let (delivered, seen) = carried(443);
        assert_eq!(delivered, [(Port::Inside, (10 * MS, 61))]);
        let expected = [vec![(0, 64), (10 * MS, 61)], vec![(4 * MS, 61), (6 * MS, 64)], vec![], vec![]];
        assert_eq!(seen, expected);
    }
}
