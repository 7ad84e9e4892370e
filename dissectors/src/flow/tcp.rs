//! The TCP flows of a shard: from the second packet to the end of the handshake, and what becomes of them then.

use crate::attempt::{End, Moment};
use crate::flow::arrival::Arrival;
use crate::flow::ending::Ending;
use crate::flow::key::flow_id;
use crate::flow::ledger::Ledger;
use crate::flow::losses::Loss;
use crate::flow::opening::{Bare, Connects, Openings};
use crate::flow::settled::{Settled, Sign};
use crate::flow::table::{Flow, Place, Table};
use crate::packet::{Ends, Flags, Quote, Tcp};
use crate::shared::Shared;
use crate::tcp::connection::{Connection, Reaction};
use crate::tcp::origin::Origin;
use crate::tcp::record::Identity;
use crate::time::Time;

/// Connections kept for reuse: as many as are opened and closed within a block, not as many as a flood opens.
const POOLED: usize = 4;

/// The TCP flows.
#[derive(Debug)]
pub(crate) struct TcpFlows {
    handshakes: Table<Box<Handshake>>,
    settled: Settled,
    openings: Openings,
    #[expect(clippy::vec_box, reason = "a handshake goes between the pool and the table without being copied")]
    pool: Vec<Box<Handshake>>,
}

/// A flow with a handshake in progress. What each packet is compared with lies before what it changes.
#[derive(Debug)]
#[repr(C)]
pub(crate) struct Handshake {
    identity: Identity,
    connection: Connection,
}

impl Flow for Box<Handshake> {
    fn ends(&self) -> Ends {
        self.identity.ends
    }
}

impl TcpFlows {
    pub(crate) fn new(ledger: &Ledger) -> Self {
        Self {
            handshakes: Table::new(ledger.config.handshakes, ledger.config.idle),
            settled: Settled::new(ledger.config.settled, ledger.config.idle),
            openings: Openings::new(&ledger.config),
            pool: Vec::new(),
        }
    }

    /// Loads what a segment of the flow with this hash will be looked up in.
    #[inline]
    pub(crate) fn look_ahead(&self, hash: u64, tcp: &Tcp) {
        self.settled.look_ahead(hash);
        if tcp.flags.has(Flags::SYN) {
            self.openings.look_ahead(hash);
        }
    }

    /// Takes a segment.
    #[inline]
    pub(crate) fn segment(&mut self, arrival: Arrival<'_>, tcp: &Tcp, ledger: &mut Ledger, shared: &mut Shared) {
        let opens = tcp.flags.has(Flags::SYN);
        if !opens && self.settled.touch(arrival.hash, arrival.now, sign(tcp.flags)) {
            ledger.counts.settled_packets += 1;
        } else {
            self.follow(arrival, tcp, ledger, shared);
        }
    }

    /// Takes a segment of a flow that is not settled, or not any more.
    fn follow(&mut self, arrival: Arrival<'_>, tcp: &Tcp, ledger: &mut Ledger, shared: &mut Shared) {
        let (hash, ends, now) = (arrival.hash, arrival.packet.ends, arrival.now);
        let opens = tcp.flags.has(Flags::SYN);
        if opens {
            self.settled.forget(hash, now);
        }
        let mut known = self.handshakes.find(hash, ends);
        if opens
            && let Some(place) = known
            && self.begins_anew(place, ends, tcp)
        {
            self.close(place, End::Reused, now, now, ledger);
            known = None;
        }
        let Some(place) = known.or_else(|| self.open(arrival, tcp, ledger)) else { return };
        self.react((place, arrival, tcp), ledger, shared);
    }

    /// Takes an ICMP error that quotes a segment; false where its flow is not known.
    pub(crate) fn quote(&mut self, arrival: Arrival<'_>, quote: Quote) -> bool {
        let place = self.handshakes.find(arrival.hash, arrival.packet.ends);
        let handshake = place.and_then(|place| self.handshakes.value_mut(place));
        handshake.map(|handshake| handshake.connection.quote(arrival.packet.time, quote)).is_some()
    }

    /// Closes every flow.
    pub(crate) fn close_all(&mut self, end: End, now: Time, ledger: &mut Ledger) {
        self.close_each(end, now, ledger);
        self.settled.clear();
        self.openings.finish(now);
    }

    /// Forgets the SYNs whose answers might not be looked at.
    pub(crate) fn forget_openings(&mut self) {
        self.openings.forget();
    }

    /// Connections without a ClientHello.
    pub(crate) fn openings(&self) -> &Openings {
        &self.openings
    }

    /// Whether a SYN is another connection's: its sender sent one with another initial sequence number, or was heard in
    /// the midst of a connection. A SYN-ACK says so only where nothing of its receiver's opening was captured: it is easily
    /// forged.
    fn begins_anew(&mut self, place: Place, ends: Ends, tcp: &Tcp) -> bool {
        let Some(handshake) = self.handshakes.value_mut(place) else { return false };
        let Handshake { identity, connection } = &**handshake;
        let from = origin(identity.ends, ends);
        let sender = connection.senders.of(from);
        if tcp.flags.has(Flags::ACK) {
            let opened = connection.senders.of(from.other()).facts.syn.is_some();
            return !opened && sender.facts.syn.is_some_and(|syn| syn.isn != tcp.seq);
        }
        match sender.facts.syn {
            Some(syn) => syn.isn != tcp.seq,
            None => sender.facts.packets > 0 || connection.progress.client.is_some(),
        }
    }

    /// Finds a place for a flow that has none: from its second packet on, or from its first payload where the capture
    /// began too late for its SYN.
    fn open(&mut self, arrival: Arrival<'_>, tcp: &Tcp, ledger: &mut Ledger) -> Option<Place> {
        let Arrival { hash, packet, .. } = arrival;
        let (syn, resets) = (tcp.flags.has(Flags::SYN), tcp.flags.has(Flags::RST));
        let bears = packet.payload.len > 0;
        if syn && !tcp.flags.has(Flags::ACK) && !bears && self.openings.syn(arrival, tcp) {
            return None;
        }
        match self.openings.take(hash, packet.ends) {
            Some(bare) if resets => {
                if packet.ends != bare.ends {
                    let counts = Connects { reset_after_syn: 1, ..Connects::default() };
                    self.openings.count(bare.ends.dest.addr, counts);
                }
                None
            }
            None if resets || !(bears || syn) => {
                ledger.counts.stray_packets += 1;
                None
            }
            bare => self.begin(arrival, bare, ledger),
        }
    }

    fn begin(&mut self, arrival: Arrival<'_>, bare: Option<Box<Bare>>, ledger: &mut Ledger) -> Option<Place> {
        let Arrival { now, hash, packet, .. } = arrival;
        self.make_place(now, ledger);
        ledger.counts.flows += 1;
        let (ends, opened, first_frame) = match &bare {
            Some(bare) => (bare.ends, bare.syn.time, bare.syn.frame),
            None => (packet.ends, packet.time, packet.frame),
        };
        let identity = Identity { flow_id: flow_id(ends, false, first_frame), ends, opened, first_frame };
        let mut handshake = self.take_pooled(identity);
        if let Some(bare) = bare {
            handshake.connection.senders.of_mut(Origin::Opener).open(bare.syn, bare.dont_fragment);
        }
        self.handshakes.insert(hash, now, handshake).ok()
    }

    fn take_pooled(&mut self, identity: Identity) -> Box<Handshake> {
        let Some(mut handshake) = self.pool.pop() else {
            return Box::new(Handshake { identity, connection: Connection::default() });
        };
        handshake.identity = identity;
        handshake
    }

    fn react(&mut self, (place, arrival, tcp): (Place, Arrival<'_>, &Tcp), ledger: &mut Ledger, shared: &mut Shared) {
        let Arrival { now, packet, block, .. } = arrival;
        let unanswered = ledger.config.unanswered;
        let Some(handshake) = self.handshakes.touch(place, now) else { return };
        let Handshake { identity, connection } = &mut **handshake;
        let (from, held) = (origin(identity.ends, packet.ends), connection.held());
        let reaction = connection.packet(from, (packet, tcp), block, shared, unanswered);
        ledger.hold(held, connection.held());
        match reaction {
            Reaction::None => self.make_room(place, now, ledger),
            Reaction::Tell(moment) => {
                if let Some(attempt) = connection.attempt(identity, End::Open, packet.time) {
                    ledger.tell(now, moment, attempt);
                }
            }
            Reaction::Complete => self.settle(place, arrival, ledger),
            Reaction::NoTls => {
                ledger.counts.without_tls += 1;
                self.settle(place, arrival, ledger);
            }
        }
    }

    /// Closes a flow that goes on, so that what follows is only counted.
    fn settle(&mut self, place: Place, arrival: Arrival<'_>, ledger: &mut Ledger) {
        self.close(place, End::Completed, arrival.now, arrival.packet.time, ledger);
        ledger.counts.evicted_settled += self.settled.add(arrival.hash, arrival.now);
    }

    /// Counts a connection that opened and over which no payload went.
    fn count_connect(&mut self, identity: &Identity, connection: &Connection, end: End) {
        let [opener, responder] = [Origin::Opener, Origin::Responder].map(|end| &connection.senders.of(end).facts);
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
}

impl Ending for TcpFlows {
    type Handshake = Box<Handshake>;

    fn handshakes(&mut self) -> &mut Table<Box<Handshake>> {
        &mut self.handshakes
    }

    fn settled(&mut self) -> &mut Settled {
        &mut self.settled
    }

    fn held(handshake: &Box<Handshake>) -> usize {
        handshake.connection.held()
    }

    fn close(&mut self, place: Place, end: End, at: Time, last: Time, ledger: &mut Ledger) {
        let Some(mut handshake) = self.handshakes.remove(place) else { return };
        let Handshake { identity, connection } = &mut *handshake;
        ledger.hold(connection.held(), 0);
        ledger.counts.copies += u64::from(connection.copies);
        let acknowledgements = u64::from(connection.acknowledgements);
        ledger.lose(last, Loss { acknowledgements, gaps: connection.gaps() });
        match connection.take_attempt(identity, end, last) {
            Some(attempt) => ledger.tell(at, Moment::Closed, attempt),
            None => self.count_connect(identity, connection, end),
        }
        if self.pool.len() < POOLED {
            *connection = Connection::default();
            self.pool.push(handshake);
        }
    }
}

/// What a segment says of a flow whose handshake is over.
fn sign(flags: Flags) -> Sign {
    if flags.has(Flags::FIN) || flags.has(Flags::RST) { Sign::Closes } else { Sign::Lives }
}

/// Which end sent a packet.
pub(crate) fn origin(flow: Ends, packet: Ends) -> Origin {
    // A connection with itself has one end for both; its first sender counts as its opener.
    if flow.source == packet.source { Origin::Opener } else { Origin::Responder }
}
