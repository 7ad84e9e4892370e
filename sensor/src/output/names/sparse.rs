//! A histogram of spans that keeps only the buckets it has values in: a dense one takes 13 kB and more, which a hundred
//! thousand names cannot have.

use std::time::Duration;

use super::layout;

/// Counts by bucket of [`layout`], in order.
#[derive(Clone, Debug, Default)]
pub(super) struct Sparse(Vec<(u16, u32)>);

impl Sparse {
    /// Without values.
    pub(super) const EMPTY: Self = Self(Vec::new());

    /// Adds a span.
    pub(super) fn record(&mut self, span: Duration) {
        let bucket = layout::bucket(u64::try_from(span.as_micros()).unwrap_or(u64::MAX));
        match self.0.binary_search_by_key(&bucket, |(bucket, _)| *bucket) {
            Ok(place) => {
                if let Some((_, count)) = self.0.get_mut(place) {
                    *count = count.saturating_add(1);
                }
            }
            Err(place) => self.0.insert(place, (bucket, 1)),
        }
    }

    /// How many spans there are.
    pub(super) fn len(&self) -> u64 {
        self.iter().map(|(_, count)| count).sum()
    }

    /// Whether there is none.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Buckets with their counts, the shortest first.
    pub(super) fn iter(&self) -> impl Iterator<Item = (u16, u64)> + Clone {
        self.0.iter().map(|(bucket, count)| (*bucket, u64::from(*count)))
    }
}
