//! What the capture lost of flows that ended, and when. Kept by grains of time, since a flow's end and the silence that it
//! bears on may be told at once.

use std::time::Duration;

use crate::time::Time;

/// The grain in which losses are added up: as long as a hard silence.
pub const GRAIN: Duration = Duration::from_secs(10);

/// Acknowledgements, and directions with a gap.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Loss {
    /// Packets that could have shown a gap.
    pub acknowledgements: u64,
    /// Directions of flows that had one.
    pub gaps: u64,
}

/// Losses by the beginning of their grain, in the order of time. As many grains as packets of one batch cover, which is
/// nearly always one or two.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Losses(Vec<(Time, Loss)>);

impl Losses {
    /// The beginning of the grain that a moment is in.
    pub fn grain_of(at: Time) -> Time {
        let grain = i64::try_from(GRAIN.as_nanos()).unwrap_or(i64::MAX);
        Time(at.0.saturating_sub(at.0.rem_euclid(grain)))
    }

    /// Adds what a flow showed whose last packet came at `at`.
    pub fn add(&mut self, at: Time, loss: Loss) {
        let grain = Self::grain_of(at);
        let place = self.0.partition_point(|(known, _)| *known < grain);
        match self.0.get_mut(place) {
            Some((known, sum)) if *known == grain => {
                sum.acknowledgements += loss.acknowledgements;
                sum.gaps += loss.gaps;
            }
            _ => self.0.insert(place, (grain, loss)),
        }
    }

    /// Takes over what another has, which keeps nothing but its room.
    pub fn append(&mut self, other: &mut Self) {
        other.0.drain(..).for_each(|(at, loss)| self.add(at, loss));
    }

    /// The grains, in the order of time.
    pub fn grains(&self) -> impl Iterator<Item = (Time, Loss)> + '_ {
        self.0.iter().copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn losses_of_one_grain_add_up_before_and_after_the_epoch() {
        let one = Loss { acknowledgements: 5, gaps: 1 };
        let mut losses = Losses::default();
        for seconds in [0, 9, 10, -1, -10] {
            losses.add(Time::new(seconds, 1), one);
        }
        let gaps: Vec<_> = losses.grains().map(|(at, loss)| (at.0 / 1_000_000_000, loss.gaps)).collect();
        assert_eq!(gaps, [(-10, 2), (0, 2), (10, 1)]);
        assert_eq!(Losses::grain_of(Time(i64::MIN)), Time(i64::MIN), "the first grain is cut");
    }
}
