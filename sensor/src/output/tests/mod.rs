//! Events made by hand, and what the outputs make of them.

mod files;
mod lines;
mod tables;

use std::io::{self, Write};
use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;

use base64::Engine as _;
use dissectors::attempt::{Answer, Attempt, ClientFacts, End, Hello, Moment, ServerFacts, Side, TcpFacts, Transport};
use dissectors::flow::Telling;
use dissectors::packet::{Endpoint, Ends};
use dissectors::quic::{QuicFacts, Version};
use dissectors::tcp::half::{HalfFacts, Syn};
use dissectors::time::Time;
use dissectors::tls::{ClientHello, Framing, Ja3, Ja4Cache};
use dissectors::x509::Certificate;
use rules::detectors::rules;
use rules::evidence::Evidence;
use rules::finding::{Finding, Level};
use rules::judge::Judgement;
use rules::notice::{Action, Notice};
use rules::outcome::{Decision, Outcome};
use rules::vantage::Vantage;

use super::{Event, Options, Outputs, Sink};

/// When every hello made here is whole: 2019-07-17, the days of the first interception in Kazakhstan.
const HELLO: Time = Time(1_563_357_600_000_123_456);

fn at(ms: i64) -> Time {
    Time(HELLO.0 + ms * 1_000_000)
}

/// A telling with its judgement.
#[derive(Clone)]
struct Made {
    telling: Telling,
    judgement: Judgement,
}

impl Made {
    fn event(&self) -> Event<'_> {
        Event { telling: &self.telling, judgement: &self.judgement, capture: "captures/one.pcap", first_frame: 1 }
    }

    fn with(mut self, change: impl FnOnce(&mut Attempt, &mut Decision)) -> Self {
        change(&mut self.telling.attempt, &mut self.judgement.decision);
        self
    }

    fn tcp(self, change: impl FnOnce(&mut TcpFacts)) -> Self {
        self.with(|attempt, _| match &mut attempt.transport {
            Transport::Tcp(facts) => change(facts),
            Transport::Quic(_) => panic!("this attempt is over QUIC"),
        })
    }

    fn told(mut self, moment: Moment, ms: i64) -> Self {
        self.telling.moment = moment;
        self.telling.at = at(ms);
        self
    }

    fn notice(mut self, action: Action, name: &str, level: Level) -> Self {
        let rule = rules().find(|rule| rule.name == name).unwrap();
        let evidence = vec![
            Evidence::observed("silence_at_least", Duration::from_millis(12_500)),
            Evidence::counted("ttl_step", 13_u32),
            Evidence::context("retransmitted_at", vec![at(200), at(600)]),
            Evidence::context("label", "a \"root\"".to_owned()),
        ];
        let message = format!("{} as seen", rule.message);
        self.judgement
            .notices
            .push(Notice { action, finding: Finding { rule, level, severity: 2, message, evidence } });
        self
    }

    /// A silence of that many milliseconds, witnessed.
    fn silent(self, ms: u64) -> Self {
        self.with(|_, decision| {
            decision.outcome = Outcome::SilenceAfterHello;
            decision.strength = Some(rules::outcome::Strength::Hard);
            decision.silence = Some(Duration::from_millis(ms));
            decision.hello_to_answer = None;
        })
        .tcp(|facts| {
            facts.answer = None;
            facts.witness = Some(Time(HELLO.0 + i64::try_from(ms).unwrap() * 1_000_000));
        })
    }

    fn answered_after(self, span: Duration) -> Self {
        self.with(|_, decision| decision.hello_to_answer = Some(span))
    }
}

/// A ClientHello's body with a server name, two protocols and a GREASE encrypted hello.
fn body(name: &str) -> Vec<u8> {
    let vector16 = |content: &[u8]| [&u16::try_from(content.len()).unwrap().to_be_bytes(), content].concat();
    let extension = |kind: u16, data: &[u8]| [&kind.to_be_bytes()[..], &vector16(data)].concat();
    let host = [&[0][..], &vector16(name.as_bytes())].concat();
    let extensions = [
        extension(0, &vector16(&host)),
        extension(16, &vector16(b"\x02h2\x08http/1.1\x03a\"b")),
        extension(0xfe0d, &[0; 8]),
    ];
    let mut body = vec![3, 3];
    body.resize(34, 7);
    body.extend([0, 0, 2, 0x13, 1, 1, 0]);
    body.extend(vector16(&extensions.concat()));
    body
}

fn client_hello(name: &str) -> ClientFacts {
    let body = body(name);
    let framing = Framing { record_version: 0x0301, records: 1 };
    ClientFacts::of_records(&ClientHello::parse(&body).unwrap(), framing, &mut Ja4Cache::default())
}

fn certificate(pem: &str) -> Arc<Certificate> {
    let text: String = pem.lines().filter(|line| !line.starts_with("-----")).collect();
    Arc::new(Certificate::new(&base64::engine::general_purpose::STANDARD.decode(text).unwrap()))
}

/// The forged chain of July 2019, without its root.
static CHAIN: LazyLock<Vec<Arc<Certificate>>> = LazyLock::new(|| {
    vec![
        certificate(include_str!("../../../../dissectors/src/x509/testdata/injected-leaf.pem")),
        certificate(include_str!("../../../../dissectors/src/x509/testdata/injected-intermediate.pem")),
    ]
});

fn decision(outcome: Outcome) -> Decision {
    Decision {
        outcome,
        reason: None,
        strength: None,
        silence: None,
        answer: None,
        hello_to_answer: None,
        client_refused: false,
        answers_close: None,
        reset: None,
    }
}

fn half(time: Time, frame: u64, ttl: u8) -> HalfFacts {
    let mut half =
        HalfFacts { syn: Some(Syn { time, frame, ttl, ..Syn::default() }), packets: 4, ..Default::default() };
    half.ttl.add(ttl);
    half
}

/// A healthy handshake of TLS 1.2 for `name`, completed 80 ms after the hello.
fn completed(name: &str) -> Made {
    let mut facts = TcpFacts {
        client: half(at(-100), 1, 64),
        server: half(at(-50), 2, 50),
        answer: Some(Answer { time: at(40), frame: 6, ttl: 50 }),
        server_progress: Some(at(60)),
        ..TcpFacts::default()
    };
    for (from, letter) in [(Side::Client, 'c'), (Side::Server, 's'), (Side::Server, 'x'), (Side::Client, 'f')] {
        facts.tls.history.push(from, letter);
    }
    let server = ServerFacts {
        version: 0x0303,
        cipher: 0xc02f,
        alpn: Some("h2".into()),
        ja3s: Some(Ja3([0x5a; 16])),
        ..ServerFacts::default()
    };
    let hello = Hello { first: Some(Box::new(client_hello(name))), count: 1, ..Hello::default() };
    let mut made = made(hello, Transport::Tcp(Box::new(facts)));
    made.telling.attempt.server_hello = Some(server);
    made.telling.attempt.chain = CHAIN.clone();
    made.answered_after(Duration::from_millis(40))
}

/// A healthy handshake over QUIC.
fn completed_quic(name: &str) -> Made {
    let body = body(name);
    let first = ClientFacts::of_quic(&ClientHello::parse(&body).unwrap(), &mut Ja4Cache::default());
    let facts = QuicFacts { version: Version::V1, hello: Some(HELLO), completed: Some(at(90)), ..QuicFacts::default() };
    made(Hello { first: Some(Box::new(first)), count: 1, ..Hello::default() }, Transport::Quic(Box::new(facts)))
        .answered_after(Duration::from_millis(30))
}

fn made(hello: Hello, transport: Transport) -> Made {
    let end = |addr: &str, port| Endpoint { addr: addr.parse().unwrap(), port };
    let attempt = Attempt {
        flow_id: 77,
        ends: Ends { source: end("128.232.110.120", 34_855), dest: end("66.35.250.204", 80) },
        frame: 4,
        time: HELLO,
        opened: at(-100),
        closed: at(80),
        end: End::Completed,
        hello,
        server_hello: None,
        chain: Vec::new(),
        transport,
    };
    let judgement = Judgement {
        decision: decision(Outcome::Completed),
        signature: None,
        vantage: Vantage::MidPath,
        matches: Arc::default(),
        notices: Vec::new(),
    };
    Made { telling: Telling { at: at(80), moment: Moment::Closed, attempt }, judgement }
}

/// A writer whose bytes can be looked at, with room for some of them.
#[derive(Clone)]
struct Paper {
    bytes: Arc<Mutex<Vec<u8>>>,
    room: usize,
}

impl Paper {
    fn new(room: usize) -> Self {
        Self { bytes: Arc::default(), room }
    }

    fn text(&self) -> String {
        String::from_utf8(self.bytes.lock().unwrap().clone()).unwrap()
    }
}

impl Write for Paper {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let taken = bytes.len().min(self.room);
        self.room -= taken;
        self.bytes.lock().unwrap().extend_from_slice(&bytes[..taken]);
        if taken == 0 { Err(io::ErrorKind::StorageFull.into()) } else { Ok(taken) }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Outputs on paper: `eve.json`, `sni.csv`, `sni.json`, `summary.json`.
fn on_paper(options: Options, room: usize) -> (Outputs, [Paper; 4]) {
    let papers = [room, usize::MAX, usize::MAX, usize::MAX].map(Paper::new);
    let [eve, csv, json, summary] = ["eve.json", "sni.csv", "sni.json", "summary.json"]
        .iter()
        .zip(&papers)
        .map(|(name, paper)| Sink::new(name.into(), Box::new(paper.clone())))
        .collect::<Vec<_>>()
        .try_into()
        .unwrap();
    (Outputs::new(eve, [csv, json, summary], options), papers)
}
