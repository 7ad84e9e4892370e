//! Flows by their ends, bounded, in the order of their last packet.

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

/// Flows with what is known of each. A full table never grows: the caller makes room first.
#[derive(Debug)]
pub(crate) struct Table<T> {
    places: HashTable<Place>,
    slots: Vec<Slot<T>>,
    free: Place,
    oldest: Place,
    newest: Place,
    limit: NonZeroU32,
}

#[derive(Debug)]
struct Slot<T> {
    hash: u64,
    /// As they were given, whichever end is the source.
    ends: Ends,
    is_udp: bool,
    last: Time,
    /// Neighbours by the time of the last packet; `newer` also chains the free slots.
    older: Place,
    newer: Place,
    value: Option<T>,
}

impl<T> Table<T> {
    pub(crate) fn new(limit: NonZeroU32) -> Self {
        Self { places: HashTable::new(), slots: Vec::new(), free: NONE, oldest: NONE, newest: NONE, limit }
    }

    pub(crate) fn is_full(&self) -> bool {
        self.places.len() >= self.limit.get() as usize
    }

    /// Where the flow is, either direction's ends given.
    pub(crate) fn find(&self, hash: u64, ends: Ends, is_udp: bool) -> Option<Place> {
        let is_it = |&place: &Place| {
            // The whole hash first: it tells nearly all others apart, for less than comparing addresses costs.
            self.slots
                .get(place as usize)
                .is_some_and(|slot| slot.hash == hash && slot.is_udp == is_udp && same_flow(slot.ends, ends))
        };
        self.places.find(hash, is_it).copied()
    }

    pub(crate) fn value_mut(&mut self, place: Place) -> Option<&mut T> {
        self.slots.get_mut(place as usize)?.value.as_mut()
    }

    /// Adds a flow that is not there, or gives the value back where the table is full.
    pub(crate) fn insert(&mut self, hash: u64, ends: Ends, is_udp: bool, now: Time, value: T) -> Result<Place, T> {
        if self.is_full() {
            return Err(value);
        }
        let slot = Slot { hash, ends, is_udp, last: now, older: NONE, newer: NONE, value: Some(value) };
        let place = self.take_slot(slot);
        self.link_newest(place);
        let slots = &self.slots;
        self.places.insert_unique(hash, place, |&place| slots.get(place as usize).map_or(0, |slot| slot.hash));
        Ok(place)
    }

    /// The flow had a packet now.
    pub(crate) fn touch(&mut self, place: Place, now: Time) {
        if let Some(slot) = self.slots.get_mut(place as usize) {
            slot.last = slot.last.max(now);
            if self.newest != place {
                self.unlink(place);
                self.link_newest(place);
            }
        }
    }

    /// The flow that was silent for longest, with the time of its last packet.
    pub(crate) fn oldest(&self) -> Option<(Place, Time)> {
        self.slots.get(self.oldest as usize).map(|slot| (self.oldest, slot.last))
    }

    /// The same, if it was silent for `idle` now.
    pub(crate) fn expired(&self, now: Time, idle: Duration) -> Option<(Place, Time)> {
        self.oldest().filter(|(_, last)| last.after(idle) <= now)
    }

    /// Removes a flow.
    pub(crate) fn remove(&mut self, place: Place) -> Option<T> {
        let slot = self.slots.get(place as usize)?;
        if let Ok(entry) = self.places.find_entry(slot.hash, |&other| other == place) {
            entry.remove();
        }
        self.unlink(place);
        let free = std::mem::replace(&mut self.free, place);
        let slot = self.slots.get_mut(place as usize)?;
        slot.newer = free;
        slot.value.take()
    }

    fn take_slot(&mut self, slot: Slot<T>) -> Place {
        match self.slots.get_mut(self.free as usize) {
            Some(free) => {
                let place = std::mem::replace(&mut self.free, free.newer);
                *free = slot;
                place
            }
            None => {
                self.slots.push(slot);
                Place::try_from(self.slots.len() - 1).unwrap_or(NONE)
            }
        }
    }

    fn link_newest(&mut self, place: Place) {
        let before = std::mem::replace(&mut self.newest, place);
        match self.slots.get_mut(before as usize) {
            Some(slot) => slot.newer = place,
            None => self.oldest = place,
        }
        if let Some(slot) = self.slots.get_mut(place as usize) {
            (slot.older, slot.newer) = (before, NONE);
        }
    }

    fn unlink(&mut self, place: Place) {
        let Some((older, newer)) = self.slots.get(place as usize).map(|slot| (slot.older, slot.newer)) else { return };
        match self.slots.get_mut(older as usize) {
            Some(slot) => slot.newer = newer,
            None => self.oldest = newer,
        }
        match self.slots.get_mut(newer as usize) {
            Some(slot) => slot.older = older,
            None => self.newest = older,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::packet::Endpoint;

    fn ends(port: u16) -> Ends {
        let at = |last, port| Endpoint { addr: std::net::Ipv4Addr::new(192, 0, 2, last).into(), port };
        Ends { source: at(1, port), dest: at(2, 443) }
    }

    fn table(limit: u32) -> Table<u16> {
        Table::new(NonZeroU32::new(limit).unwrap())
    }

    #[test]
    fn both_directions_are_one_flow_and_udp_is_another() {
        let mut table = table(4);
        let place = table.insert(7, ends(1), false, Time(0), 1).unwrap();
        assert_eq!(table.find(7, ends(1).reversed(), false), Some(place));
        assert_eq!(table.find(7, ends(1), true), None);
        assert_eq!(table.find(7, ends(2), false), None, "a collision is no match");
    }

    #[test]
    fn the_oldest_is_the_one_silent_for_longest() {
        let mut table = table(3);
        for port in 1..=3 {
            table.insert(u64::from(port), ends(port), false, Time(i64::from(port)), port).unwrap();
        }
        assert_eq!(table.insert(9, ends(9), false, Time(9), 9), Err(9), "full");
        let first = table.find(1, ends(1), false).unwrap();
        table.touch(first, Time(10));
        let mut order = Vec::new();
        while let Some((place, _)) = table.oldest() {
            order.extend(table.remove(place));
        }
        assert_eq!(order, [2, 3, 1]);
        assert!(table.places.is_empty());
        table.insert(4, ends(4), false, Time(11), 4).unwrap();
        assert_eq!(table.oldest().map(|(_, last)| last), Some(Time(11)), "slots are used again");
    }
}
