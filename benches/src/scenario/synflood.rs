//! A flood of SYNs, and a few connections that must come through it.

use std::net::{Ipv4Addr, SocketAddr};

use pcaps::net::segment::{SYN, syn_options};

use super::cast::Cast;
use super::{Act, BEGIN, Scenario};
use crate::interleave::Timed;
use crate::wire::frame;

/// Connections that run through the flood at once.
const CONNECTIONS: usize = 8;
const APART: u64 = 50_000_000;
/// Nanoseconds between two SYNs: half a million in a second.
const SYN_EVERY: u64 = 2_000;
/// SYNs for each connection.
const SYNS_A_CONNECTION: usize = 10_000;
/// An odd number times a counter is a permutation of all addresses.
const SCATTER: u32 = 0x9e37_79b1;

pub(super) struct Synflood {
    cast: Cast,
    /// SYNs to come, until the flood began.
    flood: Option<usize>,
    connections: usize,
}

impl Synflood {
    pub(super) fn new(syns: usize) -> Self {
        Self { cast: Cast::new("synflood"), flood: Some(syns), connections: syns / SYNS_A_CONNECTION }
    }
}

impl Scenario for Synflood {
    fn at_once(&self) -> (usize, u64) {
        (1 + CONNECTIONS, APART)
    }

    fn next(&mut self, at: u64) -> Option<Act> {
        if let Some(syns) = self.flood.take() {
            return Some(Act { flow: Box::new((0..syns).map(syn)), line: None });
        }
        self.connections = self.connections.checked_sub(1)?;
        Some(self.cast.connection(at, false, 500))
    }
}

/// The SYN of this number.
fn syn(number: usize) -> Timed {
    let drawn = (number as u32).wrapping_mul(SCATTER);
    let source = SocketAddr::new(Ipv4Addr::from_bits(drawn).into(), 1024 + (drawn >> 17) as u16);
    let dest = SocketAddr::new(Ipv4Addr::new(203, 0, 113, 7).into(), 443);
    let ip = frame::Ip { source, dest, ttl: 40 + (drawn % 80) as u8, id: drawn as u16 };
    let options = syn_options(1460, false, None, None);
    let header = frame::Tcp { seq: !drawn, ack: 0, flags: SYN, window: 1024, options: &options };
    Timed { at: BEGIN + number as u64 * SYN_EVERY, frame: frame::tcp(&ip, &header, &[]) }
}
