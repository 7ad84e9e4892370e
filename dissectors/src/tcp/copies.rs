//! Second copies of frames, as a mirror of both ports of a switch makes them, and what tells them from retransmissions.

use std::time::Duration;

use crate::packet::{Flags, Packet, Tcp};
use crate::tcp::seq::Seq;
use crate::time::Time;

/// The same packet again within this span is a second copy of the frame, as a mirror of both ports makes it; a
/// retransmission takes longer. Linux's smallest retransmission timeout is 200 ms (`TCP_RTO_MIN`).
pub(crate) const DUPLICATE_WITHIN: Duration = Duration::from_millis(50);

/// A TTL that differs by more than this is another sender's or a probe's: routes change by a hop or two
/// (278 of 1,236 apparent stalls in real captures were such probes). A mirror on both sides of a router shows one hop.
pub(crate) const MAX_TTL_STEP: u8 = 2;

/// Frames of one sender that a copy is looked for among: those that a mirror may put between a frame and its copy, where
/// a router lies between the two ports.
const REMEMBERED: usize = 4;

/// The last frames of one sender. What nearly always tells them apart lies together, first.
#[derive(Debug, Default)]
#[repr(C)]
pub(crate) struct Copies {
    places: [(Seq, Seq); REMEMBERED],
    next: u32,
    /// Frames that were neither copies nor resets.
    frames: u32,
    /// Copies of those.
    copies: u32,
    prints: [Option<Print>; REMEMBERED],
}

/// What a copy has in common with its original beside its sequence and acknowledgement numbers, and when that was captured.
#[derive(Clone, Copy, Debug)]
struct Print {
    flags: Flags,
    window: u16,
    ip_id: Option<u16>,
    ttl: u8,
    options: u8,
    payload: u32,
    time: Time,
    /// Whether a copy of it was captured.
    has_copy: bool,
}

impl Copies {
    /// Whether this is a second copy of a frame, by its headers; if not, it is remembered.
    ///
    /// Injectors send several resets that are equal. One is a copy only where most of what this sender sent was captured
    /// twice, and each takes another one with it.
    #[inline]
    pub(crate) fn is_copy(&mut self, packet: &Packet, tcp: &Tcp) -> bool {
        let resets = tcp.flags.has(Flags::RST);
        let is_mirrored = self.copies.saturating_mul(2) > self.frames;
        let (place, print) = ((tcp.seq, tcp.ack), Print::of(packet, tcp));
        let same_place = self.places.iter().zip(&mut self.prints).filter(|(known, _)| **known == place);
        let may_be = |known: &&mut Print| known.is_original_of(&print) && (!resets || is_mirrored && !known.has_copy);
        if let Some(original) = same_place.filter_map(|(_, known)| known.as_mut()).find(may_be) {
            original.has_copy = true;
            self.copies = self.copies.saturating_add(u32::from(!resets));
            return true;
        }
        let slot = self.next as usize % REMEMBERED;
        if let (Some(known), Some(slot)) = (self.places.get_mut(slot), self.prints.get_mut(slot)) {
            (*known, *slot) = (place, Some(print));
        }
        self.next = self.next.wrapping_add(1);
        self.frames = self.frames.saturating_add(u32::from(!resets));
        false
    }
}

impl Print {
    fn of(packet: &Packet, tcp: &Tcp) -> Self {
        Self {
            flags: tcp.flags,
            window: tcp.window,
            ip_id: packet.ip_id,
            ttl: packet.ttl,
            options: u8::try_from(tcp.options.len).unwrap_or(u8::MAX),
            payload: packet.payload.len.saturating_add(packet.missing),
            time: packet.time,
            has_copy: false,
        }
    }

    fn is_original_of(&self, later: &Self) -> bool {
        let marked = |print: &Self| (print.flags, print.window, print.ip_id, print.options, print.payload);
        marked(self) == marked(later)
            && self.ttl.abs_diff(later.ttl) <= MAX_TTL_STEP
            && is_at_once(self.time, later.time)
    }
}

/// Whether two frames, captured in either order, are too close for the second to be a retransmission.
pub(crate) fn is_at_once(one: Time, other: Time) -> bool {
    one.since(other).max(other.since(one)) < DUPLICATE_WITHIN
}
