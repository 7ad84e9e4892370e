//! Connections that are not yet worth a place among the flows: bare SYNs in a small fixed table, so that a flood of them
//! costs nothing else, and counts by server of connections that never came as far as a ClientHello.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::net::IpAddr;
use std::time::Duration;

use crate::flow::arrival::Arrival;
use crate::flow::config::Config;
use crate::flow::key::same_flow;
use crate::packet::{Ends, Packet, Tcp};
use crate::tcp::half::Syn;
use crate::time::Time;

/// A SYN without an answer for this long has none (Cloudflare, SIGCOMM 2023: "no packets for more than three seconds").
const UNANSWERED: Duration = Duration::from_secs(3);

/// Places of which a SYN may take any. With one, a tap on which a twentieth of the places are taken would lose a twentieth of
/// all SYNs to others; with two, one in two hundred (measured: 5.4 % and 0.6 %).
const WAYS: usize = 2;

/// A SYN that nothing answered so far.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bare {
    pub(crate) ends: Ends,
    pub(crate) syn: Syn,
    pub(crate) dont_fragment: bool,
}

/// What became of connections without a ClientHello.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Connects {
    /// SYN, and nothing from the server.
    pub syn_silence: u64,
    /// SYN, answered by an RST.
    pub reset_after_syn: u64,
    /// The connection opened, and the client sent nothing more. Near the server this is what a dropped ClientHello
    /// looks like.
    pub silence_after_connect: u64,
    /// The connection opened, and an RST ended it before any payload.
    pub reset_after_connect: u64,
}

impl Connects {
    /// Adds the counts of another.
    pub fn add(&mut self, other: Self) {
        self.syn_silence += other.syn_silence;
        self.reset_after_syn += other.reset_after_syn;
        self.silence_after_connect += other.silence_after_connect;
        self.reset_after_connect += other.reset_after_connect;
    }

    /// All of them.
    pub fn sum(&self) -> u64 {
        self.syn_silence + self.reset_after_syn + self.silence_after_connect + self.reset_after_connect
    }
}

/// Bare SYNs, and the counts.
#[derive(Debug)]
pub(crate) struct Openings {
    /// `limit` of them, once there was a SYN. Few are taken at a time, so that what waits lies elsewhere.
    places: Vec<Option<Box<Bare>>>,
    /// A power of two.
    limit: usize,
    servers: BTreeMap<IpAddr, Connects>,
    max_servers: usize,
    /// Counts of the servers that found no place of their own.
    others: Connects,
    /// SYNs that had to make room before it could be told whether they are answered.
    evicted: u64,
    /// SYNs of which the capture ended before that.
    unfinished: u64,
}

impl Openings {
    /// Room for the SYNs and servers that `config` states, SYNs rounded up to a power of two.
    pub(crate) fn new(config: &Config) -> Self {
        Self {
            places: Vec::new(),
            limit: (config.syns.get() as usize).next_power_of_two().max(WAYS),
            servers: BTreeMap::new(),
            max_servers: config.servers,
            others: Connects::default(),
            evicted: 0,
            unfinished: 0,
        }
    }

    /// The places of which a SYN of the flow with this hash takes one.
    fn set(&mut self, hash: u64) -> &mut [Option<Box<Bare>>] {
        let first = self.first(hash);
        self.places.get_mut(first..first + WAYS).unwrap_or_default()
    }

    fn first(&self, hash: u64) -> usize {
        (hash as usize).wrapping_mul(WAYS) & (self.limit - 1)
    }

    /// Loads what [`Self::syn`] and [`Self::take`] will look at.
    #[inline]
    pub(crate) fn look_ahead(&self, hash: u64) {
        let first = self.first(hash);
        // One in each of the cache lines that they lie in.
        for bare in self.places.get(first..first + WAYS).unwrap_or_default().iter().flatten() {
            black_box((bare.ends.source.port, bare.syn.isn));
        }
    }

    /// A SYN without payload was captured. False where it does not wait here, since the other end's does: both open the
    /// connection at once (RFC 9293 section 3.5).
    pub(crate) fn syn(&mut self, arrival: Arrival<'_>, tcp: &Tcp) -> bool {
        let Arrival { now, hash, packet, block } = arrival;
        if self.places.is_empty() {
            self.places.resize_with(self.limit, Option::default);
        }
        let Some(place) = place_in(self.set(hash), packet.ends) else { return true };
        match place {
            Some(bare) if bare.ends == packet.ends && bare.syn.isn == tcp.seq => bare.syn.again(packet, tcp),
            Some(bare) if bare.ends != packet.ends && bare.ends == packet.ends.reversed() => return false,
            Some(bare) => {
                let before = std::mem::replace(&mut **bare, Bare::new(packet, tcp, block));
                self.evicted += u64::from(!self.is_silence(&before, now));
            }
            None => *place = Some(Box::new(Bare::new(packet, tcp, block))),
        }
        true
    }

    /// Takes the SYN that this flow began with.
    pub(crate) fn take(&mut self, hash: u64, ends: Ends) -> Option<Box<Bare>> {
        self.set(hash).iter_mut().find_map(|place| place.take_if(|bare| same_flow(&bare.ends, &ends)))
    }

    /// Counts a connection without a ClientHello.
    pub(crate) fn count(&mut self, server: IpAddr, connects: Connects) {
        let room = self.servers.len() < self.max_servers;
        match self.servers.get_mut(&server) {
            Some(counts) => counts.add(connects),
            None if room => drop(self.servers.insert(server, connects)),
            None => self.others.add(connects),
        }
    }

    /// Forgets what waits: what answers it may not be looked at.
    pub(crate) fn forget(&mut self) {
        self.evicted += self.places.iter_mut().filter_map(Option::take).count() as u64;
    }

    /// Nothing more will come: what waits is counted.
    pub(crate) fn finish(&mut self, now: Time) {
        for bare in std::mem::take(&mut self.places).into_iter().flatten() {
            self.unfinished += u64::from(!self.is_silence(&bare, now));
        }
    }

    /// The counts by server, and those of the servers without a place of their own.
    pub(crate) fn counts(&self) -> (&BTreeMap<IpAddr, Connects>, Connects) {
        (&self.servers, self.others)
    }

    /// SYNs that had to make room before it could be told whether they are answered.
    pub(crate) fn evicted(&self) -> u64 {
        self.evicted
    }

    /// SYNs of which the capture ended before that.
    pub(crate) fn unfinished(&self) -> u64 {
        self.unfinished
    }

    /// Whether a SYN that waits no longer was met with silence, which is counted then.
    fn is_silence(&mut self, bare: &Bare, now: Time) -> bool {
        let is_silence = now.since(bare.syn.time) >= UNANSWERED;
        if is_silence {
            self.count(bare.ends.dest.addr, Connects { syn_silence: 1, ..Connects::default() });
        }
        is_silence
    }
}

/// The place of a flow's SYN: that where it waits, or else a free one, or else that of the SYN which waited longest.
fn place_in(set: &mut [Option<Box<Bare>>], ends: Ends) -> Option<&mut Option<Box<Bare>>> {
    set.iter_mut().min_by_key(|place| match place {
        Some(bare) if same_flow(&bare.ends, &ends) => (0, Time::default()),
        None => (1, Time::default()),
        Some(bare) => (2, bare.syn.time),
    })
}

impl Bare {
    fn new(packet: &Packet, tcp: &Tcp, block: &[u8]) -> Self {
        let syn = Syn::new(packet, tcp, tcp.options.of(block));
        Self { ends: packet.ends, syn, dont_fragment: packet.dont_fragment }
    }
}
