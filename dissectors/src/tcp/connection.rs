//! A TCP connection while its handshake is of interest: two senders, and what passes between them.
//!
//! It is given packets in the order of their capture and says after each what the caller must do. It reads no clock and
//! sets no deadline: how long it was silent is the flow table's to know.

use std::time::Duration;

use crate::attempt::{Acked, Conflict, MAX_QUOTES, Moment, TcpFacts};
use crate::packet::{Flags, Packet, Quote, Tcp};
use crate::shared::Shared;
use crate::tcp::clock::{HelloClock, MAX_TTL_STEP};
use crate::tcp::finder::{Finder, Phase};
use crate::tcp::options;
use crate::tcp::progress::Progress;
use crate::tcp::sender::{LastPayload, Origin, Pair, Sender, payload_end};
use crate::tcp::seq::Seq;
use crate::time::Time;
use crate::tls::{Item, Reader};

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

/// A connection.
#[derive(Debug, Default)]
pub(crate) struct Connection {
    pub(crate) senders: Pair<Sender>,
    pub(crate) progress: Progress,
    /// Facts that belong to neither sender alone; the senders' own are added when the attempt is told.
    pub(crate) facts: TcpFacts,
    pub(crate) clock: HelloClock,
    /// Frames that were second copies.
    pub(crate) copies: u32,
    /// Packets with an acknowledgement: what the gaps are counted against.
    pub(crate) acknowledgements: u32,
    told: bool,
}

/// A packet with the little that is worked out of it once.
#[derive(Clone, Copy)]
struct Segment<'a> {
    from: Origin,
    packet: &'a Packet,
    tcp: &'a Tcp,
    payload: &'a [u8],
}

impl Segment<'_> {
    fn has(&self, flags: Flags) -> bool {
        self.tcp.flags.has(flags)
    }
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
        let segment = Segment { from, packet, tcp, payload: packet.payload.of(block) };
        if self.senders.of_mut(from).is_copy(packet, tcp) {
            self.copies = self.copies.saturating_add(1);
            return Reaction::None;
        }
        let known = self.senders.of(from).stream.end();
        self.senders.of_mut(from).observe(packet, tcp, block);
        self.acknowledgements = self.acknowledgements.saturating_add(u32::from(segment.has(Flags::ACK)));
        self.syn_ack(segment, shared);
        self.acknowledgement(segment, block);
        let was_answered = self.facts.answer.is_some();
        if !segment.has(Flags::RST) && !segment.has(Flags::SYN) && !segment.payload.is_empty() {
            self.repetition(segment, known);
            self.answer(segment, known);
            self.read(segment, shared);
        }
        self.witness(segment);
        self.reaction(was_answered, unanswered)
    }

    /// Takes an ICMP error that quotes a packet of this connection.
    pub(crate) fn quote(&mut self, time: Time, quote: Quote) {
        if self.facts.quotes.len() < MAX_QUOTES {
            self.facts.quotes.push((time, quote));
        }
    }

    /// Forgets everything but keeps the allocations.
    pub(crate) fn recycle(&mut self) {
        let mut senders = std::mem::take(&mut self.senders);
        senders.of_mut(Origin::Opener).recycle();
        senders.of_mut(Origin::Responder).recycle();
        *self = Self { senders, ..Self::default() };
    }

    /// A SYN-ACK starts the opener's stream, and accepts or refuses what its SYN carried.
    fn syn_ack(&mut self, segment: Segment<'_>, shared: &mut Shared) {
        let other = self.senders.of_mut(segment.from.other());
        if !segment.has(Flags::ACK) || segment.has(Flags::RST) {
            return;
        }
        other.stream.start(segment.tcp.ack);
        if !segment.has(Flags::SYN) {
            return;
        }
        self.facts.syn_ack_repeated_after_ack |=
            other.facts.acked.is_some() && self.senders.of(segment.from).facts.syn.is_some_and(|syn| syn.copies > 1);
        let other = self.senders.of_mut(segment.from.other());
        if let Some((seq, payload)) = other.accepted_fast_open(segment.tcp.ack) {
            self.facts.fast_open = true;
            let at = Segment { from: segment.from.other(), payload: &payload, ..segment };
            self.read_at(at, seq, Some(segment.tcp.seq.add(1)), shared);
        }
    }

    /// What the packet acknowledges of the hello.
    fn acknowledgement(&mut self, segment: Segment<'_>, block: &[u8]) {
        let Some((start, end)) = self.clock.span() else { return };
        if self.progress.client != Some(segment.from.other()) || !segment.has(Flags::ACK) || segment.has(Flags::RST) {
            return;
        }
        if !end.is_after(segment.tcp.ack) && self.progress.hello.first.is_some() {
            self.clock.acknowledged(segment.packet.time, &mut self.facts);
        } else if self.facts.hello_acked == Acked::None {
            let sack = options::highest_sack(segment.tcp.options.of(block));
            if segment.tcp.ack.is_after(start) || sack.is_some_and(|sack| sack.is_after(start)) {
                self.facts.hello_acked = Acked::Part;
            }
        }
    }

    /// Whether the packet repeats the client's hello. `known` is one past the last byte of its sender before it.
    fn repetition(&mut self, segment: Segment<'_>, known: Option<Seq>) {
        let Segment { from, packet, tcp, .. } = segment;
        let Some((start, end)) = self.clock.span() else { return };
        let repeats = known.is_some_and(|known| known.is_after(tcp.seq));
        if self.progress.client != Some(from) || !repeats || !end.is_after(tcp.seq) {
            return;
        }
        let acked = self.senders.of(from.other()).facts.acked;
        let lowest = acked.map_or(start, |acked| start.max(acked));
        let full = self.senders.of(from).facts.syn.map(|syn| syn.ttl);
        self.clock.repetition(packet, tcp.seq, lowest, full, &mut self.facts);
        self.facts.hello_ttl = self.facts.hello_ttl.max(packet.ttl);
    }

    /// Whether the packet answers the hello. `known` is one past the last byte of its sender before it.
    fn answer(&mut self, segment: Segment<'_>, known: Option<Seq>) {
        let Segment { from, packet, tcp, .. } = segment;
        let end = payload_end(packet, tcp);
        if known.is_some_and(|known| !end.is_after(known)) {
            return;
        }
        let acked = segment.has(Flags::ACK).then_some(tcp.ack);
        let payload = LastPayload::new(packet, end, acked);
        self.senders.of_mut(from).last_payload = Some(payload);
        if self.progress.client == Some(from.other()) {
            self.server_payload(payload, from.other());
        }
    }

    /// The server sent something new: once it answers, later copies of the hello say nothing more.
    fn server_payload(&mut self, payload: LastPayload, client: Origin) {
        self.clock.server_payload(payload, &mut self.facts);
        if self.facts.answer.is_some() {
            self.senders.of_mut(client).finder.forget();
        }
    }

    /// Reads the payload as a part of its sender's stream.
    fn read(&mut self, segment: Segment<'_>, shared: &mut Shared) {
        self.conflict(segment, shared);
        let ack = segment.has(Flags::ACK).then_some(segment.tcp.ack);
        self.read_at(segment, segment.tcp.seq, ack, shared);
    }

    /// Reads payload that stands at `seq` and was sent with the acknowledgement number `ack`.
    fn read_at(&mut self, segment: Segment<'_>, seq: Seq, ack: Option<Seq>, shared: &mut Shared) {
        let Segment { from, packet, payload, .. } = segment;
        let whole_before = self.progress.hello.first.is_some();
        let Self { senders, progress, .. } = self;
        senders.of_mut(from).insert(seq, payload, |item| progress.item(from, item, packet.time, shared));
        self.begin(from);
        let sender = self.senders.of(from);
        if self.progress.client.is_none() || self.progress.client != Some(from) || whole_before {
            return;
        }
        let (Some(start), Some(next)) = (sender.finder.from(), sender.stream.next()) else { return };
        let missing = sender.reader.pending().map_or(0, |pending| pending.missing);
        let end = next.add(u32::try_from(missing).unwrap_or(u32::MAX));
        let base = ack.or(self.clock.base()).or(self.senders.of(from.other()).stream.next());
        let whole = self.progress.hello.first.is_some();
        self.clock.hello(packet, (start, end), base, whole);
        self.facts.hello_ip_id = packet.ip_id;
        self.facts.hello_ttl = self.facts.hello_ttl.max(packet.ttl);
        if whole {
            self.hello_is_whole(from, packet.time, shared);
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

    /// From here on the other side's bytes are the answer.
    fn hello_is_whole(&mut self, client: Origin, time: Time, shared: &mut Shared) {
        let server = client.other();
        // The answer may have been captured first, where the legs of a tap are merged out of order.
        if let Some(payload) = self.senders.of(server).last_payload {
            self.server_payload(payload, client);
        }
        let Some(base) = self.clock.base() else { return };
        let Self { senders, progress, .. } = self;
        senders.of_mut(server).expect_answer(base, |item| progress.item(server, item, time, shared));
    }

    /// Compares a segment with the copy of the same bytes that is kept, while the hello is without an answer.
    fn conflict(&mut self, segment: Segment<'_>, shared: &mut Shared) {
        if self.facts.answer.is_some() || self.progress.client != Some(segment.from) {
            return;
        }
        let sender = self.senders.of(segment.from);
        let Some(changed) = sender.finder.overlaid(segment.tcp.seq, segment.payload) else { return };
        let replaces = segment.packet.ttl > self.facts.hello_ttl.saturating_add(MAX_TTL_STEP);
        let by_ttl = replaces || segment.packet.ttl.saturating_add(MAX_TTL_STEP) < self.facts.hello_ttl;
        self.progress.hello.conflict = Some(if by_ttl { Conflict::Ttl } else { Conflict::First });
        self.senders.of_mut(segment.from).facts.conflict = true;
        let losing = if replaces { name_of(sender_kept(&self.senders, segment.from)) } else { name_of(&changed) };
        if replaces {
            self.replace(segment, changed, shared);
        }
        self.add_name(losing);
    }

    /// The new version of the hello is the one that its receiver saw: the attempt starts over with it.
    fn replace(&mut self, segment: Segment<'_>, changed: Vec<u8>, shared: &mut Shared) {
        let client = segment.from;
        self.progress.hello.first = None;
        self.progress.hello.count = 0;
        let Self { senders, progress, .. } = self;
        let time = segment.packet.time;
        senders.of_mut(client).reread(changed, |item| progress.item(client, item, time, shared));
        self.clock.restart(segment.packet, &mut self.facts);
    }

    fn add_name(&mut self, name: Option<String>) {
        let hello = &mut self.progress.hello;
        let taken = hello.first.as_ref().and_then(|first| first.server_name.as_ref());
        if let Some(name) = name
            && Some(&name) != taken
            && !hello.conflicting_names.contains(&name)
            && hello.conflicting_names.len() < MAX_NAMES
        {
            hello.conflicting_names.push(name);
        }
    }

    /// Whether the client, heard again, still has no answer.
    fn witness(&mut self, segment: Segment<'_>) {
        if self.progress.client != Some(segment.from) {
            return;
        }
        let acked = segment.has(Flags::ACK).then_some(segment.tcp.ack);
        let server = self.senders.of(segment.from.other());
        self.clock.client_packet(segment.packet, acked, server, &mut self.facts);
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

/// Conflicting names kept for one attempt.
const MAX_NAMES: usize = 4;

/// Whether the kept bytes begin a ClientHello: the handshake type stands behind the record header.
fn is_client_hello(finder: &Finder) -> bool {
    finder.kept().get(5) == Some(&1) || finder.kept().first().is_some_and(|first| first & 0x80 != 0)
}

fn sender_kept(senders: &Pair<Sender>, origin: Origin) -> &[u8] {
    senders.of(origin).finder.kept()
}

/// The server name in a hello.
fn name_of(bytes: &[u8]) -> Option<String> {
    let mut name = None;
    Reader::default().read(bytes, |item| {
        if let Item::ClientHello(hello, _) = item {
            name = name.take().or_else(|| hello.server_name());
        }
    });
    name
}
