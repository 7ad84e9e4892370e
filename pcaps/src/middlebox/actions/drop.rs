//! Silence: packets vanish, and nobody is told.

use dissectors::time::Time;

use super::{Act, Scene, Trigger};
use crate::middlebox::config::{Drop, Ends};
use crate::middlebox::law::{CountLaw, Share, TimeLaw, milliseconds};
use crate::net::Side;
use crate::net::frame::Packet;
use crate::random::Random;

/// Drops what a rule says.
pub(super) struct Dropper {
    from: Ends,
    /// Packets and bytes of the flow from which on it drops.
    from_packet: u64,
    from_byte: u64,
    begins: Time,
    ends: Option<Time>,
    share: Share,
    spares_acks: bool,
    /// The next sequence number of each side from which on something was dropped: client, server.
    dropped_from: [Option<u32>; 2],
}

impl Dropper {
    /// What `drop` says of the flow whose packet is the trigger.
    pub(super) fn new(drop: &Drop, trigger: &Trigger, random: &mut Random) -> Self {
        let mut draw = |law: CountLaw| law.draw(random);
        let from_packet = drop.after_packets.map_or(0, |law| trigger.packets + 1 + draw(law));
        let from_byte = drop.after_bytes.map_or(0, |law| trigger.bytes + draw(law));
        let now = trigger.now;
        let begins = if trigger.is_residual { now } else { now.after(drop.after_ms.draw(random)) };
        Self {
            from: drop.from,
            from_packet,
            from_byte,
            begins,
            ends: drop.seconds.map(|seconds| begins.after(milliseconds(seconds * 1e3))),
            share: drop.share.unwrap_or(Share::ALL),
            spares_acks: drop.spare_acks,
            dropped_from: [None; 2],
        }
    }

    fn is_active(&self, scene: &Scene<'_>) -> bool {
        let in_time = scene.now >= self.begins && self.ends.is_none_or(|ends| scene.now < ends);
        in_time && scene.packets >= self.from_packet && scene.bytes >= self.from_byte
    }

    /// Whether this is a bare acknowledgement that tells of nothing which was dropped: its sequence number has not moved
    /// beyond the first byte that vanished.
    fn is_spared(&mut self, side: Side, packet: &Packet) -> bool {
        let Some(tcp) = packet.tcp().filter(|_| self.spares_acks) else { return false };
        let [client, server] = &mut self.dropped_from;
        let first = if side == Side::Client { client } else { server };
        if !packet.payload.is_empty() {
            first.get_or_insert(tcp.sequence_number);
        }
        let bare = packet.payload.is_empty() && !tcp.fin && !tcp.rst;
        bare && first.is_none_or(|first| first == tcp.sequence_number)
    }
}

impl Act for Dropper {
    fn handle(&mut self, scene: &mut Scene<'_>, packet: Packet) -> Option<Packet> {
        let side = scene.sender();
        let meant = self.from.include(side) && self.is_active(scene);
        let drops = meant && !self.is_spared(side, &packet) && scene.random.happens(self.share.value());
        (!drops).then_some(packet)
    }
}

impl Drop {
    /// Whether the packet that triggers it vanishes already, if `side` sent it.
    pub fn begins_at_trigger(&self, side: Side) -> bool {
        let at_once = self.after_packets.is_none() && self.after_bytes.is_none() && self.share.is_none();
        self.from.include(side) && at_once && self.after_ms == TimeLaw::default()
    }
}
