//! The path between two hosts, and where on it the capture and the middlebox stand.

use std::time::Duration;

/// A point on the path, measured from the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Routers between the client and here: what a packet from the client has lost of its TTL.
    pub hops: u8,
    /// One-way delay from the client to here.
    pub delay: Duration,
}

impl Place {
    /// The client itself.
    pub const CLIENT: Self = Self { hops: 0, delay: Duration::ZERO };

    /// A place this many hops and milliseconds from the client.
    pub const fn new(hops: u8, milliseconds: u64) -> Self {
        Self { hops, delay: Duration::from_millis(milliseconds) }
    }

    /// Hops between two places.
    pub fn hops_to(self, other: Self) -> u8 {
        self.hops.abs_diff(other.hops)
    }

    /// Delay between two places.
    pub fn delay_to(self, other: Self) -> Duration {
        self.delay.abs_diff(other.delay)
    }

    /// Whether a packet that went from `start` to `end` came by here.
    pub fn lies_between(self, start: Self, end: Self) -> bool {
        (start.hops.min(end.hops)..=start.hops.max(end.hops)).contains(&self.hops)
    }
}

/// Where things are. The middlebox does nothing until the story says so.
#[derive(Clone, Copy, Debug)]
pub struct Path {
    /// Where the capture is made.
    pub tap: Place,
    /// Where the middlebox stands.
    pub middlebox: Place,
    /// The server.
    pub server: Place,
}

impl Path {
    /// A tap at the client's provider: 14 hops and an RTT of 80 ms to the server, the middlebox 5 hops out.
    pub const NEAR_CLIENT: Self =
        Self { tap: Place::new(1, 1), middlebox: Place::new(5, 8), server: Place::new(14, 40) };

    /// The same path seen between the middlebox and the server.
    pub const MID_PATH: Self = Self { tap: Place::new(8, 20), ..Self::NEAR_CLIENT };

    /// The same path seen at the server.
    pub const NEAR_SERVER: Self = Self { tap: Place::new(13, 39), ..Self::NEAR_CLIENT };
}
