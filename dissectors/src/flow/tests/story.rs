//! A story: what two hosts send over one connection, and when. Sequence numbers, acknowledgements and IP-IDs follow by
//! themselves; whatever a test is about is changed on the packet.

use std::net::Ipv4Addr;

use crate::attempt::{Attempt, End, Moment, TcpFacts};
use crate::flow::{Config, Counts, Telling, Tracker};
use crate::packet::{Endpoint, Ends, Flags, Packet, Span, Tcp, Transport};
use crate::shared::Shared;
use crate::tcp::seq::Seq;
use crate::time::Time;

pub(super) use Who::{Client, Server};

/// Who sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Who {
    Client,
    Server,
}

/// A packet of a story. Times are in microseconds.
#[derive(Clone, Debug)]
pub(super) struct Shot {
    pub(super) at: i64,
    pub(super) from: Who,
    pub(super) tcp: Tcp,
    pub(super) ttl: u8,
    pub(super) ip_id: Option<u16>,
    pub(super) payload: Vec<u8>,
    pub(super) options: Vec<u8>,
    pub(super) missing: u32,
    pub(super) bad_checksum: bool,
}

/// Where the client's and the server's sequence numbers begin: the client's wrap within any hello.
pub(super) const ISN: [Seq; 2] = [Seq(u32::MAX - 100), Seq(0x7fff_ff00)];

#[derive(Clone, Debug)]
pub(super) struct Story {
    pub(super) shots: Vec<Shot>,
    pub(super) port: u16,
    next: [Seq; 2],
    ids: u16,
}

impl Story {
    /// Nothing yet.
    pub(super) fn new() -> Self {
        Self { shots: Vec::new(), port: 40_000, next: ISN, ids: 0 }
    }

    /// A connection opened within 30 ms: 20 ms from the tap to the server and back, 10 ms to the client.
    pub(super) fn open() -> Self {
        let mut story = Self::new();
        story.send(0, Client, Flags::SYN.0, b"");
        story.send(20, Server, Flags::SYN.0 | Flags::ACK.0, b"");
        story.ack(30, Client);
        story
    }

    /// Somebody sends the next bytes of its stream.
    pub(super) fn say(&mut self, ms: i64, from: Who, payload: &[u8]) -> &mut Shot {
        self.send(ms, from, Flags::ACK.0 | Flags::PSH.0, payload)
    }

    pub(super) fn ack(&mut self, ms: i64, from: Who) -> &mut Shot {
        self.send(ms, from, Flags::ACK.0, b"")
    }

    pub(super) fn fin(&mut self, ms: i64, from: Who) -> &mut Shot {
        self.send(ms, from, Flags::FIN.0 | Flags::ACK.0, b"")
    }

    pub(super) fn rst(&mut self, ms: i64, from: Who) -> &mut Shot {
        self.send(ms, from, Flags::RST.0, b"")
    }

    /// The last packet that bore `payload` is sent again.
    pub(super) fn again(&mut self, ms: i64, payload: &[u8]) -> &mut Shot {
        let mut shot = self.shots.iter().rfind(|shot| shot.payload == payload).unwrap().clone();
        self.ids += 1;
        (shot.at, shot.ip_id) = (ms * 1000, Some(self.ids));
        self.push(shot)
    }

    pub(super) fn send(&mut self, ms: i64, from: Who, flags: u8, payload: &[u8]) -> &mut Shot {
        let (us, peer) = (from as usize, 1 - from as usize);
        self.ids += 1;
        let flags = Flags(flags);
        let tcp = Tcp { seq: self.next[us], ack: self.next[peer], flags, window: 500, options: Span::default() };
        let takes = u32::from(flags.has(Flags::SYN)) + u32::from(flags.has(Flags::FIN));
        self.next[us] = self.next[us].add(payload.len() as u32 + takes);
        self.push(Shot {
            at: ms * 1000,
            from,
            tcp,
            ttl: if from == Client { 60 } else { 50 },
            ip_id: Some(self.ids),
            payload: payload.to_vec(),
            options: Vec::new(),
            missing: 0,
            bad_checksum: false,
        })
    }

    fn push(&mut self, shot: Shot) -> &mut Shot {
        self.shots.push(shot);
        self.shots.last_mut().unwrap()
    }

    /// Tells the story to a tracker, in the order of time, and lets the capture end with it.
    pub(super) fn play(&self) -> Told {
        let mut stage = Stage::new(Config::default());
        stage.tell(self);
        stage.end(End::CaptureEnded)
    }

    /// The facts of the one attempt that the story makes.
    pub(super) fn facts(&self) -> TcpFacts {
        self.play().attempt().tcp().unwrap().clone()
    }

    fn ends(&self, from: Who) -> Ends {
        let at = |last, port| Endpoint { addr: Ipv4Addr::new(192, 0, 2, last).into(), port };
        let ends = Ends { source: at(1, self.port), dest: at(2, 443) };
        if from == Client { ends } else { ends.reversed() }
    }
}

/// A tracker with the time of the last packet.
pub(super) struct Stage {
    pub(super) tracker: Tracker,
    shared: Shared,
    config: Config,
    frame: u64,
    now: Time,
}

impl Stage {
    pub(super) fn new(config: Config) -> Self {
        Self { tracker: Tracker::new(config), shared: Shared::new(&config, [1, 2]), config, frame: 0, now: Time(0) }
    }

    pub(super) fn tell(&mut self, story: &Story) {
        let mut shots: Vec<&Shot> = story.shots.iter().collect();
        shots.sort_by_key(|shot| shot.at);
        for shot in shots {
            self.frame += 1;
            self.now = self.now.max(Time(shot.at * 1000));
            let block = [&shot.payload[..], &shot.options].concat();
            let span = |start: usize, len: usize| Span { start: start as u32, len: len as u32 };
            let tcp = Tcp { options: span(shot.payload.len(), shot.options.len()), ..shot.tcp };
            let packet = Packet {
                frame: self.frame,
                time: Time(shot.at * 1000),
                ends: story.ends(shot.from),
                ttl: shot.ttl,
                ip_id: shot.ip_id,
                dont_fragment: true,
                transport: Transport::Tcp(tcp),
                payload: span(0, shot.payload.len()),
                missing: shot.missing,
                bad_checksum: shot.bad_checksum,
            };
            let hash = self.config.key.hash(packet.ends, false);
            self.tracker.packet(self.now, hash, &packet, &block, &mut self.shared);
        }
    }

    /// Lets time pass without a packet.
    pub(super) fn wait(&mut self, millis: i64) {
        self.now = self.now.after(std::time::Duration::from_millis(millis as u64));
        self.tracker.advance(self.now);
    }

    /// Follows no flow any more that was begun.
    pub(super) fn shed(&mut self) {
        self.tracker.shed(|_| false, self.now);
    }

    pub(super) fn end(mut self, end: End) -> Told {
        self.tracker.close_all(end, self.now);
        Told { all: self.tracker.drain().collect(), counts: self.tracker.counts(), tracker: self.tracker }
    }
}

/// What a tracker told.
pub(super) struct Told {
    pub(super) all: Vec<Telling>,
    pub(super) counts: Counts,
    pub(super) tracker: Tracker,
}

impl Told {
    /// The records of closed attempts.
    pub(super) fn closed(&self) -> Vec<&Attempt> {
        self.all.iter().filter(|told| told.moment == Moment::Closed).map(|told| &told.attempt).collect()
    }

    /// The one attempt.
    pub(super) fn attempt(&self) -> &Attempt {
        let closed = self.closed();
        assert_eq!(closed.len(), 1, "one attempt is expected");
        closed[0]
    }

    pub(super) fn moments(&self) -> Vec<Moment> {
        self.all.iter().map(|told| told.moment).collect()
    }
}

/// Milliseconds as a time.
pub(super) fn ms(ms: i64) -> Time {
    Time(ms * 1_000_000)
}
