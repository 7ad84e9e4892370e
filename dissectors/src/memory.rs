//! A bounded memory of what costs more to make than to find again.

/// Places of which an item may take any. With one, items that share a place drive each other out however much room there is.
const WAYS: usize = 4;

/// Items that are found by a hash and by what they are. Of the few places that an item may take by its hash, the one that was
/// used longest ago gives way: made hashes can drive others out, at the price of making them anew, and nothing else.
#[derive(Debug)]
pub struct Memory<T> {
    /// Each ordered by use, the latest first; none before anything was remembered.
    sets: Vec<[Option<T>; WAYS]>,
    limit: usize,
    forgotten: u64,
}

impl<T> Memory<T> {
    /// Room for `capacity` items, rounded up to a multiple of four.
    pub fn new(capacity: usize) -> Self {
        Self { sets: Vec::new(), limit: capacity.div_ceil(WAYS).max(1), forgotten: 0 }
    }

    /// The item with this hash that `is_it` knows again. Hashes must be spread evenly.
    pub fn recall(&mut self, hash: u64, is_it: impl Fn(&T) -> bool) -> Option<&T> {
        let set = self.set(hash)?;
        let place = set.iter().position(|item| item.as_ref().is_some_and(&is_it))?;
        set.get_mut(..=place)?.rotate_right(1);
        set.first()?.as_ref()
    }

    /// Remembers an item that is not remembered.
    pub fn remember(&mut self, hash: u64, item: T) {
        if self.sets.is_empty() {
            self.sets.resize_with(self.limit, Default::default);
        }
        let Some(set) = self.set(hash) else { return };
        set.rotate_right(1);
        let [first, ..] = set;
        self.forgotten += u64::from(first.replace(item).is_some());
    }

    /// How many items gave way to others.
    pub fn forgotten(&self) -> u64 {
        self.forgotten
    }

    /// How many items are remembered.
    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.sets.iter().flatten().flatten().count()
    }

    fn set(&mut self, hash: u64) -> Option<&mut [Option<T>; WAYS]> {
        self.sets.get_mut((hash % self.limit as u64) as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether a number was remembered, as it is from now on.
    fn know(memory: &mut Memory<u64>, number: u64) -> bool {
        let known = memory.recall(number, |known| *known == number).copied();
        assert!(known.is_none_or(|known| known == number), "{number} was taken for another");
        if known.is_none() {
            memory.remember(number, number);
        }
        known.is_some()
    }

    #[test]
    fn it_is_bounded_and_what_is_used_stays() {
        let mut memory = Memory::new(8);
        assert!(!know(&mut memory, 0));
        for number in 1..100 {
            assert!(know(&mut memory, 0), "used before {number}");
            assert!(!know(&mut memory, number));
        }
        assert_eq!(memory.len(), 8);
        assert_eq!(memory.forgotten(), 100 - 8);
        assert!((93..100).all(|number| know(&mut memory, number)), "the last seven");
    }

    #[test]
    fn where_everything_has_room_nothing_is_forgotten() {
        let mut memory = Memory::new(64);
        for round in 0..3 {
            assert!((0..64).all(|number| know(&mut memory, number) == (round > 0)));
        }
        assert_eq!(memory.forgotten(), 0);
    }

    #[test]
    fn there_is_always_room_for_some() {
        let mut memory = Memory::new(0);
        assert!(!know(&mut memory, 7));
        assert!(know(&mut memory, 7));
    }
}
