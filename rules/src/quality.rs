//! How much the capture can be trusted around an attempt. Handed in by whoever watches the whole capture; nothing here
//! looks at packets.

use std::time::Duration;

use crate::limits::LossLimits;

/// The capture's quality in the window from an attempt's hello to its end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Quality {
    /// Acknowledgements of bytes that were never captured, over all flows.
    pub gaps: u64,
    /// Acknowledgements that could have shown one, over all flows.
    pub acknowledgements: u64,
    /// Packets that kernel and interface say they dropped, as the step of their counters over the window. A counter
    /// without times is that of the whole file.
    pub dropped: u64,
    /// Packets captured in the same span as `dropped`.
    pub captured: u64,
    /// At most how far from the hello, earlier or later, a packet of any server to the same client address in some other
    /// attempt was: proof that the way back was visible. QUIC alone needs it.
    pub client_heard: Option<Duration>,
}

impl Quality {
    /// How far away a packet to the client still proves that its direction was visible: 60 s.
    pub const HEARD_WITHIN: Duration = Duration::from_secs(60);

    /// Whether so much was lost that absence proves nothing.
    ///
    /// Drop counters are counts and always believed. Gaps are a sample: a ratio over a handful of acknowledgements is no
    /// ratio, so that fewer than [`LossLimits::min_gaps`] never make a capture lossy; a gap in the attempt's own flow is
    /// told by its own facts.
    pub fn is_lossy(&self, limits: &LossLimits) -> bool {
        let dropped = reaches(self.dropped, self.captured.saturating_add(self.dropped), limits.per_million);
        dropped || (self.gaps >= limits.min_gaps && reaches(self.gaps, self.acknowledgements, limits.per_million))
    }

    /// Whether packets to the attempt's client were seen near enough.
    pub fn client_was_heard(&self) -> bool {
        self.client_heard.is_some_and(|away| away <= Self::HEARD_WITHIN)
    }
}

/// Whether `part` of `whole` is at least `per_million`; nothing of nothing is not.
fn reaches(part: u64, whole: u64, per_million: u64) -> bool {
    part > 0 && u128::from(part) * 1_000_000 >= u128::from(whole) * u128::from(per_million)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loss() {
        let cases = [
            // gaps, acknowledgements, dropped, captured, lossy
            (0, 0, 0, 0, false),
            (0, 20, 0, 20, false),
            (1, 20, 0, 20, false),
            (2, 20, 0, 20, false),
            (3, 20, 0, 20, true),
            (3, 3_000, 0, 3_000, true),
            (3, 3_001, 0, 3_000, false),
            (9, 10_000, 0, 0, false),
            (10, 10_000, 0, 0, true),
            (0, 0, 1, 999, true),
            (0, 0, 1, 1_000, false),
            (0, 0, 1, 0, true),
            (0, 0, u64::MAX, u64::MAX, true),
        ];
        for (gaps, acknowledgements, dropped, captured, lossy) in cases {
            let quality = Quality { gaps, acknowledgements, dropped, captured, client_heard: None };
            assert_eq!(quality.is_lossy(&LossLimits::default()), lossy, "{quality:?}");
        }
    }

    #[test]
    fn losing_more_never_makes_a_capture_better() {
        let limits = LossLimits::default();
        for gaps in 0..20 {
            for dropped in 0..20 {
                let quality = |gaps, dropped| Quality {
                    gaps,
                    acknowledgements: 5_000,
                    dropped,
                    captured: 5_000,
                    client_heard: None,
                };
                let before = quality(gaps, dropped).is_lossy(&limits);
                assert!(!before || quality(gaps + 1, dropped).is_lossy(&limits));
                assert!(!before || quality(gaps, dropped + 1).is_lossy(&limits));
            }
        }
    }
}
