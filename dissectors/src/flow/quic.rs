//! The QUIC flows of a shard. A connection is known by its addresses and ports and by its first connection ID; one that
//! migrates is lost sight of.

mod copies;
mod handshake;

use crate::attempt::{End, Moment, Side};
use crate::dtls;
use crate::flow::arrival::Arrival;
use crate::flow::ending::Ending;
use crate::flow::ledger::Ledger;
use crate::flow::settled::{Settled, Sign};
use crate::flow::table::{Place, Table};
use crate::packet::Ends;
use crate::quic::{self, Probe, Scratch, Taken};
use crate::shared::Shared;
use crate::time::Time;
use handshake::Handshake;

/// The QUIC flows.
#[derive(Debug)]
pub(crate) struct QuicFlows {
    handshakes: Table<Box<Handshake>>,
    settled: Settled,
    scratch: Scratch,
}

impl QuicFlows {
    pub(crate) fn new(ledger: &Ledger) -> Self {
        Self {
            handshakes: Table::new(ledger.config.handshakes, ledger.config.idle),
            settled: Settled::new(ledger.config.settled, ledger.config.idle),
            scratch: Scratch::new(ledger.config.quic_keys),
        }
    }

    /// Loads what a datagram of the flow with this hash will be looked up in.
    #[inline]
    pub(crate) fn look_ahead(&self, hash: u64) {
        self.settled.look_ahead(hash);
    }

    /// Connections whose Initial keys were forgotten to make room.
    pub(crate) fn forgotten_keys(&self) -> u64 {
        self.scratch.forgotten_keys()
    }

    /// Takes a datagram. One that is no QUIC, and of no flow that is, costs a lookup and a look at its first bytes.
    pub(crate) fn datagram(&mut self, arrival: Arrival<'_>, ledger: &mut Ledger, shared: &mut Shared) {
        let (hash, ends, now) = (arrival.hash, arrival.packet.ends, arrival.now);
        let payload = arrival.packet.payload.of(arrival.block);
        // Within a connection the fixed bit, by which it is told from other protocols, may be missing (RFC 9287).
        if let Some(place) = self.handshakes.find(hash, ends) {
            return self.follow(place, arrival, payload, ledger, shared);
        }
        match quic::probe(payload) {
            Probe::Quic(_) | Probe::VersionNegotiation(_) => self.begin(arrival, payload, ledger, shared),
            Probe::Unsure => ledger.counts.settled_packets += u64::from(self.settled.touch(hash, now, Sign::Lives)),
            Probe::GoogleQuic(_) => ledger.counts.google_quic += 1,
            Probe::NotQuic => ledger.counts.dtls_hellos += u64::from(dtls::probe(payload).is_some()),
        }
    }

    /// Closes every flow.
    pub(crate) fn close_all(&mut self, end: End, now: Time, ledger: &mut Ledger) {
        self.close_each(end, now, ledger);
        self.settled.clear();
    }

    /// A datagram that begins a connection, or an Initial or Handshake packet left over of one that is over.
    fn begin(&mut self, arrival: Arrival<'_>, payload: &[u8], ledger: &mut Ledger, shared: &mut Shared) {
        let Arrival { now, hash, packet, .. } = arrival;
        let side = quic::initiator(payload, &mut self.scratch);
        if side != Some(Side::Client) && self.settled.touch(hash, now, Sign::Lives) {
            ledger.counts.settled_packets += 1;
            return;
        }
        self.settled.forget(hash, now);
        self.make_place(now, ledger);
        ledger.counts.flows += 1;
        let ends = match side.unwrap_or_else(|| by_port(packet.ends)) {
            Side::Client => packet.ends,
            Side::Server => packet.ends.reversed(),
        };
        let handshake = Box::new(Handshake::new(ends, packet));
        if let Ok(place) = self.handshakes.insert(hash, now, handshake) {
            self.follow(place, arrival, payload, ledger, shared);
        }
    }

    fn follow(&mut self, place: Place, arrival: Arrival<'_>, payload: &[u8], ledger: &mut Ledger, shared: &mut Shared) {
        let Arrival { now, packet, .. } = arrival;
        let Some(handshake) = self.handshakes.value_mut(place) else { return };
        if handshake.is_copy(packet, payload) {
            ledger.counts.copies += 1;
            return;
        }
        let held = handshake.held();
        let taken = handshake.datagram(arrival, payload, &mut self.scratch, shared);
        ledger.hold(held, handshake.held());
        match taken {
            Taken::Here if handshake.is_complete() => {
                self.close(place, End::Completed, now, packet.time, ledger);
                ledger.counts.evicted_settled += self.settled.add(arrival.hash, now);
            }
            Taken::Here => {
                if let Some(moment) = handshake.moment(&ledger.config) {
                    ledger.tell(now, moment, handshake.clone().attempt(End::Open, packet.time));
                }
                self.handshakes.touch(place, now);
                self.make_room(place, now, ledger);
            }
            Taken::Another => {
                self.close(place, End::Reused, now, now, ledger);
                self.begin(arrival, payload, ledger, shared);
            }
        }
    }
}

impl Ending for QuicFlows {
    type Handshake = Box<Handshake>;

    fn handshakes(&mut self) -> &mut Table<Box<Handshake>> {
        &mut self.handshakes
    }

    fn settled(&mut self) -> &mut Settled {
        &mut self.settled
    }

    fn held(handshake: &Box<Handshake>) -> usize {
        handshake.held()
    }

    fn close(&mut self, place: Place, end: End, at: Time, last: Time, ledger: &mut Ledger) {
        let Some(handshake) = self.handshakes.remove(place) else { return };
        ledger.hold(handshake.held(), 0);
        ledger.counts.not_held += u64::from(handshake.not_held());
        if handshake.is_attempt() {
            ledger.tell(at, Moment::Closed, handshake.attempt(end, last));
        } else {
            ledger.counts.without_tls += 1;
        }
    }
}

/// The sender's side where nothing but the ports tells: servers have the smaller one.
fn by_port(ends: Ends) -> Side {
    if ends.source.port < ends.dest.port { Side::Server } else { Side::Client }
}
