//! Segments that disagree about the same bytes of a hello: decoys of circumvention tools, hostile input. Every server
//! name is kept; which version the receiver saw is decided by checksum, by TTL, or else the first is taken.

use crate::attempt::Conflict;
use crate::shared::Shared;
use crate::tcp::connection::Connection;
use crate::tcp::copies::MAX_TTL_STEP;
use crate::tcp::kept::{Difference, MAX_KEPT};
use crate::tcp::origin::Origin;
use crate::tcp::rival::Rival;
use crate::tcp::segment::{Segment, Stamp};
use crate::tcp::seq::Seq;
use crate::tls::{Item, Reader};

/// Conflicting names kept for one attempt.
pub(crate) const MAX_NAMES: usize = 4;

impl Connection {
    /// Compares a segment with the copy of the same bytes that is kept, while the hello is without an answer.
    pub(crate) fn conflict(&mut self, segment: &Segment<'_>, shared: &mut Shared) {
        if self.may_conflict(segment.from) {
            let bytes = (segment.start(), segment.payload);
            self.contest(segment.from, segment.stamp(), bytes, segment.ack, shared);
        }
    }

    /// Whether other versions of what this end sent matter: it is the client, and has no answer.
    fn may_conflict(&self, from: Origin) -> bool {
        self.facts.answer.is_none() && self.progress.client == Some(from)
    }

    /// Keeps a segment that disagrees with one that waits, the first of them.
    pub(crate) fn keep_rival(&mut self, segment: &Segment<'_>) {
        if self.facts.answer.is_none() && self.rival.is_none() && segment.payload.len() <= MAX_KEPT {
            self.rival = Some(Box::new(Rival {
                from: segment.from,
                stamp: segment.stamp(),
                seq: segment.start(),
                ack: segment.ack,
                bytes: segment.payload.to_vec(),
            }));
        }
    }

    /// Compares the rival, now that more of the hello is in order.
    pub(crate) fn settle_rival(&mut self, client: Origin, shared: &mut Shared) {
        let end = self.senders.of(client).stream.next();
        let reached = |rival: &mut Box<Rival>| rival.from == client && end.is_some_and(|end| end.is_after(rival.seq));
        if let Some(rival) = self.rival.take_if(reached).filter(|_| self.may_conflict(client)) {
            self.contest(client, rival.stamp, (rival.seq, &rival.bytes), rival.ack, shared);
        }
    }

    /// A segment whose checksum is wrong, which its receiver dropped. It is a decoy if it is a hello.
    pub(crate) fn unheard(&mut self, from: Origin, seq: Seq, payload: &[u8]) {
        if self.facts.answer.is_some() || self.progress.client == Some(from.other()) {
            return;
        }
        let kept = &self.senders.of(from).finder.kept;
        let difference = kept.difference(seq, payload);
        let name =
            difference.map_or_else(|| name_of(payload), |difference| name_of(&kept.overlaid(difference, payload)));
        if difference.is_some() || name.is_some() {
            self.progress.hello.conflict = Some(Conflict::Checksum);
            self.add_name(name);
        }
    }

    fn contest(&mut self, client: Origin, stamp: Stamp, bytes: (Seq, &[u8]), ack: Option<Seq>, shared: &mut Shared) {
        let kept = &self.senders.of(client).finder.kept;
        let Some(difference) = kept.difference(bytes.0, bytes.1) else { return };
        let wins = stamp.ttl > difference.ttl.saturating_add(MAX_TTL_STEP);
        let loses = stamp.ttl.saturating_add(MAX_TTL_STEP) < difference.ttl;
        let losing = if wins { name_of(kept.bytes()) } else { name_of(&kept.overlaid(difference, bytes.1)) };
        self.progress.hello.conflict = Some(if wins || loses { Conflict::Ttl } else { Conflict::First });
        self.senders.of_mut(client).facts.conflict = true;
        self.add_name(losing);
        if wins {
            self.replace(client, stamp, (difference, bytes.1), ack, shared);
        }
    }

    /// This version of the hello is the one that its receiver saw: the attempt starts over with it.
    fn replace(
        &mut self,
        client: Origin,
        stamp: Stamp,
        (difference, payload): (Difference, &[u8]),
        ack: Option<Seq>,
        shared: &mut Shared,
    ) {
        self.progress.hello.first = None;
        self.progress.hello.count = 0;
        self.clock.retract(stamp, &mut self.facts);
        let Self { senders, progress, .. } = self;
        let on = |item: Item<'_>| progress.item(client, item, stamp.time, shared);
        senders.of_mut(client).replace(difference, payload, stamp.ttl, on);
        self.hello_grew(client, stamp, ack, shared);
    }

    fn add_name(&mut self, name: Option<String>) {
        let names = &mut self.progress.hello.conflicting_names;
        if let Some(name) = name
            && !names.contains(&name)
            && names.len() < MAX_NAMES
        {
            names.push(name);
        }
    }
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
