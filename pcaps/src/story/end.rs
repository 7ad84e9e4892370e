//! One end of a connection: what it has sent, what it has got, and when it can speak next.

use dissectors::time::Time;

use crate::net::host::{Host, IpIdLaw};
use crate::net::path::Place;
use crate::net::segment::{ACK, SYN, Segment, sack_option, syn_options, timestamp_option};
use crate::random::Random;

/// The state of one end, as far as its segments show it.
#[derive(Debug)]
pub(super) struct End {
    pub(super) host: Host,
    pub(super) place: Place,
    /// Next sequence number to send.
    pub(super) next: u32,
    /// Next sequence number expected from the peer.
    pub(super) received: u32,
    /// Everything before this has been acknowledged by the peer.
    pub(super) acknowledged: u32,
    /// Segments sent and not yet acknowledged.
    pub(super) flight: Vec<Segment>,
    /// Not before this does it send.
    pub(super) ready: Time,
    /// Pieces that came out of order.
    islands: Vec<(u32, u32)>,
    /// The peer's last timestamp.
    echo: u32,
}

impl End {
    pub(super) fn new(host: Host, place: Place) -> Self {
        let isn = host.isn;
        Self {
            host,
            place,
            next: isn,
            received: 0,
            acknowledged: isn,
            flight: Vec::new(),
            ready: Time::default(),
            islands: Vec::new(),
            echo: 0,
        }
    }

    /// A segment with these flags at the next sequence number, which moves on.
    pub(super) fn segment(&mut self, flags: u8, payload: &[u8]) -> Segment {
        let ack = if flags & ACK != 0 { self.received } else { 0 };
        let payload = payload.to_vec();
        let segment = Segment { seq: self.next, ack, flags, window: self.window(flags), options: Vec::new(), payload };
        self.next = segment.end();
        segment
    }

    /// The window field: as it is on a SYN, scaled afterwards.
    fn window(&self, flags: u8) -> u16 {
        let shift = if flags & SYN != 0 { None } else { self.host.window_scale };
        self.host.window >> shift.unwrap_or(0)
    }

    /// The options that this host puts on a segment now.
    pub(super) fn options(&self, segment: &Segment, now: Time) -> Vec<u8> {
        let stamps = self.host.timestamps.map(|base| (base.wrapping_add((now.0 / 1_000_000) as u32), self.echo));
        if segment.flags & SYN != 0 {
            return syn_options(self.host.mss, self.host.sack, stamps, self.host.window_scale);
        }
        let mut options = stamps.map(timestamp_option).unwrap_or_default();
        if let (true, Some((start, end))) = (self.host.sack, self.islands.first()) {
            options.extend(sack_option(*start, *end));
        }
        options
    }

    /// The clock value that this host's segment carries now.
    pub(super) fn clock(&self, now: Time) -> Option<u32> {
        self.host.timestamps.map(|base| base.wrapping_add((now.0 / 1_000_000) as u32))
    }

    /// The next IPv4 identification.
    pub(super) fn ip_id(&mut self, random: &mut Random) -> u16 {
        match &mut self.host.ip_id {
            IpIdLaw::Fixed(value) => *value,
            IpIdLaw::Counting(value) => {
                *value = value.wrapping_add(1);
                *value
            }
            IpIdLaw::Random => random.next_u16(),
        }
    }

    /// Takes in a segment that arrived.
    pub(super) fn receive(&mut self, segment: &Segment, clock: Option<u32>, arrival: Time) {
        self.ready = self.ready.max(arrival);
        self.echo = clock.unwrap_or(self.echo);
        if segment.flags & ACK != 0 && after(segment.ack, self.acknowledged) {
            self.acknowledged = segment.ack;
            self.flight.retain(|sent| after(sent.end(), segment.ack));
        }
        if segment.flags & SYN != 0 {
            self.received = segment.seq;
        }
        if segment.end() != segment.seq {
            self.islands.push((segment.seq, segment.end()));
            self.join_islands();
        }
    }

    /// Moves `received` over every piece that now follows on.
    fn join_islands(&mut self) {
        while let Some((_, end)) = self.islands.iter().find(|(start, _)| !after(*start, self.received)).copied() {
            self.received = if after(end, self.received) { end } else { self.received };
            let received = self.received;
            self.islands.retain(|(_, end)| after(*end, received));
        }
    }
}

/// Whether `a` comes after `b` in sequence space.
fn after(a: u32, b: u32) -> bool {
    (a.wrapping_sub(b) as i32) > 0
}
