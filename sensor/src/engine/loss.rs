//! How much the capture lost, and when: what every opinion about an absence must ask first.

use std::collections::{BTreeMap, VecDeque};

use dissectors::attempt::Attempt;
use dissectors::flow::{Loss, Losses};
use dissectors::time::Time;
use rules::quality::Quality;

use crate::capture::Drops;
use crate::engine::batch::Batch;
use crate::engine::heard::Heard;

/// Grains kept: an hour, longer than any attempt lives (it is over after two minutes without a packet).
const MAX_GRAINS: usize = 360;

/// Statements about lost frames kept; dumpcap writes one for each interface, others one a second.
const MAX_DROPS: usize = 4096;

/// What was captured and lost in one grain.
#[derive(Clone, Copy, Debug, Default)]
struct Grain {
    frames: u64,
    loss: Loss,
}

/// The record of losses of one capture.
#[derive(Debug, Default)]
pub struct LossRecord {
    /// By the beginning of each grain.
    grains: BTreeMap<Time, Grain>,
    drops: VecDeque<Drops>,
    frames: u64,
    dropped: u64,
    heard: Heard,
    /// The span that was asked for last, by its first and its last grain, and what was lost in it.
    asked: Option<(Time, Time, Loss)>,
}

impl LossRecord {
    /// Adds what a batch showed.
    pub fn batch(&mut self, batch: &Batch, losses: &Losses) {
        self.asked = None;
        self.frames += batch.frames;
        for (from, frames) in &batch.grains {
            self.grains.entry(*from).or_default().frames += frames;
        }
        for (from, loss) in losses.grains() {
            let sum = &mut self.grains.entry(from).or_default().loss;
            sum.acknowledgements += loss.acknowledgements;
            sum.gaps += loss.gaps;
        }
        batch.drops.iter().for_each(|drops| self.add_drops(*drops));
        while self.grains.len() > MAX_GRAINS {
            self.forget_farthest(batch.parts.last().map(|part| part.now));
        }
    }

    /// Forgets the grain that is farthest from now, on whichever side: the clock may have fallen back.
    fn forget_farthest(&mut self, now: Option<Time>) {
        let (first, last) = (self.grains.first_key_value(), self.grains.last_key_value());
        let is_ahead =
            now.zip(first.zip(last)).is_some_and(|(now, ((first, _), (last, _)))| last.since(now) > now.since(*first));
        let _ = if is_ahead { self.grains.pop_last() } else { self.grains.pop_first() };
    }

    /// A record that knows beforehand what the capture will say. It comes again when the capture is read, which leaves
    /// every ratio as it is.
    pub fn foreseeing(drops: impl IntoIterator<Item = Drops>) -> Self {
        Self { drops: drops.into_iter().filter(|drops| drops.lost() > 0).take(MAX_DROPS).collect(), ..Self::default() }
    }

    /// The same, remembering at most so many clients that were sent something.
    pub fn remembering(self, clients: usize) -> Self {
        Self { heard: Heard::of_at_most(clients), ..self }
    }

    /// Clients that had to make room for others: that they were sent something is not known any more.
    pub fn forgotten_clients(&self) -> u64 {
        self.heard.forgotten()
    }

    /// Adds a statement about lost frames.
    fn add_drops(&mut self, drops: Drops) {
        self.dropped = self.dropped.saturating_add(drops.lost());
        if drops.lost() > 0 {
            self.drops.push_back(drops);
        }
        while self.drops.len() > MAX_DROPS {
            self.drops.pop_front();
        }
    }

    /// Remembers when the client of an attempt was sent something.
    pub fn hear(&mut self, attempt: &Attempt) {
        self.heard.add(attempt);
    }

    /// All frames that the capture says were lost.
    pub fn dropped(&self) -> u64 {
        self.dropped
    }

    /// The capture's quality from an attempt's hello to the end of its observation.
    pub fn quality(&mut self, attempt: &Attempt) -> Quality {
        let (from, to) = (attempt.time, attempt.closed.max(attempt.time));
        let client_heard = attempt.quic().and_then(|_| self.heard.nearest(attempt));
        let Loss { gaps, acknowledgements } = self.loss(Losses::grain_of(from), Losses::grain_of(to));
        let mut quality = Quality { gaps, acknowledgements, client_heard, ..Quality::default() };
        for drops in self.drops.iter().filter(|drops| overlaps(drops, from, to)) {
            quality.dropped = quality.dropped.saturating_add(drops.lost());
            quality.captured = quality.captured.saturating_add(self.captured(drops));
        }
        quality
    }

    /// What flows showed to be lost from one grain to another. Most attempts of a batch ask for the same span.
    fn loss(&mut self, first: Time, last: Time) -> Loss {
        match self.asked {
            Some((from, to, loss)) if (from, to) == (first, last) => loss,
            _ => {
                let (mut acknowledgements, mut gaps) = (0, 0);
                for grain in self.span(first, last) {
                    acknowledgements += grain.loss.acknowledgements;
                    gaps += grain.loss.gaps;
                }
                let loss = Loss { acknowledgements, gaps };
                self.asked = Some((first, last, loss));
                loss
            }
        }
    }

    /// Frames captured in the span of a statement about lost ones: as the statement says, or else as was counted.
    fn captured(&self, drops: &Drops) -> u64 {
        drops.delivered.or(drops.received).unwrap_or_else(|| match (drops.from, drops.to) {
            (Some(from), Some(to)) => self.span(from, to).map(|grain| grain.frames).sum(),
            _ => self.frames,
        })
    }

    /// The grains that a span touches.
    fn span(&self, from: Time, to: Time) -> impl Iterator<Item = &Grain> {
        let first = Losses::grain_of(from);
        self.grains.range(first..=to.max(first)).map(|(_, grain)| grain)
    }
}

/// Whether a statement about lost frames is about a part of the span. One without times is about all of the capture.
fn overlaps(drops: &Drops, from: Time, to: Time) -> bool {
    drops.from.is_none_or(|begin| begin <= to) && drops.to.is_none_or(|end| end >= from)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::batch::Part;

    #[test]
    fn grains_are_bounded_and_those_of_now_are_kept_also_when_the_clock_fell_back() {
        let mut record = LossRecord::default();
        let mut batch = |seconds: i64| {
            let now = Time::new(seconds, 0);
            let parts = vec![Part { end: 0, now, jumps: false }];
            record.batch(&Batch { parts, grains: vec![(now, 1)], ..Batch::default() }, &Losses::default());
            (record.grains.len(), record.grains.contains_key(&now))
        };
        let later = 1_000_000;
        assert!((0..400).all(|i| batch(later + 10 * i).1));
        assert!((0..400).all(|i| batch(10 * i) == (MAX_GRAINS, true)), "a clock that fell back begins a new record");
    }
}
