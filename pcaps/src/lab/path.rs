//! One link between the box and the hosts behind one of its ports: hops, delay, loss, reordering, MTU. Sans-IO.

use std::net::IpAddr;
use std::time::Duration;

use dissectors::time::Time;
use serde::Deserialize;

use crate::middlebox::law::{Share, milliseconds};
use crate::net::frame::Packet;
use crate::net::packet::{Link as Layers, Network, ethernet};
use crate::random::Random;

/// Bytes of an Ethernet header.
const ETHERNET: usize = 14;
/// What a byte takes at one gigabit a second, so that frames sent together do not arrive together.
const NANOS_A_BYTE: i64 = 8;
/// TTL with which routers send ICMP errors.
const ROUTER_TTL: u8 = 255;

/// What lies between a port of the box and the hosts behind it, the same both ways.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Link {
    /// Routers: by how much TTL or hop limit falls.
    pub hops: u8,
    /// How long a frame takes, in milliseconds.
    pub delay_ms: f64,
    /// By how much longer it may take, drawn evenly. Frames do not overtake each other by it.
    pub jitter_ms: f64,
    /// Share of the frames that are lost, from 0 to 1.
    pub loss: Share,
    /// Share of the frames that are held up by `reorder-ms` and so may be overtaken.
    pub reorder: Share,
    /// How long those are held up.
    pub reorder_ms: f64,
    /// Longest IP packet, in bytes.
    pub mtu: u16,
    /// What becomes of longer ones.
    pub pmtud: Pmtud,
}

impl Default for Link {
    fn default() -> Self {
        Self {
            hops: 1,
            delay_ms: 1.0,
            jitter_ms: 0.0,
            loss: Share::default(),
            reorder: Share::default(),
            reorder_ms: 5.0,
            mtu: 1500,
            pmtud: Pmtud::Icmp,
        }
    }
}

/// What a router does with a packet that its next link cannot carry and that it must not cut.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Pmtud {
    /// It says so (RFC 1191, RFC 8201).
    #[default]
    Icmp,
    /// It says nothing, or what it says is filtered: a hole.
    Hole,
}

/// Which way over a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// From the hosts to the box.
    ToBox,
    /// From the box to the hosts.
    FromBox,
}

/// What becomes of a frame on a link.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Carried {
    /// When it arrives, if it does, and how it looks there.
    pub arrival: Option<(Time, Vec<u8>)>,
    /// What a router sends back to where it came from, and when that arrives.
    pub complaint: Option<(Time, Vec<u8>)>,
}

/// A link at work.
pub struct Wire {
    link: Link,
    random: Random,
    /// When the last frame arrived that was not held up: to the box, from the box.
    last: [Time; 2],
}

impl Wire {
    /// A wire with a chance of its own.
    pub fn new(link: Link, seed: &str) -> Self {
        Self { link, random: Random::named(seed), last: [Time(i64::MIN); 2] }
    }

    /// Carries a frame that sets out at `now`.
    pub fn carry(&mut self, now: Time, way: Way, frame: &[u8]) -> Carried {
        if self.random.happens(self.link.loss.value()) {
            return Carried::default();
        }
        let Some(mut packet) = Packet::parse(frame) else {
            return Carried { arrival: Some((self.arrival(now, way, frame.len()), frame.to_vec())), complaint: None };
        };
        if packet.ip_length() > usize::from(self.link.mtu) && packet.dont_fragment() {
            return Carried { arrival: None, complaint: self.complaint(now, &packet, frame) };
        }
        if !packet.age(self.link.hops) {
            return Carried::default();
        }
        Carried { arrival: Some((self.arrival(now, way, frame.len()), packet.to_frame())), complaint: None }
    }

    fn arrival(&mut self, now: Time, way: Way, bytes: usize) -> Time {
        let jitter = self.link.jitter_ms * self.random.fraction();
        let due = now.after(milliseconds(self.link.delay_ms + jitter));
        if self.random.happens(self.link.reorder.value()) {
            return due.after(milliseconds(self.link.reorder_ms));
        }
        let [to_box, from_box] = &mut self.last;
        let last = if way == Way::ToBox { to_box } else { from_box };
        *last = due.max(Time(last.0.saturating_add(bytes as i64 * NANOS_A_BYTE)));
        *last
    }

    /// What the router half-way says of a packet that is too long.
    fn complaint(&self, now: Time, packet: &Packet, frame: &[u8]) -> Option<(Time, Vec<u8>)> {
        if self.link.pmtud == Pmtud::Hole {
            return None;
        }
        let (from, to) = packet.macs();
        let network = Network {
            source: router(packet.source().ip()),
            destination: packet.source().ip(),
            ttl: ROUTER_TTL - self.link.hops / 2,
            id: 0,
            dont_fragment: false,
            checksum_offloaded: false,
        };
        let message = network.too_big(frame.get(ETHERNET..).unwrap_or_default(), self.link.mtu);
        Some((now.after(self.half_delay()), ethernet(to, from, &Layers::default(), &message)))
    }

    /// There and back to the middle of the link.
    fn half_delay(&self) -> Duration {
        milliseconds(self.link.delay_ms)
    }
}

/// The router of a link, in the networks for documentation (RFC 5737, RFC 3849).
fn router(family: IpAddr) -> IpAddr {
    match family {
        IpAddr::V4(_) => [203, 0, 113, 254].into(),
        IpAddr::V6(_) => [0x2001, 0xdb8, 0xffff, 0, 0, 0, 0, 0xfe].into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use etherparse::PacketBuilder;

    fn frame(ttl: u8, payload: usize) -> Vec<u8> {
        let mut frame = Vec::new();
        let builder = PacketBuilder::ethernet2([1; 6], [2; 6]).ipv4([192, 0, 2, 1], [198, 51, 100, 1], ttl);
        builder.tcp(1, 2, 3, 4).write(&mut frame, &vec![0; payload]).unwrap();
        frame
    }

    fn share(value: f64) -> Share {
        Share::try_from(value).unwrap()
    }

    fn wire(link: Link) -> Wire {
        Wire::new(link, "test")
    }

    #[test]
    fn a_frame_arrives_later_and_older() {
        let mut wire = wire(Link { hops: 3, delay_ms: 10.0, ..Link::default() });
        let (time, arrived) = wire.carry(Time(5), Way::ToBox, &frame(64, 1)).arrival.unwrap();
        assert_eq!(time, Time(10_000_005));
        assert_eq!(Packet::parse(&arrived).unwrap().hop_limit(), 61);
        assert_eq!(wire.carry(Time(5), Way::ToBox, &frame(3, 1)), Carried::default(), "its hops ran out");
    }

    #[test]
    fn frames_that_are_not_held_up_keep_their_order() {
        let mut wire = wire(Link { jitter_ms: 20.0, ..Link::default() });
        let times = (0..100).map(|at| wire.carry(Time(at), Way::FromBox, &frame(64, 1)).arrival.unwrap().0);
        assert!(times.is_sorted());
    }

    #[test]
    fn loss_and_reordering_are_as_frequent_as_asked() {
        let mut wire = wire(Link { loss: share(0.2), reorder: share(0.25), ..Link::default() });
        let sent = |number: i64| Time(number * 10_000_000);
        let carried =
            (0..2_000).map(|number| (sent(number), wire.carry(sent(number), Way::ToBox, &frame(64, 1)).arrival));
        let arrivals: Vec<_> = carried.filter_map(|(sent, arrival)| Some(arrival?.0.since(sent))).collect();
        let late = arrivals.iter().filter(|span| **span > Duration::from_millis(2)).count();
        assert!((1_500..1_700).contains(&arrivals.len()), "{}", arrivals.len());
        assert!((330..470).contains(&late), "{late}");
    }

    #[test]
    fn what_is_too_long_is_complained_of_or_vanishes() {
        let small = |pmtud| wire(Link { mtu: 1400, pmtud, ..Link::default() });
        assert!(small(Pmtud::Icmp).carry(Time(0), Way::ToBox, &frame(64, 1360)).arrival.is_some());
        let carried = small(Pmtud::Icmp).carry(Time(0), Way::ToBox, &frame(64, 1361));
        let (_, complaint) = carried.complaint.unwrap();
        assert_eq!(complaint[34..36], [3, 4]);
        assert_eq!(complaint[40..42], 1400_u16.to_be_bytes());
        assert_eq!(small(Pmtud::Hole).carry(Time(0), Way::ToBox, &frame(64, 1361)), Carried::default());
    }
}
