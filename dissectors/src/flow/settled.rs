//! Flows whose handshake is over, or that have none: known, so that they are not taken for new ones, and only counted.

use std::num::NonZeroU32;
use std::time::Duration;

use crate::flow::table::Table;
use crate::packet::Ends;
use crate::time::Time;

/// The settled flows of one transport.
#[derive(Debug)]
pub(crate) struct Settled {
    table: Table<()>,
    is_udp: bool,
}

impl Settled {
    pub(crate) fn new(limit: NonZeroU32, is_udp: bool) -> Self {
        Self { table: Table::new(limit), is_udp }
    }

    /// Whether the flow is here; if so it had a packet now.
    pub(crate) fn touch(&mut self, hash: u64, ends: Ends, now: Time) -> bool {
        let place = self.table.find(hash, ends, self.is_udp);
        if let Some(place) = place {
            self.table.touch(place, now);
        }
        place.is_some()
    }

    /// Adds a flow; says how many had to make room.
    pub(crate) fn add(&mut self, hash: u64, ends: Ends, now: Time) -> u64 {
        let full = self.table.is_full();
        if full && let Some((oldest, _)) = self.table.oldest() {
            self.table.remove(oldest);
        }
        // There is room, so that nothing comes back.
        let _ = self.table.insert(hash, ends, self.is_udp, now, ());
        u64::from(full)
    }

    /// Forgets a flow, since its ends begin another.
    pub(crate) fn forget(&mut self, hash: u64, ends: Ends) {
        if let Some(place) = self.table.find(hash, ends, self.is_udp) {
            self.table.remove(place);
        }
    }

    /// Forgets the flows that were silent for `idle`.
    pub(crate) fn advance(&mut self, now: Time, idle: Duration) {
        while let Some((place, _)) = self.table.expired(now, idle) {
            self.table.remove(place);
        }
    }

    /// Forgets all.
    pub(crate) fn clear(&mut self) {
        while let Some((place, _)) = self.table.oldest() {
            self.table.remove(place);
        }
    }
}
