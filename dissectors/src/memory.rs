//! A bounded memory of what costs more to make than to find again.

use std::num::NonZeroU64;

/// Places of which an item may take any. With one, items that share a place drive each other out however much room there is.
const WAYS: usize = 4;

/// Sets of places at first. They are doubled, up to the limit, when one of them is full and so is half of all places: hashes that
/// are made to share a set gain no more than to drive each other out.
const FIRST: usize = 16;

/// Set in every hash that is kept, so that a free place needs no byte of its own to say that it is free.
const TAKEN: NonZeroU64 = NonZeroU64::new(1 << 63).unwrap();

/// Places of which an item may take any, with the items' hashes.
type Set<T> = [Option<(NonZeroU64, T)>; WAYS];

/// Items that are found by a hash and by what they are. Of the few places that an item may take by its hash, the one that was
/// used longest ago gives way: made hashes can drive others out, at the price of making them anew, and nothing else.
#[derive(Debug)]
pub struct Memory<T> {
    /// Items with their hashes, each set ordered by use, the latest first.
    sets: Vec<Set<T>>,
    /// A power of two, as is the number of sets.
    limit: usize,
    len: usize,
    forgotten: u64,
}

impl<T> Memory<T> {
    /// Room for `capacity` items, rounded up to a power of two; it is taken as it is needed.
    pub fn new(capacity: usize) -> Self {
        let limit = capacity.div_ceil(WAYS).checked_next_power_of_two().unwrap_or(1 << (usize::BITS - 1));
        Self { sets: Vec::new(), limit, len: 0, forgotten: 0 }
    }

    /// The item with this hash that `is_it` knows again. Hashes must be spread evenly.
    pub fn recall(&mut self, hash: u64, is_it: impl Fn(&T) -> bool) -> Option<&mut T> {
        let set = self.set(hash)?;
        let is_it =
            |place: &Option<(_, T)>| matches!(place, Some((known, item)) if *known == kept(hash) && is_it(item));
        let place = set.iter().position(is_it)?;
        set.get_mut(..=place)?.rotate_right(1);
        self.latest(hash)
    }

    /// The same, or else what `make` makes, which is remembered from now on. It is never `None`: the smallest memory has places.
    pub fn recall_or(&mut self, hash: u64, is_it: impl Fn(&T) -> bool, make: impl FnOnce() -> T) -> Option<&mut T> {
        if self.recall(hash, is_it).is_none() {
            self.remember(hash, make());
        }
        self.latest(hash)
    }

    /// Remembers an item that is not remembered.
    pub fn remember(&mut self, hash: u64, item: T) {
        let is_full = self.set(hash).is_none_or(|[.., last]| last.is_some());
        if is_full && self.sets.len() < self.limit && self.len >= self.sets.len() * WAYS / 2 {
            self.grow();
        }
        self.put((kept(hash), item));
    }

    /// How many items gave way to others.
    pub fn forgotten(&self) -> u64 {
        self.forgotten
    }

    /// Doubles the sets. The items of each go to two of the new ones, in their order.
    fn grow(&mut self) {
        let more = self.sets.len().saturating_mul(2).clamp(FIRST.min(self.limit), self.limit);
        let sets = std::mem::take(&mut self.sets);
        self.sets.resize_with(more, Default::default);
        self.len = 0;
        sets.into_iter().flat_map(|set| set.into_iter().rev().flatten()).for_each(|item| self.put(item));
    }

    /// Puts an item before the others of its set, the last of which gives way.
    fn put(&mut self, item: (NonZeroU64, T)) {
        let Some(set) = self.set(item.0.get()) else { return };
        set.rotate_right(1);
        let [first, ..] = set;
        match first.replace(item) {
            Some(_) => self.forgotten += 1,
            None => self.len += 1,
        }
    }

    /// The item that was used or remembered last of those that share a set with this hash.
    fn latest(&mut self, hash: u64) -> Option<&mut T> {
        self.set(hash)?.first_mut()?.as_mut().map(|(_, item)| item)
    }

    fn set(&mut self, hash: u64) -> Option<&mut Set<T>> {
        let mask = self.sets.len().checked_sub(1)?;
        self.sets.get_mut(hash as usize & mask)
    }

    /// How many items are remembered.
    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.len
    }
}

/// A hash as it is kept. Its highest bit chooses no set.
fn kept(hash: u64) -> NonZeroU64 {
    TAKEN | hash
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
    fn it_takes_no_more_room_than_it_needs() {
        let mut memory = Memory::new(usize::MAX);
        assert!((0..64).all(|number| !know(&mut memory, number)));
        assert_eq!(memory.sets.len(), FIRST);
        assert!(!know(&mut memory, 64));
        assert_eq!(memory.sets.len(), 2 * FIRST);
        assert!((0..65).all(|number| know(&mut memory, number)));
        let mut memory = Memory::new(1000);
        assert!((0..10_000).all(|number| !know(&mut memory, number)));
        assert_eq!((memory.sets.len(), memory.len()), (256, 1024));
        assert!((10_000 - 1024..10_000).all(|number| know(&mut memory, number)), "the last ones");
    }

    #[test]
    fn made_hashes_gain_no_room() {
        let mut memory = Memory::new(usize::MAX);
        for number in 0..1000 {
            assert!(memory.recall(7, |known| *known == number).is_none());
            memory.remember(7, number);
        }
        assert_eq!((memory.sets.len(), memory.len(), memory.forgotten()), (FIRST, WAYS, 1000 - 4));
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
