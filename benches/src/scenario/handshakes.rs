//! Nothing but connections, most of each being its handshake.

use super::cast::Cast;
use super::{Act, Scenario};

/// Connections at once.
const AT_ONCE: usize = 5_300;
/// Nanoseconds between the first of them.
const APART: u64 = 200_000;

pub(super) struct Handshakes {
    cast: Cast,
    left: usize,
}

impl Handshakes {
    pub(super) fn new(connections: usize) -> Self {
        Self { cast: Cast::new("handshakes"), left: connections }
    }
}

impl Scenario for Handshakes {
    fn at_once(&self) -> (usize, u64) {
        (AT_ONCE, APART)
    }

    fn next(&mut self, at: u64) -> Option<Act> {
        self.left = self.left.checked_sub(1)?;
        let response = 200 + self.cast.random.below(1200);
        Some(self.cast.connection(at, false, response))
    }
}
