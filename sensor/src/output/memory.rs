//! A bounded memory of what costs more to make than to find again.

/// Places of which a key may take any. With one, keys that share a place drive each other out however much room there is.
const WAYS: usize = 4;

/// Values by their keys. Of the few places that a key may take by its hash, the one that was used longest ago gives way, so
/// that made keys can drive others out, and never give anybody another's value.
#[derive(Debug)]
pub(super) struct Memory<K, V> {
    /// Each ordered by use, the latest first; none before anything was remembered.
    sets: Vec<[Option<(K, V)>; WAYS]>,
    limit: usize,
}

impl<K: PartialEq, V> Memory<K, V> {
    /// Room for at most `capacity` values, rounded up to a multiple of four.
    pub(super) fn new(capacity: usize) -> Self {
        Self { sets: Vec::new(), limit: capacity.div_ceil(WAYS).max(1) }
    }

    /// What is remembered under a key, whose `hash` must be spread evenly.
    pub(super) fn recall(&mut self, hash: u64, key: &K) -> Option<&V> {
        let set = self.set(hash)?;
        let place = set.iter().position(|known| known.as_ref().is_some_and(|(known, _)| known == key))?;
        set.get_mut(..=place)?.rotate_right(1);
        set.first()?.as_ref().map(|(_, value)| value)
    }

    /// Remembers a value under a key under which nothing is remembered.
    pub(super) fn remember(&mut self, hash: u64, key: K, value: V) {
        if self.sets.is_empty() {
            self.sets.resize_with(self.limit, Default::default);
        }
        let Some(set) = self.set(hash) else { return };
        set.rotate_right(1);
        let [first, ..] = set;
        *first = Some((key, value));
    }

    fn set(&mut self, hash: u64) -> Option<&mut [Option<(K, V)>; WAYS]> {
        self.sets.get_mut((hash % self.limit as u64) as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Recalls a key, or else remembers its square; whether it was known.
    fn know(memory: &mut Memory<u64, u64>, key: u64) -> bool {
        let known = memory.recall(key, &key).copied();
        assert!(known.is_none_or(|value| value == key * key), "{key} has the value of another");
        if known.is_none() {
            memory.remember(key, key, key * key);
        }
        known.is_some()
    }

    #[test]
    fn it_is_bounded_and_what_is_used_stays() {
        let mut memory = Memory::new(8);
        assert!(!know(&mut memory, 0));
        for key in 1..100 {
            assert!(know(&mut memory, 0), "used before {key}");
            assert!(!know(&mut memory, key));
        }
        assert_eq!(memory.sets.iter().flatten().flatten().count(), 8);
        assert!((93..100).all(|key| know(&mut memory, key)), "the last seven");
    }

    #[test]
    fn where_everything_has_room_nothing_is_forgotten() {
        let mut memory = Memory::new(64);
        for round in 0..3 {
            assert!((0..64).all(|key| know(&mut memory, key) == (round > 0)));
        }
    }

    #[test]
    fn there_is_always_room_for_some() {
        let mut memory = Memory::new(0);
        assert!(!know(&mut memory, 7));
        assert!(know(&mut memory, 7));
    }
}
