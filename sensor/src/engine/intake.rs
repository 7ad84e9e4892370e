//! From frames to packets: decoding, the clock and the flow's hash, in the order of the capture and before any sharding.

use dissectors::decode::{self, Decoder, Sink};
use dissectors::flow::{GRAIN, Key, Losses};
use dissectors::packet::{Packet, Span, Transport};
use dissectors::time::Time;

use crate::capture::{Block, Frame};
use crate::engine::batch::{Batch, Part, Routed};
use crate::engine::clock::{CaptureClock, Tick};
use crate::engine::keys::Keys;
use crate::engine::standing::{Standing, Totals};

/// Makes batches of blocks.
#[derive(Debug)]
pub struct Intake {
    decoder: Decoder,
    clock: CaptureClock,
    key: Key,
    keys: Keys,
    totals: Totals,
}

impl Intake {
    /// An intake that hashes flows with `key`.
    pub fn new(options: decode::Options, key: Key) -> Self {
        let decoder = Decoder::new(options);
        Self { decoder, clock: CaptureClock::default(), key, keys: Keys::default(), totals: Totals::default() }
    }

    /// The same, with keys of sessions for decryption.
    pub fn with_keys(self, keys: Keys) -> Self {
        Self { keys, ..self }
    }

    /// Makes `batch` anew from `block`, whose bytes it takes over in exchange for its own.
    pub fn take(&mut self, block: &mut Block, batch: &mut Batch) {
        batch.packets.clear();
        batch.parts.clear();
        batch.drops.clear();
        batch.grains.clear();
        batch.drops.append(&mut block.drops);
        batch.begins = block.begins.take();
        self.keys.add(&block.key_log);
        batch.keys = self.keys.changed();
        std::mem::swap(&mut batch.bytes, &mut block.bytes);
        batch.frames = block.frames.len() as u64;
        self.totals.crowded += u64::from(std::mem::take(&mut block.crowded));
        self.count(&block.frames);
        for frame in &block.frames {
            self.frame(frame, batch);
        }
        if let Some(tick) = block.tick.take() {
            self.tick(tick, batch);
        }
        if let Some(now) = self.clock.now() {
            batch.parts.push(Part { end: batch.packets.len(), now, jumps: false });
        }
        batch.standing = std::mem::take(&mut block.wants_report).then(|| Box::new(self.standing()));
    }

    /// What was taken in so far, what the decoder skipped and doubted of it, and which keys it brought.
    pub fn standing(&self) -> Standing {
        Standing { totals: self.totals, decode: self.decoder.counts().clone(), key_lines: self.keys.brought() }
    }

    /// Moves the clock; where it jumps, a part ends.
    fn tick(&mut self, time: Time, batch: &mut Batch) -> Time {
        match self.clock.tick(time) {
            Tick::Now(now) => now,
            Tick::Jump { before, now } => {
                self.totals.jumps += 1;
                batch.parts.push(Part { end: batch.packets.len(), now: before, jumps: true });
                now
            }
        }
    }

    fn frame(&mut self, frame: &Frame, batch: &mut Batch) {
        let now = self.tick(frame.time, batch);
        count_in_grain(&mut batch.grains, now);
        let frame = decode::Frame {
            number: frame.number,
            time: frame.time,
            link: frame.link,
            span: Span { start: frame.start, len: frame.len },
            original_len: frame.original_len,
        };
        let mut router = Router { key: self.key, now, packets: &mut batch.packets };
        if !self.decoder.straight(&frame, &batch.bytes, &mut router) {
            self.walk(frame, now, batch);
        }
    }

    /// Takes a frame that is not of the common kind.
    #[inline(never)]
    fn walk(&mut self, frame: decode::Frame, now: Time, batch: &mut Batch) {
        let mut found = Some(self.decoder.decode(frame, &mut batch.bytes));
        while let Some(packet) = found {
            // Why a frame gives no packet is counted by the decoder.
            if let Ok(packet) = packet {
                Router { key: self.key, now, packets: &mut batch.packets }.put(packet);
            }
            found = self.decoder.further(&mut batch.bytes);
        }
    }

    fn count(&mut self, frames: &[Frame]) {
        let totals = &mut self.totals;
        totals.frames += frames.len() as u64;
        totals.bytes += frames.iter().map(|frame| u64::from(frame.original_len.max(frame.len))).sum::<u64>();
        totals.first = frames.iter().map(|frame| frame.time).chain(totals.first).min();
        totals.last = frames.iter().map(|frame| frame.time).chain(totals.last).max();
    }
}

/// Takes packets to their batch, with what sends each to its shard.
struct Router<'a> {
    key: Key,
    now: Time,
    packets: &'a mut Vec<Routed>,
}

impl Sink for Router<'_> {
    #[inline(always)]
    fn put(&mut self, packet: Packet) {
        let is_udp = match packet.transport {
            Transport::Tcp(_) => false,
            Transport::Udp => true,
            Transport::Icmp { of_udp, .. } => of_udp,
        };
        self.packets.push(Routed { packet, hash: self.key.hash(packet.ends, is_udp), now: self.now });
    }
}

/// Counts a frame in the grain of its time. Frames come in the order of time, so that the last grain is mostly the one.
fn count_in_grain(grains: &mut Vec<(Time, u64)>, now: Time) {
    match grains.last_mut() {
        Some((from, frames)) if now >= *from && now < from.after(GRAIN) => *frames += 1,
        _ => grains.push((Losses::grain_of(now), 1)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The clock of each part, and whether it jumps there.
    fn parts(intake: &mut Intake, tick: Option<Time>) -> Vec<(Time, bool)> {
        let mut batch = Batch::default();
        intake.take(&mut Block { tick, ..Block::default() }, &mut batch);
        assert!(batch.packets.is_empty());
        batch.parts.iter().map(|part| (part.now, part.jumps)).collect()
    }

    #[test]
    fn time_moves_where_no_frame_comes() {
        let mut intake = Intake::new(decode::Options::default(), Key::default());
        let at = |seconds| Time::new(seconds, 0);
        assert_eq!(parts(&mut intake, None), []);
        assert_eq!(parts(&mut intake, Some(at(1000))), [(at(1000), false)]);
        assert_eq!(parts(&mut intake, Some(at(1100))), [(at(1100), false)]);
        assert_eq!(parts(&mut intake, Some(at(1099))), [(at(1100), false)], "time does not go back");
        assert_eq!(parts(&mut intake, None), [(at(1100), false)]);
        assert_eq!(parts(&mut intake, Some(at(9000))), [(at(1100), true), (at(9000), false)]);
        let totals = intake.standing().totals;
        assert_eq!((totals.first, totals.jumps), (None, 1), "a tick is no frame");
    }
}
