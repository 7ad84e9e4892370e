//! The hello's clock: when the hello was whole, what came after it, and who was heard of while it had no answer.

use std::time::Duration;

use crate::attempt::{Acked, Answer, MAX_RETRANSMISSIONS, TcpFacts};
use crate::packet::Packet;
use crate::tcp::sender::{DUPLICATE_WITHIN, LastPayload, Sender};
use crate::tcp::seq::Seq;
use crate::time::Time;

/// A TTL that differs by more than this is another sender's or a probe's: routes change by a hop or two
/// (278 of 1,236 apparent stalls in real captures were such probes).
pub(crate) const MAX_TTL_STEP: u8 = 2;

/// Where the hello lies, and when its last missing byte was captured.
#[derive(Debug, Default)]
pub(crate) struct HelloClock {
    /// First sequence number of the hello and one past its last byte, as far as its length is known.
    span: Option<(Seq, Seq)>,
    /// The acknowledgement number that the hello was sent with: where its answer begins.
    base: Option<Seq>,
    /// When and in which frame the hello became whole; its first byte's, while it is not.
    at: Option<(Time, u64)>,
    /// The last copy of the hello's lowest byte without acknowledgement.
    last_copy: Option<Time>,
    whole: bool,
}

impl HelloClock {
    pub(crate) fn span(&self) -> Option<(Seq, Seq)> {
        self.span
    }

    pub(crate) fn base(&self) -> Option<Seq> {
        self.base
    }

    pub(crate) fn at(&self) -> Option<(Time, u64)> {
        self.at
    }

    /// The hello, or more of it, was captured.
    pub(crate) fn hello(&mut self, packet: &Packet, span: (Seq, Seq), base: Option<Seq>, whole: bool) {
        self.span = Some(span);
        self.base = base;
        self.last_copy = Some(packet.time);
        if whole || self.at.is_none() {
            self.at = Some((packet.time, packet.frame));
        }
        self.whole = whole;
    }

    /// The clock starts anew with `packet`: no copy before it could have been heard.
    pub(crate) fn restart(&mut self, packet: &Packet, facts: &mut TcpFacts) {
        self.at = Some((packet.time, packet.frame));
        self.last_copy = Some(packet.time);
        facts.hello_ttl = packet.ttl;
        facts.hello_acked = Acked::None;
        facts.retransmissions.clear();
        facts.retransmission_count = 0;
        facts.witness = None;
    }

    /// Bytes of the hello were captured again, from its first or from a later byte on.
    pub(crate) fn repetition(
        &mut self,
        packet: &Packet,
        seq: Seq,
        lowest: Seq,
        full: Option<u8>,
        facts: &mut TcpFacts,
    ) {
        let starts = self.span.is_some_and(|(start, _)| start == seq);
        let reaches = |ttl: u8| full.is_none_or(|full| ttl.saturating_add(MAX_TTL_STEP) >= full);
        if starts && !reaches(facts.hello_ttl) && reaches(packet.ttl) {
            return self.restart(packet, facts);
        }
        if seq != lowest {
            return;
        }
        if self.last_copy.is_some_and(|last| packet.time.since(last) >= DUPLICATE_WITHIN) {
            facts.retransmission_count = facts.retransmission_count.saturating_add(1);
            if facts.retransmissions.len() < MAX_RETRANSMISSIONS {
                facts.retransmissions.push(packet.time);
            }
        }
        self.last_copy = Some(packet.time);
    }

    /// The receiver acknowledged the whole hello.
    pub(crate) fn acknowledged(&self, time: Time, facts: &mut TcpFacts) {
        if let (Some((at, _)), true) = (self.at, facts.hello_acked != Acked::Whole) {
            // Karn: an acknowledgement after a retransmission says nothing about the round trip.
            if facts.retransmission_count == 0 {
                let sample = time.since(at);
                facts.server_rtt = Some(facts.server_rtt.map_or(sample, |rtt| rtt.min(sample)));
            }
        }
        facts.hello_acked = Acked::Whole;
    }

    /// New payload of the hello's receiver.
    pub(crate) fn server_payload(&self, payload: LastPayload, facts: &mut TcpFacts) {
        let (Some((at, _)), Some((_, end)), true) = (self.at, self.span, self.whole) else { return };
        if self.base.is_some_and(|base| !payload.end.is_after(base)) {
            return;
        }
        let answers = payload.acked.is_some_and(|acked| !end.is_after(acked));
        if facts.answer.is_none() {
            if !answers {
                facts.early = facts.early.saturating_add(u64::from(payload.len));
                return;
            }
            facts.answer = Some(Answer { time: payload.time.max(at), frame: payload.frame, ttl: payload.ttl });
        }
        facts.server_progress = Some(payload.time.max(at));
        facts.stall_witness = None;
    }

    /// The client was heard of: whether it had an answer, or more of it, is what it acknowledges.
    pub(crate) fn client_packet(&self, packet: &Packet, acked: Option<Seq>, server: &Sender, facts: &mut TcpFacts) {
        let Some((at, frame)) = self.at else { return };
        if packet.frame == frame || packet.time < at {
            return;
        }
        // A FIN takes a place in the stream, but it is no answer.
        let fin = u32::from(server.facts.fin.is_some_and(|fin| Some(fin.seq) == self.base));
        let unmoved = acked.zip(self.base).is_none_or(|(acked, base)| !acked.is_after(base.add(fin)));
        if facts.answer.is_none() && unmoved {
            facts.witness = Some(packet.time);
        }
        let heard_all = acked.zip(server.end()).is_none_or(|(acked, end)| !acked.is_after(end));
        if facts.server_progress.is_some() && heard_all {
            facts.stall_witness = Some(packet.time);
        }
    }

    /// How long the hello was seen without an answer, if it has none.
    pub(crate) fn silence(&self, facts: &TcpFacts) -> Option<Duration> {
        let (at, _) = self.at?;
        (self.whole && facts.answer.is_none()).then(|| facts.witness.map(|witness| witness.since(at)))?
    }
}
