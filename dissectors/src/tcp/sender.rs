//! One end of a connection at work: its facts, its stream, and the TLS in it.

use crate::packet::{Flags, Packet, Tcp};
use crate::tcp::assembler::{Assembler, Inserted, MAX_AHEAD};
use crate::tcp::copies::{Copies, is_at_once};
use crate::tcp::finder::{Finder, Found, Phase};
use crate::tcp::half::{HalfFacts, Syn};
use crate::tcp::kept::Difference;
use crate::tcp::prelude;
use crate::tcp::segment::{Segment, Stamp};
use crate::tcp::seq::Seq;
use crate::time::Time;
use crate::tls::{self, Item, Probe, Reader};

/// Segments that wait, at most, until it is told where a stream begins whose SYN was not captured.
const MAX_HELD: usize = 3;

/// One end. What every packet touches lies together: the end of the facts, the stream, and the beginning of the copies.
#[derive(Debug, Default)]
#[repr(C)]
pub(crate) struct Sender {
    pub(crate) facts: HalfFacts,
    pub(crate) stream: Assembler,
    /// The first acknowledgement number that the other end sent: where its stream stood.
    pub(crate) stood_at: Option<Seq>,
    /// Since when the other end acknowledges bytes that are missing.
    lost_since: Option<Time>,
    copies: Copies,
    /// Time of the bare acknowledgement that ends the opening of the connection.
    pub(crate) first_ack: Option<Time>,
    /// It sent a SYN-ACK.
    pub(crate) accepted: bool,
    /// Its last packet with new payload.
    pub(crate) last_payload: Option<LastPayload>,
    pub(crate) finder: Finder,
    pub(crate) reader: Reader,
    /// Payload of its SYN: part of the stream once the other end acknowledges it (RFC 7413 section 4.2).
    fast_open: Option<Box<[u8]>>,
}

/// A packet with new payload: what decides whether it answers a hello, captured yet or not.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LastPayload {
    /// One past its last byte.
    pub(crate) end: Seq,
    pub(crate) acked: Option<Seq>,
    pub(crate) len: u32,
    pub(crate) stamp: Stamp,
}

impl Sender {
    /// Whether this is a second copy of a frame. A decoy has the headers of the real thing, but not its bytes.
    #[inline]
    pub(crate) fn is_copy(&mut self, packet: &Packet, tcp: &Tcp, payload: &[u8]) -> bool {
        self.copies.is_copy(packet, tcp)
            && self.finder.kept.difference(tcp.seq, payload).is_none()
            && !self.stream.disagrees(tcp.seq, payload)
    }

    /// Adds the packet to the facts and starts the stream where it is known to start.
    #[inline]
    pub(crate) fn observe(&mut self, segment: &Segment<'_>) {
        let Segment { packet, tcp, .. } = *segment;
        self.facts.observe(segment, self.end());
        if tcp.flags.has(Flags::SYN) {
            self.stream.start(tcp.seq.add(1));
            if !tcp.flags.has(Flags::ACK) && !segment.payload.is_empty() {
                self.fast_open.get_or_insert_with(|| segment.payload.into());
            }
        }
        self.facts.truncated |= packet.missing > 0;
    }

    /// Whether an acknowledgement of its bytes can be genuine: one of bytes far beyond all that were captured is not.
    pub(crate) fn may_be_acked(&self, acked: Seq) -> bool {
        self.end().is_none_or(|end| acked.since(end) < MAX_AHEAD)
    }

    /// Begins with a SYN that was seen before the flow was worth a place.
    pub(crate) fn open(&mut self, syn: Syn, dont_fragment: bool) {
        self.stream.start(syn.isn.add(1));
        self.facts.packets = u32::from(syn.copies);
        self.facts.ttl.add(syn.ttl);
        self.facts.dont_fragment.add(dont_fragment);
        self.facts.syn = Some(syn);
    }

    /// One past the last byte captured, its FIN included where that was captured in place.
    pub(crate) fn end(&self) -> Option<Seq> {
        let end = self.stream.end()?;
        Some(match self.facts.fin {
            Some(fin) if fin.seq == end => end.add(1),
            _ => end,
        })
    }

    /// Whether bytes of it are missing, before others or before its FIN.
    pub(crate) fn has_gap(&self) -> bool {
        let before_fin = self.facts.fin.zip(self.stream.end()).is_some_and(|(fin, end)| fin.seq.is_after(end));
        self.facts.gap || self.stream.has_gap() || before_fin
    }

    /// The payload of its SYN, as far as `acked` covers it.
    pub(crate) fn accepted_fast_open(&mut self, acked: Seq) -> Option<(Syn, Vec<u8>)> {
        let (syn, mut payload) = (self.facts.syn?, self.fast_open.take()?.into_vec());
        payload.truncate(usize::try_from(acked.since(syn.isn.add(1))).unwrap_or(0));
        (!payload.is_empty()).then_some((syn, payload))
    }

    /// Takes payload that came with `ttl`, and calls `on` for each item of TLS that it makes whole.
    pub(crate) fn insert(&mut self, seq: Seq, payload: &[u8], ttl: u8, mut on: impl FnMut(Item<'_>)) -> Inserted {
        if self.stream.next().is_none() && !self.begins_with(seq, payload, ttl, &mut on) {
            return self.stream.hold(seq, payload, ttl);
        }
        let Self { stream, finder, reader, facts, .. } = self;
        let mut at = stream.next().unwrap_or(seq);
        let inserted = stream.insert_marked(seq, payload, ttl, |bytes, ttl| {
            read(finder, reader, at, bytes, ttl, &mut on);
            at = at.add(bytes.len() as u32);
        });
        facts.overflow |= stream.overflowed();
        facts.conflict |= inserted.disagrees;
        inserted
    }

    /// The other side's hello is answered at `seq`: whatever this end sends from there on is the answer. It may come
    /// behind the reply to a prelude (`owes_reply`).
    pub(crate) fn expect_answer(&mut self, seq: Seq, owes_reply: bool, mut on: impl FnMut(Item<'_>)) {
        if self.finder.phase == Phase::Tls {
            return;
        }
        if self.finder.expect(seq, owes_reply) == Found::Begins {
            self.reader.read(self.finder.kept.bytes(), &mut on);
        }
        self.go_on_at(seq, &mut on);
    }

    /// Whether TLS is looked for in vain since bytes are missing that the other end acknowledged, a while ago: the capture
    /// lost them, and not only their order. `acked` is what the other end acknowledges at `time`.
    pub(crate) fn waits_in_vain(&mut self, acked: Seq, time: Time) -> bool {
        let lost = self.stream.has_gap() && self.stream.waiting().is_some_and(|(seq, _)| !seq.is_after(acked));
        if !lost || self.finder.phase != Phase::Searching {
            self.lost_since = None;
            return false;
        }
        !is_at_once(*self.lost_since.get_or_insert(time), time)
    }

    /// Passes over the missing bytes, so that TLS is looked for behind them.
    pub(crate) fn pass_gap(&mut self, mut on: impl FnMut(Item<'_>)) {
        if let Some((seq, _)) = self.stream.waiting() {
            self.facts.gap = true;
            self.go_on_at(seq, &mut on);
        }
    }

    /// Takes a segment, which came with `ttl`, as the true version of what is kept, and reads that anew.
    pub(crate) fn replace(&mut self, difference: Difference, payload: &[u8], ttl: u8, on: impl FnMut(Item<'_>)) {
        self.facts.conflict = true;
        self.finder.kept.replace(difference, payload, ttl);
        if let Some(end) = self.finder.kept.end() {
            self.stream.rewind_to(end);
        }
        self.finder.await_nothing();
        self.reader = Reader::default();
        self.reader.read(self.finder.kept.bytes(), on);
    }

    /// Bytes that are missing of the handshake message that was begun, not counting the headers of records to come.
    pub(crate) fn missing(&self) -> usize {
        self.finder.missing().or_else(|| Some(self.reader.pending()?.missing)).unwrap_or(0)
    }

    /// Bytes that are held of its stream.
    pub(crate) fn held(&self) -> usize {
        let fast_open = self.fast_open.as_ref().map_or(0, |payload| payload.len());
        self.stream.held() + self.finder.kept.bytes().len() + self.reader.buffered() + fast_open
    }

    /// Its facts as they stand.
    pub(crate) fn half(&self) -> HalfFacts {
        HalfFacts { gap: self.has_gap(), ..self.facts.clone() }
    }

    /// Its facts at the end.
    pub(crate) fn take_half(&mut self) -> HalfFacts {
        HalfFacts { gap: self.has_gap(), ..std::mem::take(&mut self.facts) }
    }

    /// Whether nothing of TLS is to be expected of it any more.
    pub(crate) fn gave_up(&self) -> bool {
        self.finder.phase == Phase::GivenUp
    }

    /// Starts a stream whose SYN was not captured, if this segment tells where: at a hello or what is known to come before
    /// one, or else at the first of a few
    /// segments, since the second half of a hello may be captured before the first.
    fn begins_with(&mut self, seq: Seq, payload: &[u8], ttl: u8, on: &mut impl FnMut(Item<'_>)) -> bool {
        let (first, held) = self.stream.waiting().unwrap_or((seq, 0));
        if matches!(tls::probe(payload), Probe::Tls | Probe::Sslv2) || prelude::is_known(payload) {
            self.go_on_at(seq, on);
        } else if held >= MAX_HELD {
            self.stream.hold(seq, payload, ttl);
            self.go_on_at(if first.is_after(seq) { seq } else { first }, on);
        } else {
            return false;
        }
        true
    }

    fn go_on_at(&mut self, seq: Seq, on: &mut impl FnMut(Item<'_>)) {
        let Self { stream, finder, reader, .. } = self;
        let mut at = seq;
        stream.skip_to(seq, |bytes, ttl| {
            read(finder, reader, at, bytes, ttl, on);
            at = at.add(bytes.len() as u32);
        });
    }
}

fn read(finder: &mut Finder, reader: &mut Reader, at: Seq, bytes: &[u8], ttl: u8, on: &mut impl FnMut(Item<'_>)) {
    match finder.take(at, bytes, ttl) {
        Found::Nothing => {}
        Found::Begins => reader.read(finder.kept.bytes(), on),
        Found::Continues => reader.read(bytes, on),
    }
}
