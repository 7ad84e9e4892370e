//! A histogram of spans that keeps only the buckets it has values in: a dense one takes 13 kB and more, which a hundred
//! thousand names cannot have.

use std::time::Duration;

use super::layout::{self, Grain};

/// Counts by bucket of [`layout`], in order.
///
/// Four bytes a bucket: at most 13 kB for a name whose spans are in every one of the 3,287, and with the room that a
/// vector grows ahead 16 kB. A bucket that holds more than a pair can count has several: four bytes more for each 65,535
/// spans, and for no fewer than half of them where buckets were joined.
#[derive(Clone, Debug, Default)]
pub(super) struct Sparse(Vec<(u16, u16)>);

impl Sparse {
    /// Without values.
    pub(super) const EMPTY: Self = Self(Vec::new());

    /// Adds a span; whether it is the first of its bucket.
    pub(super) fn record(&mut self, span: Duration, grain: Grain) -> bool {
        let bucket = grain.of(layout::bucket(u64::try_from(span.as_micros()).unwrap_or(u64::MAX)));
        let place = self.0.partition_point(|(earlier, _)| *earlier < bucket);
        let known = self.0.get_mut(place).filter(|(same, _)| *same == bucket);
        let first = known.is_none();
        match known {
            Some((_, count)) if *count < u16::MAX => *count += 1,
            _ => self.0.insert(place, (bucket, 1)),
        }
        first
    }

    /// Joins buckets that a coarser grain does not tell apart; how many are left.
    pub(super) fn coarsen(&mut self, grain: Grain) -> usize {
        for (bucket, count) in std::mem::take(&mut self.0) {
            let joined = grain.of(bucket);
            match self.0.last_mut() {
                Some((last, sum)) if *last == joined && sum.checked_add(count).is_some() => *sum += count,
                _ => self.0.push((joined, count)),
            }
        }
        self.iter().count()
    }

    /// How many spans there are.
    pub(super) fn len(&self) -> u64 {
        self.0.iter().map(|(_, count)| u64::from(*count)).sum()
    }

    /// Whether there is none.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Buckets with their counts, the shortest first.
    pub(super) fn iter(&self) -> impl Iterator<Item = (u16, u64)> + Clone {
        let buckets = self.0.chunk_by(|(one, _), (next, _)| one == next);
        buckets.filter_map(|pairs| {
            let (bucket, _) = pairs.first()?;
            Some((*bucket, pairs.iter().map(|(_, count)| u64::from(*count)).sum()))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_counts_on_beyond_one_pair() {
        let mut sparse = Sparse::default();
        let many = 3 * u64::from(u16::MAX) + 7;
        for micros in [1, 3] {
            sparse.record(Duration::from_micros(micros), Grain::default());
        }
        let firsts = (0..many).filter(|_| sparse.record(Duration::from_micros(2), Grain::default())).count();
        assert_eq!(firsts, 1, "a pair more is no bucket more, for which others would have to be joined");
        assert_eq!(sparse.iter().collect::<Vec<_>>(), [(1, 1), (2, many), (3, 1)]);
        assert_eq!(sparse.len(), many + 2);
        assert_eq!(sparse.0.len(), 2 + 4);
        assert_eq!(sparse.coarsen(Grain::default().coarser().unwrap()), 2);
        assert_eq!(sparse.iter().collect::<Vec<_>>(), [(1, 1), (3, many + 1)]);
    }

    #[test]
    fn a_name_whose_spans_are_everywhere_takes_what_is_said() {
        let mut sparse = Sparse::default();
        let all = u64::from(layout::bucket(layout::HIGHEST));
        (0..=layout::bucket(layout::HIGHEST)).rev().for_each(|bucket| {
            sparse.record(Duration::from_micros(layout::lowest_in(bucket)), Grain::default());
        });
        assert_eq!(
            sparse.iter().map(|(bucket, _)| u64::from(bucket)).collect::<Vec<_>>(),
            (0..=all).collect::<Vec<_>>()
        );
        assert_eq!(all, 3286);
        assert!(sparse.0.capacity() * size_of::<(u16, u16)>() <= 16 * 1024);
    }
}
