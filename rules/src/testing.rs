//! Attempts made by hand, in virtual time: what a tracker would have told.

use std::time::Duration;

use dissectors::attempt::{Answer, Attempt, ClientFacts, End, Hello, ServerFacts, Side, TcpFacts, Transport};
use dissectors::packet::{Endpoint, Ends};
use dissectors::quic::QuicFacts;
use dissectors::tcp::half::{Fin, HalfFacts, IpIdLaw, Reset, Syn, Uniform};
use dissectors::tcp::seq::Seq;
use dissectors::time::Time;
use dissectors::tls::{ClientHello, Ja4Cache};

use crate::quality::Quality;

/// When the hello is whole in every attempt made here.
pub(crate) const HELLO: Time = Time(1_000_000_000_000_000_000);
/// First sequence number of the hello.
pub(crate) const START: Seq = Seq(1_001);
/// The one after its last byte.
pub(crate) const AFTER: Seq = Seq(1_518);

/// `ms` milliseconds after the hello.
pub(crate) fn at(ms: i64) -> Time {
    Time(HELLO.0 + ms * 1_000_000)
}

/// Milliseconds.
pub(crate) fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

/// A reset that a genuine server sends in answer to the hello: its own TTL, IP-ID 0, DF, window 0.
pub(crate) fn reset() -> Reset {
    Reset {
        time: at(100),
        frame: 100,
        seq: Seq(5_001),
        ack: None,
        ack_field: Seq(0),
        ttl: 50,
        ip_id: Some(0),
        dont_fragment: false,
        window: 0,
        payload: 0,
        options: 0,
        expected: Some(Seq(5_001)),
    }
}

/// A capture of which nothing was lost.
pub(crate) fn clean() -> Quality {
    Quality { acknowledgements: 10_000, captured: 20_000, client_heard: Some(Duration::ZERO), ..Quality::default() }
}

/// One that lost a percent.
pub(crate) fn lossy() -> Quality {
    Quality { gaps: 100, ..clean() }
}

/// A TCP attempt with a whole hello for `blocked.example` over a path of 20 ms to the client and 80 ms to the server, of
/// which nothing further was captured for 130 s.
pub(crate) fn tcp() -> Attempt {
    let half = |isn, ttl, time| HalfFacts {
        syn: Some(Syn {
            time,
            frame: 1,
            isn,
            ttl,
            ip_id: Some(0),
            window: 65_535,
            window_scale: Some(7),
            options: 20,
            copies: 1,
        }),
        packets: 2,
        ip_id: IpIdLaw::default(),
        dont_fragment: Uniform::Always,
        ..HalfFacts::default()
    };
    let mut facts = TcpFacts {
        client: half(Seq(1_000), 60, at(-101)),
        server: half(Seq(5_000), 50, at(-21)),
        hello_span: Some((START, AFTER)),
        hello_ttl: 60,
        server_acknowledges: true,
        server_rtt: Some(ms(80)),
        client_rtt: Some(ms(20)),
        ..TcpFacts::default()
    };
    facts.client.bytes = 517;
    facts.client.ttl.add(60);
    facts.server.ttl.add(50);
    facts.server.window.add(501);
    attempt(Transport::Tcp(Box::new(facts)))
}

/// A QUIC attempt with a whole hello in its first Initial, and nothing more.
pub(crate) fn quic() -> Attempt {
    let mut facts = QuicFacts { hello: Some(HELLO), hellos: 1, ..QuicFacts::default() };
    facts.client.datagrams = 1;
    facts.client.initials = 1;
    facts.client.first = Some(HELLO);
    facts.client.last = Some(HELLO);
    facts.client.first_initial = Some(HELLO);
    facts.client.last_initial = Some(HELLO);
    facts.client.unanswered = 1;
    facts.client.unanswered_since = Some(HELLO);
    attempt(Transport::Quic(Box::new(facts)))
}

fn attempt(transport: Transport) -> Attempt {
    let end = |last, port| Endpoint { addr: [192, 0, 2, last].into(), port };
    Attempt {
        flow_id: 7,
        ends: Ends { source: end(1, 40_000), dest: end(2, 443) },
        frame: 4,
        time: HELLO,
        opened: at(-101),
        closed: at(130_000),
        end: End::Idle,
        hello: Hello { first: Some(Box::new(client_hello("blocked.example"))), count: 1, ..Hello::default() },
        server_hello: None,
        chain: Vec::new(),
        transport,
    }
}

fn client_hello(name: &str) -> ClientFacts {
    let mut body = vec![3, 3];
    body.resize(34, 0);
    body.extend([0, 0, 2, 0x13, 1, 1, 0]);
    let hello = ClientHello::parse(&body).expect("a hello");
    let mut facts = ClientFacts::of_quic(&hello, &mut Ja4Cache::default());
    facts.server_name = Some(name.to_owned());
    facts
}

/// What a test says of an attempt.
pub(crate) trait Tell: Sized {
    /// Changes the TCP facts.
    fn tcp_facts(self, change: impl FnOnce(&mut TcpFacts)) -> Self;
    /// Changes the QUIC facts.
    fn quic_facts(self, change: impl FnOnce(&mut QuicFacts)) -> Self;
    /// Changes the attempt.
    fn with(self, change: impl FnOnce(&mut Attempt)) -> Self;

    /// The hello has no server name.
    fn nameless(self) -> Self {
        self.with(|attempt| attempt.hello.first.as_mut().unwrap().server_name = None)
    }

    /// The hello never became whole.
    fn holed(self) -> Self {
        self.with(|attempt| attempt.hello.first = None).tcp_facts(|facts| facts.hello_missing = 100)
    }

    /// The observation ended `ms` after the hello.
    fn ended(self, end: End, ms: i64) -> Self {
        self.with(|attempt| (attempt.end, attempt.closed) = (end, at(ms)))
    }

    /// The client was last heard without an answer.
    fn witness(self, ms: i64) -> Self {
        self.tcp_facts(|facts| facts.witness = Some(at(ms)))
    }

    /// The client sent its hello again at these moments.
    fn retransmitted(self, times: &[i64]) -> Self {
        self.tcp_facts(|facts| {
            facts.retransmissions = times.iter().map(|ms| at(*ms)).collect::<Vec<_>>().into();
            facts.retransmission_count = times.len() as u32;
        })
    }

    /// The server's first payload came: a ServerHello of TLS 1.2.
    fn answered(self, ms: i64) -> Self {
        let told =
            self.with(|attempt| attempt.server_hello = Some(ServerFacts { version: 0x0303, ..Default::default() }));
        told.tcp_facts(|facts| {
            facts.answer = Some(Answer { time: at(ms), frame: 50, ttl: 50 });
            facts.server_progress = Some(at(ms));
            facts.server.bytes = 3_000;
            facts.tls.server_began = true;
        })
    }

    /// Both sides finished TLS 1.2.
    fn finished(self) -> Self {
        self.tcp_facts(|facts| {
            facts.tls.client_ccs = true;
            facts.tls.server_ccs = true;
            facts.tls.client_finished = true;
            facts.tls.server_finished = true;
        })
    }

    /// The negotiated version.
    fn version(self, version: u16) -> Self {
        self.with(|attempt| attempt.server_hello.as_mut().unwrap().version = version)
    }

    /// A FIN.
    fn fin(self, side: Side, ms: i64) -> Self {
        let seq = if side == Side::Client { AFTER } else { Seq(5_001) };
        self.half(side, |half| half.fin = Some(Fin { time: at(ms), frame: frame_at(ms), seq, ttl: 50 }))
    }

    /// A reset with its sender's own TTL.
    fn reset(self, side: Side, ms: i64) -> Self {
        let (seq, ttl) = if side == Side::Client { (AFTER, 60) } else { (Seq(5_001), 50) };
        self.reset_like(side, Reset { time: at(ms), seq, ttl, dont_fragment: true, expected: Some(seq), ..reset() })
    }

    /// That reset.
    fn reset_like(self, side: Side, reset: Reset) -> Self {
        self.half(side, |half| {
            half.resets.push(Reset { frame: frame_at((reset.time.0 - HELLO.0) / 1_000_000), ..reset });
            half.reset_count += 1;
        })
    }

    /// Changes one side's facts.
    fn half(self, side: Side, change: impl FnOnce(&mut HalfFacts)) -> Self {
        self.tcp_facts(|facts| {
            change(match side {
                Side::Client => &mut facts.client,
                Side::Server => &mut facts.server,
            });
        })
    }
}

/// Frames are numbered as they come.
fn frame_at(ms: i64) -> u64 {
    u64::try_from(ms + 1_000_000).unwrap()
}

impl Tell for Attempt {
    fn tcp_facts(mut self, change: impl FnOnce(&mut TcpFacts)) -> Self {
        if let Transport::Tcp(facts) = &mut self.transport {
            change(facts);
        }
        self
    }

    fn quic_facts(mut self, change: impl FnOnce(&mut QuicFacts)) -> Self {
        if let Transport::Quic(facts) = &mut self.transport {
            change(facts);
        }
        self
    }

    fn with(mut self, change: impl FnOnce(&mut Attempt)) -> Self {
        change(&mut self);
        self
    }
}
