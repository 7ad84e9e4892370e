//! A TCP connection while its handshake is of interest: two senders, and what passes between them.
//!
//! It is given packets in the order of their capture and says after each what the caller must do. It reads no clock and
//! sets no deadline: how long it was silent is the flow table's to know.

use std::time::Duration;

use crate::attempt::{MAX_QUOTES, Moment};
use crate::packet::{Flags, Packet, Quote, Tcp};
use crate::shared::Shared;
use crate::tcp::assembler::Inserted;
use crate::tcp::clock::HelloClock;
use crate::tcp::copies::is_at_once;
use crate::tcp::exchange::Exchange;
use crate::tcp::finder::{Finder, Phase};
use crate::tcp::options;
use crate::tcp::origin::{Origin, Pair};
use crate::tcp::prelude::Prelude;
use crate::tcp::progress::Progress;
use crate::tcp::rival::Rival;
use crate::tcp::segment::{Segment, Stamp};
use crate::tcp::sender::{LastPayload, Sender};
use crate::tcp::seq::Seq;
use crate::time::Time;

/// What follows from a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reaction {
    /// Nothing.
    None,
    /// The attempt is worth telling before its end.
    Tell(Moment),
    /// The handshake is complete: the attempt is closed.
    Complete,
    /// No TLS is to be expected of this connection.
    NoTls,
}

/// A connection. What every packet touches lies together, first.
#[derive(Debug, Default)]
#[repr(C)]
pub(crate) struct Connection {
    pub(crate) clock: HelloClock,
    /// Facts that belong to neither sender alone; the senders' own are added when the attempt is told.
    pub(crate) facts: Exchange,
    told: bool,
    /// Packets with an acknowledgement: what the gaps are counted against.
    pub(crate) acknowledgements: u32,
    /// Frames that were second copies.
    pub(crate) copies: u32,
    /// Bytes of both streams that were held after the last payload.
    held: usize,
    pub(crate) progress: Progress,
    pub(crate) senders: Pair<Sender>,
    /// A segment of the client that disagreed with one that waited.
    pub(crate) rival: Option<Box<Rival>>,
}

impl Connection {
    /// Takes the next captured packet; `unanswered` is the silence after a hello that the caller wants to hear of.
    pub(crate) fn packet(
        &mut self,
        from: Origin,
        (packet, tcp): (&Packet, &Tcp),
        block: &[u8],
        shared: &mut Shared,
        unanswered: Duration,
    ) -> Reaction {
        let payload = packet.payload.of(block);
        if self.senders.of_mut(from).is_copy(packet, tcp, payload) {
            self.copies = self.copies.saturating_add(1);
            return Reaction::None;
        }
        if packet.bad_checksum {
            self.unheard(from, tcp.seq, payload);
            return Reaction::None;
        }
        let acks =
            Some(tcp.ack).filter(|ack| tcp.flags.has(Flags::ACK) && self.senders.of(from.other()).may_be_acked(*ack));
        let segment = Segment { from, packet, tcp, payload, options: tcp.options.of(block), ack: acks };
        self.senders.of_mut(from).observe(&segment);
        self.acknowledgement(&segment, shared);
        let was_answered = self.facts.answer.is_some();
        self.payload(&segment, shared);
        if !payload.is_empty() {
            self.held =
                Origin::BOTH.iter().map(|end| self.senders.of(*end).held()).sum::<usize>() + self.progress.held();
        }
        self.witness(&segment);
        self.reaction(was_answered, unanswered)
    }

    /// Bytes of both streams that are held, until more of them comes or to the attempt's end, as of the last payload.
    pub(crate) fn held(&self) -> usize {
        self.held
    }

    /// Takes an ICMP error that quotes a packet of this connection.
    pub(crate) fn quote(&mut self, time: Time, quote: Quote) {
        if self.facts.quotes.len() < MAX_QUOTES {
            self.facts.quotes.push((time, quote));
        }
    }

    /// What the packet acknowledges: a SYN, what came on it, the hello, or bytes that were never captured.
    fn acknowledgement(&mut self, segment: &Segment<'_>, shared: &mut Shared) {
        let Some(ack) = segment.ack.filter(|_| !segment.has(Flags::RST)) else { return };
        self.acknowledgements = self.acknowledgements.saturating_add(1);
        self.senders.of_mut(segment.from.other()).stood_at.get_or_insert(ack);
        if segment.has(Flags::SYN) {
            self.syn_ack(segment, ack, shared);
        } else {
            self.bare_ack(segment, ack);
        }
        if self.senders.of_mut(segment.from.other()).waits_in_vain(ack, segment.packet.time) {
            self.pass_gap(segment.from.other(), shared);
        }
        if self.progress.client == Some(segment.from.other()) {
            let sample = self.clock.round_trip(ack, segment.packet.time, &self.facts);
            self.facts.server_rtt = self.facts.server_rtt.into_iter().chain(sample).min();
            self.clock.acknowledgement(ack, || options::highest_sack(segment.options), &mut self.facts);
        }
    }

    /// A SYN-ACK starts the opener's stream, and accepts or refuses what its SYN carried.
    fn syn_ack(&mut self, segment: &Segment<'_>, ack: Seq, shared: &mut Shared) {
        let acked = self.senders.of(segment.from.other()).facts.acked.is_some();
        let sender = self.senders.of_mut(segment.from);
        let again = sender.facts.syn.is_some_and(|syn| !is_at_once(syn.time, segment.packet.time));
        self.facts.syn_ack_repeated_after_ack |= sender.accepted && again && acked;
        sender.accepted = true;
        let opener = self.senders.of_mut(segment.from.other());
        opener.stream.start(ack);
        if let Some((syn, payload)) = opener.accepted_fast_open(ack) {
            self.facts.fast_open = true;
            self.read(segment.from.other(), syn.into(), (syn.isn.add(1), &payload), Some(segment.end()), shared);
        }
    }

    /// The bare acknowledgement of a SYN-ACK shows the round trip to its sender; one with payload may have waited for it.
    fn bare_ack(&mut self, segment: &Segment<'_>, ack: Seq) {
        let syn = self.senders.of(segment.from.other()).facts.syn;
        if segment.payload.is_empty() && syn.is_some_and(|syn| syn.isn.add(1) == ack) {
            self.senders.of_mut(segment.from).first_ack.get_or_insert(segment.packet.time);
        }
    }

    /// Reads the payload, and what it says of the hello and of its answer.
    fn payload(&mut self, segment: &Segment<'_>, shared: &mut Shared) {
        // What comes on a SYN is part of the stream only once it is acknowledged.
        let opens = segment.has(Flags::SYN) && !segment.has(Flags::ACK);
        if segment.payload.is_empty() || segment.has(Flags::RST) || opens || self.is_keep_alive(segment) {
            return;
        }
        self.repetition(segment);
        self.conflict(segment, shared);
        let bytes = (segment.start(), segment.payload);
        // Where the answer will begin is for the client to say, however far that is from what was captured.
        let base = segment.has(Flags::ACK).then_some(segment.tcp.ack);
        self.progress.unheard = base.zip(self.clock.base()).is_some_and(|(acked, base)| !acked.is_after(base));
        let inserted = self.read(segment.from, segment.stamp(), bytes, base, shared);
        if inserted.disagrees {
            self.keep_rival(segment);
        }
        if inserted.new > 0 {
            self.progressed(segment);
        }
    }

    /// A keep-alive may carry one byte of garbage (RFC 9293 section 3.8.4) in the place of the last byte sent.
    fn is_keep_alive(&self, segment: &Segment<'_>) -> bool {
        segment.payload.len() == 1 && self.senders.of(segment.from).stream.end() == Some(segment.payload_end())
    }

    /// Whether the packet repeats the client's hello.
    fn repetition(&mut self, segment: &Segment<'_>) {
        let Some((start, end)) = self.clock.span() else { return };
        let sender = self.senders.of(segment.from);
        let repeats = sender.stream.end().is_some_and(|known| known.is_after(segment.start()));
        if self.progress.client != Some(segment.from) || !repeats || !end.is_after(segment.start()) {
            return;
        }
        let acked = self.senders.of(segment.from.other()).facts.acked;
        let lowest = acked.map_or(start, |acked| start.max(acked));
        self.clock.repetition(segment, lowest, sender.facts.syn.map(|syn| syn.ttl), &mut self.facts);
    }

    /// The sender said something new, which may answer the hello.
    fn progressed(&mut self, segment: &Segment<'_>) {
        let payload = LastPayload {
            end: segment.payload_end(),
            acked: segment.ack,
            len: segment.packet.payload.len,
            stamp: segment.stamp(),
        };
        self.senders.of_mut(segment.from).last_payload = Some(payload);
        if self.progress.client == Some(segment.from.other()) {
            self.server_payload(payload, segment.from.other());
        }
    }

    /// The server said something new: once it answers, later copies of the hello say nothing more.
    fn server_payload(&mut self, payload: LastPayload, client: Origin) {
        let was_answered = self.facts.answer.is_some();
        self.clock.server_payload(payload, &mut self.facts);
        if self.facts.answer.is_some() && !was_answered {
            self.senders.of_mut(client).finder.forget();
            self.rival = None;
        }
    }

    /// Reads payload that came with the acknowledgement number `ack`.
    fn read(
        &mut self,
        from: Origin,
        stamp: Stamp,
        (seq, payload): (Seq, &[u8]),
        ack: Option<Seq>,
        shared: &mut Shared,
    ) -> Inserted {
        let was_whole = self.progress.hello.first.is_some();
        let Self { senders, progress, .. } = self;
        let on = |item: crate::tls::Item<'_>| progress.item(from, item, stamp.time, shared);
        let inserted = senders.of_mut(from).insert(seq, payload, stamp.ttl, on);
        self.begin(from);
        if self.progress.client == Some(from) && !was_whole && inserted.new > 0 {
            self.hello_grew(from, stamp, ack, shared);
        }
        inserted
    }

    /// Goes on behind bytes that the capture lost before TLS began.
    fn pass_gap(&mut self, from: Origin, shared: &mut Shared) {
        let Some(last) = self.senders.of(from).last_payload else { return };
        let Self { senders, progress, .. } = self;
        senders.of_mut(from).pass_gap(|item| progress.item(from, item, last.stamp.time, shared));
        self.begin(from);
        if self.progress.client == Some(from) {
            self.hello_grew(from, last.stamp, last.acked, shared);
        }
    }

    /// A stream that begins with a ClientHello makes its sender the client, though the hello is not whole.
    fn begin(&mut self, from: Origin) {
        let finder = &mut self.senders.of_mut(from).finder;
        if finder.phase != Phase::Tls || self.progress.client == Some(from) {
            return;
        }
        if self.progress.client.is_none() && is_client_hello(finder) {
            self.progress.client = Some(from);
        } else {
            finder.forget();
        }
    }

    /// More of the hello is known than before.
    pub(crate) fn hello_grew(&mut self, client: Origin, stamp: Stamp, ack: Option<Seq>, shared: &mut Shared) {
        let sender = self.senders.of(client);
        let (Some(start), Some(next)) = (sender.finder.kept.from(), sender.stream.next()) else { return };
        let end = next.add(u32::try_from(sender.missing()).unwrap_or(u32::MAX));
        self.clock.hello(stamp, (start, end), ack, &mut self.facts);
        let whole = self.progress.hello.first.is_some();
        if whole {
            self.clock.whole(stamp);
        }
        // It may have been acknowledged first, where the legs of a tap are merged out of order.
        if let Some(acked) = self.senders.of(client.other()).facts.acked {
            self.clock.acknowledgement(acked, || None, &mut self.facts);
        }
        self.settle_rival(client, shared);
        if whole {
            self.hello_is_whole(client, stamp.time, shared);
        }
    }

    /// From here on the other side's bytes are the answer.
    fn hello_is_whole(&mut self, client: Origin, time: Time, shared: &mut Shared) {
        let server = client.other();
        if let Some(payload) = self.senders.of(server).last_payload {
            self.server_payload(payload, client);
        }
        let Some(base) = self.clock.base().or(self.senders.of(server).stream.next()) else { return };
        let owes_reply = self.owes_reply(client);
        let Self { senders, progress, .. } = self;
        senders.of_mut(server).expect_answer(base, owes_reply, |item| progress.item(server, item, time, shared));
    }

    /// Whether the client began with a prelude that the server has not replied to: it sent its hello without waiting.
    fn owes_reply(&self, client: Origin) -> bool {
        let (client, server) = (&self.senders.of(client).finder, &self.senders.of(client.other()).finder);
        // Nearly always the hello comes first, and nothing is to be recognised.
        !client.at_start
            && server.opening.is_empty()
            && Prelude::of(&client.opening, &server.opening).is_some_and(|prelude| prelude != Prelude::ProxyProtocol)
    }

    /// Whether the client, heard again, still has no answer.
    fn witness(&mut self, segment: &Segment<'_>) {
        let believed = segment.ack.is_some() || !segment.has(Flags::ACK);
        if self.progress.client == Some(segment.from) && believed {
            let server = self.senders.of(segment.from.other());
            self.clock.client_packet(segment.packet, segment.ack, server, &mut self.facts);
        }
    }

    fn reaction(&mut self, was_answered: bool, unanswered: Duration) -> Reaction {
        if self.progress.is_complete() {
            return Reaction::Complete;
        }
        if self.progress.client.is_none() {
            let gave_up = self.senders.of(Origin::Opener).gave_up() || self.senders.of(Origin::Responder).gave_up();
            return if gave_up { Reaction::NoTls } else { Reaction::None };
        }
        if self.told && !was_answered && self.facts.answer.is_some() {
            return Reaction::Tell(Moment::Answered);
        }
        if !self.told && self.progress.hello.first.is_some() && self.clock.silence(&self.facts) >= Some(unanswered) {
            self.told = true;
            return Reaction::Tell(Moment::Unanswered);
        }
        Reaction::None
    }
}

/// Whether the kept bytes begin a ClientHello: the handshake type stands behind the record header.
fn is_client_hello(finder: &Finder) -> bool {
    let bytes = finder.kept.bytes();
    bytes.get(5) == Some(&1) || bytes.first().is_some_and(|first| first & 0x80 != 0)
}
