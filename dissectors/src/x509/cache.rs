//! A bounded memory of certificates, so that each is hashed and read once.
//!
//! A certificate is looked up by a fingerprint: a keyed hash of its last bytes, which are its signature and differ between
//! any two honest certificates. What decides is the comparison of all bytes, so no collision, made
//! or met, can give one certificate the facts of another. One fingerprint has one place: whoever sends certificates
//! with the same end gains nothing over one who sends new certificates, namely the price of a miss.

use std::sync::Arc;

use hashbrown::HashTable;
use siphasher::sip::SipHasher13;

use super::certificate::Certificate;

/// The longest certificate that is remembered, in bytes. Longer ones are hashed and read each time they come, so that a full
/// cache holds at most this times its capacity.
pub const MAX_REMEMBERED: usize = 8192;

/// How many of the last bytes are hashed: the whole of an ECDSA P-256 signature's `s`, an eighth of an RSA-2048 one.
const TAIL: usize = 32;

/// What the cache did so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CacheCounts {
    /// Certificates found.
    pub hits: u64,
    /// Certificates not found, and hashed.
    pub misses: u64,
    /// Certificates forgotten to make room.
    pub evicted: u64,
    /// Certificates too long to be remembered ([`MAX_REMEMBERED`]).
    pub oversized: u64,
}

/// Certificates by their bytes. A full cache forgets by a clock: the hand passes over what was used since it last came.
#[derive(Debug)]
pub struct CertificateCache {
    /// Fingerprint to place in `slots`.
    places: HashTable<usize>,
    slots: Vec<Slot>,
    hand: usize,
    capacity: usize,
    key: [u64; 2],
    counts: CacheCounts,
}

#[derive(Debug)]
struct Slot {
    fingerprint: u64,
    certificate: Arc<Certificate>,
    /// Used since the hand last came by: its second chance.
    used: bool,
}

impl CertificateCache {
    /// A cache of at most `capacity` certificates (at least one), whose fingerprints depend on `key`.
    pub fn new(capacity: usize, key: [u64; 2]) -> Self {
        Self {
            places: HashTable::new(),
            slots: Vec::new(),
            hand: 0,
            capacity: capacity.max(1),
            key,
            counts: CacheCounts::default(),
        }
    }

    /// The certificate with these bytes, hashed now if it is not remembered.
    pub fn certificate(&mut self, der: &[u8]) -> Arc<Certificate> {
        if der.len() > MAX_REMEMBERED {
            self.counts.oversized += 1;
            return self.miss(der);
        }
        let fingerprint = self.fingerprint(der);
        let place = self.place(fingerprint);
        if let Some(slot) = place.and_then(|place| self.slots.get_mut(place))
            && slot.certificate.der() == der
        {
            slot.used = true;
            self.counts.hits += 1;
            return Arc::clone(&slot.certificate);
        }
        let certificate = self.miss(der);
        self.remember(place, Slot { fingerprint, certificate: Arc::clone(&certificate), used: false });
        certificate
    }

    /// What it did so far.
    pub fn counts(&self) -> CacheCounts {
        self.counts
    }

    fn miss(&mut self, der: &[u8]) -> Arc<Certificate> {
        self.counts.misses += 1;
        Arc::new(Certificate::new(der))
    }

    fn fingerprint(&self, der: &[u8]) -> u64 {
        let [low, high] = self.key;
        SipHasher13::new_with_keys(low, high).hash(der.last_chunk::<TAIL>().map_or(der, |tail| tail))
    }

    fn place(&self, fingerprint: u64) -> Option<usize> {
        let matches = |&place: &usize| self.slots.get(place).is_some_and(|slot| slot.fingerprint == fingerprint);
        self.places.find(fingerprint, matches).copied()
    }

    /// Puts `slot` at the place its fingerprint has, or else at a free one, or else at a victim's.
    fn remember(&mut self, same: Option<usize>, slot: Slot) {
        if same.is_none() && self.slots.len() < self.capacity {
            self.index(slot.fingerprint, self.slots.len());
            return self.slots.push(slot);
        }
        let place = same.unwrap_or_else(|| self.victim());
        let fingerprint = slot.fingerprint;
        let Some(old) = self.slots.get_mut(place) else { return };
        let forgotten = std::mem::replace(old, slot);
        self.counts.evicted += 1;
        if let Ok(entry) = self.places.find_entry(forgotten.fingerprint, |&other| other == place) {
            entry.remove();
        }
        self.index(fingerprint, place);
    }

    fn index(&mut self, fingerprint: u64, place: usize) {
        let slots = &self.slots;
        self.places.insert_unique(fingerprint, place, |&other| slots.get(other).map_or(0, |slot| slot.fingerprint));
    }

    /// The first place from the hand on that was not used since the hand last came by.
    fn victim(&mut self) -> usize {
        // After one round at the latest every second chance is spent.
        for _ in 0..self.slots.len() {
            let place = self.advance();
            match self.slots.get_mut(place) {
                Some(slot) if slot.used => slot.used = false,
                _ => return place,
            }
        }
        self.advance()
    }

    fn advance(&mut self) -> usize {
        let place = self.hand;
        self.hand = if place + 1 < self.slots.len() { place + 1 } else { 0 };
        place
    }
}
