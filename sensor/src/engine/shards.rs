//! A worker's share of the flows: whole shards, each with tables and limits of its own.
//!
//! The number of shards is fixed, and which one a flow belongs to depends on its hash alone, so that nothing that comes
//! out depends on how many workers share them.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;

use dissectors::attempt::{End, Moment};
use dissectors::flow::{Config, Connects, Counts, Forgotten, Losses, Shared, Telling, Tracker};
use dissectors::time::Time;

use crate::engine::batch::{Batch, Routed};
use crate::secret;

/// Shards of a capture.
pub const SHARDS: usize = 16;

/// Packets whose places in the tables are loaded together: about as many as a core can wait for at once.
const AHEAD: usize = 16;

/// An attempt told in a part of a batch.
#[derive(Debug)]
pub struct Told {
    /// Which part: time may run backwards from one to the next.
    pub part: usize,
    /// The telling.
    pub telling: Telling,
}

/// What shards counted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ShardReport {
    /// Flows and packets.
    pub flows: Counts,
    /// Connections without a ClientHello, by server address.
    pub servers: BTreeMap<IpAddr, Connects>,
    /// Those of servers beyond the limit.
    pub other_servers: Connects,
    /// What the workers' memories forgot: more or less, by how many workers there are.
    pub forgotten: Forgotten,
}

impl ShardReport {
    /// Adds what one shard counted.
    fn count(&mut self, shard: &Tracker) {
        let (servers, other_servers) = shard.connects();
        let (flows, servers, forgotten) = (shard.counts(), servers.clone(), Forgotten::default());
        self.add(&Self { flows, servers, other_servers, forgotten });
    }

    /// Adds another's.
    pub fn add(&mut self, other: &Self) {
        self.flows.add(&other.flows);
        for (server, connects) in &other.servers {
            self.servers.entry(*server).or_default().add(*connects);
        }
        self.other_servers.add(other.other_servers);
        self.forgotten.add(other.forgotten);
    }
}

/// The shards of one worker: every `workers`-th, beginning with its own number.
#[derive(Debug)]
pub struct Shards {
    trackers: Vec<Option<Tracker>>,
    shared: Shared,
    now: Time,
}

impl Shards {
    /// The shards of worker `worker` of `workers`.
    pub fn new(config: Config, worker: usize, workers: usize) -> Self {
        let is_ours = |shard: usize| shard % workers.max(1) == worker;
        let trackers = (0..SHARDS).map(|shard| is_ours(shard).then(|| Tracker::new(config))).collect();
        Self { trackers, shared: Shared::new(&config, secret::key()), now: Time::default() }
    }

    /// Takes a batch and adds what there is to tell.
    pub fn batch(&mut self, batch: &Batch, told: &mut Vec<Told>) -> Losses {
        if let Some(keys) = &batch.keys {
            self.shared.use_keys(Arc::clone(keys));
        }
        if let Some(share) = batch.share {
            for tracker in self.trackers.iter_mut().flatten() {
                tracker.shed(|hash| share.has(hash), self.now);
            }
        }
        for (number, (part, packets)) in batch.parts().enumerate() {
            for packets in packets.chunks(AHEAD) {
                self.look_ahead(packets);
                self.follow(packets, &batch.bytes);
            }
            self.now = part.now;
            for tracker in self.trackers.iter_mut().flatten() {
                match part.jumps {
                    true => tracker.close_all(End::ClockJump, part.now),
                    false => tracker.advance(part.now),
                }
                told.extend(tracker.drain().map(|telling| Told { part: number, telling }));
            }
        }
        self.take_losses()
    }

    /// Loads what the packets will be looked up in.
    fn look_ahead(&self, packets: &[Routed]) {
        for Routed { packet, hash, .. } in packets {
            if let Some(Some(tracker)) = self.trackers.get(shard_of(*hash)) {
                tracker.look_ahead(*hash, packet);
            }
        }
    }

    fn follow(&mut self, packets: &[Routed], bytes: &[u8]) {
        for Routed { packet, hash, now } in packets {
            if let Some(Some(tracker)) = self.trackers.get_mut(shard_of(*hash)) {
                tracker.packet(*now, *hash, packet, bytes, &mut self.shared);
            }
        }
    }

    /// The capture is over: adds what is left to tell. All of it is told at once, so that what is remembered of TLS gives its
    /// memory back first, and each shard before the next is asked.
    pub fn finish(self, told: &mut Vec<Told>) -> (Losses, ShardReport) {
        let Self { trackers, shared, now } = self;
        let mut losses = Losses::default();
        let mut report = ShardReport { forgotten: shared.forgotten(), ..ShardReport::default() };
        drop(shared);
        for mut tracker in trackers.into_iter().flatten() {
            tracker.close_all(End::CaptureEnded, now);
            told.extend(tracker.drain().map(|telling| Told { part: 0, telling }));
            tracker.pass_losses(&mut losses);
            report.count(&tracker);
        }
        (losses, report)
    }

    /// What the shards counted so far.
    pub fn report(&self) -> ShardReport {
        let mut report = ShardReport { forgotten: self.shared.forgotten(), ..ShardReport::default() };
        self.trackers.iter().flatten().for_each(|tracker| report.count(tracker));
        report
    }

    fn take_losses(&mut self) -> Losses {
        let mut losses = Losses::default();
        self.trackers.iter_mut().flatten().for_each(|tracker| tracker.pass_losses(&mut losses));
        losses
    }
}

/// The shard of a flow. The hash's high bits choose the shard, its low ones the place within.
fn shard_of(hash: u64) -> usize {
    (hash >> (u64::BITS - SHARDS.trailing_zeros())) as usize
}

/// Puts what several shards told of one batch into the order in which it happened. A telling is large, so that only its
/// key is sorted, and it is moved once.
pub fn in_order(told: &mut [Told]) {
    if !told.is_sorted_by_key(place_in_time) {
        told.sort_by_cached_key(place_in_time);
    }
}

/// By what tellings are ordered. Nothing else is told of the same flow at the same moment.
fn place_in_time(told: &Told) -> (usize, Time, u64, u64, Moment) {
    let telling = &told.telling;
    (told.part, telling.at, telling.attempt.frame, telling.attempt.flow_id, telling.moment)
}
