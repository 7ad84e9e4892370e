//! Which end of an unknown flow is the client.

use super::Side;
use super::header::{LongPacket, Packet, PacketType, Packets};
use super::scratch::{Scratch, open};

/// Who sent `datagram`, the first that is seen of a connection, as far as it shows.
///
/// A client's first Initial packets are protected under the connection ID that they bear, which proves them. Only
/// clients send tokens and 0-RTT; only servers send Retry and Version Negotiation, or write to an empty connection ID
/// in an Initial packet, because a client has to choose eight bytes at first (RFC 9000, section 7.2) and servers always
/// choose some. `None` if the middle of a connection is seen: the ports have to tell.
pub fn initiator(datagram: &[u8], scratch: &mut Scratch) -> Option<Side> {
    Packets::new(datagram).map_while(Result::ok).find_map(|packet| match packet {
        Packet::Retry(_) | Packet::VersionNegotiation(_) => Some(Side::Server),
        Packet::Long(packet) => by_long_header(&packet, scratch),
        Packet::Short(_) => None,
    })
}

fn by_long_header(packet: &LongPacket<'_>, scratch: &mut Scratch) -> Option<Side> {
    match packet.kind {
        PacketType::ZeroRtt => Some(Side::Client),
        PacketType::Initial if !packet.token.is_empty() => Some(Side::Client),
        PacketType::Initial if packet.dcid.is_empty() => Some(Side::Server),
        PacketType::Initial if opens_itself(packet, scratch) => Some(Side::Client),
        PacketType::Initial | PacketType::Handshake => None,
    }
}

/// Whether a packet is protected under the connection ID that it bears, as only a client's first ones are.
pub(super) fn opens_itself(packet: &LongPacket<'_>, scratch: &mut Scratch) -> bool {
    open(packet, &packet.dcid, Side::Client, scratch)
}
