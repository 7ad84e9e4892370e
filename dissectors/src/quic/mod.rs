//! QUIC as it is readable without keys: the datagrams of one connection in, facts out (RFC 9000, 9001, 9369, and the
//! drafts and private versions that are still met).
//!
//! [`probe`] tells whether a datagram of an unknown flow is QUIC, [`initiator`] which of its two ends is the client, and
//! a [`Connection`] takes the datagrams of both from there on: it opens Initial packets, puts the handshake together
//! whatever the order, hands out each hello as an [`Event`] as soon as it is whole, and keeps the [`QuicFacts`]. Behind
//! the Initial packets everything is encrypted under keys that only the ends have; there it counts, and reads the
//! server's certificates where the secret was given to it.
//!
//! This module knows nothing of addresses, of other connections, of deadlines, or of what any of it means.

mod assembler;
mod cid;
mod connection;
mod facts;
mod flight;
mod frame;
mod frames;
mod fuzz;
mod google;
mod handshake;
mod header;
mod held;
mod initials;
mod initiator;
mod keyring;
mod probe;
mod protection;
mod scratch;
mod version;
mod wire;

#[cfg(test)]
mod tests;

pub use cid::ConnectionId;
pub use connection::{Connection, Taken};
pub use facts::{Close, Damage, Datagram, Event, QuicFacts, Tally};
pub use fuzz::fuzz_quic;
pub use header::{Invariant, LongPacket, Malformed, Packet, PacketType, Packets};
pub use held::MAX_HELD;
pub use initials::MAX_OPENED;
pub use initiator::initiator;
pub use probe::{Probe, probe};
pub use scratch::Scratch;
pub use version::{Family, Version};

pub use crate::side::Side;
