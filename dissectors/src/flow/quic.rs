//! The QUIC flows of a shard. A connection is known by its addresses and ports and by its first connection ID; one that
//! migrates is lost sight of.

use std::sync::Arc;

use crate::attempt::{Attempt, ClientFacts, End, Hello, Moment, ServerFacts, Side, Transport};
use crate::flow::arrival::Arrival;
use crate::flow::key::flow_id;
use crate::flow::ledger::Ledger;
use crate::flow::settled::Settled;
use crate::flow::table::{Place, Table};
use crate::packet::Ends;
use crate::quic::{self, Connection, Datagram, Event, Probe, Scratch, Taken};
use crate::shared::Shared;
use crate::time::Time;
use crate::x509::Certificate;
use crate::{dtls, tls};

/// The QUIC flows.
#[derive(Debug)]
pub(crate) struct QuicFlows {
    handshakes: Table<Box<Handshake>>,
    settled: Settled,
    scratch: Scratch,
}

#[derive(Debug)]
struct Handshake {
    flow_id: u64,
    /// The client as source.
    ends: Ends,
    opened: Time,
    /// Frame and time that the attempt is known by: the hello's last, or the flow's first.
    known_by: (u64, Time),
    connection: Connection,
    hello: Hello,
    server_hello: Option<ServerFacts>,
    chain: Vec<Arc<Certificate>>,
}

impl QuicFlows {
    pub(crate) fn new(ledger: &Ledger) -> Self {
        Self {
            handshakes: Table::new(ledger.config.handshakes),
            settled: Settled::new(ledger.config.settled, true),
            scratch: Scratch::default(),
        }
    }

    /// Takes a datagram. One that is no QUIC, and of no flow that is, costs a lookup and a look at its first bytes.
    pub(crate) fn datagram(&mut self, arrival: Arrival<'_>, ledger: &mut Ledger, shared: &mut Shared) {
        let (hash, ends, now) = (arrival.hash, arrival.packet.ends, arrival.now);
        let payload = arrival.packet.payload.of(arrival.block);
        // Within a connection the fixed bit, by which it is told from other protocols, may be missing (RFC 9287).
        if let Some(place) = self.handshakes.find(hash, ends, true) {
            return self.follow(place, arrival, payload, ledger, shared);
        }
        match quic::probe(payload) {
            Probe::Quic(_) | Probe::VersionNegotiation(_) => self.begin(arrival, payload, ledger, shared),
            Probe::Unsure => ledger.counts.settled_packets += u64::from(self.settled.touch(hash, ends, now)),
            Probe::GoogleQuic(_) => ledger.counts.google_quic += 1,
            Probe::NotQuic => ledger.counts.dtls_hellos += u64::from(dtls::probe(payload).is_some()),
        }
    }

    /// Closes the flows that were silent for too long.
    pub(crate) fn advance(&mut self, now: Time, ledger: &mut Ledger) {
        while let Some((place, last)) = self.handshakes.expired(now, ledger.config.idle) {
            self.close(place, End::Idle, last.after(ledger.config.idle), last, ledger);
        }
        self.settled.advance(now, ledger.config.idle);
    }

    /// Closes every flow.
    pub(crate) fn close_all(&mut self, end: End, now: Time, ledger: &mut Ledger) {
        while let Some((place, last)) = self.handshakes.oldest() {
            self.close(place, end, now, last, ledger);
        }
        self.settled.clear();
    }

    /// A datagram that begins a connection, or an Initial or Handshake packet left over of one that is over.
    fn begin(&mut self, arrival: Arrival<'_>, payload: &[u8], ledger: &mut Ledger, shared: &mut Shared) {
        let Arrival { now, hash, packet, .. } = arrival;
        let side = quic::initiator(payload, &mut self.scratch);
        if side != Some(Side::Client) && self.settled.touch(hash, packet.ends, now) {
            ledger.counts.settled_packets += 1;
            return;
        }
        self.settled.forget(hash, packet.ends);
        if self.handshakes.is_full()
            && let Some((oldest, last)) = self.handshakes.oldest()
        {
            ledger.counts.evicted_handshakes += 1;
            self.close(oldest, End::Evicted, now, last, ledger);
        }
        ledger.counts.flows += 1;
        let ends = match side.unwrap_or_else(|| by_port(packet.ends)) {
            Side::Client => packet.ends,
            Side::Server => packet.ends.reversed(),
        };
        let handshake = Box::new(Handshake {
            flow_id: flow_id(ends, true, packet.frame),
            ends,
            opened: packet.time,
            known_by: (packet.frame, packet.time),
            connection: Connection::default(),
            hello: Hello::default(),
            server_hello: None,
            chain: Vec::new(),
        });
        if let Ok(place) = self.handshakes.insert(hash, ends, true, now, handshake) {
            self.follow(place, arrival, payload, ledger, shared);
        }
    }

    fn follow(&mut self, place: Place, arrival: Arrival<'_>, payload: &[u8], ledger: &mut Ledger, shared: &mut Shared) {
        let Arrival { now, packet, .. } = arrival;
        let Some(handshake) = self.handshakes.value_mut(place) else { return };
        match handshake.datagram(arrival, payload, &mut self.scratch, shared) {
            Taken::Here if handshake.connection.facts().completed.is_some() => {
                self.close(place, End::Completed, now, packet.time, ledger);
                ledger.counts.evicted_settled += self.settled.add(arrival.hash, packet.ends, now);
            }
            Taken::Here => self.handshakes.touch(place, now),
            Taken::Another => {
                self.close(place, End::Reused, now, now, ledger);
                self.begin(arrival, payload, ledger, shared);
            }
        }
    }

    fn close(&mut self, place: Place, end: End, at: Time, last: Time, ledger: &mut Ledger) {
        let Some(handshake) = self.handshakes.remove(place) else { return };
        if handshake.is_attempt() {
            ledger.tell(at, Moment::Closed, handshake.attempt(end, last));
        } else {
            ledger.counts.without_tls += 1;
        }
    }
}

impl Handshake {
    fn datagram(&mut self, arrival: Arrival<'_>, payload: &[u8], scratch: &mut Scratch, shared: &mut Shared) -> Taken {
        let Self { ends, connection, hello, server_hello, chain, known_by, .. } = self;
        let packet = arrival.packet;
        let sender = if packet.ends.source == ends.source { Side::Client } else { Side::Server };
        let datagram = Datagram { time: packet.time, bytes: payload, missing: packet.missing };
        let mut secret = None;
        let taken = connection.datagram(sender, datagram, scratch, &mut |event| match event {
            Event::ClientHello(view) => {
                secret = shared.keys.server_handshake(view.random).cloned();
                hello.count = hello.count.saturating_add(1);
                if hello.first.is_none() {
                    *known_by = (packet.frame, packet.time);
                    hello.first = Some(Box::new(ClientFacts::of_quic(&view, &mut shared.ja4)));
                }
            }
            Event::ServerHello(view) => answer(&view, hello, server_hello),
            Event::Certificates(list) => {
                chain.extend(list.iter().map(|der| shared.certificates.certificate(der)));
            }
            _ => {}
        });
        if let Some(secret) = secret {
            connection.decrypt_with(secret);
        }
        taken
    }

    /// Whether anything of a handshake was recognised for sure: single datagrams of other protocols may look like QUIC.
    fn is_attempt(&self) -> bool {
        let facts = self.connection.facts();
        self.hello.first.is_some() || facts.damage.unopened < facts.client.initials || facts.server.datagrams > 0
    }

    fn attempt(self: Box<Self>, end: End, closed: Time) -> Attempt {
        let (frame, time) = self.known_by;
        Attempt {
            flow_id: self.flow_id,
            ends: self.ends,
            frame,
            time,
            opened: self.opened,
            closed,
            end,
            transport: Transport::Quic(Box::new(self.connection.facts().clone())),
            hello: self.hello,
            server_hello: self.server_hello,
            chain: self.chain,
        }
    }
}

fn answer(view: &tls::ServerHello<'_>, hello: &Hello, server_hello: &mut Option<ServerFacts>) {
    if !view.is_retry() {
        server_hello.get_or_insert_with(|| ServerFacts::new(view, hello.first.as_deref()));
    }
}

/// The sender's side where nothing but the ports tells: servers have the smaller one.
fn by_port(ends: Ends) -> Side {
    if ends.source.port < ends.dest.port { Side::Server } else { Side::Client }
}
