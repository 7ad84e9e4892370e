//! Holds items until they are due, in the order of their times. Time is an argument.

use std::collections::BTreeMap;

/// A queue of items by due time; items due at the same moment keep the order in which they came.
pub struct DelayLine<M, T> {
    items: BTreeMap<(M, u64), T>,
    pushed: u64,
}

impl<M, T> Default for DelayLine<M, T> {
    fn default() -> Self {
        Self { items: BTreeMap::new(), pushed: 0 }
    }
}

impl<M: Ord + Copy, T> DelayLine<M, T> {
    /// Adds an item to come out at `due`.
    pub fn push(&mut self, due: M, item: T) {
        self.items.insert((due, self.pushed), item);
        self.pushed += 1;
    }

    /// When the next item is due.
    pub fn next_due(&self) -> Option<M> {
        self.items.first_key_value().map(|((due, _), _)| *due)
    }

    /// The next item, if it is due by `now`.
    pub fn pop_due(&mut self, now: M) -> Option<T> {
        let entry = self.items.first_entry()?;
        (entry.key().0 <= now).then(|| entry.remove())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_come_out_in_order_of_time_then_of_arrival_and_never_early() {
        let mut line = DelayLine::default();
        for (due, item) in [(30, 'd'), (10, 'a'), (20, 'b'), (20, 'c')] {
            line.push(due, item);
        }
        assert_eq!(line.next_due(), Some(10));
        assert_eq!(line.pop_due(9), None);
        let out: String = std::iter::from_fn(|| line.pop_due(29)).collect();
        assert_eq!(out, "abc");
        assert_eq!(line.next_due(), Some(30));
    }
}
