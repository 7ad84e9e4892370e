//! A client's program: its hello, what it makes of the answer, its request, and how long it waits.

use std::time::Duration;

use dissectors::time::Time;
use dissectors::tls::{HandshakeType, Item, Reader};

use super::server::REQUEST;
use super::{FINISHED, after_change};
use crate::lab::sim::seal;
use crate::lab::sim::tcp::{Heard, Tcp};
use crate::net::frame::Packet;
use crate::random::Random;
use crate::tls::{self, record_of_application_data};

/// Length of a sealed request.
const REQUEST_LENGTH: usize = 320;
/// Length of a sealed close_notify or alert of TLS 1.3.
const SEALED_ALERT: usize = 19;
/// AlertDescription unknown_ca (RFC 8446, section 6.2).
const UNKNOWN_CA: u8 = 48;
const FATAL: u8 = 2;

/// How a client behaves.
#[derive(Clone, Debug)]
pub(in crate::lab::sim) struct Patience {
    /// Its hello, in records.
    pub(in crate::lab::sim) hello: Vec<u8>,
    /// Largest segment in which the hello is sent.
    pub(in crate::lab::sim) piece: usize,
    /// How long it waits for a handshake, and then for each further byte.
    pub(in crate::lab::sim) waits: Duration,
    /// Bytes that it asks for.
    pub(in crate::lab::sim) asks: u32,
    /// Whether it takes an interceptor's chain for a good one.
    pub(in crate::lab::sim) trusts_interceptor: bool,
}

/// One connection at a client.
pub(in crate::lab::sim) struct TlsClient {
    tcp: Tcp,
    patience: Patience,
    reader: Reader,
    random: Random,
    stage: Stage,
    gives_up: Time,
    /// What came of the record that is being read.
    sealed: Vec<u8>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Connecting,
    /// The hello is out.
    Hello,
    /// The server agreed to TLS 1.2, or to 1.3.
    Tls12 {
        forged: bool,
    },
    Tls13,
    /// The request is out, and so many bytes are still to come.
    Waiting(usize),
    Satisfied,
    Failed,
}

/// What a server says, as far as a client cares.
enum Said {
    Hello { tls13: bool },
    Chain { forged: bool },
    HelloDone,
    Sealed(Vec<u8>),
    RecordEnds { kind: u8, len: usize },
    Alert,
    NotTls,
    Otherwise,
}

impl TlsClient {
    pub(in crate::lab::sim) fn new(now: Time, tcp: Tcp, patience: Patience, random: Random) -> Self {
        let gives_up = now.after(patience.waits);
        let (reader, stage, sealed) = (Reader::default(), Stage::Connecting, Vec::new());
        Self { tcp, patience, reader, random, stage, gives_up, sealed }
    }

    pub(in crate::lab::sim) fn tcp(&mut self) -> &mut Tcp {
        &mut self.tcp
    }

    /// Whether it has what it asked for; nothing while it waits.
    pub(in crate::lab::sim) fn satisfied(&self) -> Option<bool> {
        match self.stage {
            Stage::Satisfied => Some(true),
            Stage::Failed => Some(false),
            _ => None,
        }
    }

    pub(in crate::lab::sim) fn deadline(&self) -> Option<Time> {
        let program = self.satisfied().is_none().then_some(self.gives_up);
        [self.tcp.deadline(), program].into_iter().flatten().min()
    }

    pub(in crate::lab::sim) fn on_time(&mut self, now: Time) {
        if let Some(Heard::Gone) = self.tcp.on_time(now) {
            self.fails();
        }
        if self.satisfied().is_none() && now >= self.gives_up {
            self.tcp.abandon(now);
            self.fails();
        }
    }

    pub(in crate::lab::sim) fn on_packet(&mut self, now: Time, packet: &Packet) {
        for heard in self.tcp.on_packet(now, packet) {
            match heard {
                Heard::Connected => self.says_hello(now),
                Heard::Bytes(bytes) => self.on_bytes(now, &bytes),
                Heard::Ended => self.ends(now),
                Heard::Gone => self.fails(),
            }
        }
    }

    fn fails(&mut self) {
        if self.satisfied().is_none() {
            self.stage = Stage::Failed;
        }
    }

    fn ends(&mut self, now: Time) {
        self.fails();
        self.tcp.close(now);
    }

    fn says_hello(&mut self, now: Time) {
        self.gives_up = now.after(self.patience.waits);
        self.stage = Stage::Hello;
        self.tcp.write(now, &self.patience.hello, self.patience.piece);
    }

    fn on_bytes(&mut self, now: Time, bytes: &[u8]) {
        let mut said = Vec::new();
        self.reader.read(bytes, |item| said.push(heard(&item)));
        for said in said {
            if self.satisfied().is_some() {
                return;
            }
            self.hears(now, said);
        }
    }

    fn hears(&mut self, now: Time, said: Said) {
        match (self.stage, said) {
            (Stage::Hello, Said::Hello { tls13: true }) => self.stage = Stage::Tls13,
            (Stage::Hello, Said::Hello { tls13: false }) => self.stage = Stage::Tls12 { forged: false },
            (Stage::Tls12 { .. }, Said::Chain { forged }) => self.stage = Stage::Tls12 { forged },
            (Stage::Tls12 { forged: true }, Said::HelloDone) if !self.patience.trusts_interceptor => {
                self.refuses(now, &tls::alert(FATAL, UNKNOWN_CA));
            }
            (Stage::Tls12 { .. }, Said::HelloDone) => self.finishes_tls12(now),
            (_, Said::Sealed(bytes)) => self.sealed.extend(bytes),
            (_, Said::RecordEnds { kind, len }) => self.on_record(now, kind, len),
            (_, Said::Alert | Said::NotTls) => self.ends(now),
            _ => {}
        }
    }

    fn on_record(&mut self, now: Time, kind: u8, len: usize) {
        let sealed = std::mem::take(&mut self.sealed);
        match self.stage {
            Stage::Tls13 => self.finishes_tls13(now, &sealed),
            Stage::Tls12 { .. } if kind == 22 => self.requests(now, &[]),
            Stage::Waiting(left) => self.receives(now, left.saturating_sub(len)),
            _ => {}
        }
    }

    fn finishes_tls12(&mut self, now: Time) {
        let flight = tls::client_flight_tls12(&self.random.next_u64().to_string());
        self.tcp.write(now, &flight, usize::MAX);
    }

    /// Looks at who sealed the server's flight, as a browser looks at its chain.
    fn finishes_tls13(&mut self, now: Time, sealed: &[u8]) {
        let forged = seal::open(sealed).is_some_and(|message| message.starts_with(FORGED.as_bytes()));
        if forged && !self.patience.trusts_interceptor {
            let alert = seal::seal(self.random.next_u64(), &[], SEALED_ALERT);
            return self.refuses(now, &after_change(&alert));
        }
        let finished = seal::seal(self.random.next_u64(), &[], FINISHED);
        self.requests(now, &after_change(&finished));
    }

    fn requests(&mut self, now: Time, before: &[u8]) {
        let message = [REQUEST, &self.patience.asks.to_be_bytes()].concat();
        let request = seal::seal(self.random.next_u64(), &message, REQUEST_LENGTH);
        self.tcp.write(now, &[before, &record_of_application_data(&request)].concat(), usize::MAX);
        self.receives(now, self.patience.asks as usize);
    }

    fn receives(&mut self, now: Time, left: usize) {
        self.gives_up = now.after(self.patience.waits);
        self.stage = Stage::Waiting(left);
        if left == 0 {
            let farewell = seal::seal(self.random.next_u64(), &[], SEALED_ALERT);
            self.tcp.write(now, &record_of_application_data(&farewell), usize::MAX);
            self.tcp.close(now);
            self.stage = Stage::Satisfied;
        }
    }

    fn refuses(&mut self, now: Time, alert: &[u8]) {
        self.tcp.write(now, alert, usize::MAX);
        self.tcp.close(now);
        self.stage = Stage::Failed;
    }
}

/// What an interceptor's sealed flight says of who it is from.
pub(in crate::lab::sim) const FORGED: &str = "interceptor";

fn heard(item: &Item<'_>) -> Said {
    match item {
        Item::ServerHello(hello) => Said::Hello { tls13: hello.negotiated() == 0x0304 },
        Item::Certificate(chain) => Said::Chain { forged: chain.iter().any(is_forged) },
        Item::Handshake(kind) if *kind == HandshakeType::ServerDone => Said::HelloDone,
        Item::Ciphertext(bytes) => Said::Sealed(bytes.to_vec()),
        Item::Encrypted { content_type, len } => Said::RecordEnds { kind: *content_type, len: usize::from(*len) },
        Item::Alert { .. } => Said::Alert,
        Item::NotTls { .. } => Said::NotTls,
        _ => Said::Otherwise,
    }
}

/// Whether no public authority issued a certificate: all of them are of one organisation here.
fn is_forged(der: &[u8]) -> bool {
    let public = crate::lab::authority::PUBLIC.as_bytes();
    !der.windows(public.len()).any(|window| window == public)
}
