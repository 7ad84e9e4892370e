//! Fragmented datagrams on their way to being whole, for IPv4, IPv6 and tunnels that cut on their own.
//!
//! Bounded in number, bytes and time, at a cost linear in the bytes that come. Time is packet time, per datagram from its
//! first fragment. Where fragments overlap, the bytes that came first stay: RFC 5722 would discard an IPv6 datagram, and
//! hosts differ for IPv4; we keep what most receivers act on and count the contradiction.

mod datagram;

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::Duration;

use super::Skip;
use super::counts::FragmentCounts;
use super::ip::IpHeader;
use super::registry::Next;
use super::walk::Fragment;
use crate::time::Time;
use datagram::{Datagram, Piece};

/// What fragments may cost. A limit reached evicts the oldest datagram and is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FragmentLimits {
    /// Datagrams at a time.
    pub datagrams: usize,
    /// Bytes held for them, bookkeeping included.
    pub bytes: usize,
    /// How long a datagram may take, from its first fragment in packet time.
    pub timeout: Duration,
}

impl Default for FragmentLimits {
    /// 1,024 datagrams, 8 MiB, 30 s: Linux' `ipfrag_time`; RFC 8200 grants 60 s and RFC 791 suggests 15.
    fn default() -> Self {
        Self { datagrams: 1024, bytes: 8 << 20, timeout: Duration::from_secs(30) }
    }
}

/// Which datagram a fragment belongs to (RFC 791 section 3.2, RFC 8200 section 4.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    source: IpAddr,
    dest: IpAddr,
    id: u32,
    /// 0 in IPv6, where it is no part of the key; 255, which is no protocol's, of fragments in a tunnel.
    protocol: u8,
    /// The tunnel's.
    ports: (u16, u16),
}

impl Key {
    fn of(fragment: &Fragment) -> Self {
        let Fragment { ip, ports, .. } = *fragment;
        let protocol = match fragment.next {
            Next::Protocol(protocol) if ip.source.is_ipv4() => protocol,
            Next::Protocol(_) => 0,
            _ => 255,
        };
        Self { source: ip.source, dest: ip.dest, id: fragment.place.id, protocol, ports }
    }
}

/// A datagram in the table.
#[derive(Debug)]
struct Entry {
    datagram: Datagram,
    began: Time,
    /// Order of arrival, its key in [`Fragments::by_age`].
    serial: u64,
    /// The IP header of the fragment with offset 0, and what it begins.
    first: Option<(IpHeader, Next)>,
}

/// The table.
#[derive(Debug)]
pub(super) struct Fragments {
    limits: FragmentLimits,
    entries: BTreeMap<Key, Entry>,
    /// The same datagrams, oldest first.
    by_age: BTreeMap<u64, Key>,
    serial: u64,
    bytes: usize,
    pub(super) counts: FragmentCounts,
}

/// A datagram made whole.
#[derive(Debug)]
pub(super) struct Whole {
    /// The IP header of its first fragment, and what it is.
    pub(super) first: (IpHeader, Next),
    /// Its payload.
    pub(super) data: Vec<u8>,
}

impl Fragments {
    pub(super) fn new(limits: FragmentLimits) -> Self {
        let (entries, by_age) = (BTreeMap::new(), BTreeMap::new());
        Self { limits, entries, by_age, serial: 0, bytes: 0, counts: FragmentCounts::default() }
    }

    /// Bytes held, bookkeeping included.
    #[cfg(test)]
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Adds a fragment with its `data`, seen at `now`. Gives the datagram that it completes.
    pub(super) fn insert(&mut self, fragment: &Fragment, data: &[u8], now: Time) -> Result<Whole, Skip> {
        let piece = Piece::new(fragment.place.offset, fragment.place.more, data)?;
        self.expire(now);
        let key = Key::of(fragment);
        let mut entry = self.take(&key, now).unwrap_or_else(|| self.begin(now));
        let added = entry.datagram.add(piece);
        self.counts.overlapping += u64::from(added.overlaps);
        self.counts.conflicting += u64::from(added.conflicts);
        if fragment.place.offset == 0 {
            entry.first.get_or_insert((fragment.ip, fragment.next));
        }
        match (entry.first, entry.datagram.is_whole()) {
            (Some(first), true) => {
                self.counts.reassembled += 1;
                Ok(Whole { first, data: entry.datagram.into_bytes() })
            }
            _ => {
                self.put(key, entry);
                Err(if added.is_news { Skip::FragmentHeld } else { Skip::FragmentDropped })
            }
        }
    }

    fn begin(&mut self, began: Time) -> Entry {
        self.serial += 1;
        Entry { datagram: Datagram::default(), began, serial: self.serial, first: None }
    }

    /// Takes an entry out, so that what it costs is counted anew when it comes back. One that is too old stays lost.
    fn take(&mut self, key: &Key, now: Time) -> Option<Entry> {
        let entry = self.entries.remove(key)?;
        self.by_age.remove(&entry.serial);
        self.bytes -= entry.datagram.cost();
        if now.since(entry.began) > self.limits.timeout {
            self.counts.timed_out += 1;
            return None;
        }
        Some(entry)
    }

    /// Puts an entry in, at the expense of older ones where there is no room.
    fn put(&mut self, key: Key, entry: Entry) {
        let cost = entry.datagram.cost();
        while self.entries.len() >= self.limits.datagrams || self.bytes + cost > self.limits.bytes {
            self.counts.evicted += 1;
            if !self.drop_oldest() {
                return;
            }
        }
        self.bytes += cost;
        self.by_age.insert(entry.serial, key);
        self.entries.insert(key, entry);
    }

    /// Drops what is too old at `now`, oldest first.
    fn expire(&mut self, now: Time) {
        while let Some((_, key)) = self.by_age.first_key_value() {
            let is_old = self.entries.get(key).is_none_or(|entry| now.since(entry.began) > self.limits.timeout);
            if !is_old {
                return;
            }
            self.counts.timed_out += 1;
            self.drop_oldest();
        }
    }

    /// Whether there was one.
    fn drop_oldest(&mut self) -> bool {
        let Some((_, key)) = self.by_age.pop_first() else { return false };
        if let Some(entry) = self.entries.remove(&key) {
            self.bytes -= entry.datagram.cost();
        }
        true
    }
}
