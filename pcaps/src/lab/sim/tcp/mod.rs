//! A TCP end that reacts: handshake, retransmission, selective acknowledgement, FIN and RST (RFC 9293). Sans-IO.
//!
//! Packets and times go in, frames come out by [`Tcp::take_frames`], and what its program should hear as [`Heard`].
//! Nothing here knows what is said over it.

mod receiver;
mod rto;
mod sender;

use std::net::SocketAddr;

use dissectors::time::Time;
use etherparse::{TcpHeader, TcpOptionElement};

use self::receiver::Receiver;
use self::sender::{Acknowledged, Chunk, Sender};
use crate::net::frame::Packet;
use crate::net::host::{Host, IpIdLaw};
use crate::net::packet::{Link, Network, ethernet};
use crate::net::segment::{ACK, FIN, RST, SYN, Segment, sack_option, syn_options, timestamp_option};
use crate::random::Random;

/// What the timestamps option takes from each segment's payload.
const TIMESTAMP_SPACE: u16 = 12;

/// How often a segment is sent again before the connection is given up, as Linux by default: tcp_retries2,
/// tcp_syn_retries, tcp_orphan_retries.
const MAX_RETRIES: u32 = 15;
const MAX_SYN_RETRIES: u32 = 6;
const MAX_ORPHAN_RETRIES: u32 = 8;

/// Whether `a` comes after `b` in sequence space.
fn is_after(a: u32, b: u32) -> bool {
    (a.wrapping_sub(b) as i32) > 0
}

/// What the program at this end hears.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Heard {
    /// The connection stands.
    Connected,
    /// Bytes of the peer, in order.
    Bytes(Vec<u8>),
    /// The peer will send no more.
    Ended,
    /// The connection is gone: reset, or given up.
    Gone,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    SynSent,
    SynReceived,
    Open,
    /// Its FIN is queued or sent.
    Closing,
    /// The program has gone; what still arrives is answered with a reset.
    Orphan,
    Gone,
}

/// One end of a connection.
#[derive(Debug)]
pub(super) struct Tcp {
    host: Host,
    peer: SocketAddr,
    peer_mac: [u8; 6],
    state: State,
    sender: Sender,
    receiver: Receiver,
    /// The peer's last timestamp, once it offered the option.
    echo: Option<u32>,
    random: Random,
    frames: Vec<Vec<u8>>,
}

impl Tcp {
    /// An end that opens a connection at `now`.
    pub(super) fn connect(now: Time, host: Host, peer: SocketAddr, peer_mac: [u8; 6]) -> Self {
        let mut tcp = Self::new(host, peer, peer_mac, State::SynSent);
        tcp.sender.mark(SYN);
        tcp.flush(now);
        tcp
    }

    /// An end that answers a SYN.
    pub(super) fn accept(now: Time, host: Host, syn: &Packet) -> Self {
        let mut tcp = Self::new(host, syn.source(), syn.macs().0, State::SynReceived);
        if let Some(header) = syn.tcp() {
            tcp.read_syn(header);
        }
        tcp.sender.mark(SYN | ACK);
        tcp.flush(now);
        tcp
    }

    fn new(host: Host, peer: SocketAddr, peer_mac: [u8; 6], state: State) -> Self {
        let random = Random::named(&format!("{peer} {}", host.isn));
        let sender = Sender::new(host.isn, usize::from(host.mss));
        let receiver = Receiver::default();
        Self { host, peer, peer_mac, state, sender, receiver, echo: None, random, frames: Vec::new() }
    }

    /// Sends bytes, in segments of at most `piece`.
    pub(super) fn write(&mut self, now: Time, bytes: &[u8], piece: usize) {
        if self.state == State::Open {
            self.sender.write(bytes, piece);
            self.flush(now);
        }
    }

    /// Sends no more, and expects the peer to end too.
    pub(super) fn close(&mut self, now: Time) {
        if matches!(self.state, State::Open | State::SynReceived) {
            self.state = State::Closing;
            self.sender.mark(FIN | ACK);
            self.flush(now);
        }
    }

    /// The program goes: the connection is closed, and bytes that still come are answered with a reset.
    pub(super) fn abandon(&mut self, now: Time) {
        match self.state {
            State::Open | State::Closing => {
                self.close(now);
                self.state = State::Orphan;
            }
            State::SynSent | State::SynReceived => self.state = State::Gone,
            State::Orphan | State::Gone => {}
        }
    }

    /// What is to be sent since this was asked last.
    pub(super) fn take_frames(&mut self) -> Vec<Vec<u8>> {
        std::mem::take(&mut self.frames)
    }

    /// When [`Tcp::on_time`] has something to do.
    pub(super) fn deadline(&self) -> Option<Time> {
        self.sender.deadline().filter(|_| self.state != State::Gone)
    }

    /// Time has come to `now`.
    pub(super) fn on_time(&mut self, now: Time) -> Option<Heard> {
        self.deadline().filter(|deadline| *deadline <= now)?;
        let limit = match self.state {
            State::SynSent | State::SynReceived => MAX_SYN_RETRIES,
            State::Orphan => MAX_ORPHAN_RETRIES,
            State::Open | State::Closing | State::Gone => MAX_RETRIES,
        };
        match self.sender.time_out(now, limit) {
            Ok(again) => {
                self.send_all(now, again);
                None
            }
            Err(_) => self.vanish(),
        }
    }

    /// A router says that the way takes IP packets of this length only.
    pub(super) fn on_too_big(&mut self, now: Time, mtu: u16) {
        let headers = if self.host.address.is_ipv4() { 40 } else { 60 };
        let mss = usize::from(mtu.saturating_sub(headers + TIMESTAMP_SPACE).max(64));
        let again = self.sender.shrink(now, mss);
        self.send_all(now, again);
    }

    /// Takes a packet of the peer.
    pub(super) fn on_packet(&mut self, now: Time, packet: &Packet) -> Vec<Heard> {
        let Some(header) = packet.tcp() else { return Vec::new() };
        if self.state == State::Gone {
            self.refuse(now, header);
            return Vec::new();
        }
        if header.rst {
            return self.on_reset(now, header).into_iter().collect();
        }
        let mut heard = Vec::new();
        if header.syn && !self.on_syn(now, header, &mut heard) {
            return heard;
        }
        if header.ack {
            self.on_ack(now, packet, header, &mut heard);
        }
        self.on_payload(now, packet, header, &mut heard);
        self.flush(now);
        heard
    }

    /// Takes a SYN; false where nothing more is to be read of the packet.
    fn on_syn(&mut self, now: Time, header: &TcpHeader, heard: &mut Vec<Heard>) -> bool {
        match self.state {
            State::SynSent if header.ack => {
                self.read_syn(header);
                self.state = State::Open;
                let told = Acknowledged { ack: header.acknowledgment_number, sack: None, bare: false };
                self.sender.acknowledge(now, told);
                self.acknowledge(now);
                heard.push(Heard::Connected);
            }
            State::Open | State::Closing | State::Orphan if header.ack => self.acknowledge(now),
            _ => {}
        }
        false
    }

    fn on_ack(&mut self, now: Time, packet: &Packet, header: &TcpHeader, heard: &mut Vec<Heard>) {
        if self.state == State::SynReceived && header.acknowledgment_number == self.host.isn.wrapping_add(1) {
            self.state = State::Open;
            heard.push(Heard::Connected);
        }
        let bare = packet.payload.is_empty() && !header.fin;
        let told = Acknowledged { ack: header.acknowledgment_number, sack: sack(header), bare };
        self.sender.acknowledge(now, told);
        if let (Some(_), Some((clock, _))) = (self.echo, timestamps(header)) {
            self.echo = Some(clock);
        }
    }

    fn on_payload(&mut self, now: Time, packet: &Packet, header: &TcpHeader, heard: &mut Vec<Heard>) {
        if packet.payload.is_empty() && !header.fin {
            return;
        }
        if self.state == State::Orphan && !packet.payload.is_empty() {
            self.refuse(now, header);
            self.state = State::Gone;
            return;
        }
        let flags = if header.fin { FIN } else { 0 };
        let received = self.receiver.take(header.sequence_number, flags, &packet.payload);
        self.acknowledge(now);
        if !received.bytes.is_empty() {
            heard.push(Heard::Bytes(received.bytes));
        }
        if received.ended {
            heard.push(Heard::Ended);
        }
    }

    /// A reset ends the connection only at the very next byte; elsewhere in the window it is questioned (RFC 5961,
    /// section 3.2).
    fn on_reset(&mut self, now: Time, header: &TcpHeader) -> Option<Heard> {
        let next = self.receiver.next();
        let distance = header.sequence_number.wrapping_sub(next);
        match self.state {
            State::SynSent => {
                let answers = header.ack && header.acknowledgment_number == self.host.isn.wrapping_add(1);
                if answers { self.vanish() } else { None }
            }
            _ if distance == 0 => self.vanish(),
            _ if distance < u32::from(self.host.window) => {
                self.acknowledge(now);
                None
            }
            _ => None,
        }
    }

    fn vanish(&mut self) -> Option<Heard> {
        let told = self.state != State::Orphan;
        self.state = State::Gone;
        told.then_some(Heard::Gone)
    }

    fn read_syn(&mut self, header: &TcpHeader) {
        self.receiver.start(header.sequence_number);
        let offered = timestamps(header).map(|(clock, _)| clock);
        self.echo = self.host.timestamps.and(offered);
        let mss = maximum_segment_size(header).unwrap_or(536).min(self.host.mss);
        let options = if self.echo.is_some() { TIMESTAMP_SPACE } else { 0 };
        self.sender.set_mss(usize::from(mss.saturating_sub(options)));
    }

    /// Sends what the window lets out.
    fn flush(&mut self, now: Time) {
        let out = self.sender.transmit(now);
        self.send_all(now, out);
    }

    fn send_all(&mut self, now: Time, chunks: impl IntoIterator<Item = Chunk>) {
        for Chunk { seq, flags, payload, .. } in chunks {
            self.send(now, Segment { seq, flags, payload, ..Segment::default() });
        }
    }

    fn acknowledge(&mut self, now: Time) {
        let seq = self.sender.sent_to();
        self.send(now, Segment { seq, flags: ACK, ..Segment::default() });
    }

    /// Answers what is for nobody with a reset.
    fn refuse(&mut self, now: Time, header: &TcpHeader) {
        if !header.rst {
            let seq = header.acknowledgment_number;
            self.send(now, Segment { seq, flags: RST, ..Segment::default() });
        }
    }

    fn send(&mut self, now: Time, mut segment: Segment) {
        let is_reset = segment.flags & RST != 0;
        if segment.flags & ACK != 0 {
            segment.ack = self.receiver.next();
        }
        let shift = if segment.flags & SYN != 0 { 0 } else { self.host.window_scale.unwrap_or(0) };
        segment.window = if is_reset { 0 } else { self.host.window >> shift };
        if !is_reset {
            segment.options = self.options(&segment, now);
        }
        let network = Network {
            source: self.host.address,
            destination: self.peer.ip(),
            ttl: self.host.ttl,
            id: self.ip_id(is_reset),
            dont_fragment: self.host.dont_fragment,
            checksum_offloaded: false,
        };
        let packet = network.tcp(segment.encode(self.host.port, self.peer.port()), &Link::default());
        self.frames.push(ethernet(self.host.mac, self.peer_mac, &Link::default(), &packet));
    }

    fn options(&self, segment: &Segment, now: Time) -> Vec<u8> {
        let clock = |base: u32| base.wrapping_add((now.0 / 1_000_000) as u32);
        if segment.flags & SYN != 0 {
            let offers = segment.flags & ACK == 0 || self.echo.is_some();
            let stamps = self.host.timestamps.filter(|_| offers).map(|base| (clock(base), self.echo.unwrap_or(0)));
            return syn_options(self.host.mss, self.host.sack, stamps, self.host.window_scale);
        }
        let stamps = self.host.timestamps.zip(self.echo).map(|(base, echo)| (clock(base), echo));
        let mut options = stamps.map(timestamp_option).unwrap_or_default();
        if let (true, Some((from, to))) = (self.host.sack, self.receiver.island()) {
            options.extend(sack_option(from, to));
        }
        options
    }

    /// The next IPv4 identification; a reset from no connection has none, as of Linux.
    fn ip_id(&mut self, is_reset: bool) -> u16 {
        match &mut self.host.ip_id {
            _ if is_reset => 0,
            IpIdLaw::Fixed(value) => *value,
            IpIdLaw::Counting(value) => {
                *value = value.wrapping_add(1);
                *value
            }
            IpIdLaw::Random => self.random.next_u16(),
        }
    }
}

fn timestamps(header: &TcpHeader) -> Option<(u32, u32)> {
    header.options_iterator().flatten().find_map(|option| match option {
        TcpOptionElement::Timestamp(value, echo) => Some((value, echo)),
        _ => None,
    })
}

fn sack(header: &TcpHeader) -> Option<(u32, u32)> {
    header.options_iterator().flatten().find_map(|option| match option {
        TcpOptionElement::SelectiveAcknowledgement(first, _) => Some(first),
        _ => None,
    })
}

fn maximum_segment_size(header: &TcpHeader) -> Option<u16> {
    header.options_iterator().flatten().find_map(|option| match option {
        TcpOptionElement::MaximumSegmentSize(size) => Some(size),
        _ => None,
    })
}
