//! How a packet changes the facts about its sender.

use crate::packet::{Flags, Packet, Tcp};
use crate::tcp::half::{Fin, HalfFacts, MAX_RESETS, Reset, Syn};
use crate::tcp::options;
use crate::tcp::seq::Seq;

/// One past the last sequence number that a segment takes, its SYN and FIN included.
pub(crate) fn end_of(packet: &Packet, tcp: &Tcp) -> Seq {
    let flags = u32::from(tcp.flags.has(Flags::SYN)) + u32::from(tcp.flags.has(Flags::FIN));
    tcp.seq.add(packet.payload.len.saturating_add(packet.missing)).add(flags)
}

impl Syn {
    /// The facts of a first SYN or SYN-ACK.
    pub(crate) fn new(packet: &Packet, tcp: &Tcp, block: &[u8]) -> Self {
        Self {
            time: packet.time,
            frame: packet.frame,
            isn: tcp.seq,
            ttl: packet.ttl,
            ip_id: packet.ip_id,
            window: tcp.window,
            window_scale: options::window_scale(tcp.options.of(block)),
            options: u8::try_from(tcp.options.len).unwrap_or(u8::MAX),
            copies: 1,
        }
    }
}

impl HalfFacts {
    /// Adds a packet of this sender. `end` is one past the last byte known of it before.
    pub(crate) fn observe(&mut self, packet: &Packet, tcp: &Tcp, end: Option<Seq>, block: &[u8]) {
        self.packets = self.packets.saturating_add(1);
        self.bytes = self.bytes.saturating_add(u64::from(packet.payload.len));
        if tcp.flags.has(Flags::RST) {
            return self.observe_reset(packet, tcp, end);
        }
        self.observe_order(packet, tcp, end);
        self.ttl.add(packet.ttl);
        self.dont_fragment.add(packet.dont_fragment);
        if tcp.flags.has(Flags::SYN) {
            self.observe_syn(packet, tcp, block);
        } else {
            self.window.add(tcp.window);
            self.window_closed = tcp.window == 0;
            if let Some(id) = packet.ip_id {
                self.ip_id.add(id);
            }
        }
        if tcp.flags.has(Flags::ACK) {
            self.acked = Some(self.acked.map_or(tcp.ack, |acked| acked.max(tcp.ack)));
        }
        if tcp.flags.has(Flags::FIN) && self.fin.is_none() {
            let seq = end_of(packet, tcp).add(u32::MAX);
            self.fin = Some(Fin { time: packet.time, frame: packet.frame, seq, ttl: packet.ttl });
        }
    }

    /// Whether it repeats what was sent, or comes after a reset with something new.
    fn observe_order(&mut self, packet: &Packet, tcp: &Tcp, end: Option<Seq>) {
        let new = end.is_none_or(|end| end_of(packet, tcp).is_after(end));
        let progress = tcp.flags.has(Flags::ACK) && self.acked.is_some_and(|acked| tcp.ack.is_after(acked));
        self.sent_after_reset |= self.reset_count > 0 && ((new && packet.payload.len > 0) || progress);
        let repeats = packet.payload.len > 0 && end.is_some_and(|end| end.is_after(tcp.seq));
        self.retransmissions = self.retransmissions.saturating_add(u32::from(repeats));
    }

    fn observe_syn(&mut self, packet: &Packet, tcp: &Tcp, block: &[u8]) {
        if let Some(syn) = &mut self.syn {
            syn.copies = syn.copies.saturating_add(1);
            return;
        }
        self.syn = Some(Syn::new(packet, tcp, block));
    }

    fn observe_reset(&mut self, packet: &Packet, tcp: &Tcp, end: Option<Seq>) {
        self.reset_count = self.reset_count.saturating_add(1);
        if self.resets.len() < MAX_RESETS {
            self.resets.push(Reset {
                time: packet.time,
                frame: packet.frame,
                seq: tcp.seq,
                ack: tcp.flags.has(Flags::ACK).then_some(tcp.ack),
                ack_field: tcp.ack,
                ttl: packet.ttl,
                ip_id: packet.ip_id,
                dont_fragment: packet.dont_fragment,
                window: tcp.window,
                payload: packet.payload.len.saturating_add(packet.missing),
                options: u8::try_from(tcp.options.len).unwrap_or(u8::MAX),
                expected: end,
            });
        }
    }
}
