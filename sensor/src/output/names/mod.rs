//! Statistics by server name: a bounded number of rows, each a few counts and the answer times as they came.
//!
//! One attempt is in one row. Names are escaped where they are read, so that none can be `(other)`, the row of all names
//! beyond the limit, or `(conflict)`, that of the attempts whose copies of the hello disagree about the name and nothing
//! tells which is true. The row of attempts without a name is `""`.
//!
//! A row keeps spans in buckets, ever rarer ones the longer it is asked for. All rows together have room for a number of them
//! that follows from the number of names; where that is not enough, all buckets are joined by two, so that a span is known half
//! as exactly, and counted all the same. That ends at one bucket for a doubling, thirty or so for a row.

pub(super) mod csv;
mod encode;
pub(super) mod json;
mod layout;
mod row;
mod sparse;
mod survival;

use std::cmp::Reverse;
use std::hash::{BuildHasher as _, RandomState};
use std::num::NonZeroUsize;

use dissectors::attempt::{Attempt, Conflict, Moment};
use hashbrown::HashTable;

use self::layout::Grain;
pub use self::row::Row;
use super::Event;
use crate::ahead::touch;

/// The row of names beyond the limit.
pub const OTHER: &str = "(other)";

/// The row of attempts whose name cannot be told.
pub const CONFLICT: &str = "(conflict)";

/// Buckets of spans that all rows together may keep, for each name that may have one: 256 bytes, and as much again that vectors
/// grow ahead. Most names need a few; one that is asked for all day could take 26 kB.
const BUCKETS_PER_NAME: usize = 64;

/// The same where few names may have a row.
const MIN_BUCKETS: usize = 65_536;

/// Quantiles that are written, with their names.
const QUANTILES: [(&str, f64); 3] = [("p50", 0.5), ("p90", 0.9), ("p99", 0.99)];

/// All rows.
#[derive(Debug)]
pub struct Names {
    /// Where in `rows` a name is, by its hash.
    places: HashTable<u32>,
    /// Names with their rows, in the order of their first sight.
    rows: Vec<(Box<str>, Row)>,
    hasher: RandomState,
    unnamed: Row,
    conflict: Row,
    other: Row,
    limit: NonZeroUsize,
    overflowed: u64,
    /// Buckets that all rows keep, and how finely these tell spans apart.
    buckets: usize,
    grain: Grain,
}

impl Names {
    /// No rows; at most `limit` names will have their own.
    pub fn new(limit: NonZeroUsize) -> Self {
        Self {
            places: HashTable::new(),
            rows: Vec::new(),
            hasher: RandomState::new(),
            unnamed: Row::default(),
            conflict: Row::default(),
            other: Row::default(),
            limit,
            overflowed: 0,
            buckets: 0,
            grain: Grain::default(),
        }
    }

    /// Adds events.
    pub fn count(&mut self, events: &[Event<'_>]) {
        let counted = events.iter().filter(|event| is_closed(event) || !event.judgement.notices.is_empty());
        let hashed: Vec<_> = counted.map(|event| (event, self.hasher.hash_one(name_of(event)))).collect();
        // All rows are found before one is counted in: what lies far apart then comes for many at once.
        let found: Vec<_> = hashed.iter().map(|(event, hash)| self.find(*hash, name_of(event))).collect();
        let rows = found.iter().filter_map(|place| self.rows.get((*place)? as usize));
        touch(rows.map(|(_, row)| row.shortest_answer().unwrap_or_default() as u8));
        for ((event, hash), place) in hashed.into_iter().zip(found) {
            let grain = self.grain;
            let another = self.row(event, hash, place).count(event, grain);
            self.buckets += usize::from(another);
            self.keep_within_room();
        }
    }

    /// Every row that something was counted in, by name.
    pub fn rows(&self) -> Vec<(&str, &Row)> {
        let named = self.rows.iter().map(|(name, row)| (&**name, row));
        let special = [("", &self.unnamed), (CONFLICT, &self.conflict), (OTHER, &self.other)];
        let mut rows: Vec<_> = named.chain(special.into_iter().filter(|(_, row)| !row.is_empty())).collect();
        rows.sort_unstable_by_key(|(name, _)| *name);
        rows
    }

    /// Every row, the most alerts first, then the most failures, the most attempts, and by name.
    pub fn by_trouble(&self) -> Vec<(&str, &Row)> {
        let mut rows = self.rows();
        rows.sort_by_key(|(_, row)| Reverse((row.alerts(), row.failures(), row.attempts())));
        rows
    }

    /// Attempts in `(other)`, whose names came when the limit had been reached.
    pub fn overflowed(&self) -> u64 {
        self.overflowed
    }

    /// How often the spans of all rows had to be told apart half as finely, for want of room.
    pub fn coarsened(&self) -> u64 {
        self.grain.steps().into()
    }

    /// Tells spans apart half as finely, until there is room for their buckets.
    fn keep_within_room(&mut self) {
        let room = self.limit.get().saturating_mul(BUCKETS_PER_NAME).max(MIN_BUCKETS);
        while self.buckets > room
            && let Some(coarser) = self.grain.coarser()
        {
            self.grain = coarser;
            let special = [&mut self.unnamed, &mut self.conflict, &mut self.other];
            let rows = self.rows.iter_mut().map(|(_, row)| row).chain(special);
            self.buckets = rows.map(|row| row.coarsen(coarser)).sum();
        }
    }

    /// The row that an event is counted in; `place` is that of its name, if it was found.
    fn row(&mut self, event: &Event<'_>, hash: u64, place: Option<u32>) -> &mut Row {
        let name = name_of(event);
        if is_undecided(&event.telling.attempt) {
            &mut self.conflict
        } else if name.is_empty() {
            &mut self.unnamed
        } else if let Some(place) = place.or_else(|| self.find(hash, name)).or_else(|| self.make(hash, name)) {
            self.rows.get_mut(place as usize).map_or(&mut self.other, |(_, row)| row)
        } else {
            self.overflowed += u64::from(is_closed(event));
            &mut self.other
        }
    }

    /// The place of a name's row.
    fn find(&self, hash: u64, name: &str) -> Option<u32> {
        self.places.find(hash, |place| name_at(&self.rows, *place) == name).copied()
    }

    /// Makes a row, if there is room.
    fn make(&mut self, hash: u64, name: &str) -> Option<u32> {
        let Self { places, rows, hasher, limit, .. } = self;
        let place = u32::try_from(rows.len()).ok().filter(|_| rows.len() < limit.get())?;
        places.insert_unique(hash, place, |place| hasher.hash_one(name_at(rows, *place)));
        rows.push((name.into(), Row::default()));
        Some(place)
    }
}

fn name_at(rows: &[(Box<str>, Row)], place: u32) -> &str {
    rows.get(place as usize).map_or("", |(name, _)| name)
}

fn name_of<'a>(event: &Event<'a>) -> &'a str {
    event.telling.attempt.server_name()
}

fn is_closed(event: &Event<'_>) -> bool {
    event.telling.moment == Moment::Closed
}

/// Whether copies of the hello disagree about the name, and nothing tells which of them the server took.
fn is_undecided(attempt: &Attempt) -> bool {
    let decided = matches!(attempt.hello.conflict, Some(Conflict::Ttl | Conflict::Checksum));
    !attempt.hello.conflicting_names.is_empty() && !decided
}
