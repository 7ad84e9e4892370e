//! How a packet changes the facts about its sender.

use crate::packet::{Flags, Packet, Tcp};
use crate::tcp::copies::is_at_once;
use crate::tcp::half::{Fin, HalfFacts, MAX_RESETS, Reset, Syn};
use crate::tcp::options;
use crate::tcp::segment::Segment;
use crate::tcp::seq::Seq;

impl Syn {
    /// The facts of a first SYN or SYN-ACK, with its TCP options.
    pub(crate) fn new(packet: &Packet, tcp: &Tcp, options: &[u8]) -> Self {
        Self {
            time: packet.time,
            frame: packet.frame,
            isn: tcp.seq,
            ttl: packet.ttl,
            ip_id: packet.ip_id,
            window: tcp.window,
            window_scale: options::window_scale(options),
            options: u8::try_from(tcp.options.len).unwrap_or(u8::MAX),
            copies: 1,
        }
    }

    /// Another SYN of the same sender: it repeats this one, unless a mirror copied it or somebody forged it.
    pub(crate) fn again(&mut self, packet: &Packet, tcp: &Tcp) {
        if tcp.seq == self.isn && !is_at_once(self.time, packet.time) {
            self.copies = self.copies.saturating_add(1);
        }
    }
}

impl HalfFacts {
    /// Adds a packet of this sender. `end` is one past the last byte known of it before.
    #[inline]
    pub(crate) fn observe(&mut self, segment: &Segment<'_>, end: Option<Seq>) {
        let Segment { packet, tcp, .. } = *segment;
        self.packets = self.packets.saturating_add(1);
        self.bytes = self.bytes.saturating_add(u64::from(packet.payload.len));
        if segment.has(Flags::RST) {
            return self.observe_reset(packet, tcp, end);
        }
        self.observe_order(segment, end);
        self.observe_headers(segment);
        if let Some(ack) = segment.ack {
            self.acked = Some(self.acked.map_or(ack, |acked| acked.max(ack)));
        }
        if segment.has(Flags::FIN) && self.fin.is_none() {
            self.fin =
                Some(Fin { time: packet.time, frame: packet.frame, seq: segment.payload_end(), ttl: packet.ttl });
        }
    }

    fn observe_headers(&mut self, segment: &Segment<'_>) {
        let Segment { packet, tcp, .. } = *segment;
        self.ttl.add(packet.ttl);
        self.dont_fragment.add(packet.dont_fragment);
        if segment.has(Flags::SYN) {
            match &mut self.syn {
                Some(syn) => syn.again(packet, tcp),
                None => self.syn = Some(Syn::new(packet, tcp, segment.options)),
            }
            return;
        }
        self.window.add(tcp.window);
        self.window_closed = tcp.window == 0;
        if let Some(id) = packet.ip_id {
            self.ip_id.add(id);
        }
    }

    /// Whether it repeats what was sent, or comes after a reset with something new.
    fn observe_order(&mut self, segment: &Segment<'_>, end: Option<Seq>) {
        let bears = segment.packet.payload.len > 0;
        let new = bears && end.is_none_or(|end| segment.end().is_after(end));
        let progress = self.acked.zip(segment.ack).is_some_and(|(acked, ack)| ack.is_after(acked));
        // What stands before the reset may have been sent before it, and captured after it.
        let beyond = |reset: &Reset| segment.end().since(reset.seq) >= i32::from(bears);
        self.sent_after_reset |= (new || progress) && self.resets.iter().any(beyond);
        let repeats = bears && !segment.has(Flags::SYN) && end.is_some_and(|end| end.is_after(segment.tcp.seq));
        self.retransmissions = self.retransmissions.saturating_add(u32::from(repeats));
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
