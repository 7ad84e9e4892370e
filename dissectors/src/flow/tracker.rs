//! One shard of the flows: packets in, attempts out.
//!
//! Contract: give it its packets in the order of their capture, with `now` never going back (the caller begins anew with
//! [`Tracker::close_all`] where the capture's clock jumps); call [`Tracker::advance`] when time has passed without a
//! packet; take what it has to tell with [`Tracker::drain`]. It reads no clock: deadlines fire as `now` reaches them, and
//! what they cause is dated with the deadline, so that when the caller advances makes no difference.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::time::Duration;

use crate::attempt::{Attempt, End, Moment};
use crate::flow::key::{Key, flow_id, ordered};
use crate::flow::opening::{Connects, Openings};
use crate::flow::table::{Place, Table};
use crate::packet::{Ends, Flags, Packet, Quote, Tcp, Transport};
use crate::shared::Shared;
use crate::tcp::connection::{Connection, Reaction};
use crate::tcp::record::Identity;
use crate::tcp::sender::Origin;
use crate::time::Time;
use crate::tls::Ja4Cache;
use crate::x509::CertificateCache;

/// Limits and spans of one shard.
#[derive(Clone, Copy, Debug)]
pub struct Config {
    /// Flows with a handshake in progress.
    pub handshakes: NonZeroU32,
    /// Flows whose handshake is over, or that have none.
    pub settled: NonZeroU32,
    /// Certificates remembered.
    pub certificates: usize,
    /// JA4 inputs remembered.
    pub fingerprints: usize,
    /// A flow that is silent for this long is over.
    pub idle: Duration,
    /// The silence after a hello that is told before the attempt's end, at its witness.
    pub unanswered: Duration,
    /// The key of all hashes.
    pub key: Key,
}

impl Default for Config {
    fn default() -> Self {
        const fn limit(n: u32) -> NonZeroU32 {
            match NonZeroU32::new(n) {
                Some(n) => n,
                None => NonZeroU32::MIN,
            }
        }
        Self {
            handshakes: limit(4096),
            settled: limit(65536),
            certificates: 1024,
            fingerprints: Ja4Cache::DEFAULT_LIMIT,
            idle: Duration::from_secs(120),
            unanswered: Duration::from_secs(10),
            key: Key::default(),
        }
    }
}

/// An attempt, told at a moment.
#[derive(Clone, Debug)]
pub struct Telling {
    /// When: the packet's `now`, or the deadline.
    pub at: Time,
    /// Why now.
    pub moment: Moment,
    /// The facts.
    pub attempt: Attempt,
}

/// What a shard counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Flows seen, TCP with more than a SYN and QUIC.
    pub flows: u64,
    /// Flows in which no TLS was found.
    pub without_tls: u64,
    /// Packets of flows whose handshake is over.
    pub settled_packets: u64,
    /// Packets that belong to no flow and begin none.
    pub stray_packets: u64,
    /// Second copies of frames.
    pub copies: u64,
    /// Handshakes given up because the table was full.
    pub evicted_handshakes: u64,
    /// Settled flows forgotten because the table was full.
    pub evicted_settled: u64,
    /// Packets with an acknowledgement in flows whose handshake was in progress.
    pub acknowledgements: u64,
    /// Directions of such flows with bytes missing that were sent, as later bytes or an acknowledgement show.
    pub gaps: u64,
}

impl Counts {
    /// Adds another's.
    pub fn add(&mut self, other: &Self) {
        self.flows += other.flows;
        self.without_tls += other.without_tls;
        self.settled_packets += other.settled_packets;
        self.stray_packets += other.stray_packets;
        self.copies += other.copies;
        self.evicted_handshakes += other.evicted_handshakes;
        self.evicted_settled += other.evicted_settled;
        self.acknowledgements += other.acknowledgements;
        self.gaps += other.gaps;
    }
}

/// One shard.
#[derive(Debug)]
pub struct Tracker {
    config: Config,
    handshakes: Table<Handshake>,
    settled: Table<()>,
    openings: Openings,
    pool: Vec<Box<Connection>>,
    shared: Shared,
    told: Vec<Telling>,
    counts: Counts,
}

#[derive(Debug)]
struct Handshake {
    identity: Identity,
    connection: Box<Connection>,
}

/// Connections kept for reuse: as many as are opened and closed within a block, not as many as a flood opens.
const POOLED: usize = 64;

impl Tracker {
    /// A shard without flows.
    pub fn new(config: Config) -> Self {
        Self {
            config,
            handshakes: Table::new(config.handshakes),
            settled: Table::new(config.settled),
            openings: Openings::default(),
            pool: Vec::new(),
            shared: Shared {
                certificates: CertificateCache::new(config.certificates, config.key.0),
                ja4: Ja4Cache::new(config.fingerprints),
            },
            told: Vec::new(),
            counts: Counts::default(),
        }
    }

    /// Takes the next packet of this shard. `hash` is [`Key::hash`] of its ends; its spans lie in `block`.
    pub fn packet(&mut self, now: Time, hash: u64, packet: &Packet, block: &[u8]) {
        self.advance(now);
        match &packet.transport {
            Transport::Tcp(tcp) => self.segment(now, hash, packet, tcp, block),
            Transport::Udp => {}
            Transport::Icmp { quote, of_udp } => self.quote(hash, packet, *quote, *of_udp),
        }
    }

    /// Lets time pass: flows that were silent for too long are over.
    pub fn advance(&mut self, now: Time) {
        while let Some((place, last)) = self.handshakes.oldest() {
            let deadline = last.after(self.config.idle);
            if deadline > now {
                break;
            }
            self.close(place, End::Idle, deadline, last);
        }
        while let Some((place, last)) = self.settled.oldest() {
            if last.after(self.config.idle) > now {
                break;
            }
            self.settled.remove(place);
        }
    }

    /// Ends every flow: the capture is over, or its clock jumped.
    pub fn close_all(&mut self, end: End, now: Time) {
        self.advance(now);
        while let Some((place, last)) = self.handshakes.oldest() {
            self.close(place, end, now, last);
        }
        while let Some((place, _)) = self.settled.oldest() {
            self.settled.remove(place);
        }
        self.openings.finish(now);
    }

    /// Takes what there is to tell, in the order in which it happened.
    pub fn drain(&mut self) -> impl Iterator<Item = Telling> + '_ {
        self.told.drain(..)
    }

    /// What was counted.
    pub fn counts(&self) -> Counts {
        self.counts
    }

    /// Connections without a ClientHello by server address, those of servers beyond the limit, and the SYNs that had to
    /// make room for others.
    pub fn connects(&self) -> (&BTreeMap<IpAddr, Connects>, Connects, u64) {
        self.openings.counts()
    }

    fn segment(&mut self, now: Time, hash: u64, packet: &Packet, tcp: &Tcp, block: &[u8]) {
        let opens = tcp.flags.has(Flags::SYN) && !tcp.flags.has(Flags::ACK);
        if let Some(place) = self.settled.find(hash, packet.ends, false) {
            if !opens {
                self.counts.settled_packets += 1;
                return self.settled.touch(place, now);
            }
            self.settled.remove(place);
        }
        let mut place = self.handshakes.find(hash, packet.ends, false);
        if let Some(open) = place
            && opens
            && self.begins_anew(open, packet.ends, tcp)
        {
            self.close(open, End::Reused, now, now);
            place = None;
        }
        let place = match place {
            Some(place) => place,
            None => match self.open(now, hash, packet, tcp, block, opens) {
                Some(place) => place,
                None => return,
            },
        };
        self.handshakes.touch(place, now);
        self.react(now, hash, place, packet, tcp, block);
    }

    /// Whether a SYN is another connection's: its sender sent one with another initial sequence number, or was heard in
    /// the midst of a connection.
    fn begins_anew(&mut self, place: Place, ends: Ends, tcp: &Tcp) -> bool {
        let Some(Handshake { identity, connection }) = self.handshakes.value_mut(place) else { return false };
        let from = origin(identity.ends, ends);
        let sender = connection.senders.of(from);
        match sender.facts.syn {
            Some(syn) => syn.isn != tcp.seq,
            None => sender.facts.packets > 0 || connection.progress.client.is_some(),
        }
    }

    /// Finds a place for a flow that has none: from its second packet on, or from its first payload where the capture
    /// began too late for its SYN.
    fn open(&mut self, now: Time, hash: u64, packet: &Packet, tcp: &Tcp, block: &[u8], opens: bool) -> Option<Place> {
        if opens && packet.payload.len == 0 {
            self.openings.syn(hash, packet, tcp, block, now);
            return None;
        }
        let bare = self.openings.take(hash, packet.ends);
        let resets = tcp.flags.has(Flags::RST);
        if let Some(bare) = bare
            && resets
        {
            let counts = Connects { reset_after_syn: 1, ..Connects::default() };
            self.openings.count(bare.ends.dest.addr, counts);
            return None;
        }
        if bare.is_none() && (resets || (packet.payload.len == 0 && !tcp.flags.has(Flags::SYN))) {
            self.counts.stray_packets += 1;
            return None;
        }
        let mut connection = self.pool.pop().unwrap_or_default();
        let (ends, opened, first_frame) = match bare {
            Some(bare) => {
                connection.senders.of_mut(Origin::Opener).open(bare.syn, bare.dont_fragment);
                (bare.ends, bare.syn.time, bare.syn.frame)
            }
            None => (packet.ends, packet.time, packet.frame),
        };
        let identity = Identity { flow_id: flow_id(ends, false, first_frame), ends, opened, first_frame };
        self.add(now, hash, Handshake { identity, connection })
    }

    fn add(&mut self, now: Time, hash: u64, handshake: Handshake) -> Option<Place> {
        if self.handshakes.is_full()
            && let Some((oldest, last)) = self.handshakes.oldest()
        {
            self.counts.evicted_handshakes += 1;
            self.close(oldest, End::Evicted, now, last);
        }
        self.counts.flows += 1;
        self.handshakes.insert(hash, handshake.identity.ends, false, now, handshake).ok()
    }

    fn react(&mut self, now: Time, hash: u64, place: Place, packet: &Packet, tcp: &Tcp, block: &[u8]) {
        let unanswered = self.config.unanswered;
        let Some(Handshake { identity, connection }) = self.handshakes.value_mut(place) else { return };
        let from = origin(identity.ends, packet.ends);
        match connection.packet(from, (packet, tcp), block, &mut self.shared, unanswered) {
            Reaction::None => {}
            Reaction::Tell(moment) => {
                let attempt = connection.attempt(identity, End::Open, packet.time);
                self.told.extend(attempt.map(|attempt| Telling { at: now, moment, attempt }));
            }
            Reaction::Complete => self.settle(now, hash, place, packet),
            Reaction::NoTls => {
                self.counts.without_tls += 1;
                self.settle(now, hash, place, packet);
            }
        }
    }

    /// Closes a flow that goes on, so that what follows is only counted.
    fn settle(&mut self, now: Time, hash: u64, place: Place, packet: &Packet) {
        self.close(place, End::Completed, now, packet.time);
        if self.settled.is_full()
            && let Some((oldest, _)) = self.settled.oldest()
        {
            self.counts.evicted_settled += 1;
            self.settled.remove(oldest);
        }
        // There is room now, and the flow was not there.
        let _ = self.settled.insert(hash, packet.ends, false, now, ());
    }

    /// Closes a flow: `at` dates the event, `last` is the time of its last packet.
    fn close(&mut self, place: Place, end: End, at: Time, last: Time) {
        let Some(Handshake { identity, mut connection }) = self.handshakes.remove(place) else { return };
        self.counts.copies += u64::from(connection.copies);
        self.counts.acknowledgements += u64::from(connection.acknowledgements);
        self.counts.gaps += connection.gaps();
        match connection.attempt(&identity, end, last) {
            Some(attempt) => self.told.push(Telling { at, moment: Moment::Closed, attempt }),
            None => self.count_connect(&identity, &connection, end),
        }
        if self.pool.len() < POOLED {
            connection.recycle();
            self.pool.push(connection);
        }
    }

    /// Counts a connection that opened and over which no payload went.
    fn count_connect(&mut self, identity: &Identity, connection: &Connection, end: End) {
        let (opener, responder) =
            (&connection.senders.of(Origin::Opener).facts, &connection.senders.of(Origin::Responder).facts);
        let opened = opener.syn.is_some() && responder.syn.is_some() && opener.acked.is_some();
        if !opened || opener.bytes > 0 || responder.bytes > 0 {
            return;
        }
        let resets = opener.reset_count > 0 || responder.reset_count > 0;
        let closes = opener.fin.is_some() || responder.fin.is_some();
        let counts = Connects {
            reset_after_connect: u64::from(resets),
            silence_after_connect: u64::from(!resets && !closes && end == End::Idle),
            ..Connects::default()
        };
        self.openings.count(identity.ends.dest.addr, counts);
    }

    fn quote(&mut self, hash: u64, packet: &Packet, quote: Quote, of_udp: bool) {
        let place = self.handshakes.find(hash, packet.ends, of_udp);
        match place.and_then(|place| self.handshakes.value_mut(place)) {
            Some(handshake) => handshake.connection.quote(packet.time, quote),
            None => self.counts.stray_packets += 1,
        }
    }
}

/// Which end sent a packet.
fn origin(flow: Ends, packet: Ends) -> Origin {
    // A connection with itself has one end for both; its first sender counts as its opener.
    if ordered(flow) == ordered(packet) && flow.source == packet.source { Origin::Opener } else { Origin::Responder }
}
