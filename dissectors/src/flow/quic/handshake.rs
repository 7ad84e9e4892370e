//! One QUIC handshake: its connection, and what the attempt is made of.

use std::sync::Arc;

use super::copies::Copies;
use crate::attempt::{Attempt, ClientFacts, End, Hello, Moment, ServerFacts, Side, Transport};
use crate::flow::arrival::Arrival;
use crate::flow::config::Config;
use crate::flow::key::flow_id;
use crate::flow::table::Flow;
use crate::packet::{Ends, Packet};
use crate::quic::{Connection, Datagram, Event, Scratch, Taken};
use crate::shared::Shared;
use crate::time::Time;
use crate::tls::{ClientHello, Secret};
use crate::x509::Certificate;

#[derive(Clone, Debug)]
pub(crate) struct Handshake {
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
    copies: Copies,
    /// What was told last, before the end.
    told: Option<Moment>,
}

impl Flow for Box<Handshake> {
    fn ends(&self) -> Ends {
        self.ends
    }
}

impl Handshake {
    /// A handshake between these `ends`, the client as source, that begins with `packet`.
    pub(super) fn new(ends: Ends, packet: &Packet) -> Self {
        Self {
            flow_id: flow_id(ends, true, packet.frame),
            ends,
            opened: packet.time,
            known_by: (packet.frame, packet.time),
            connection: Connection::default(),
            hello: Hello::default(),
            server_hello: None,
            chain: Vec::new(),
            copies: Copies::default(),
            told: None,
        }
    }

    /// Bytes that are held, until more of them comes or to the attempt's end.
    pub(super) fn held(&self) -> usize {
        self.connection.held() + self.hello.first.as_ref().map_or(0, |first| first.held())
    }

    /// Whether short headers came from both ends.
    pub(super) fn is_complete(&self) -> bool {
        self.connection.facts().completed.is_some()
    }

    /// Whether this is a second copy of a frame, as a mirror of both ports makes it.
    pub(super) fn is_copy(&mut self, packet: &Packet, payload: &[u8]) -> bool {
        self.copies.is_copy(packet, payload)
    }

    /// What there is to tell before the end: that the client was heard again without an answer, and that one came.
    pub(super) fn moment(&mut self, config: &Config) -> Option<Moment> {
        let facts = self.connection.facts();
        let moment = match (self.told, facts.answer) {
            (None, None)
                if facts.client.initials >= config.unanswered_initials
                    && facts.silence() >= Some(config.unanswered) =>
            {
                Moment::Unanswered
            }
            (Some(Moment::Unanswered), Some(_)) => Moment::Answered,
            _ => return None,
        };
        self.told = Some(moment);
        Some(moment)
    }

    pub(super) fn datagram(
        &mut self,
        arrival: Arrival<'_>,
        payload: &[u8],
        scratch: &mut Scratch,
        shared: &mut Shared,
    ) -> Taken {
        let Self { ends, connection, hello, server_hello, chain, known_by, .. } = self;
        let packet = arrival.packet;
        let sender = if packet.ends.source == ends.source { Side::Client } else { Side::Server };
        let datagram = Datagram { time: packet.time, bytes: payload, missing: packet.missing };
        let mut listener = Listener { packet, known_by, hello, server_hello, chain, shared, session: None };
        let taken = connection.datagram(sender, datagram, scratch, &mut |event| listener.hear(event));
        if let Some(secret) = listener.session.take() {
            connection.decrypt_with(secret, scratch, &mut |event| listener.hear(event));
        }
        taken
    }

    /// Packets that came before their keys and found no room to wait for them.
    pub(super) fn not_held(&self) -> u32 {
        self.connection.facts().damage.not_held
    }

    /// Whether anything of a handshake was recognised for sure: single datagrams of other protocols may look like QUIC.
    pub(super) fn is_attempt(&self) -> bool {
        let facts = self.connection.facts();
        self.hello.first.is_some() || facts.damage.unopened < facts.client.initials || facts.server.datagrams > 0
    }

    pub(super) fn attempt(self: Box<Self>, end: End, closed: Time) -> Attempt {
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

/// Takes down what a datagram brings.
struct Listener<'a> {
    packet: &'a Packet,
    known_by: &'a mut (u64, Time),
    hello: &'a mut Hello,
    server_hello: &'a mut Option<ServerFacts>,
    chain: &'a mut Vec<Arc<Certificate>>,
    shared: &'a mut Shared,
    /// The session that a ClientHello began: the server's secret, if it is known.
    session: Option<Option<Secret>>,
}

impl Listener<'_> {
    fn hear(&mut self, event: Event<'_>) {
        match event {
            Event::ClientHello(view) => self.client_hello(&view),
            Event::ServerHello(view) if !view.is_retry() => {
                self.server_hello.get_or_insert_with(|| ServerFacts::new(&view, self.hello.first.as_deref()));
            }
            Event::Certificates(list) => {
                self.chain.extend(list.iter().map(|der| self.shared.certificates.certificate(der)));
            }
            _ => {}
        }
    }

    fn client_hello(&mut self, view: &ClientHello<'_>) {
        self.session = Some(self.shared.keys.server_handshake(view.random).cloned());
        self.hello.count = self.hello.count.saturating_add(1);
        if self.hello.first.is_none() {
            *self.known_by = (self.packet.frame, self.packet.time);
            self.hello.first = Some(Box::new(ClientFacts::of_quic(view, &mut self.shared.ja4)));
        }
    }
}
