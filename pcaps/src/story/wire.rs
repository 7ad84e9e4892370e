//! The way of one packet: how far it gets, when it comes by the tap and what it looks like there.

use std::collections::VecDeque;
use std::time::Duration;

use dissectors::time::Time;

use crate::file::Frame;
use crate::net::Side;
use crate::net::packet::{Link, ethernet};
use crate::net::path::{Path, Place};

/// What becomes of one segment.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Fate {
    /// It arrives, and is captured where it comes by.
    #[default]
    Arrives,
    /// It is this many seconds late from the moment it leaves, and so may be overtaken.
    Late(f64),
    /// The network loses it just after the tap.
    Lost,
    /// The network loses it before the tap.
    LostBeforeTap,
    /// It arrives, but the capture misses it.
    Missed,
}

/// The path with all that is done to packets on it.
#[derive(Debug)]
pub(super) struct Wire {
    pub(super) path: Path,
    pub(super) link: Link,
    pub(super) frames: Vec<Frame>,
    /// Fates of the segments to come; [`Fate::Arrives`] when there is none.
    pub(super) fates: VecDeque<Fate>,
    /// Whose packets the middlebox swallows from now on.
    pub(super) swallows: Vec<Side>,
    /// When the last packet came to the middlebox.
    pub(super) at_middlebox: Time,
}

/// One packet that sets out.
pub(super) struct Trip<'a> {
    pub(super) sender: Side,
    pub(super) from: Place,
    pub(super) to: Place,
    pub(super) departure: Time,
    pub(super) ttl: u8,
    /// Link addresses, source and destination.
    pub(super) macs: ([u8; 6], [u8; 6]),
    /// The IP packet with the TTL that it has left.
    pub(super) packet: &'a dyn Fn(u8) -> Vec<u8>,
}

impl Wire {
    pub(super) fn new(path: Path) -> Self {
        Self {
            path,
            link: Link::default(),
            frames: Vec::new(),
            fates: VecDeque::new(),
            swallows: Vec::new(),
            at_middlebox: Time::default(),
        }
    }

    /// Sends a segment of one of the ends under the next fate. When it arrives, if it does.
    pub(super) fn carry(&mut self, trip: &Trip<'_>) -> Option<Time> {
        let fate = self.fates.pop_front().unwrap_or_default();
        let late = if let Fate::Late(seconds) = fate { seconds } else { 0.0 };
        let departure = trip.departure.after(Duration::from_secs_f64(late));
        self.at_middlebox = departure.after(trip.from.delay_to(self.path.middlebox));
        let swallowed = self.swallows.contains(&trip.sender) && self.path.middlebox.lies_between(trip.from, trip.to);
        let end = if swallowed { self.path.middlebox } else { trip.to };
        let passes = self.path.tap.lies_between(trip.from, end);
        if passes && !matches!(fate, Fate::Missed | Fate::LostBeforeTap) {
            self.capture(trip, departure);
        }
        let arrives = !swallowed && !expires(trip) && !matches!(fate, Fate::Lost | Fate::LostBeforeTap);
        arrives.then(|| departure.after(trip.from.delay_to(trip.to)))
    }

    /// Sends a packet that nothing happens to.
    pub(super) fn carry_unharmed(&mut self, trip: &Trip<'_>) {
        if self.path.tap.lies_between(trip.from, trip.to) {
            self.capture(trip, trip.departure);
        }
    }

    /// The tap's copy, unless the packet expires on its way there.
    fn capture(&mut self, trip: &Trip<'_>, departure: Time) {
        let hops = trip.from.hops_to(self.path.tap);
        if trip.ttl > hops {
            let packet = (trip.packet)(trip.ttl - hops);
            self.frames.push(Frame {
                time: departure.after(trip.from.delay_to(self.path.tap)),
                sender: trip.sender,
                bytes: ethernet(trip.macs.0, trip.macs.1, &self.link, &packet),
            });
        }
    }
}

/// Whether the TTL runs out before the destination.
fn expires(trip: &Trip<'_>) -> bool {
    trip.ttl <= trip.from.hops_to(trip.to)
}
