//! Statistics by server name: a bounded number of rows, each a few counts and the answer times as they came.
//!
//! One attempt is in one row. Names are escaped where they are read, so that none can be `(other)`, the row of all names
//! beyond the limit, or `(conflict)`, that of the attempts whose copies of the hello disagree about the name and nothing
//! tells which is true. The row of attempts without a name is `""`.

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

pub use self::row::Row;
use super::Event;

/// The row of names beyond the limit.
pub const OTHER: &str = "(other)";

/// The row of attempts whose name cannot be told.
pub const CONFLICT: &str = "(conflict)";

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
        }
    }

    /// Adds an event.
    pub fn count(&mut self, event: &Event<'_>) {
        let closed = event.telling.moment == Moment::Closed;
        if closed || !event.judgement.notices.is_empty() {
            self.row(&event.telling.attempt, closed).count(event);
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

    fn row(&mut self, attempt: &Attempt, closed: bool) -> &mut Row {
        let name = attempt.server_name();
        if is_undecided(attempt) {
            &mut self.conflict
        } else if name.is_empty() {
            &mut self.unnamed
        } else if let Some(place) = self.place(name) {
            self.rows.get_mut(place as usize).map_or(&mut self.other, |(_, row)| row)
        } else {
            self.overflowed += u64::from(closed);
            &mut self.other
        }
    }

    /// The place of a name's row, made if there is room.
    fn place(&mut self, name: &str) -> Option<u32> {
        let Self { places, rows, hasher, limit, .. } = self;
        let name_at = |place: &u32| rows.get(*place as usize).map_or("", |(name, _)| name);
        let hash = hasher.hash_one(name);
        if let Some(place) = places.find(hash, |place| name_at(place) == name) {
            return Some(*place);
        }
        let place = u32::try_from(rows.len()).ok().filter(|_| rows.len() < limit.get())?;
        places.insert_unique(hash, place, |place| hasher.hash_one(name_at(place)));
        rows.push((name.into(), Row::default()));
        Some(place)
    }
}

/// Whether copies of the hello disagree about the name, and nothing tells which of them the server took.
fn is_undecided(attempt: &Attempt) -> bool {
    let decided = matches!(attempt.hello.conflict, Some(Conflict::Ttl | Conflict::Checksum));
    !attempt.hello.conflicting_names.is_empty() && !decided
}
