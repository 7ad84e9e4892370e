//! HdrHistogram's division of spans into buckets, for [`SIGNIFICANT_DIGITS`] digits and a unit of 1 µs: every µs up to
//! 255, and from there 128 buckets for each doubling, so that no value is off by more than 1 %.
//!
//! (HdrHistogram.org; the crate `hdrhistogram`, with which the tests compare every bucket.)

/// Decimal digits that are kept.
pub(super) const SIGNIFICANT_DIGITS: u8 = 2;

/// The smallest span told from its neighbours, in µs.
pub(super) const LOWEST: u64 = 1;

/// The longest span, 1 h in µs; longer ones count as this.
pub(super) const HIGHEST: u64 = 3_600_000_000;

/// The bucket of [`HIGHEST`].
const LAST: u16 = 3286;

/// The smallest power of two that holds twice 10^[`SIGNIFICANT_DIGITS`] values, as bits; half of them make a doubling.
const SUB_BUCKET_BITS: u32 = 8;
const HALF_BITS: u32 = SUB_BUCKET_BITS - 1;
const HALF: u64 = 1 << HALF_BITS;

/// The bucket of a span in µs.
pub(super) fn bucket(micros: u64) -> u16 {
    let micros = micros.min(HIGHEST);
    let doublings = (u64::BITS - micros.leading_zeros()).saturating_sub(SUB_BUCKET_BITS);
    let index = (u64::from(doublings) << HALF_BITS) + (micros >> doublings);
    u16::try_from(index).unwrap_or(LAST)
}

/// The shortest span in a bucket, in µs.
#[cfg(test)]
pub(super) fn lowest_in(bucket: u16) -> u64 {
    let (doublings, within) = split(bucket);
    within << doublings
}

/// The longest span in a bucket, in µs: what stands for it in quantiles.
pub(super) fn highest_in(bucket: u16) -> u64 {
    let (doublings, within) = split(bucket);
    ((within + 1) << doublings) - 1
}

fn split(bucket: u16) -> (u64, u64) {
    let doublings = (u64::from(bucket) >> HALF_BITS).saturating_sub(1);
    (doublings, u64::from(bucket) - (doublings * HALF))
}

/// How finely spans are told apart: as buckets are, or as so many joined of them, which count as the highest.
///
/// With each step a span may be shown as longer by twice as much: by 1, 2, 3, 6, 12, 25, 50 and at last 100 %, and below 256 µs
/// by 127 µs.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Grain {
    joined: u32,
}

impl Grain {
    /// The next coarser one; `None` where a bucket is a doubling already.
    pub(super) fn coarser(self) -> Option<Self> {
        (self.joined < HALF_BITS).then(|| Self { joined: self.joined + 1 })
    }

    /// How often buckets were joined by two.
    pub(super) fn steps(self) -> u32 {
        self.joined
    }

    /// What stands for a bucket.
    pub(super) fn of(self, bucket: u16) -> u16 {
        (bucket | ((1 << self.joined) - 1)).min(LAST)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hdrhistogram::Histogram;

    #[test]
    fn buckets_are_those_of_hdrhistogram() {
        let dense = Histogram::<u64>::new_with_bounds(LOWEST, HIGHEST, SIGNIFICANT_DIGITS).unwrap();
        let around = (0..32).flat_map(|bit| [-1_i64, 0, 1].map(|step| (1_i64 << bit) + step));
        let random = (0..20_000_u64).map(|n| (n.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (n % 60)) as i64);
        for micros in around.chain(random).filter_map(|value| u64::try_from(value).ok()) {
            let micros = micros.min(HIGHEST);
            assert_eq!(lowest_in(bucket(micros)), dense.lowest_equivalent(micros), "{micros}");
            assert_eq!(highest_in(bucket(micros)), dense.highest_equivalent(micros), "{micros}");
        }
    }

    #[test]
    fn buckets_follow_each_other() {
        for index in 0..bucket(HIGHEST) {
            assert_eq!(bucket(lowest_in(index)), index);
            assert_eq!(highest_in(index) + 1, lowest_in(index + 1));
        }
        assert_eq!(bucket(u64::MAX), bucket(HIGHEST));
        assert_eq!(bucket(HIGHEST), LAST);
    }

    #[test]
    fn a_coarser_grain_is_off_upwards_and_by_twice_as_much() {
        let mut grain = Some(Grain::default());
        let mut off = 1.0 / HALF as f64;
        while let Some(this) = grain {
            for index in 0..=LAST {
                let joined = this.of(index);
                assert!(joined >= index && this.of(joined) == joined);
                let (shown, shortest) = (highest_in(joined) as f64, lowest_in(index).max(1) as f64);
                assert!(index < 2 * HALF as u16 || shown < shortest * (1.0 + off), "{index} at {}", this.steps());
            }
            (grain, off) = (this.coarser(), 2.0 * off);
        }
        assert_eq!(off, 2.0, "the coarsest joins all of a doubling");
    }
}
