//! A bounded memory in two generations: what is used while a generation fills survives it.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::hash::Hash;

/// At most `2 * half` answers.
#[derive(Debug)]
pub(super) struct Memo<K, V> {
    young: HashMap<K, V>,
    old: HashMap<K, V>,
    half: usize,
    forgotten: u64,
}

impl<K: Eq + Hash, V: Clone> Memo<K, V> {
    pub(super) fn new(capacity: usize) -> Self {
        Self { young: HashMap::new(), old: HashMap::new(), half: capacity.div_ceil(2).max(1), forgotten: 0 }
    }

    pub(super) fn recall<Q>(&mut self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        if let Some(value) = self.young.get(key) {
            return Some(value.clone());
        }
        let (key, value) = self.old.remove_entry(key)?;
        self.remember(key, value.clone());
        Some(value)
    }

    pub(super) fn remember(&mut self, key: K, value: V) {
        if self.young.len() >= self.half {
            self.forgotten = self.forgotten.saturating_add(self.old.len() as u64);
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(key, value);
    }

    /// How many answers were forgotten to make room.
    pub(super) fn forgotten(&self) -> u64 {
        self.forgotten
    }
}

#[cfg(test)]
mod tests {
    use super::Memo;

    #[test]
    fn bounded_and_what_is_used_stays() {
        let mut memo = Memo::new(8);
        memo.remember(0, 0);
        for number in 1..100 {
            assert_eq!(memo.recall(&0), Some(0), "used before {number}");
            memo.remember(number, number);
            assert!(memo.young.len() + memo.old.len() <= 8);
        }
        assert_eq!(memo.recall(&1), None);
        assert_eq!(memo.recall(&99), Some(99));
        assert!(memo.forgotten() > 80);
    }
}
