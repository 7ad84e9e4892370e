//! Several readers of one capture, made into one: their packets in the order of time, with one clock and one numbering.
//!
//! Each reader hands in batches of its own, decoded and hashed, and says up to which time it has seen everything. What is
//! older than what the slowest of them has seen goes on; the rest waits. So no deadline overtakes a packet that another
//! reader still holds, and the packets of a flow come in their order even where the kernel parted them. What waits is
//! bounded by whoever hands in only what the slowest reader has ([`Merge::slowest`]): a batch or two of each.

use std::collections::VecDeque;
use std::time::Duration;

use dissectors::packet::Span;
use dissectors::time::Time;

use crate::engine::batch::{Batch, Part, Routed};
use crate::engine::clock::{CaptureClock, Tick};
use crate::engine::standing::Standing;

/// Later than any packet.
const FOREVER: Time = Time(i64::MAX);

/// Earlier than any packet.
const NEVER: Time = Time(i64::MIN);

/// A reader that says it has seen less than before speaks of the same clock, unless it is less by more than this: what was
/// seen is told from the last packet or, where none came, from the machine's time and the kernel's promise.
const MAX_DOUBT: Duration = Duration::from_secs(1);

/// Puts the batches of several readers into one order.
#[derive(Debug)]
pub struct Merge {
    readers: Vec<Waiting>,
    turns: u64,
    clock: CaptureClock,
    jumps: u64,
    /// Packets passed on, which also is the number of the last.
    packets: u64,
    homes: Homes,
    /// What batches say beside their packets, until the next is passed on.
    said: Batch,
    /// Batches that were emptied, for those who fill them.
    emptied: Vec<(usize, Batch)>,
}

/// What one reader handed in and did not go on yet.
#[derive(Debug, Default)]
struct Waiting {
    batches: VecDeque<Batch>,
    /// The next packet of the first batch.
    next: usize,
    /// Everything older was handed in: [`NEVER`] at the beginning, [`FOREVER`] at the end.
    seen: Time,
    /// What it took in and decoded so far.
    standing: Standing,
    /// When it was its turn last, so that of two that have seen equally much each has its turn.
    turn: u64,
}

impl Merge {
    /// Merges so many readers.
    pub fn new(readers: usize) -> Self {
        Self {
            readers: (0..readers).map(|_| Waiting { seen: NEVER, ..Waiting::default() }).collect(),
            turns: 0,
            clock: CaptureClock::default(),
            jumps: 0,
            packets: 0,
            homes: Homes::default(),
            said: Batch::default(),
            emptied: Vec::new(),
        }
    }

    /// The reader that holds up the others; none, once all have ended.
    pub fn slowest(&self) -> Option<usize> {
        let open = self.readers.iter().enumerate().filter(|(_, reader)| reader.seen != FOREVER);
        open.min_by_key(|(_, reader)| (reader.seen, reader.turn)).map(|(number, _)| number)
    }

    /// Takes what a reader read; it has handed in everything older than `seen`.
    ///
    /// If that goes back, so did the machine's clock: everything goes on as it is, since it is no measure any more.
    pub fn take(&mut self, number: usize, mut batch: Batch, seen: Time, standing: Standing, merged: &mut Batch) {
        self.say(&mut batch);
        let Some(reader) = self.readers.get_mut(number) else { return };
        let fell_back = reader.seen.since(seen) > MAX_DOUBT;
        reader.batches.push_back(batch);
        reader.standing = standing;
        reader.seen = reader.seen.max(seen);
        self.turns += 1;
        reader.turn = self.turns;
        if fell_back {
            self.readers.iter_mut().filter(|reader| reader.seen != FOREVER).for_each(|reader| reader.seen = seen);
        }
        self.pass_on(if fell_back { FOREVER } else { self.seen() }, merged);
    }

    /// A reader has ended.
    pub fn end(&mut self, number: usize, merged: &mut Batch) {
        if let Some(reader) = self.readers.get_mut(number) {
            reader.seen = FOREVER;
        }
        self.pass_on(self.seen(), merged);
    }

    /// A batch that was emptied, and whose it was.
    pub fn emptied(&mut self) -> Option<(usize, Batch)> {
        self.emptied.pop()
    }

    /// What all readers took in and decoded so far.
    pub fn standing(&self) -> Standing {
        let mut sum = Standing::default();
        self.readers.iter().for_each(|reader| sum.add(&reader.standing));
        sum.totals.jumps = self.jumps;
        sum.totals.handed_over = Some(self.homes.handed_over);
        sum
    }

    /// Up to which time everything was handed in.
    fn seen(&self) -> Time {
        self.readers.iter().map(|reader| reader.seen).min().unwrap_or(FOREVER)
    }

    /// Takes over what a batch says beside its packets.
    fn say(&mut self, batch: &mut Batch) {
        self.said.drops.append(&mut batch.drops);
        self.said.grains.append(&mut batch.grains);
        self.said.frames += batch.frames;
        self.said.keys = batch.keys.take().or(self.said.keys.take());
        self.said.begins = batch.begins.take().or(self.said.begins.take());
        self.said.standing = batch.standing.take().or(self.said.standing.take());
    }

    /// Makes `merged` anew of all packets up to `until`.
    fn pass_on(&mut self, until: Time, merged: &mut Batch) {
        let (bytes, packets, parts) =
            (std::mem::take(&mut merged.bytes), std::mem::take(&mut merged.packets), std::mem::take(&mut merged.parts));
        *merged = Batch { bytes, packets, parts, ..std::mem::take(&mut self.said) };
        merged.bytes.clear();
        merged.packets.clear();
        merged.parts.clear();
        while let Some(number) = self.first(until) {
            self.pass_on_one(number, merged);
        }
        if until != FOREVER && until != NEVER {
            self.tick(until, merged);
        }
        if let Some(now) = self.clock.now() {
            merged.parts.push(Part { end: merged.packets.len(), now, jumps: false });
        }
        if merged.standing.is_some() {
            merged.standing = Some(Box::new(self.standing()));
        }
    }

    /// The reader that has the oldest packet, if that is no younger than `until`.
    fn first(&mut self, until: Time) -> Option<usize> {
        let mut first: Option<(usize, Time)> = None;
        for (number, reader) in self.readers.iter_mut().enumerate() {
            while let Some(batch) = reader.batches.front() {
                match batch.packets.get(reader.next) {
                    None => {
                        reader.next = 0;
                        self.emptied.extend(reader.batches.pop_front().map(|batch| (number, batch)));
                    }
                    Some(routed) => {
                        let time = routed.packet.time;
                        if time <= until && first.is_none_or(|(_, earliest)| time < earliest) {
                            first = Some((number, time));
                        }
                        break;
                    }
                }
            }
        }
        first.map(|(number, _)| number)
    }

    /// Passes on the next packet of a reader. Of its frame only what the packet means goes with it.
    fn pass_on_one(&mut self, number: usize, merged: &mut Batch) {
        let Some(reader) = self.readers.get_mut(number) else { return };
        let Some(batch) = reader.batches.front() else { return };
        let Some(Routed { mut packet, hash, .. }) = batch.packets.get(reader.next).copied() else { return };
        reader.next += 1;
        for span in packet.spans_mut() {
            let bytes = span.of(&batch.bytes);
            // A batch is bounded far below 4 GiB.
            let place = |bytes: usize| u32::try_from(bytes).unwrap_or(u32::MAX);
            *span = Span { start: place(merged.bytes.len()), len: place(bytes.len()) };
            merged.bytes.extend_from_slice(bytes);
        }
        self.packets += 1;
        packet.frame = self.packets;
        self.homes.meet(hash, number);
        let now = self.tick(packet.time, merged);
        merged.packets.push(Routed { packet, hash, now });
    }

    /// Moves the clock; where it jumps, a part ends.
    fn tick(&mut self, time: Time, merged: &mut Batch) -> Time {
        match self.clock.tick(time) {
            Tick::Now(now) => now,
            Tick::Jump { before, now } => {
                self.jumps += 1;
                merged.parts.push(Part { end: merged.packets.len(), now: before, jumps: true });
                now
            }
        }
    }
}

/// By which reader each flow came last: a fixed table, in which a flow takes the place of another of the same slot.
#[derive(Debug)]
struct Homes {
    /// The upper half of a hash, and the reader.
    slots: Vec<(u32, u32)>,
    /// Packets of flows that another reader had a packet of just before.
    handed_over: u64,
}

impl Default for Homes {
    fn default() -> Self {
        Self { slots: vec![(0, u32::MAX); Self::SLOTS], handed_over: 0 }
    }
}

impl Homes {
    /// Slots, 8 bytes each.
    const SLOTS: usize = 1 << 16;

    fn meet(&mut self, hash: u64, reader: usize) {
        let (tag, reader) = ((hash >> u32::BITS) as u32, u32::try_from(reader).unwrap_or(u32::MAX));
        let slot = hash as usize % Self::SLOTS;
        if let Some(known) = self.slots.get_mut(slot) {
            let is_split = known.0 == tag && known.1 != u32::MAX && known.1 != reader;
            self.handed_over += u64::from(is_split);
            *known = (tag, reader);
        }
    }
}

#[cfg(test)]
mod tests;
