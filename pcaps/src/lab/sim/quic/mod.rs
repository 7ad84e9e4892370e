//! QUIC between simulated ends: Initial packets under their real protection, the rest sealed noise that the ends can read.
//! Loss is repaired by the probe timeout (RFC 9002).

mod client;
mod server;
mod timer;

use std::net::SocketAddr;

use dissectors::time::Time;

use super::seal;
use crate::net::host::Host;
use crate::net::packet::{Link, Network, ethernet};
use crate::quic::{Ids, handshake, short};
use crate::random::Random;

pub(super) use client::{Habits, QuicClient};
pub(super) use server::QuicServer;

/// Handshake bytes in one Initial packet.
const CRYPTO: usize = 1_100;
/// Length of a full datagram's sealed content.
const FULL: usize = 1_180;
/// Length of a sealed message that says little.
const SMALL: usize = 40;
/// Bytes of a connection ID.
const ID: usize = 8;

/// What a sealed packet says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Message {
    /// Part of the server's sealed flight, of so many.
    Flight { part: u8, of: u8 },
    /// The client's Finished.
    Finished,
    /// The client asks for so many bytes.
    Request(u32),
    /// A numbered piece of the response, of so many.
    Piece { number: u32, of: u32 },
    /// All pieces below `next` have come, and of the 32 from there on those whose bit is set.
    Received { next: u32, bits: u32 },
    /// It is over.
    Close,
}

impl Message {
    fn encode(self) -> Vec<u8> {
        let (kind, first, second) = match self {
            Self::Flight { part, of } => (1, part.into(), of.into()),
            Self::Finished => (2, 0, 0),
            Self::Request(bytes) => (3, bytes, 0),
            Self::Piece { number, of } => (4, number, of),
            Self::Received { next, bits } => (5, next, bits),
            Self::Close => (6, 0, 0),
        };
        let mut out = vec![kind];
        out.extend(first.to_be_bytes());
        out.extend(second.to_be_bytes());
        out
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        let (kind, rest) = bytes.split_first()?;
        let (first, rest) = rest.split_first_chunk::<4>()?;
        let (first, second) = (u32::from_be_bytes(*first), u32::from_be_bytes(*rest.first_chunk()?));
        Some(match kind {
            1 => Self::Flight { part: first as u8, of: second as u8 },
            2 => Self::Finished,
            3 => Self::Request(first),
            4 => Self::Piece { number: first, of: second },
            5 => Self::Received { next: first, bits: second },
            6 => Self::Close,
            _ => return None,
        })
    }

    /// How long it is on the wire.
    fn length(self) -> usize {
        match self {
            Self::Flight { .. } | Self::Piece { .. } => FULL,
            Self::Request(_) => 320,
            Self::Finished => 75,
            Self::Received { .. } | Self::Close => SMALL,
        }
    }
}

/// Sends datagrams from one end to the other.
#[derive(Debug)]
struct Sockets {
    host: Host,
    peer: SocketAddr,
    peer_mac: [u8; 6],
    random: Random,
    frames: Vec<Vec<u8>>,
}

impl Sockets {
    fn send(&mut self, payload: &[u8]) {
        let network = Network {
            source: self.host.address,
            destination: self.peer.ip(),
            ttl: self.host.ttl,
            id: self.random.next_u16(),
            dont_fragment: true,
            checksum_offloaded: false,
        };
        let packet = network.udp((self.host.port, self.peer.port()), payload, &Link::default());
        self.frames.push(ethernet(self.host.mac, self.peer_mac, &Link::default(), &packet));
    }

    fn send_handshake(&mut self, ids: Ids<'_>, message: Message) {
        let sealed = self.seal(message);
        self.send(&handshake(ids, &sealed));
    }

    fn send_short(&mut self, dest: &[u8], message: Message) {
        let sealed = self.seal(message);
        self.send(&short(dest, &sealed));
    }

    fn seal(&mut self, message: Message) -> Vec<u8> {
        seal::seal(self.random.next_u64(), &message.encode(), message.length())
    }
}

/// The message in a packet with a short header whose connection ID has so many bytes.
fn read_short(datagram: &[u8], id: usize) -> Option<Message> {
    Message::decode(&seal::open(datagram.get(1 + id..)?)?)
}

/// The message in a Handshake packet: after the version, two connection IDs, each behind its length, and two bytes of
/// length.
fn read_handshake(datagram: &[u8]) -> Option<Message> {
    let rest = datagram.get(5..)?;
    let rest = rest.get(1 + usize::from(*rest.first()?)..)?;
    let rest = rest.get(1 + usize::from(*rest.first()?)..)?;
    Message::decode(&seal::open(rest.get(2..)?)?)
}

/// What kind of packet a datagram begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Initial,
    Handshake,
    Short,
    Other,
}

/// Long packet types 0 and 2 of version 1 (RFC 9000, section 17.2).
fn kind(datagram: &[u8]) -> Kind {
    match datagram.first() {
        Some(first) if first & 0xf0 == 0xc0 => Kind::Initial,
        Some(first) if first & 0xf0 == 0xe0 => Kind::Handshake,
        Some(first) if first & 0xc0 == 0x40 => Kind::Short,
        _ => Kind::Other,
    }
}

/// When something that was sent at `sent` is acknowledged at `now`.
fn round_trip(sent: Option<Time>, now: Time) -> Option<std::time::Duration> {
    sent.map(|sent| now.since(sent))
}
