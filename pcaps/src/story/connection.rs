//! One TCP connection, told step by step.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use dissectors::time::Time;

use super::end::End;
use super::forged::Forged;
use super::moment;
use super::wire::{Fate, Trip, Wire};
use crate::file::Frame;
use crate::net::Side::{self, Client, Server};
use crate::net::host::Host;
use crate::net::packet::{Link, Network};
use crate::net::path::{Path, Place};
use crate::net::segment::{ACK, FIN, PSH, RST, SYN, Segment};
use crate::random::Random;
use crate::tls::ClientHello;

/// Between two segments of one flight.
const SPACING: Duration = Duration::from_micros(12);
/// What a host needs to answer.
const THINKING: Duration = Duration::from_micros(150);
/// What the timestamps option takes from each segment's payload.
const TIMESTAMP_SPACE: u16 = 12;

/// A connection between two hosts. Each step happens as soon as its actor can act: after what it last sent and what
/// reached it, or at the time that [`Connection::at`] names.
#[derive(Debug)]
pub struct Connection {
    client: End,
    server: End,
    wire: Wire,
    random: Random,
    /// What [`Connection::at`] counts from: the beginning, then the last hello.
    mark: Time,
    not_before: Time,
    /// The client's last packet as a router sees it whose patience it ends with.
    expiring: Vec<u8>,
}

impl Connection {
    /// A connection from the desktop to the web server, seen near the client.
    pub fn new() -> Self {
        Self::between(Host::client(), Host::server(), Path::NEAR_CLIENT)
    }

    /// The same, seen from elsewhere.
    pub fn seen(path: Path) -> Self {
        Self::between(Host::client(), Host::server(), path)
    }

    /// A connection between any two hosts.
    pub fn between(client: Host, server: Host, path: Path) -> Self {
        let random = Random::named(&format!("{client:?}"));
        let (near, far) = (End::new(client, Place::CLIENT), End::new(server, path.server));
        let (mark, not_before) = (Time::default(), Time::default());
        Self { client: near, server: far, wire: Wire::new(path), random, mark, not_before, expiring: Vec::new() }
    }

    /// The same hosts over IPv6 (2001:db8::10 and 2001:db8:50::80).
    pub fn over_ipv6() -> Self {
        let client = Host { address: Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0x10).into(), ..Host::client() };
        let server = Host { address: Ipv6Addr::new(0x2001, 0xdb8, 0x50, 0, 0, 0, 0, 0x80).into(), ..Host::server() };
        Self::between(client, server, Path::NEAR_CLIENT)
    }

    /// Frames carry these VLAN tags and extension headers.
    pub fn link(mut self, link: Link) -> Self {
        self.wire.link = link;
        self
    }

    /// The client's port, and with it a sequence number of its own.
    pub fn from_port(mut self, port: u16) -> Self {
        self.client.host.port = port;
        self.with_client_isn(u32::from(port).wrapping_mul(0x9e37_79b1))
    }

    /// The client's initial sequence number.
    pub fn with_client_isn(mut self, isn: u32) -> Self {
        self.client.host.isn = isn;
        self.client.next = isn;
        self.client.acknowledged = isn;
        self
    }

    /// Begins this many seconds into the story.
    pub fn starting_at(mut self, seconds: f64) -> Self {
        self.mark = moment(seconds);
        self.not_before = self.mark;
        self
    }

    /// The next step happens this many seconds after the last hello (before any hello: after the beginning).
    pub fn at(&mut self, seconds: f64) -> &mut Self {
        self.not_before = self.mark.after(Duration::from_secs_f64(seconds));
        self
    }

    /// What becomes of the next segments, one after the other.
    pub fn fates(&mut self, fates: &[Fate]) -> &mut Self {
        self.wire.fates = fates.iter().copied().collect();
        self
    }

    /// From now on the middlebox lets nothing of this side pass.
    pub fn middlebox_swallows(&mut self, side: Side) -> &mut Self {
        self.wire.swallows.push(side);
        self
    }

    /// From now on the middlebox lets everything pass.
    pub fn middlebox_relents(&mut self) -> &mut Self {
        self.wire.swallows.clear();
        self
    }

    /// From now on the middlebox is the server: shorter way, other stack, same address.
    pub fn middlebox_intercepts(&mut self) -> &mut Self {
        self.server.place = self.wire.path.middlebox;
        self.server.host.ip_id = crate::net::host::IpIdLaw::Counting(0x0102);
        self.server.host.ttl = 255;
        self
    }

    /// The middlebox sends this to the other side in the name of `sender`.
    pub fn middlebox_forges(&mut self, sender: Side, forged: &Forged) -> &mut Self {
        let (mimicked, victim) = (self.end(sender), self.end(sender.peer()));
        let segment = Segment {
            seq: victim.received,
            ack: victim.next,
            flags: forged.flags,
            window: forged.window,
            options: Vec::new(),
            payload: forged.payload.clone(),
        };
        let macs = (mimicked.host.mac, victim.host.mac);
        let (source, destination) = (mimicked.host.address, victim.host.address);
        let (source_port, destination_port) = (mimicked.host.port, victim.host.port);
        let (from, to) = (self.wire.path.middlebox, victim.place);
        let departure = self.wire.at_middlebox.after(Duration::from_secs_f64(forged.after));
        let (id, dont_fragment, link) = (forged.id, forged.dont_fragment, self.wire.link.clone());
        let packet = |ttl| {
            let network = Network { source, destination, ttl, id, dont_fragment, checksum_offloaded: false };
            network.tcp(segment.encode(source_port, destination_port), &link)
        };
        self.wire.carry_unharmed(&Trip { sender, from, to, departure, ttl: forged.ttl, macs, packet: &packet });
        let arrival = departure.after(from.delay_to(to));
        self.end_mut(sender.peer()).receive(&segment, None, arrival);
        self
    }

    /// The router at this hop reports that the client's last packet expired there.
    pub fn router_reports_expiry(&mut self, hop: u8) -> &mut Self {
        let server = self.wire.path.server;
        let from = Place { hops: hop, delay: server.delay * u32::from(hop) / u32::from(server.hops.max(1)) };
        let source = IpAddr::V4(Ipv4Addr::new(203, 0, 113, hop));
        let (destination, quoted) = (self.client.host.address, self.expiring.clone());
        let departure = self.client.ready.after(from.delay);
        let packet = |ttl| {
            Network { source, destination, ttl, id: 0, dont_fragment: false, checksum_offloaded: false }
                .time_exceeded(&quoted)
        };
        let (sender, to, macs) = (Server, Place::CLIENT, (self.server.host.mac, self.client.host.mac));
        self.wire.carry_unharmed(&Trip { sender, from, to, departure, ttl: 255, macs, packet: &packet });
        self
    }

    /// From now on this side's packets leave with this TTL.
    pub fn ttl(&mut self, side: Side, ttl: u8) -> &mut Self {
        self.end_mut(side).host.ttl = ttl;
        self
    }

    /// From now on this side announces this window.
    pub fn window(&mut self, side: Side, window: u16) -> &mut Self {
        self.end_mut(side).host.window = window;
        self
    }

    /// SYN, SYN-ACK, ACK.
    pub fn handshake(&mut self) -> &mut Self {
        self.syn(&[]).syn_ack().acks(Client)
    }

    /// The client's SYN, with data if it uses TCP Fast Open (RFC 7413).
    pub fn syn(&mut self, data: &[u8]) -> &mut Self {
        let segment = self.client.segment(SYN, data);
        self.launch(Client, segment)
    }

    /// The server's SYN-ACK.
    pub fn syn_ack(&mut self) -> &mut Self {
        let segment = self.server.segment(SYN | ACK, &[]);
        self.launch(Server, segment)
    }

    /// The server sends its SYN-ACK again.
    pub fn syn_ack_again(&mut self) -> &mut Self {
        self.server.next = self.server.host.isn;
        self.syn_ack()
    }

    /// The server does not take the data on the SYN, so the client will send it anew.
    pub fn server_ignores_syn_data(&mut self) -> &mut Self {
        self.server.received = self.client.host.isn.wrapping_add(1);
        self.client.next = self.server.received;
        self.client.flight.clear();
        self
    }

    /// Sends bytes in segments of the peer's maximum size, the last with PSH.
    pub fn sends(&mut self, side: Side, bytes: &[u8]) -> &mut Self {
        let mss = self.end(side.peer()).host.mss;
        let room = if self.end(side).host.timestamps.is_some() { mss - TIMESTAMP_SPACE } else { mss };
        self.sends_in_pieces(side, bytes, usize::from(room))
    }

    /// Sends bytes in segments of `size`, the last with PSH.
    pub fn sends_in_pieces(&mut self, side: Side, bytes: &[u8], size: usize) -> &mut Self {
        let pieces = bytes.chunks(size).count();
        for (number, piece) in bytes.chunks(size).enumerate() {
            let flags = if number + 1 == pieces { ACK | PSH } else { ACK };
            let segment = self.end_mut(side).segment(flags, piece);
            self.launch(side, segment);
        }
        self
    }

    /// The client sends its hello, from whose last segment [`Connection::at`] counts.
    pub fn hello(&mut self, hello: &ClientHello) -> &mut Self {
        self.sends(Client, &hello.record()).mark()
    }

    /// [`Connection::at`] counts from what the client sent last.
    pub fn mark(&mut self) -> &mut Self {
        self.mark = Time(self.client.ready.0 - SPACING.as_nanos() as i64);
        self
    }

    /// Acknowledges what has arrived.
    pub fn acks(&mut self, side: Side) -> &mut Self {
        let segment = self.end_mut(side).segment(ACK, &[]);
        self.launch(side, segment)
    }

    /// Retransmits the oldest unacknowledged segment at each of these times, as [`Connection::at`] counts.
    pub fn retransmits(&mut self, side: Side, times: &[f64]) -> &mut Self {
        for time in times {
            let end = self.end(side);
            let received = end.received;
            if let Some(oldest) = end.flight.first().cloned() {
                self.at(*time).launch(side, Segment { ack: received, ..oldest });
            }
        }
        self
    }

    /// A keep-alive probe: an empty segment one byte before the next.
    pub fn keep_alive(&mut self, side: Side) -> &mut Self {
        let end = self.end_mut(side);
        end.next = end.next.wrapping_sub(1);
        let segment = end.segment(ACK, &[]);
        end.next = end.next.wrapping_add(1);
        self.launch(side, segment)
    }

    /// A FIN.
    pub fn fin(&mut self, side: Side) -> &mut Self {
        let segment = self.end_mut(side).segment(FIN | ACK, &[]);
        self.launch(side, segment)
    }

    /// FIN, FIN, ACK: an orderly end begun by `side`.
    pub fn closes(&mut self, side: Side) -> &mut Self {
        self.fin(side).fin(side.peer()).acks(side)
    }

    /// A reset by the host's own kernel: IP-ID 0 and window 0, as Linux sends it.
    pub fn reset(&mut self, side: Side) -> &mut Self {
        let end = self.end_mut(side);
        let habits = end.host.clone();
        end.host = Host { ip_id: crate::net::host::IpIdLaw::Fixed(0), timestamps: None, window: 0, ..end.host.clone() };
        let segment = end.segment(RST | ACK, &[]);
        self.launch(side, segment);
        self.end_mut(side).host = habits;
        self
    }

    /// A segment of the teller's own making. It moves no sequence number of its sender.
    pub fn raw(&mut self, side: Side, segment: Segment) -> &mut Self {
        self.launch(side, segment)
    }

    /// The sequence number that this side will send next.
    pub fn next_seq(&self, side: Side) -> u32 {
        self.end(side).next
    }

    /// What the tap has seen, in the order of sending.
    pub fn frames(&self) -> &[Frame] {
        &self.wire.frames
    }

    pub(super) fn into_frames(self) -> Vec<Frame> {
        self.wire.frames
    }

    fn end(&self, side: Side) -> &End {
        match side {
            Client => &self.client,
            Server => &self.server,
        }
    }

    fn end_mut(&mut self, side: Side) -> &mut End {
        match side {
            Client => &mut self.client,
            Server => &mut self.server,
        }
    }

    /// Puts a segment on the wire and, if it arrives, before the peer.
    fn launch(&mut self, side: Side, mut segment: Segment) -> &mut Self {
        let departure = self.end(side).ready.max(std::mem::take(&mut self.not_before));
        let sender = match side {
            Client => &mut self.client,
            Server => &mut self.server,
        };
        let id = sender.ip_id(&mut self.random);
        segment.options = [sender.options(&segment, departure), segment.options].concat();
        if segment.end() != segment.seq {
            sender.flight.retain(|sent| sent.seq != segment.seq);
            sender.flight.push(Segment { options: Vec::new(), ..segment.clone() });
            sender.flight.sort_by_key(|sent| sent.seq.wrapping_sub(sender.acknowledged));
        }
        sender.ready = departure.after(SPACING);
        let arrival = self.travel(side, &segment, id, departure);
        let clock = self.end(side).clock(departure);
        if let Some(arrival) = arrival {
            self.end_mut(side.peer()).receive(&segment, clock, arrival.after(THINKING));
        }
        self
    }

    fn travel(&mut self, side: Side, segment: &Segment, id: u16, departure: Time) -> Option<Time> {
        let (sender, receiver) = (self.end(side), self.end(side.peer()));
        let (from, to) = (sender.place, receiver.place);
        let (source, destination) = (sender.host.address, receiver.host.address);
        let (dont_fragment, checksum_offloaded) = (sender.host.dont_fragment, sender.host.checksum_offload);
        let bytes = segment.encode(sender.host.port, receiver.host.port);
        let (ttl, macs, link) = (sender.host.ttl, (sender.host.mac, receiver.host.mac), self.wire.link.clone());
        let packet =
            |ttl| Network { source, destination, ttl, id, dont_fragment, checksum_offloaded }.tcp(bytes.clone(), &link);
        if side == Client {
            self.expiring = packet(1);
        }
        self.wire.carry(&Trip { sender: side, from, to, departure, ttl, macs, packet: &packet })
    }
}

impl Default for Connection {
    fn default() -> Self {
        Self::new()
    }
}
