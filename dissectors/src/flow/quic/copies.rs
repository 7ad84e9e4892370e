//! Second copies of datagrams, as a mirror of both ports of a switch makes them.
//!
//! No end seals the same bytes twice, since packet numbers are never used again (RFC 9000, section 12.3): what comes
//! again at once is the same frame. What a simple sender repeats byte by byte takes longer, as a retransmission over TCP.

use std::hash::Hasher;

use siphasher::sip::SipHasher13;

use crate::packet::{Endpoint, Packet};
use crate::tcp::copies::is_at_once;
use crate::time::Time;

/// Datagrams of a flow that a copy is looked for among: the flight that a mirror may put between a frame and its copy,
/// where a router lies between the two ports.
const REMEMBERED: usize = 4;

/// The last datagrams of a flow.
#[derive(Clone, Debug, Default)]
pub(super) struct Copies {
    recent: [Option<Print>; REMEMBERED],
    next: usize,
}

/// What a copy has in common with its original, and when that was captured.
#[derive(Clone, Copy, Debug)]
struct Print {
    source: Endpoint,
    ip_id: Option<u16>,
    payload: u64,
    time: Time,
}

impl Copies {
    /// Whether this is a second copy of a frame; if not, it is remembered.
    pub(super) fn is_copy(&mut self, packet: &Packet, payload: &[u8]) -> bool {
        let print = Print::of(packet, payload);
        let is_copy = self.recent.iter().flatten().any(|known| known.is_original_of(&print));
        if !is_copy && let Some(slot) = self.recent.get_mut(self.next % REMEMBERED) {
            *slot = Some(print);
            self.next = self.next.wrapping_add(1);
        }
        is_copy
    }
}

impl Print {
    fn of(packet: &Packet, payload: &[u8]) -> Self {
        let mut hasher = SipHasher13::new();
        hasher.write(payload);
        Self { source: packet.ends.source, ip_id: packet.ip_id, payload: hasher.finish(), time: packet.time }
    }

    fn is_original_of(&self, later: &Self) -> bool {
        self.source == later.source
            && self.ip_id == later.ip_id
            && self.payload == later.payload
            && is_at_once(self.time, later.time)
    }
}
