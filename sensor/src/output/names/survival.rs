//! Quantiles of the time to an answer, where some of the answers never came.
//!
//! An attempt that ended in silence says only that its answer would have taken longer: its length is censored. The
//! estimate of Kaplan and Meier (J. Amer. Statist. Assoc. 53, 1958, 457–481) takes both kinds, and where too many were
//! censored to say, says nothing. Without censored lengths it is the ordinary quantile.

use std::time::Duration;

use super::layout;
use super::sparse::Sparse;

/// What rounding may do to a product of some thousand factors; far less than one attempt in a million.
const TOLERANCE: f64 = 1e-9;

/// The span within which the share `quantile` of all attempts was answered. `None` if it was not reached.
pub(super) fn quantile(answered: &Sparse, censored: &Sparse, quantile: f64) -> Option<Duration> {
    let mut waiting = answered.len() + censored.len();
    let mut unanswered = 1.0;
    let mut censored = censored.iter().peekable();
    for (bucket, answers) in answered.iter() {
        // What was censored within a bucket still waited for the answers in it.
        while let Some((_, gone)) = censored.next_if(|(earlier, _)| *earlier < bucket) {
            waiting -= gone;
        }
        unanswered *= 1.0 - answers as f64 / waiting as f64;
        waiting -= answers;
        if unanswered <= 1.0 - quantile + TOLERANCE {
            return Some(Duration::from_micros(layout::highest_in(bucket)));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use hdrhistogram::Histogram;

    fn sparse(micros: impl IntoIterator<Item = u64>) -> Sparse {
        let mut sparse = Sparse::default();
        micros.into_iter().for_each(|micros| {
            sparse.record(Duration::from_micros(micros), layout::Grain::default());
        });
        sparse
    }

    /// The remission times of the 6-MP arm of Freireich et al. (Blood 21, 1963, 699–716), the textbooks' example: the
    /// survivor function falls to 0.857, 0.807, 0.753, 0.690, 0.627, 0.538 and 0.448 at 6, 7, 10, 13, 16, 22 and 23.
    #[test]
    fn the_textbooks_example() {
        let relapses = sparse([6, 6, 6, 7, 10, 13, 16, 22, 23]);
        let censored = sparse([6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]);
        let cases =
            [(0.1, Some(6)), (0.15, Some(7)), (0.2, Some(10)), (0.3, Some(13)), (0.35, Some(16)), (0.4, Some(22))];
        for (share, micros) in cases.into_iter().chain([(0.5, Some(23)), (0.9, None)]) {
            assert_eq!(quantile(&relapses, &censored, share), micros.map(Duration::from_micros), "{share}");
        }
    }

    #[test]
    fn without_censoring_it_is_hdrhistograms_quantile() {
        let values: Vec<u64> = (1..=1000_u64).map(|n| n.wrapping_mul(0x9e37_79b9) % 5_000_000).collect();
        let mut dense = Histogram::<u64>::new_with_bounds(1, layout::HIGHEST, 2).unwrap();
        values.iter().for_each(|value| dense.record(*value).unwrap());
        let sparse = sparse(values);
        for share in [0.01, 0.1, 0.25, 0.5, 0.9, 0.99, 1.0] {
            let expected = Duration::from_micros(dense.value_at_quantile(share));
            assert_eq!(quantile(&sparse, &Sparse::default(), share), Some(expected), "{share}");
        }
    }

    #[test]
    fn silence_alone_says_nothing() {
        assert_eq!(quantile(&Sparse::default(), &sparse([10_000_000; 5]), 0.5), None);
        assert_eq!(quantile(&Sparse::default(), &Sparse::default(), 0.5), None);
    }
}
