//! The retransmission timer (RFC 6298).

use std::time::Duration;

/// Before any sample (RFC 6298, section 2.1).
const INITIAL: Duration = Duration::from_secs(1);
/// The least. RFC 6298 would have one second; Linux has this (TCP_RTO_MIN), and so has what is seen on real paths.
const MINIMUM: Duration = Duration::from_millis(200);
/// The most (RFC 6298, section 2.5, allows no less than 60 s; Linux: TCP_RTO_MAX).
const MAXIMUM: Duration = Duration::from_secs(120);
/// Clock granularity.
const GRANULARITY: Duration = Duration::from_millis(1);

/// Smoothed round trip, and the timeout that follows from it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rto {
    /// Smoothed round trip and its variation.
    smoothed: Option<(Duration, Duration)>,
    doublings: u32,
}

impl Rto {
    pub(super) fn new() -> Self {
        Self { smoothed: None, doublings: 0 }
    }

    /// A round trip was measured, on a segment that was sent once (Karn).
    pub(super) fn sample(&mut self, rtt: Duration) {
        self.smoothed = Some(match self.smoothed {
            None => (rtt, rtt / 2),
            Some((smoothed, variation)) => ((smoothed * 7 + rtt) / 8, (variation * 3 + smoothed.abs_diff(rtt)) / 4),
        });
        self.doublings = 0;
    }

    /// The timer ran out.
    pub(super) fn back_off(&mut self) {
        self.doublings += 1;
    }

    /// Something new was acknowledged.
    pub(super) fn relax(&mut self) {
        self.doublings = 0;
    }

    /// How long to wait now.
    pub(super) fn timeout(&self) -> Duration {
        let base = self
            .smoothed
            .map_or(INITIAL, |(smoothed, variation)| (smoothed + (variation * 4).max(GRANULARITY)).max(MINIMUM));
        base.saturating_mul(1_u32.checked_shl(self.doublings).unwrap_or(u32::MAX)).min(MAXIMUM)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_timer_follows_the_round_trips_and_doubles() {
        let ms = Duration::from_millis;
        let mut rto = Rto::new();
        assert_eq!(rto.timeout(), ms(1_000));
        rto.sample(ms(100));
        assert_eq!(rto.timeout(), ms(100 + 4 * 50));
        for _ in 0..100 {
            rto.sample(ms(100));
        }
        assert_eq!(rto.timeout(), ms(200), "never below Linux's least");
        for expected in [400, 800, 1_600] {
            rto.back_off();
            assert_eq!(rto.timeout(), ms(expected));
        }
        (0..40).for_each(|_| rto.back_off());
        assert_eq!(rto.timeout(), MAXIMUM);
        rto.relax();
        assert_eq!(rto.timeout(), ms(200));
    }
}
