//! Flows whose handshake is over, or that have none: known, so that they are not taken for new ones, and only counted.
//!
//! There may be a million of them, and each of their packets looks here: so a flow is known by its hash alone, in a
//! bucket of one cache line that is found without following anything. Two flows with the same 64 bits of a keyed hash
//! are met about once in 2^25 tables of a million flows each; the later one would not be looked at.

use std::hint::black_box;
use std::num::NonZeroU32;
use std::time::Duration;

use crate::time::Time;

/// Flows in a bucket: as many as one cache line of 64 bytes holds.
const WAYS: usize = 5;

/// Buckets at first: 4 KiB.
const BUCKETS: usize = 64;

/// How long a flow with a FIN or RST is remembered after each packet, unless another needs its place: until its last segment was retransmitted four times
/// from RFC 6298's first timeout on (1 + 2 + 4 + 8 s). With RFC 9293's two maximum segment lifetimes most flows in memory
/// would be dead ones.
const LINGER: Duration = Duration::from_secs(15);

/// A tick is 2^30 ns, a little more than a second.
const TICK_BITS: u32 = 30;

/// The settled flows of one transport.
#[derive(Debug)]
pub(crate) struct Settled {
    /// A power of two of them.
    buckets: Vec<Bucket>,
    /// Buckets at most, likewise.
    limit: usize,
    idle: u32,
    linger: u32,
    /// The time that ticks are counted from.
    epoch: Option<Time>,
}

#[derive(Clone, Copy, Debug, Default)]
#[repr(align(64))]
struct Bucket {
    hashes: [u64; WAYS],
    /// The tick with which each is forgotten; those of the past are free.
    until: [u32; WAYS],
    /// One bit for each that is closing.
    closing: u8,
}

/// What a packet says of its settled flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sign {
    /// It goes on.
    Lives,
    /// It has a FIN or RST.
    Closes,
}

impl Settled {
    /// A table with room for `limit` flows, of which each is forgotten when it was silent for `idle`, rounded up by a second
    /// or two.
    ///
    /// It has as many buckets at most as there are to be flows, rounded up to a power of two, so that fewer than one flow in
    /// a thousand finds its bucket full before there are so many: 64 bytes a flow. More flows may find room.
    pub(crate) fn new(limit: NonZeroU32, idle: Duration) -> Self {
        let limit = (limit.get() as usize).next_power_of_two();
        Self {
            buckets: vec![Bucket::default(); BUCKETS.min(limit)],
            limit,
            idle: ticks(idle),
            linger: ticks(LINGER.min(idle)),
            epoch: None,
        }
    }

    /// Whether the flow is here; if so it had a packet now.
    #[inline]
    pub(crate) fn touch(&mut self, hash: u64, now: Time, sign: Sign) -> bool {
        let now = self.tick(now);
        let (idle, linger) = (self.idle, self.linger);
        let Some(bucket) = self.bucket(hash) else { return false };
        let Some(way) = bucket.find(hash, now) else { return false };
        bucket.closing |= u8::from(sign == Sign::Closes) << way;
        let span = if bucket.is_closing(way) { linger } else { idle };
        bucket.set_until(way, now.saturating_add(span));
        true
    }

    /// Loads what [`Self::touch`] will look at.
    #[inline]
    pub(crate) fn look_ahead(&self, hash: u64) {
        black_box(self.buckets.get(self.index(hash)).map(|bucket| bucket.closing));
    }

    /// Adds a flow; says how many had to make room. Those that close make room before the table grows.
    pub(crate) fn add(&mut self, hash: u64, now: Time) -> u64 {
        let now = self.tick(now);
        let until = now.saturating_add(self.idle);
        while self.bucket(hash).is_some_and(|bucket| bucket.is_taken(now)) && self.buckets.len() < self.limit {
            self.grow(now);
        }
        self.bucket(hash).map_or(0, |bucket| bucket.put(hash, until, false, now))
    }

    /// Forgets a flow, since its ends begin another.
    pub(crate) fn forget(&mut self, hash: u64, now: Time) {
        let now = self.tick(now);
        let Some(bucket) = self.bucket(hash) else { return };
        if let Some(way) = bucket.find(hash, now) {
            bucket.set_until(way, 0);
        }
    }

    /// Forgets all: time may begin anew.
    pub(crate) fn clear(&mut self) {
        self.buckets.fill(Bucket::default());
        self.epoch = None;
    }

    fn bucket(&mut self, hash: u64) -> Option<&mut Bucket> {
        let index = self.index(hash);
        self.buckets.get_mut(index)
    }

    fn index(&self, hash: u64) -> usize {
        hash as usize & self.buckets.len().wrapping_sub(1)
    }

    /// The tick of a moment. The first is 1, so that what was never used is free.
    fn tick(&mut self, now: Time) -> u32 {
        let epoch = *self.epoch.get_or_insert(now);
        let ticks = now.0.saturating_sub(epoch.0) >> TICK_BITS;
        u32::try_from(ticks.saturating_add(1)).unwrap_or(1)
    }

    /// Doubles the table. Each new bucket takes from one old one, and so has room.
    fn grow(&mut self, now: u32) {
        let old = std::mem::take(&mut self.buckets);
        self.buckets = vec![Bucket::default(); old.len().saturating_mul(2)];
        for bucket in old {
            for (way, (&hash, &until)) in bucket.hashes.iter().zip(&bucket.until).enumerate() {
                if until > now
                    && let Some(new) = self.bucket(hash)
                {
                    new.put(hash, until, bucket.is_closing(way), now);
                }
            }
        }
    }
}

impl Bucket {
    fn find(&self, hash: u64, now: u32) -> Option<usize> {
        self.hashes.iter().zip(&self.until).position(|(&known, &until)| known == hash && until > now)
    }

    fn set_until(&mut self, way: usize, until: u32) {
        if let Some(known) = self.until.get_mut(way) {
            *known = until;
        }
    }

    fn is_closing(&self, way: usize) -> bool {
        self.closing >> way & 1 == 1
    }

    /// Whether every place has a flow that goes on.
    fn is_taken(&self, now: u32) -> bool {
        self.until.iter().enumerate().all(|(way, &until)| until > now && !self.is_closing(way))
    }

    /// Puts a flow in a free place, or else in that of one that closes, or else of the one that would be forgotten first; says
    /// how many that go on had to make room.
    fn put(&mut self, hash: u64, until: u32, closing: bool, now: u32) -> u64 {
        let worth = |&(way, until): &(usize, u32)| (until > now, !self.is_closing(way), until);
        let Some((way, before)) = self.until.iter().copied().enumerate().min_by_key(worth) else { return 0 };
        let evicted = u64::from(before > now && !self.is_closing(way));
        if let Some(known) = self.hashes.get_mut(way) {
            *known = hash;
        }
        self.set_until(way, until);
        self.closing = self.closing & !(1 << way) | u8::from(closing) << way;
        evicted
    }
}

/// A span in ticks, rounded up, and one more for the tick that is under way.
fn ticks(span: Duration) -> u32 {
    u32::try_from(span.as_nanos() >> TICK_BITS).unwrap_or(u32::MAX).saturating_add(2)
}

#[cfg(test)]
mod tests {
    use super::*;

    const IDLE: Duration = Duration::from_secs(120);

    fn at(seconds: i64) -> Time {
        Time::new(1_700_000_000 + seconds, 0)
    }

    /// Spread as by a keyed hash (SplitMix64's finish).
    fn hash(i: u64) -> u64 {
        let z = i.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ z >> 31
    }

    fn settled(limit: u32) -> Settled {
        Settled::new(NonZeroU32::new(limit).unwrap(), IDLE)
    }

    #[test]
    fn a_bucket_is_a_cache_line() {
        assert_eq!(size_of::<Bucket>(), 64);
    }

    #[test]
    fn a_flow_is_known_until_it_was_silent_for_too_long() {
        let mut flows = settled(100);
        flows.add(7, at(0));
        assert!(flows.touch(7, at(120), Sign::Lives) && flows.touch(7, at(240), Sign::Lives));
        assert!(!flows.touch(8, at(240), Sign::Lives));
        assert!(!flows.touch(7, at(240 + 123), Sign::Lives));
        flows.add(7, at(400));
        flows.forget(7, at(401));
        assert!(!flows.touch(7, at(401), Sign::Lives));
        flows.add(7, at(402));
        flows.clear();
        assert!(!flows.touch(7, at(0), Sign::Lives), "time began anew");
    }

    #[test]
    fn a_flow_that_closes_is_forgotten_soon_and_one_in_its_place_is_not() {
        let mut flows = settled(1);
        flows.add(7, at(0));
        assert!(flows.touch(7, at(1), Sign::Closes) && flows.touch(7, at(15), Sign::Lives));
        assert!(!flows.touch(7, at(33), Sign::Lives));
        flows.add(8, at(34));
        assert!(flows.touch(8, at(150), Sign::Lives));
    }

    #[test]
    fn flows_that_close_make_room_before_the_table_grows() {
        let mut flows = settled(50_000);
        for i in 0..100_000u64 {
            assert_eq!(flows.add(hash(i), at(1)), 0);
            assert!(flows.touch(hash(i), at(1), Sign::Closes));
        }
        assert_eq!(flows.buckets.len(), BUCKETS);
    }

    #[test]
    fn a_table_grows_to_its_limit_and_forgets_none_before() {
        let mut flows = settled(16_384);
        assert_eq!((0..2000).map(|i| flows.add(hash(i), at(1))).sum::<u64>(), 0);
        assert!((0..2000).all(|i| flows.touch(hash(i), at(2), Sign::Lives)));
        assert!(flows.buckets.len() > BUCKETS && flows.buckets.len() < flows.limit);
        let evicted: u64 = (2000..16_384).map(|i| flows.add(hash(i), at(3))).sum();
        assert!(evicted * 1000 < 16_384, "{evicted}");
        let evicted: u64 = (16_384..200_000).map(|i| flows.add(hash(i), at(3))).sum();
        assert!(evicted >= 200_000 - 16_384 * WAYS as u64, "{evicted}");
        assert_eq!(flows.buckets.len(), 16_384);
    }

    #[test]
    fn a_million_flows_take_less_than_128_bytes_each() {
        let flows_in_a_shard = (1 << 20) / 16;
        let mut flows = settled(flows_in_a_shard);
        let evicted: u64 = (0..u64::from(flows_in_a_shard)).map(|i| flows.add(hash(i), at(1))).sum();
        let bytes = flows.buckets.len() * size_of::<Bucket>();
        assert!(bytes <= 128 * flows_in_a_shard as usize, "{bytes} bytes");
        assert!(evicted * 1000 < u64::from(flows_in_a_shard), "{evicted}");
    }

    #[test]
    fn the_one_that_would_be_forgotten_first_makes_room() {
        let mut flows = settled(1);
        let evicted: Vec<u64> = (1..=7).map(|i| flows.add(i, at(i as i64 * 10))).collect();
        assert_eq!(evicted, [0, 0, 0, 0, 0, 1, 1]);
        let known: Vec<bool> = (1..=7).map(|i| flows.touch(i, at(70), Sign::Lives)).collect();
        assert_eq!(known, [false, false, true, true, true, true, true]);
    }
}
