//! Flows by their ends, bounded, with the one that was silent for longest always at hand.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::collections::binary_heap::PeekMut;
use std::num::NonZeroU32;
use std::time::Duration;

use hashbrown::HashTable;

use crate::flow::key::same_flow;
use crate::packet::Ends;
use crate::time::Time;

/// A place in the table; valid until the flow is removed.
pub(crate) type Place = u32;

/// No place.
const NONE: Place = Place::MAX;

/// What a table keeps.
pub(crate) trait Flow {
    /// The flow's ends, whichever is the source.
    fn ends(&self) -> Ends;
}

/// Flows of one transport with what is known of each. A full table never grows: the caller makes room first.
///
/// Each slot in use has one entry in a queue by time, which says only when its flow was heard at the latest when somebody
/// last looked: a packet touches nothing but its own slot, and an entry that comes to the front is put in its right place
/// then.
#[derive(Debug)]
pub(crate) struct Table<T> {
    places: HashTable<Place>,
    slots: Vec<Slot<T>>,
    free: Vec<Place>,
    queue: BinaryHeap<Reverse<(Time, Place)>>,
    /// Before this moment no flow can have been silent for `idle`.
    due: Time,
    idle: Duration,
    limit: NonZeroU32,
}

#[derive(Debug)]
struct Slot<T> {
    hash: u64,
    /// The time of the last packet.
    last: Time,
    value: Option<T>,
    /// Whether the queue has an entry of this slot, left over from a flow before or not.
    queued: bool,
}

impl<T: Flow> Table<T> {
    /// A table of at most `limit` flows, which are over when they are silent for `idle`.
    pub(crate) fn new(limit: NonZeroU32, idle: Duration) -> Self {
        Self {
            places: HashTable::new(),
            slots: Vec::new(),
            free: Vec::new(),
            queue: BinaryHeap::new(),
            due: NEVER,
            idle,
            limit,
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.places.len()
    }

    pub(crate) fn is_full(&self) -> bool {
        self.places.len() >= self.limit.get() as usize
    }

    /// Where the flow is, either direction's ends given.
    pub(crate) fn find(&self, hash: u64, ends: Ends) -> Option<Place> {
        let is_it = |&place: &Place| {
            // The whole hash first: it tells nearly all others apart, for less than comparing addresses costs.
            let slot = self.slots.get(place as usize).filter(|slot| slot.hash == hash);
            slot.and_then(|slot| slot.value.as_ref()).is_some_and(|flow| same_flow(&flow.ends(), &ends))
        };
        self.places.find(hash, is_it).copied()
    }

    pub(crate) fn value_mut(&mut self, place: Place) -> Option<&mut T> {
        self.slots.get_mut(place as usize)?.value.as_mut()
    }

    /// The flow as it had a packet now.
    pub(crate) fn touch(&mut self, place: Place, now: Time) -> Option<&mut T> {
        let slot = self.slots.get_mut(place as usize)?;
        slot.last = slot.last.max(now);
        slot.value.as_mut()
    }

    /// Adds a flow that is not there, or gives the value back where the table is full.
    pub(crate) fn insert(&mut self, hash: u64, now: Time, value: T) -> Result<Place, T> {
        if self.is_full() {
            return Err(value);
        }
        let place = self.take_slot(Slot { hash, last: now, value: Some(value), queued: true });
        let slots = &self.slots;
        self.places.insert_unique(hash, place, |&place| slots.get(place as usize).map_or(0, |slot| slot.hash));
        Ok(place)
    }

    /// The flow that was silent for longest, with the time of its last packet.
    pub(crate) fn oldest(&mut self) -> Option<(Place, Time)> {
        let oldest = self.front();
        self.due = oldest.map_or(NEVER, |(_, last)| last.after(self.idle));
        oldest
    }

    /// The same, if it was silent for too long now.
    pub(crate) fn expired(&mut self, now: Time) -> Option<(Place, Time)> {
        if now < self.due {
            return None;
        }
        self.oldest().filter(|_| self.due <= now)
    }

    /// Who gives way: the flow at `place`, which had a packet now, if it is `greedy`, or else the one that was silent for
    /// longest. With the time of its last packet.
    pub(crate) fn victim(&mut self, place: Place, now: Time, greedy: impl FnOnce(&T) -> bool) -> Option<(Place, Time)> {
        if self.value_mut(place).is_some_and(|value| greedy(value)) { Some((place, now)) } else { self.oldest() }
    }

    /// The flows whose hash is chosen, with the time of the last packet of each.
    pub(crate) fn places(&self, chosen: impl Fn(u64) -> bool) -> Vec<(Place, Time)> {
        let used = self.slots.iter().zip(0..).filter(|(slot, _)| slot.value.is_some() && chosen(slot.hash));
        used.map(|(slot, place)| (place, slot.last)).collect()
    }

    /// The hash of a flow.
    pub(crate) fn hash(&self, place: Place) -> Option<u64> {
        self.slots.get(place as usize).filter(|slot| slot.value.is_some()).map(|slot| slot.hash)
    }

    /// Removes a flow.
    pub(crate) fn remove(&mut self, place: Place) -> Option<T> {
        let slot = self.slots.get_mut(place as usize)?;
        let value = slot.value.take()?;
        if let Ok(entry) = self.places.find_entry(slot.hash, |&other| other == place) {
            entry.remove();
        }
        self.free.push(place);
        Some(value)
    }

    /// Brings the queue's first entry up to date until it is true.
    fn front(&mut self) -> Option<(Place, Time)> {
        loop {
            let mut first = self.queue.peek_mut()?;
            let Reverse((heard, place)) = *first;
            match self.slots.get_mut(place as usize) {
                Some(slot) if slot.value.is_some() && slot.last == heard => return Some((place, heard)),
                Some(slot) if slot.value.is_some() => *first = Reverse((slot.last, place)),
                slot => {
                    PeekMut::pop(first);
                    slot.into_iter().for_each(|slot| slot.queued = false);
                }
            }
        }
    }

    fn take_slot(&mut self, mut slot: Slot<T>) -> Place {
        let last = slot.last;
        let reused = self.free.pop().and_then(|place| Some((place, self.slots.get_mut(place as usize)?)));
        let (place, queued) = match reused {
            Some((place, free)) => {
                slot.queued = true;
                (place, std::mem::replace(free, slot).queued)
            }
            None => {
                self.slots.push(slot);
                (Place::try_from(self.slots.len() - 1).unwrap_or(NONE), false)
            }
        };
        if !queued {
            self.queue.push(Reverse((last, place)));
            self.due = self.due.min(last.after(self.idle));
        }
        place
    }
}

/// A moment that does not come.
const NEVER: Time = Time(i64::MAX);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::packet::Endpoint;

    const IDLE: Duration = Duration::from_nanos(100);

    fn ends(port: u16) -> Ends {
        let at = |last, port| Endpoint { addr: std::net::Ipv4Addr::new(192, 0, 2, last).into(), port };
        Ends { source: at(1, port), dest: at(2, 443) }
    }

    impl Flow for u16 {
        fn ends(&self) -> Ends {
            ends(*self)
        }
    }

    fn table(limit: u32) -> Table<u16> {
        Table::new(NonZeroU32::new(limit).unwrap(), IDLE)
    }

    #[test]
    fn both_directions_are_one_flow() {
        let mut table = table(4);
        let place = table.insert(7, Time(0), 1).unwrap();
        assert_eq!(table.find(7, ends(1).reversed()), Some(place));
        assert_eq!(table.find(7, ends(2)), None, "a collision is no match");
    }

    #[test]
    fn the_oldest_is_the_one_silent_for_longest() {
        let mut table = table(3);
        for port in 1..=3 {
            table.insert(u64::from(port), Time(i64::from(port)), port).unwrap();
        }
        assert_eq!(table.insert(9, Time(9), 9), Err(9), "full");
        let first = table.find(1, ends(1)).unwrap();
        table.touch(first, Time(10));
        let mut order = Vec::new();
        while let Some((place, _)) = table.oldest() {
            order.extend(table.remove(place));
        }
        assert_eq!(order, [2, 3, 1]);
        assert!(table.places.is_empty());
        table.insert(4, Time(11), 4).unwrap();
        assert_eq!(table.oldest().map(|(_, last)| last), Some(Time(11)), "slots are used again");
    }

    /// What a table must do, by going through all flows each time.
    #[derive(Default)]
    struct Model(Vec<(u16, Time)>);

    impl Model {
        fn oldest(&self) -> Option<Time> {
            self.0.iter().map(|(_, last)| *last).min()
        }
    }

    #[test]
    fn flows_expire_as_if_all_were_looked_at_each_time() {
        let mut random = 7u64;
        let mut next = |below: u64| {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (random >> 33) % below
        };
        let (mut table, mut model) = (table(20), Model::default());
        for step in 0..20_000 {
            let (now, port) = (Time(step * 3), next(40) as u16);
            while let Some((place, last)) = table.expired(now) {
                assert_eq!(Some(last), model.oldest());
                let gone = table.remove(place).unwrap();
                model.0.retain(|(port, _)| *port != gone);
            }
            assert!(model.oldest().is_none_or(|last| last.after(IDLE) > now), "{now:?}");
            match (table.find(u64::from(port), ends(port)), next(3)) {
                (Some(place), 0) => {
                    table.remove(place).unwrap();
                    model.0.retain(|(known, _)| *known != port);
                }
                (Some(place), _) => {
                    table.touch(place, now).unwrap();
                    model.0.iter_mut().filter(|(known, _)| *known == port).for_each(|(_, last)| *last = now);
                }
                (None, _) if table.is_full() => assert_eq!(table.oldest().map(|(_, last)| last), model.oldest()),
                (None, _) => {
                    table.insert(u64::from(port), now, port).unwrap();
                    model.0.push((port, now));
                }
            }
            assert!(table.queue.len() <= 20, "one entry a slot");
        }
    }
}
