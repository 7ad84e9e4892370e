//! The probe timeout (RFC 9002, section 6.2).

use std::time::Duration;

use dissectors::time::Time;

/// Round trip before any sample (RFC 9002, section 6.2.2).
const INITIAL_RTT: Duration = Duration::from_millis(333);
const GRANULARITY: Duration = Duration::from_millis(1);
/// The peer's delay of acknowledgements, once the handshake is over (RFC 9000, section 18.2).
const MAX_ACK_DELAY: Duration = Duration::from_millis(25);

/// When to send again what was not acknowledged.
#[derive(Clone, Copy, Debug)]
pub(super) struct Timer {
    smoothed: Duration,
    variation: Duration,
    sampled: bool,
    doublings: u32,
    since: Option<Time>,
}

impl Timer {
    pub(super) fn new() -> Self {
        Self { smoothed: INITIAL_RTT, variation: INITIAL_RTT / 2, sampled: false, doublings: 0, since: None }
    }

    /// Something was sent that asks for an acknowledgement.
    pub(super) fn sent(&mut self, now: Time) {
        self.since = Some(now);
    }

    /// An acknowledgement came, with a round trip if it was of something sent once; `waiting` if there is more to wait
    /// for.
    pub(super) fn acknowledged(&mut self, now: Time, rtt: Option<Duration>, waiting: bool) {
        if let Some(rtt) = rtt {
            if self.sampled {
                self.variation = (self.variation * 3 + self.smoothed.abs_diff(rtt)) / 4;
                self.smoothed = (self.smoothed * 7 + rtt) / 8;
            } else {
                (self.smoothed, self.variation, self.sampled) = (rtt, rtt / 2, true);
            }
        }
        self.doublings = 0;
        self.since = waiting.then_some(now);
    }

    /// The timer ran out and a probe is sent.
    pub(super) fn probed(&mut self, now: Time) {
        self.doublings += 1;
        self.since = Some(now);
    }

    /// Nothing more is waited for.
    pub(super) fn stop(&mut self) {
        self.since = None;
    }

    pub(super) fn deadline(&self) -> Option<Time> {
        let delay = if self.sampled { MAX_ACK_DELAY } else { Duration::ZERO };
        let timeout = self.smoothed + (self.variation * 4).max(GRANULARITY) + delay;
        let factor = 1_u32.checked_shl(self.doublings).unwrap_or(u32::MAX);
        self.since.map(|since| since.after(timeout.saturating_mul(factor)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn probes_come_after_one_two_and_four_seconds_without_a_sample() {
        let mut timer = Timer::new();
        let mut now = Time(0);
        timer.sent(now);
        for expected in [999, 1_998, 3_996] {
            let deadline = timer.deadline().unwrap();
            assert_eq!(deadline.since(now), Duration::from_millis(expected));
            now = deadline;
            timer.probed(now);
        }
        timer.acknowledged(now, Some(Duration::from_millis(40)), true);
        assert_eq!(timer.deadline().unwrap().since(now), Duration::from_millis(40 + 80 + 25));
        timer.stop();
        assert_eq!(timer.deadline(), None);
    }
}
