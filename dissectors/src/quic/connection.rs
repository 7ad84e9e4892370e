//! One connection attempt: a client's first connection ID on one pair of addresses and ports, and all that came of it.

use super::Side;
use super::facts::{Datagram, Event, QuicFacts};
use super::flight::Flight;
use super::header::{FIXED, Invariant, LongPacket, Packet, PacketType, Packets, names};
use super::initials::{Arrival, Initials, count};
use super::initiator::opens_itself;
use super::probe::{MIN_SHORT, Probe, probe};
use super::scratch::Scratch;
use super::version::Version;
use crate::time::Time;
use crate::tls::Secret;

/// Whether a connection took a datagram.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Taken {
    /// It was counted here, whatever it is.
    Here,
    /// It is the first of another connection on the same ports and was not counted here: this connection is over.
    Another,
}

/// One connection attempt.
///
/// Feed it every datagram of its flow in the order of capture. [`Taken::Another`] ends it: close it, and give that same
/// datagram to a new one. Once it has completed, a datagram costs a look at its first bytes, and nothing is allocated.
#[derive(Clone, Debug, Default)]
pub struct Connection {
    facts: QuicFacts,
    initials: Initials,
    flight: Flight,
}

impl Connection {
    /// What is known so far.
    pub fn facts(&self) -> &QuicFacts {
        &self.facts
    }

    /// Bytes of hellos and of packets that are held until more of them comes.
    pub fn held(&self) -> usize {
        self.initials.held() + self.flight.held()
    }

    /// Gives the secret of the server's Handshake packets, or says that there is none, once [`Event::ClientHello`] has told
    /// the session. Reports what packets say that came before.
    pub fn decrypt_with(&mut self, secret: Option<Secret>, scratch: &mut Scratch, on: &mut dyn FnMut(Event<'_>)) {
        self.flight.give(secret);
        let mut arrival = Arrival { sender: Side::Server, time: Time::default(), on };
        self.flight.resume(&mut arrival, &mut self.facts, scratch);
    }

    /// Takes one datagram and reports what it brought.
    pub fn datagram(
        &mut self,
        sender: Side,
        datagram: Datagram<'_>,
        scratch: &mut Scratch,
        on: &mut dyn FnMut(Event<'_>),
    ) -> Taken {
        if sender == Side::Client && self.is_another(datagram.bytes, scratch) {
            return Taken::Another;
        }
        let mut arrival = Arrival { sender, time: datagram.time, on };
        let mut ours = false;
        for packet in Packets::new(datagram.bytes) {
            match packet {
                Ok(packet) => ours |= self.packet(packet, &datagram, &mut arrival, scratch),
                Err(_) if ours || matches!(probe(datagram.bytes), Probe::Quic(_)) => {
                    ours = true;
                    count(&mut self.facts.damage.malformed);
                }
                Err(_) => {}
            }
        }
        self.count_datagram(ours, sender, &datagram);
        Taken::Here
    }

    /// Whether a datagram of the client begins another connection: an Initial packet that is protected under its own
    /// connection ID, which is none of this connection's.
    fn is_another(&self, datagram: &[u8], scratch: &mut Scratch) -> bool {
        let Some(Ok(Packet::Long(packet))) = Packets::new(datagram).next() else { return false };
        packet.kind == PacketType::Initial
            && self.facts.first_dcid.is_some()
            && !self.may_continue(&packet)
            && opens_itself(&packet, scratch)
    }

    /// Whether an Initial packet of the client may belong here although it names the server anew.
    fn may_continue(&self, packet: &LongPacket<'_>) -> bool {
        let facts = &self.facts;
        let known = facts.first_dcid == Some(packet.dcid)
            || facts.server_scid == Some(packet.dcid)
            || self.initials.is_retry(packet.dcid);
        let same_client = !packet.scid.is_empty() && facts.client_scid == Some(packet.scid);
        let after_negotiation = facts.version_negotiation.is_some() && facts.server.initials == 0;
        // A token that was not there at first comes from a Retry, which a capture of one direction does not show.
        let after_unseen_retry = !packet.token.is_empty() && !facts.token && facts.server.datagrams == 0;
        known || same_client || after_negotiation || after_unseen_retry
    }

    /// Takes one packet; says whether it belongs to this connection.
    fn packet(
        &mut self,
        packet: Packet<'_>,
        datagram: &Datagram<'_>,
        arrival: &mut Arrival<'_>,
        scratch: &mut Scratch,
    ) -> bool {
        let ours = match packet {
            Packet::Short(bytes) => self.is_short(bytes, datagram.missing, arrival.sender),
            Packet::Retry(header) => self.is_retry(&header, arrival.sender),
            Packet::VersionNegotiation(header) => self.is_version_negotiation(&header, arrival.sender),
            Packet::Long(packet) => self.is_spoken(packet.version),
        };
        if ours {
            self.stamp(arrival);
            match packet {
                Packet::Short(_) => self.short(arrival),
                Packet::Retry(header) => self.retry(&header, arrival),
                Packet::VersionNegotiation(header) => self.version_negotiation(header, arrival),
                Packet::Long(packet) => self.long(&packet, arrival, scratch),
            }
        } else if matches!(packet, Packet::Retry(_) | Packet::VersionNegotiation(_)) {
            count(&mut self.facts.damage.misplaced);
        }
        ours
    }

    /// The fixed bit may vary once an end knows that the other one can take it (RFC 9287), which is as soon as it can
    /// send short headers; then the receiver's connection ID vouches for the packet.
    fn is_short(&self, bytes: &[u8], missing: u32, sender: Side) -> bool {
        let fixed = bytes.first().is_some_and(|first| first & FIXED != 0);
        let receiver = match sender {
            Side::Client => self.facts.server_scid,
            Side::Server => self.facts.client_scid,
        };
        let named = receiver.is_some_and(|id| !id.is_empty() && names(bytes, &id));
        (fixed || named || self.facts.completed.is_some()) && (bytes.len() >= MIN_SHORT || missing > 0)
    }

    /// Media may share the ports of a connection, and half of it looks like long headers with a random version. Behind
    /// a Version Negotiation stands whatever the two ends know.
    fn is_spoken(&self, version: Version) -> bool {
        version.family().is_some() || self.facts.version_negotiation.is_some()
    }

    /// A Retry counts once, and only as the first answer to what the client sent (RFC 9000, section 17.2.5.2).
    fn is_retry(&self, header: &Invariant<'_>, sender: Side) -> bool {
        self.facts.retry.is_none() && header.version.family().is_some() && self.is_first_answer(header, sender)
    }

    /// A Version Negotiation echoes both connection IDs, and comes before anything else (RFC 9000, section 6.2).
    fn is_version_negotiation(&self, header: &Invariant<'_>, sender: Side) -> bool {
        self.facts.first_dcid.is_none_or(|id| id == header.scid) && self.is_first_answer(header, sender)
    }

    /// Whether a packet comes from the server before its first Initial, and to the name that the client has.
    fn is_first_answer(&self, header: &Invariant<'_>, sender: Side) -> bool {
        let addressed = self.facts.client_scid.is_none_or(|id| id == header.dcid);
        sender == Side::Server && self.facts.server.initials == 0 && addressed
    }

    fn short(&mut self, arrival: &mut Arrival<'_>) {
        arrival.answer(&mut self.facts);
        let tally = self.facts.tally_mut(arrival.sender);
        count(&mut tally.short);
        tally.first_short.get_or_insert(arrival.time);
        if self.facts.completed.is_none() && self.facts.client.short > 0 && self.facts.server.short > 0 {
            self.facts.completed = Some(arrival.time);
            self.initials.close();
            (arrival.on)(Event::Completed);
        }
    }

    fn retry(&mut self, header: &Invariant<'_>, arrival: &mut Arrival<'_>) {
        arrival.answer(&mut self.facts);
        self.facts.retry = Some(arrival.time);
        self.initials.expect_retry(header.scid);
        (arrival.on)(Event::Retry);
    }

    fn version_negotiation(&mut self, header: Invariant<'_>, arrival: &mut Arrival<'_>) {
        arrival.answer(&mut self.facts);
        self.facts.version_negotiation.get_or_insert(arrival.time);
        (arrival.on)(Event::VersionNegotiation(header));
    }

    fn long(&mut self, packet: &LongPacket<'_>, arrival: &mut Arrival<'_>, scratch: &mut Scratch) {
        self.note_header(packet, arrival.sender);
        match packet.kind {
            PacketType::Initial => self.initial(packet, arrival, scratch),
            PacketType::ZeroRtt => count(&mut self.facts.tally_mut(arrival.sender).zero_rtt),
            PacketType::Handshake => {
                let tally = self.facts.tally_mut(arrival.sender);
                count(&mut tally.handshakes);
                tally.last_handshake = Some(arrival.time);
                arrival.answer(&mut self.facts);
                if arrival.sender == Side::Server {
                    self.flight.take(packet, arrival, &mut self.facts, scratch);
                }
            }
        }
    }

    fn initial(&mut self, packet: &LongPacket<'_>, arrival: &mut Arrival<'_>, scratch: &mut Scratch) {
        let tally = self.facts.tally_mut(arrival.sender);
        count(&mut tally.initials);
        tally.first_initial.get_or_insert(arrival.time);
        tally.last_initial = Some(arrival.time);
        if arrival.sender == Side::Client {
            (arrival.on)(Event::ClientInitial);
        }
        if self.facts.completed.is_none() {
            self.initials.take(packet, arrival, &mut self.facts, scratch);
            self.flight.resume(arrival, &mut self.facts, scratch);
        }
    }

    /// Notes what a long header says of versions and connection IDs.
    fn note_header(&mut self, packet: &LongPacket<'_>, sender: Side) {
        let facts = &mut self.facts;
        if facts.client.datagrams == 0 && facts.server.datagrams == 0 {
            facts.version = packet.version;
        }
        match sender {
            Side::Client => {
                facts.client_scid.get_or_insert(packet.scid);
            }
            Side::Server => {
                facts.negotiated = Some(packet.version);
                facts.server_scid = Some(packet.scid);
            }
        }
    }

    fn stamp(&mut self, arrival: &Arrival<'_>) {
        let tally = self.facts.tally_mut(arrival.sender);
        tally.first.get_or_insert(arrival.time);
        tally.last = Some(arrival.time);
    }

    fn count_datagram(&mut self, ours: bool, sender: Side, datagram: &Datagram<'_>) {
        if !ours && datagram.missing > 0 {
            return count(&mut self.facts.damage.truncated);
        }
        let tally = self.facts.tally_mut(sender);
        if !ours {
            return count(&mut tally.foreign);
        }
        count(&mut tally.datagrams);
        let captured = datagram.bytes.len() as u64;
        tally.bytes = tally.bytes.saturating_add(captured).saturating_add(u64::from(datagram.missing));
        count(&mut tally.unanswered);
        tally.unanswered_since.get_or_insert(datagram.time);
        let other = self.facts.tally_mut(sender.other());
        (other.unanswered, other.unanswered_since) = (0, None);
    }
}
