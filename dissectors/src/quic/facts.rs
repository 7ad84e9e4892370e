//! What is known of one connection attempt. Only facts: what an attempt came to is for others to say.

use std::time::Duration;

use super::Side;
use super::cid::ConnectionId;
use super::header::Invariant;
use super::version::Version;
use crate::time::Time;
use crate::tls::{CertificateList, ClientHello, Decryption, ServerHello};

/// A UDP datagram as captured.
#[derive(Clone, Copy, Debug)]
pub struct Datagram<'a> {
    /// When.
    pub time: Time,
    /// Its payload, as far as it was captured.
    pub bytes: &'a [u8],
    /// How many bytes of its payload were not.
    pub missing: u32,
}

/// Something that happened in a connection. Hellos are views that end with the call.
#[derive(Clone, Copy, Debug)]
pub enum Event<'a> {
    /// An Initial packet of the client, repeated ones included.
    ClientInitial,
    /// The server's first packet that says more than that the client's came ([`QuicFacts::answer`]).
    Answer,
    /// A ClientHello is whole. A second one follows after a HelloRetryRequest or Version Negotiation.
    ClientHello(ClientHello<'a>),
    /// A ServerHello, or a HelloRetryRequest, is whole.
    ServerHello(ServerHello<'a>),
    /// The server's certificates, where the key of its Handshake packets was given.
    Certificates(CertificateList<'a>),
    /// The server asks for proof of the client's address, so that the client begins again.
    Retry,
    /// The server names the versions it takes, so that the client begins again or gives up.
    VersionNegotiation(Invariant<'a>),
    /// The connection was closed in clear.
    Close(Close),
    /// Both ends have sent packets with short headers.
    Completed,
}

/// A CONNECTION_CLOSE that could be read: one in an Initial packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Close {
    /// Who closed.
    pub sender: Side,
    /// When.
    pub time: Time,
    /// The error code of RFC 9000, section 20.1.
    pub code: u64,
}

impl Close {
    /// The TLS alert that the code stands for: 0x100 to 0x1ff (RFC 9001, section 4.8).
    pub fn alert(&self) -> Option<u8> {
        self.code.checked_sub(0x100).and_then(|alert| u8::try_from(alert).ok())
    }
}

/// What is known of one attempt.
#[derive(Clone, Debug, Default)]
pub struct QuicFacts {
    /// The version of the first packet.
    pub version: Version,
    /// The version that the server's latest Initial or Handshake packet has: what it agreed to.
    pub negotiated: Option<Version>,
    /// The name that the client's first Initial gave the server; the keys follow from it. `None` if none was seen.
    pub first_dcid: Option<ConnectionId>,
    /// The client's own connection ID.
    pub client_scid: Option<ConnectionId>,
    /// The server's own connection ID, once it stated one outside Retry.
    pub server_scid: Option<ConnectionId>,
    /// Whether the client's first Initial carried an address token from an earlier connection.
    pub token: bool,
    /// What the client sent.
    pub client: Tally,
    /// What the server sent.
    pub server: Tally,
    /// When the server first said more than that the client's packets came: anything but an Initial packet that only
    /// acknowledges. One that cannot be opened counts, since nobody knows what is in it.
    pub answer: Option<Time>,
    /// When the first ClientHello became whole.
    pub hello: Option<Time>,
    /// How many ClientHellos were whole; more than one after HelloRetryRequest or Version Negotiation.
    pub hellos: u32,
    /// When the server's HelloRetryRequest became whole.
    pub hello_retry: Option<Time>,
    /// When the ServerHello became whole.
    pub server_hello: Option<Time>,
    /// The cipher suite that the ServerHello chose.
    pub cipher: Option<u16>,
    /// When the server's Retry came.
    pub retry: Option<Time>,
    /// When the server's Version Negotiation came.
    pub version_negotiation: Option<Time>,
    /// The first close in clear.
    pub close: Option<Close>,
    /// When short headers had come from both ends.
    pub completed: Option<Time>,
    /// How far the server's Handshake packets were read.
    pub decryption: Decryption,
    /// What could not be read, and why.
    pub damage: Damage,
}

impl QuicFacts {
    /// What `sender` sent.
    pub fn tally(&self, sender: Side) -> &Tally {
        match sender {
            Side::Client => &self.client,
            Side::Server => &self.server,
        }
    }

    pub(super) fn tally_mut(&mut self, sender: Side) -> &mut Tally {
        match sender {
            Side::Client => &mut self.client,
            Side::Server => &mut self.server,
        }
    }

    /// How long the client was seen to wait for an answer to its hello: until its latest Initial packet. `None` where
    /// none is whole, or an answer came.
    pub fn silence(&self) -> Option<Duration> {
        let heard = self.client.last_initial.filter(|_| self.answer.is_none())?;
        Some(heard.since(self.hello?))
    }

    /// The version in the end: the server's, else the client's.
    pub fn final_version(&self) -> Version {
        self.negotiated.unwrap_or(self.version)
    }
}

/// What one end sent. Packets are counted one by one, datagrams as they came.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Datagrams with at least one packet of this connection.
    pub datagrams: u32,
    /// Bytes in them, captured or not.
    pub bytes: u64,
    /// Datagrams without any: not QUIC, or not of this connection.
    pub foreign: u32,
    /// Initial packets.
    pub initials: u32,
    /// Initial packets whose CRYPTO frames brought nothing new: retransmissions.
    pub repeated: u32,
    /// 0-RTT packets.
    pub zero_rtt: u32,
    /// Handshake packets.
    pub handshakes: u32,
    /// Packets with short headers.
    pub short: u32,
    /// When the first of the datagrams came.
    pub first: Option<Time>,
    /// When the last of the datagrams came.
    pub last: Option<Time>,
    /// When the first Initial packet came.
    pub first_initial: Option<Time>,
    /// When the last Initial packet came.
    pub last_initial: Option<Time>,
    /// When the last Handshake packet came.
    pub last_handshake: Option<Time>,
    /// When the first packet with a short header came.
    pub first_short: Option<Time>,
    /// Datagrams since the other end's last one.
    pub unanswered: u32,
    /// When the first of those came.
    pub unanswered_since: Option<Time>,
}

/// What could not be read, counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Damage {
    /// Headers, frames and hellos that cannot be.
    pub malformed: u32,
    /// Initial packets, and datagrams that cannot be told, of which not all bytes were captured.
    pub truncated: u32,
    /// Initial packets of the server that came while no Initial packet of the client had been seen, so that no keys are
    /// known. The first [`MAX_HELD`](super::MAX_HELD) of them are read once the client's is there.
    pub without_keys: u32,
    /// Initial and Handshake packets of the server that came before their keys and were not kept for them, because
    /// [`MAX_HELD`](super::MAX_HELD) others were.
    pub not_held: u32,
    /// Initial packets that no known key opens: corrupted, forged, or of another connection.
    pub unopened: u32,
    /// Initial packets left closed because [`MAX_OPENED`](super::MAX_OPENED) was reached.
    pub over_limit: u32,
    /// CRYPTO frames that say other bytes than an earlier one did.
    pub conflicting: u32,
    /// CRYPTO frames not taken because they reach too far or leave too many holes.
    pub refused: u32,
    /// Retry and Version Negotiation packets that do not belong where they came.
    pub misplaced: u32,
}
