//! The handshake attempt: one ClientHello and all that came of it, as facts with their times.
//!
//! An [`Attempt`] says what was seen and what could be seen. It holds no opinion: what became of it (its outcome) and
//! whether that is remarkable is decided from these facts in the rules.

mod hello;

use std::sync::Arc;
use std::time::Duration;

pub use self::hello::{ClientFacts, Form, ServerFacts, is_tls13};
use crate::few::Few;
use crate::packet::{Ends, Quote};
use crate::quic::QuicFacts;
pub use crate::side::Side;
use crate::tcp::half::HalfFacts;
pub use crate::tcp::prelude::Prelude;
use crate::tcp::seq::Seq;
use crate::time::Time;
pub use crate::tls::Decryption;
use crate::x509::Certificate;

/// Why an attempt is told now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Moment {
    /// The client was heard again, with no answer so far, after the span that the caller wants to hear of.
    Unanswered,
    /// An answer came to an attempt that had been told as [`Moment::Unanswered`].
    Answered,
    /// Nothing more is expected: this is the attempt's record.
    Closed,
}

/// What ended the observation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum End {
    /// It is not ended: the attempt is told before its end.
    Open,
    /// The handshake completed.
    Completed,
    /// Nothing was captured of the flow for its idle span.
    Idle,
    /// A new connection took the same addresses and ports.
    Reused,
    /// The table was full and this flow was the longest silent.
    Evicted,
    /// The capture ended.
    CaptureEnded,
    /// The capture's clock jumped, so that no interval can be measured across.
    ClockJump,
}

/// One handshake attempt.
#[derive(Clone, Debug)]
pub struct Attempt {
    /// Stable name of the flow, below 2^53 so that every JSON reader keeps it; derived from the ends and the flow's
    /// first frame.
    pub flow_id: u64,
    /// The client as source, the server as destination.
    pub ends: Ends,
    /// Frame that the attempt is known by: the one that completed the hello, or the flow's first where none is whole.
    pub frame: u64,
    /// Time of that frame.
    pub time: Time,
    /// Time of the flow's first frame.
    pub opened: Time,
    /// When the observation ended, or the time of the last frame while it is open.
    pub closed: Time,
    /// What ended it.
    pub end: End,
    /// The hello, as far as it was captured.
    pub hello: Hello,
    /// What the server said in the handshake.
    pub server_hello: Option<ServerFacts>,
    /// The server's certificates in the order sent, as far as they were in clear, or a key was given
    /// ([`Attempt::decryption`]).
    pub chain: Vec<Arc<Certificate>>,
    /// The transport's own facts.
    pub transport: Transport,
}

/// TCP or QUIC.
#[derive(Clone, Debug)]
pub enum Transport {
    /// An attempt over TCP.
    Tcp(Box<TcpFacts>),
    /// An attempt over QUIC.
    Quic(Box<QuicFacts>),
}

/// The hello of an attempt.
#[derive(Clone, Debug, Default)]
pub struct Hello {
    /// The first hello, once whole.
    pub first: Option<Box<ClientFacts>>,
    /// How many hellos were whole: more than one after a HelloRetryRequest, or where the client repeats itself.
    pub count: u16,
    /// Further server names, where overlapping segments disagree: the capture holds more than one hello in one place.
    pub conflicting_names: Few<String>,
    /// Which of several disagreeing copies was taken.
    pub conflict: Option<Conflict>,
}

/// How disagreeing copies of the same bytes were told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Conflict {
    /// The copy whose TTL was that of its sender's other packets; the other could not have reached the receiver.
    Ttl,
    /// The copy whose checksum was right.
    Checksum,
    /// Nothing told them apart: the first copy was taken, as most receivers do.
    First,
}

/// How much of the hello the receiver acknowledged, selective acknowledgement included.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Acked {
    /// Not a byte.
    #[default]
    None,
    /// Some of it.
    Part,
    /// All of it.
    Whole,
}

/// A fatal or warning alert sent in clear.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Alert {
    /// Who sent it.
    pub from: Side,
    /// AlertLevel (RFC 8446 section 6): 1 warning, 2 fatal.
    pub level: u8,
    /// AlertDescription.
    pub description: u8,
    /// When.
    pub time: Time,
}

/// The first payload that answers the hello: new bytes of its receiver at or beyond the hello's acknowledgement number
/// that acknowledge its last byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Answer {
    /// When it was captured.
    pub time: Time,
    /// In which frame.
    pub frame: u64,
    /// Its TTL.
    pub ttl: u8,
}

/// What a TCP attempt's two sides did.
#[derive(Clone, Debug, Default)]
pub struct TcpFacts {
    /// What the client sent.
    pub client: HalfFacts,
    /// What the server sent.
    pub server: HalfFacts,
    /// What the hello was sent behind.
    pub from: Prelude,
    /// First sequence number of the hello and the one after its last byte, once its length is known.
    pub hello_span: Option<(Seq, Seq)>,
    /// Bytes of a begun hello that never came.
    pub hello_missing: u32,
    /// How much of the hello was acknowledged.
    pub hello_acked: Acked,
    /// Highest TTL of any copy of the hello's segments.
    pub hello_ttl: u8,
    /// IP-ID of the last segment that brought something new of the hello, in IPv4: some injectors copy it.
    pub hello_ip_id: Option<u16>,
    /// Times of the hello's retransmissions, the first [`MAX_RETRANSMISSIONS`] of them.
    pub retransmissions: Few<Time>,
    /// How many retransmissions there were in all.
    pub retransmission_count: u32,
    /// The hello's bytes, or the first of them, came on the SYN.
    pub fast_open: bool,
    /// The first answer.
    pub answer: Option<Answer>,
    /// Payload bytes of the server that acknowledge less than the hello: said before it heard the hello.
    pub early: u64,
    /// The last packet of the client whose acknowledgement had not moved past the hello's own: the witness that it was
    /// still without an answer.
    pub witness: Option<Time>,
    /// The last packet of the client that acknowledged nothing beyond what was captured of the server, after the
    /// server's last new byte: the witness that the server had stopped.
    pub stall_witness: Option<Time>,
    /// Time of the server's last new payload byte.
    pub server_progress: Option<Time>,
    /// Time of the client's last new payload byte: before it was sent, the server did not owe what it asks for.
    pub client_progress: Option<Time>,
    /// TLS as far as it went.
    pub tls: TlsProgress,
    /// Packets of the server that acknowledge this client: proof that its direction was visible.
    pub server_acknowledges: bool,
    /// The client acknowledges bytes of the server that were never captured: proof of an answer that the capture
    /// missed.
    pub client_acks_unseen: bool,
    /// The server acknowledges bytes of the client that were never captured.
    pub server_acks_unseen: bool,
    /// ICMP errors that quote this flow, the first [`MAX_QUOTES`] of them.
    pub quotes: Few<(Time, Quote)>,
    /// Smallest time from the client's packet to the server's acknowledgement, never from a repeated packet (Karn).
    pub server_rtt: Option<Duration>,
    /// Smallest time from the server's packet to the client's acknowledgement, likewise.
    pub client_rtt: Option<Duration>,
    /// The server repeated its SYN-ACK after the client had acknowledged it: the path was dead before the hello.
    pub syn_ack_repeated_after_ack: bool,
}

/// Retransmission times kept for one attempt; Linux gives up after 15 (`net.ipv4.tcp_retries2`).
pub const MAX_RETRANSMISSIONS: usize = 16;

/// ICMP errors kept for one attempt.
pub const MAX_QUOTES: usize = 4;

/// How far the TLS handshake went.
#[derive(Clone, Debug, Default)]
pub struct TlsProgress {
    /// The server asked for another hello.
    pub retry: bool,
    /// The version that it named in doing so.
    pub retry_version: Option<u16>,
    /// The server's stream began with something that is no TLS.
    pub server_not_tls: bool,
    /// The server sent a byte of a TLS record.
    pub server_began: bool,
    /// A record or handshake message of the server was begun and is not whole.
    pub server_open: bool,
    /// The client sent a further flight after the server's hello.
    pub client_flight: bool,
    /// Alerts in clear, the first [`MAX_ALERTS`] of them.
    pub alerts: Few<Alert>,
    /// ChangeCipherSpec from the client.
    pub client_ccs: bool,
    /// ChangeCipherSpec from the server.
    pub server_ccs: bool,
    /// An encrypted handshake record of the client after its ChangeCipherSpec (TLS 1.2 and below).
    pub client_finished: bool,
    /// The same of the server.
    pub server_finished: bool,
    /// Largest body of a client's encrypted record (type 23) after the final ServerHello, in bytes.
    pub client_encrypted: u16,
    /// How many such records there were.
    pub client_encrypted_records: u16,
    /// The server sent records of type 23.
    pub server_encrypted: bool,
    /// How far the server's encrypted handshake was read.
    pub decryption: Decryption,
    /// Certificates beyond the limit, or a Certificate message that could not be read.
    pub chain_incomplete: bool,
    /// Letters of the messages as Zeek's `ssl_history` writes them: upper case from the client, lower from the server.
    pub history: History,
}

/// Alerts kept for one attempt.
pub const MAX_ALERTS: usize = 4;

/// The handshake's messages as letters (Zeek, `base/protocols/ssl/main.zeek`, `ssl_history`), bounded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct History {
    /// ASCII.
    letters: [u8; History::MAX],
    len: u8,
}

impl Default for History {
    fn default() -> Self {
        Self { letters: [0; Self::MAX], len: 0 }
    }
}

impl History {
    /// Letters kept; Zeek keeps 100 in quic.log.
    pub const MAX: usize = 48;

    /// Adds a message of `from`.
    pub fn push(&mut self, from: Side, letter: char) {
        if let Some(place) = self.letters.get_mut(usize::from(self.len)) {
            *place = match from {
                Side::Client => letter.to_ascii_uppercase() as u8,
                Side::Server => letter.to_ascii_lowercase() as u8,
            };
            self.len += 1;
        }
    }

    /// The letters so far, in ASCII.
    pub fn as_bytes(&self) -> &[u8] {
        self.letters.get(..usize::from(self.len)).unwrap_or_default()
    }

    /// The letters so far.
    pub fn as_str(&self) -> &str {
        str::from_utf8(self.as_bytes()).unwrap_or_default()
    }
}

impl Attempt {
    /// The server name of the hello, `""` where there is none.
    pub fn server_name(&self) -> &str {
        self.hello.first.as_ref().and_then(|hello| hello.server_name.as_deref()).unwrap_or("")
    }

    /// The facts of a TCP attempt.
    pub fn tcp(&self) -> Option<&TcpFacts> {
        match &self.transport {
            Transport::Tcp(facts) => Some(facts),
            Transport::Quic(_) => None,
        }
    }

    /// The facts of a QUIC attempt.
    pub fn quic(&self) -> Option<&QuicFacts> {
        match &self.transport {
            Transport::Tcp(_) => None,
            Transport::Quic(facts) => Some(facts),
        }
    }

    /// How far the server's encrypted handshake was read with a key that was given.
    pub fn decryption(&self) -> Decryption {
        match &self.transport {
            Transport::Tcp(facts) => facts.tls.decryption,
            Transport::Quic(facts) => facts.decryption,
        }
    }

    /// The negotiated version as on the wire, from the final ServerHello, or else from a HelloRetryRequest, which binds
    /// the server to it (RFC 8446 section 4.1.4).
    pub fn version(&self) -> Option<u16> {
        let retry = || self.tcp().and_then(|tcp| tcp.tls.retry_version);
        self.server_hello.as_ref().map(|hello| hello.version).or_else(retry)
    }
}
