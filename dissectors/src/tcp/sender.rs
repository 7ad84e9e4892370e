//! One end of a connection at work: its facts, its stream, and the TLS in it.

use std::time::Duration;

use crate::packet::{Flags, Packet, Span, Tcp};
use crate::tcp::assembler::{Assembler, Inserted};
use crate::tcp::finder::{Finder, Found, Phase};
use crate::tcp::half::{HalfFacts, Syn};
use crate::tcp::observe::end_of;
use crate::tcp::seq::Seq;
use crate::time::Time;
use crate::tls::{Item, Reader};

/// The same packet again within this span is a second copy of the frame, as a mirror of both ports makes it; a
/// retransmission takes longer. Linux's smallest retransmission timeout is 200 ms (`TCP_RTO_MIN`).
pub const DUPLICATE_WITHIN: Duration = Duration::from_millis(50);

/// One of the two ends of a connection, by who sent the first captured packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// The sender of the first captured packet.
    Opener,
    /// The other end.
    Responder,
}

impl Origin {
    pub(crate) fn other(self) -> Self {
        match self {
            Self::Opener => Self::Responder,
            Self::Responder => Self::Opener,
        }
    }
}

/// One thing for each end.
#[derive(Debug, Default)]
pub(crate) struct Pair<T> {
    opener: T,
    responder: T,
}

impl<T> Pair<T> {
    pub(crate) fn of(&self, origin: Origin) -> &T {
        match origin {
            Origin::Opener => &self.opener,
            Origin::Responder => &self.responder,
        }
    }

    pub(crate) fn of_mut(&mut self, origin: Origin) -> &mut T {
        match origin {
            Origin::Opener => &mut self.opener,
            Origin::Responder => &mut self.responder,
        }
    }
}

/// One end.
#[derive(Debug, Default)]
pub(crate) struct Sender {
    pub(crate) facts: HalfFacts,
    pub(crate) stream: Assembler,
    pub(crate) finder: Finder,
    pub(crate) reader: Reader,
    /// Payload of its SYN: part of the stream once the other end acknowledges it (RFC 7413 section 4.2).
    fast_open: Vec<u8>,
    last: Option<(Last, Time)>,
    /// Its last packet with new payload.
    pub(crate) last_payload: Option<LastPayload>,
    /// Time of its first packet that is no SYN and acknowledges something.
    pub(crate) first_ack: Option<Time>,
}

/// A packet with new payload: what decides whether it answers a hello, captured yet or not.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LastPayload {
    /// One past its last byte.
    pub(crate) end: Seq,
    pub(crate) acked: Option<Seq>,
    pub(crate) len: u32,
    pub(crate) time: Time,
    pub(crate) frame: u64,
    pub(crate) ttl: u8,
}

impl LastPayload {
    pub(crate) fn new(packet: &Packet, end: Seq, acked: Option<Seq>) -> Self {
        Self { end, acked, len: packet.payload.len, time: packet.time, frame: packet.frame, ttl: packet.ttl }
    }
}

/// What tells a copied frame from a retransmission.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Last {
    tcp: Tcp,
    ip_id: Option<u16>,
    len: u32,
}

impl Sender {
    /// Whether this is a second copy of the last frame, as a mirror of both ports makes it. Resets are never taken for
    /// copies, since injectors send several that are equal.
    pub(crate) fn is_copy(&mut self, packet: &Packet, tcp: &Tcp) -> bool {
        let carries = packet.payload.len > 0 || tcp.flags.has(Flags::SYN) || tcp.flags.has(Flags::FIN);
        if tcp.flags.has(Flags::RST) || !carries {
            return false;
        }
        // Where the options lie differs between copies; what they say is not worth reading here.
        let options = Span { start: 0, len: tcp.options.len };
        let this = Last { tcp: Tcp { options, ..*tcp }, ip_id: packet.ip_id, len: packet.payload.len };
        let before = self.last.replace((this, packet.time));
        before.is_some_and(|(last, time)| last == this && packet.time.since(time) < DUPLICATE_WITHIN)
    }

    /// Adds the packet to the facts and starts the stream where it is known to start.
    pub(crate) fn observe(&mut self, packet: &Packet, tcp: &Tcp, block: &[u8]) {
        self.facts.observe(packet, tcp, self.stream.end(), block);
        if tcp.flags.has(Flags::SYN) {
            self.stream.start(tcp.seq.add(1));
            if self.fast_open.is_empty() {
                self.fast_open.extend_from_slice(packet.payload.of(block));
            }
        } else if !tcp.flags.has(Flags::RST) {
            self.stream.start(tcp.seq);
            if tcp.flags.has(Flags::ACK) {
                self.first_ack.get_or_insert(packet.time);
            }
        }
        self.facts.truncated |= packet.missing > 0;
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
        self.stream.has_gap() || before_fin
    }

    /// The payload of its SYN, where `acked` covers it.
    pub(crate) fn accepted_fast_open(&mut self, acked: Seq) -> Option<(Seq, Vec<u8>)> {
        let start = self.facts.syn?.isn.add(1);
        let whole = start.add(self.fast_open.len() as u32);
        let accepted = !self.fast_open.is_empty() && !whole.is_after(acked);
        accepted.then(|| (start, std::mem::take(&mut self.fast_open)))
    }

    /// Takes payload and calls `on` for each item of TLS that it makes whole.
    pub(crate) fn insert(&mut self, seq: Seq, payload: &[u8], mut on: impl FnMut(Item<'_>)) -> Inserted {
        let Self { stream, finder, reader, facts, .. } = self;
        let mut at = stream.next().unwrap_or(seq);
        let inserted = stream.insert(seq, payload, |bytes| {
            match finder.take(at, bytes) {
                Found::Nothing => {}
                Found::Begins => reader.read(finder.kept(), &mut on),
                Found::Continues => reader.read(bytes, &mut on),
            }
            at = at.add(bytes.len() as u32);
        });
        facts.overflow |= stream.overflowed();
        facts.conflict |= inserted.disagrees;
        inserted
    }

    /// The other side's hello is answered at `seq`: whatever this end sends from there on is the answer.
    pub(crate) fn expect_answer(&mut self, seq: Seq, on: impl FnMut(Item<'_>)) {
        if self.finder.phase == Phase::Tls {
            return;
        }
        self.stream.skip_to(seq);
        if self.finder.expect(seq) == Found::Begins {
            self.reader.read(self.finder.kept(), on);
        }
    }

    /// Reads the kept bytes anew, after another version of them was taken as the true one.
    pub(crate) fn reread(&mut self, bytes: Vec<u8>, on: impl FnMut(Item<'_>)) {
        self.reader = Reader::default();
        self.reader.read(&bytes, on);
        self.finder.replace(bytes);
    }

    /// Whether nothing of TLS is to be expected of it any more.
    pub(crate) fn gave_up(&self) -> bool {
        self.finder.phase == Phase::GivenUp
    }

    /// Forgets everything but keeps the allocations. All else is rebuilt from `Default`, so that nothing of one
    /// connection can show up in the next.
    pub(crate) fn recycle(&mut self) {
        let Self { mut stream, mut finder, .. } = std::mem::take(self);
        stream.recycle();
        finder.recycle();
        *self = Self { stream, finder, ..Self::default() };
    }
}

/// One past the last byte of a segment's payload.
pub(crate) fn payload_end(packet: &Packet, tcp: &Tcp) -> Seq {
    let end = end_of(packet, tcp);
    if tcp.flags.has(Flags::FIN) { end.add(u32::MAX) } else { end }
}
