//! The hello's clock: when the hello was whole, what came after it, and who was heard of while it had no answer.

use std::time::Duration;

use crate::attempt::{Acked, Answer, MAX_RETRANSMISSIONS};
use crate::packet::Packet;
use crate::tcp::copies::{MAX_TTL_STEP, is_at_once};
use crate::tcp::exchange::Exchange;
use crate::tcp::segment::{Segment, Stamp};
use crate::tcp::sender::{LastPayload, Sender};
use crate::tcp::seq::Seq;
use crate::time::Time;

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

    /// The hello, or more of it, was captured; `base` is the acknowledgement number that this came with.
    pub(crate) fn hello(&mut self, stamp: Stamp, span: (Seq, Seq), base: Option<Seq>, facts: &mut Exchange) {
        self.span = Some(span);
        self.base = base.or(self.base);
        self.last_copy = Some(stamp.time);
        self.at.get_or_insert((stamp.time, stamp.frame));
        facts.hello_ip_id = stamp.ip_id;
        facts.hello_ttl = facts.hello_ttl.max(stamp.ttl);
    }

    /// The hello is whole with what came now.
    pub(crate) fn whole(&mut self, stamp: Stamp) {
        self.at = Some((stamp.time, stamp.frame));
        self.whole = true;
    }

    /// The clock starts anew: no copy before this one could have been heard.
    pub(crate) fn restart(&mut self, stamp: Stamp, facts: &mut Exchange) {
        self.at = Some((stamp.time, stamp.frame));
        self.last_copy = Some(stamp.time);
        facts.hello_ttl = stamp.ttl;
        facts.hello_ip_id = stamp.ip_id;
        facts.hello_acked = Acked::None;
        facts.retransmissions.clear();
        facts.retransmission_count = 0;
        facts.witness = None;
    }

    /// A decoy was taken for the hello: what it began is not.
    pub(crate) fn retract(&mut self, stamp: Stamp, facts: &mut Exchange) {
        self.restart(stamp, facts);
        (self.at, self.whole) = (None, false);
    }

    /// Bytes of the hello were captured again. `lowest` is the first that the receiver did not acknowledge, `full` the
    /// TTL of packets that its sender means to arrive.
    pub(crate) fn repetition(&mut self, segment: &Segment<'_>, lowest: Seq, full: Option<u8>, facts: &mut Exchange) {
        let packet = segment.packet;
        let starts = self.span.is_some_and(|(start, _)| start == segment.start());
        let reaches = |ttl: u8| full.is_none_or(|full| ttl.saturating_add(MAX_TTL_STEP) >= full);
        // What was answered did arrive, whatever its TTL.
        if starts && facts.answer.is_none() && !reaches(facts.hello_ttl) && reaches(packet.ttl) {
            return self.restart(segment.stamp(), facts);
        }
        facts.hello_ttl = facts.hello_ttl.max(packet.ttl);
        let covers = !segment.start().is_after(lowest) && segment.payload_end().is_after(lowest);
        // One that starts at the hello's first byte repeats it whatever was acknowledged: the acknowledgement may not have
        // reached the client.
        if !starts && !covers {
            return;
        }
        if self.last_copy.is_some_and(|last| !is_at_once(last, packet.time)) {
            facts.retransmission_count = facts.retransmission_count.saturating_add(1);
            if facts.retransmissions.len() < MAX_RETRANSMISSIONS {
                facts.retransmissions.push(packet.time);
            }
        }
        self.last_copy = Some(packet.time);
    }

    /// The receiver acknowledged all before `acked`, and some bytes before `sacked`.
    pub(crate) fn acknowledgement(&self, acked: Seq, sacked: impl FnOnce() -> Option<Seq>, facts: &mut Exchange) {
        let Some((start, end)) = self.span else { return };
        if self.whole && !end.is_after(acked) {
            facts.hello_acked = Acked::Whole;
        } else if facts.hello_acked == Acked::None
            && (acked.is_after(start) || sacked().is_some_and(|sacked| sacked.is_after(start)))
        {
            facts.hello_acked = Acked::Part;
        }
    }

    /// The round trip that an acknowledgement at `time` shows, if it is the first of the whole hello. Karn: one after a
    /// retransmission shows none.
    pub(crate) fn round_trip(&self, acked: Seq, time: Time, facts: &Exchange) -> Option<Duration> {
        let ((at, _), (_, end)) = (self.at?, self.span?);
        let first = self.whole && facts.hello_acked != Acked::Whole && facts.retransmission_count == 0;
        (first && !end.is_after(acked)).then(|| time.since(at))
    }

    /// New payload of the hello's receiver.
    pub(crate) fn server_payload(&self, payload: LastPayload, facts: &mut Exchange) {
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
            let Stamp { time, frame, ttl, .. } = payload.stamp;
            facts.answer = Some(Answer { time: time.max(at), frame, ttl });
        }
        facts.server_progress = Some(payload.stamp.time.max(at));
        facts.stall_witness = None;
    }

    /// The client was heard: whether it had an answer, or more of it, is what it acknowledges.
    pub(crate) fn client_packet(&self, packet: &Packet, acked: Option<Seq>, server: &Sender, facts: &mut Exchange) {
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
    pub(crate) fn silence(&self, facts: &Exchange) -> Option<Duration> {
        let (at, _) = self.at?;
        (self.whole && facts.answer.is_none()).then(|| facts.witness.map(|witness| witness.since(at)))?
    }
}
