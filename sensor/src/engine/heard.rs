//! When each client was sent something: proof that the way back to it is visible.
//!
//! A moment is kept as the cell of time that it is in, and a client as the cells of the last four minutes: whoever asks
//! wants to know of a minute around a hello whose attempt may be told two minutes later.

use std::hash::{BuildHasher as _, RandomState};
use std::net::IpAddr;
use std::time::Duration;

use dissectors::attempt::{Attempt, Transport};
use dissectors::time::Time;
use hashbrown::HashTable;

use crate::ahead::touch;

/// The length of a cell.
const CELL: Duration = Duration::from_secs(4);

/// Cells of a client that are kept, up to the last in which it was sent something.
const CELLS: i64 = u64::BITS as i64;

/// Clients that are remembered where nothing else is asked: 4 MB or so.
pub const DEFAULT_CLIENTS: usize = 65_536;

/// Clients by address, in two generations, of which the older is forgotten when the newer is full.
///
/// Only QUIC asks. What TCP has to tell is taken down as it comes, and looked up many at a time, or when somebody asks.
#[derive(Debug)]
pub(super) struct Heard {
    newer: HashTable<Client>,
    older: HashTable<Client>,
    hasher: RandomState,
    /// What was not looked up yet.
    news: Vec<News>,
    /// Clients in one generation.
    generation: usize,
    /// Clients that had to make room for others.
    forgotten: u64,
}

impl Default for Heard {
    fn default() -> Self {
        Self::of_at_most(DEFAULT_CLIENTS)
    }
}

/// The cells in which a client was sent something.
#[derive(Debug)]
struct News {
    address: u128,
    hash: u64,
    cells: [Option<i64>; 3],
}

impl Heard {
    /// News that are looked up together.
    const TOGETHER: usize = 256;

    /// Remembers at most so many clients.
    pub(super) fn of_at_most(clients: usize) -> Self {
        Self {
            newer: HashTable::new(),
            older: HashTable::new(),
            hasher: RandomState::new(),
            news: Vec::new(),
            generation: clients.div_ceil(2).max(1),
            forgotten: 0,
        }
    }

    /// Clients that had to make room for others.
    pub(super) fn forgotten(&self) -> u64 {
        self.forgotten
    }

    /// Remembers when the client of an attempt was sent something.
    pub(super) fn add(&mut self, attempt: &Attempt) {
        let times = match &attempt.transport {
            Transport::Tcp(tcp) => {
                [tcp.server.syn.map(|syn| syn.time), tcp.answer.map(|a| a.time), tcp.server_progress]
            }
            Transport::Quic(quic) => [quic.server.first, quic.answer, quic.server.last],
        };
        let cells = times.map(|time| time.map(cell));
        if cells != [None; 3] {
            let address = key(attempt.ends.source.addr);
            self.news.push(News { address, hash: self.hasher.hash_one(address), cells });
        }
        if self.news.len() >= Self::TOGETHER {
            self.take_in();
        }
    }

    /// At most how far from the attempt's hello the client was sent something.
    pub(super) fn nearest(&mut self, attempt: &Attempt) -> Option<Duration> {
        self.take_in();
        let address = key(attempt.ends.source.addr);
        let hash = self.hasher.hash_one(address);
        let known = [&self.newer, &self.older].into_iter().filter_map(|clients| find(clients, hash, address));
        known.filter_map(|client| client.nearest(cell(attempt.time))).min()
    }

    /// Looks the news up: all clients are found before one is changed, since what lies far apart then comes for many at
    /// once.
    fn take_in(&mut self) {
        let news = std::mem::take(&mut self.news);
        let found = news.iter().map(|news| find(&self.newer, news.hash, news.address));
        touch(found.map(|client| client.map_or(0, |client| client.last as u8)));
        for News { address, hash, cells } in &news {
            self.client(*hash, *address).add(cells.iter().flatten().copied());
        }
        self.news = news;
        self.news.clear();
    }

    fn client(&mut self, hash: u64, address: u128) -> &mut Client {
        if self.newer.len() >= self.generation && find(&self.newer, hash, address).is_none() {
            self.forgotten += self.older.len() as u64;
            // Both keep their room: a table that grew from nothing in each generation would leave holes in the heap, of sizes
            // that nothing else asks for.
            std::mem::swap(&mut self.newer, &mut self.older);
            self.newer.clear();
        }
        let Self { newer, hasher, .. } = self;
        let entry = newer.entry(hash, |client| client.address == address, |client| hasher.hash_one(client.address));
        entry.or_insert_with(|| Client { address, cells: 0, last: 0 }).into_mut()
    }
}

fn find(clients: &HashTable<Client>, hash: u64, address: u128) -> Option<&Client> {
    clients.find(hash, |client| client.address == address)
}

/// An address of IPv4 is what it is mapped to in IPv6.
fn key(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => address.to_ipv6_mapped().to_bits(),
        IpAddr::V6(address) => address.to_bits(),
    }
}

/// A client, and the cells in which it was sent something.
#[derive(Clone, Copy, Debug, Default)]
struct Client {
    address: u128,
    /// The lowest bit is the last of them, and each further one the cell before.
    cells: u64,
    last: i64,
}

impl Client {
    /// Adds the cells of one attempt. Where the clock fell back by more than is kept, everything else is forgotten.
    fn add(&mut self, cells: impl Iterator<Item = i64> + Clone) {
        if cells.clone().max().is_some_and(|latest| self.last - latest >= CELLS) {
            self.cells = 0;
        }
        cells.for_each(|cell| self.mark(cell));
    }

    fn mark(&mut self, cell: i64) {
        if self.cells == 0 {
            self.last = cell;
        } else if cell > self.last {
            self.cells = u32::try_from(cell - self.last).ok().and_then(|by| self.cells.checked_shl(by)).unwrap_or(0);
            self.last = cell;
        }
        self.cells |= u32::try_from(self.last - cell).ok().and_then(|by| 1_u64.checked_shl(by)).unwrap_or(0);
    }

    /// The distance from a moment in `cell` to the farther end of the nearest cell that is kept.
    fn nearest(&self, cell: i64) -> Option<Duration> {
        let distance = self.kept().map(|kept| kept.abs_diff(cell)).min()?;
        Some(CELL.saturating_mul(u32::try_from(distance).unwrap_or(u32::MAX).saturating_add(1)))
    }

    /// The cells that are kept, the last first.
    fn kept(&self) -> impl Iterator<Item = i64> {
        let (mut left, last) = (self.cells, self.last);
        std::iter::from_fn(move || {
            let back = (left != 0).then(|| left.trailing_zeros())?;
            left &= left - 1;
            Some(last - i64::from(back))
        })
    }
}

/// Cells are counted from the Unix epoch.
fn cell(time: Time) -> i64 {
    time.0.div_euclid(CELL.as_nanos() as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Time {
        Time::new(seconds, 0)
    }

    fn client(moments: &[i64]) -> Client {
        let mut client = Client::default();
        for moment in moments {
            client.add([cell(at(*moment))].into_iter());
        }
        client
    }

    #[test]
    fn the_nearest_moment_is_never_said_to_be_nearer_than_it_is() {
        let cases: [(&[i64], i64, Option<u64>); 9] = [
            (&[], 1000, None),
            (&[1000], 1000, Some(4)),
            (&[1000], 1055, Some(56)),
            (&[1000], 944, Some(60)),
            (&[1000, 1100], 1040, Some(44)),
            (&[1100, 1000], 1040, Some(44)),
            (&[1000, 1252], 1000, Some(4)),
            (&[1000, 1256], 1000, Some(260)),
            (&[1000, 1_000_000], 1_000_000, Some(4)),
        ];
        for (moments, hello, distance) in cases {
            assert_eq!(
                client(moments).nearest(cell(at(hello))),
                distance.map(Duration::from_secs),
                "{moments:?} {hello}"
            );
        }
    }

    #[test]
    fn no_more_clients_are_remembered_than_asked_and_what_is_forgotten_is_counted() {
        let mut heard = Heard::of_at_most(10);
        for address in 0..100u128 {
            let hash = heard.hasher.hash_one(address);
            heard.client(hash, address).add([cell(at(1000))].into_iter());
            let known = heard.newer.len() + heard.older.len();
            assert!(known <= 10, "{known}");
            assert_eq!(known as u64 + heard.forgotten(), address as u64 + 1);
        }
    }

    #[test]
    fn a_clock_that_fell_back_begins_anew() {
        assert_eq!(client(&[1_000_000, 1000]).nearest(cell(at(1000))), Some(CELL));
        assert_eq!(
            client(&[1_000_000, 1000]).nearest(cell(at(1_000_000))),
            client(&[1000]).nearest(cell(at(1_000_000)))
        );
    }

    #[test]
    fn any_time_can_be_kept() {
        let ends = [i64::MIN, -1, 0, 1, i64::MAX].map(Time);
        for (first, second) in ends.into_iter().flat_map(|first| ends.map(|second| (first, second))) {
            let mut client = Client::default();
            for time in [first, second] {
                client.add([cell(time)].into_iter());
            }
            assert_eq!(client.nearest(cell(second)), Some(CELL), "{first} {second}");
        }
    }
}
