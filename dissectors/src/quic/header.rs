//! The packets of a datagram: long headers, Retry, Version Negotiation and what follows them (RFC 9000, section 17 and
//! 12.2; RFC 9369, section 3.2). What is protected stays protected; `protection` takes that off.

use super::cid::ConnectionId;
use super::version::Version;
use super::wire::Reader;

/// The first bit of a packet: set in long headers (RFC 8999, section 5).
pub(super) const LONG: u8 = 0x80;
/// The second bit of a packet: set, unless both ends agreed to vary it (RFC 9000, section 17.2; RFC 9287).
pub(super) const FIXED: u8 = 0x40;

/// A tag at the end of every Retry (RFC 9001, section 5.8).
const RETRY_TAG: usize = 16;

/// What a long header says its packet is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PacketType {
    /// The first flights of both ends: the ClientHello, the ServerHello, acknowledgements.
    Initial,
    /// Early data of a resumed session.
    ZeroRtt,
    /// The rest of the handshake, under keys that only the ends have.
    Handshake,
}

/// One packet of a datagram.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Packet<'a> {
    /// Initial, 0-RTT or Handshake.
    Long(LongPacket<'a>),
    /// A server asks for proof of the client's address.
    Retry(Invariant<'a>),
    /// A server names the versions it would take; `rest` holds them, four bytes each.
    VersionNegotiation(Invariant<'a>),
    /// A packet with a short header: application data, or a stateless reset that looks like it.
    Short(&'a [u8]),
}

/// What no version changes in a long header (RFC 8999, section 5.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Invariant<'a> {
    /// Its first byte.
    pub first: u8,
    /// Its version; 0 in Version Negotiation.
    pub version: Version,
    /// The receiver's connection ID.
    pub dcid: ConnectionId,
    /// The sender's connection ID.
    pub scid: ConnectionId,
    /// What stands behind the connection IDs, to the end of the datagram.
    pub rest: &'a [u8],
}

/// A packet with a long header and a protected payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LongPacket<'a> {
    /// What kind it is.
    pub kind: PacketType,
    /// Its version.
    pub version: Version,
    /// The receiver's connection ID.
    pub dcid: ConnectionId,
    /// The sender's connection ID.
    pub scid: ConnectionId,
    /// The address token of an Initial; empty in other packets.
    pub token: &'a [u8],
    /// Where the packet number begins in `bytes`.
    pub number_at: usize,
    /// The packet from its first byte on, header included, as much as was captured.
    pub bytes: &'a [u8],
    /// How many of its bytes were not captured.
    pub missing: usize,
}

/// A header that is cut short or impossible; the rest of its datagram cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed;

impl std::fmt::Display for Malformed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("QUIC packet header is cut short or impossible")
    }
}

impl std::error::Error for Malformed {}

impl<'a> Invariant<'a> {
    /// Reads a long header as far as all versions agree on it. IDs of more than 20 bytes are taken for malformed: no
    /// version that exists has them.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, Malformed> {
        Self::read(bytes).ok_or(Malformed)
    }

    fn read(bytes: &'a [u8]) -> Option<Self> {
        let mut reader = Reader::new(bytes);
        let first = reader.u8().filter(|first| first & LONG != 0)?;
        let version = Version(reader.u32()?);
        let dcid = connection_id(&mut reader)?;
        let scid = connection_id(&mut reader)?;
        Some(Self { first, version, dcid, scid, rest: reader.rest() })
    }

    /// The versions that a Version Negotiation offers.
    pub fn offered(&self) -> impl Iterator<Item = Version> + 'a {
        self.rest.as_chunks::<4>().0.iter().map(|&bytes| Version(u32::from_be_bytes(bytes)))
    }

    /// The token of a Retry, without the tag at its end.
    pub fn retry_token(&self) -> &'a [u8] {
        self.rest.len().checked_sub(RETRY_TAG).and_then(|end| self.rest.get(..end)).unwrap_or_default()
    }

    /// The packet type; `None` for Retry.
    pub(super) fn kind(&self) -> Option<PacketType> {
        match ((self.first >> 4) & 3, self.version.renumbers_types()) {
            (0, false) | (1, true) => Some(PacketType::Initial),
            (1, false) | (2, true) => Some(PacketType::ZeroRtt),
            (2, false) | (3, true) => Some(PacketType::Handshake),
            _ => None,
        }
    }
}

fn connection_id(reader: &mut Reader<'_>) -> Option<ConnectionId> {
    let length = usize::from(reader.u8()?);
    ConnectionId::new(reader.take(length)?)
}

/// The packets that a datagram carries one behind the other (RFC 9000, section 12.2). Ends at the first that is
/// malformed.
#[derive(Clone, Debug)]
pub struct Packets<'a> {
    rest: &'a [u8],
    /// The receiver of the datagram's first packet: what names another one is no packet of this connection.
    receiver: Option<ConnectionId>,
}

impl<'a> Packets<'a> {
    /// The packets of `datagram`.
    pub fn new(datagram: &'a [u8]) -> Self {
        Self { rest: datagram, receiver: None }
    }

    fn long(&mut self, bytes: &'a [u8]) -> Result<Option<Packet<'a>>, Malformed> {
        let header = Invariant::parse(bytes)?;
        if self.receiver.is_some_and(|receiver| receiver != header.dcid) {
            return Ok(None);
        }
        self.receiver = Some(header.dcid);
        if header.version == Version(0) {
            return Ok(Some(Packet::VersionNegotiation(header)));
        }
        let Some(kind) = header.kind() else { return Ok(Some(Packet::Retry(header))) };
        let packet = LongPacket::parse(kind, &header, bytes).ok_or(Malformed)?;
        self.rest = bytes.get(packet.bytes.len()..).unwrap_or_default();
        Ok(Some(Packet::Long(packet)))
    }

    /// The last packet of a datagram may have a short header; behind other packets it must name the same receiver,
    /// which tells it from the padding that some senders leave there.
    fn short(&self, bytes: &'a [u8]) -> Option<Packet<'a>> {
        let fixed = bytes.first().is_some_and(|first| first & FIXED != 0);
        let belongs = |id: ConnectionId| names(bytes, &id) && (fixed || !id.is_empty());
        self.receiver.is_none_or(belongs).then_some(Packet::Short(bytes))
    }
}

/// Whether a packet with a short header is to `receiver`.
pub(super) fn names(short: &[u8], receiver: &ConnectionId) -> bool {
    short.get(1..).is_some_and(|rest| rest.starts_with(receiver.as_bytes()))
}

impl<'a> Iterator for Packets<'a> {
    type Item = Result<Packet<'a>, Malformed>;

    fn next(&mut self) -> Option<Self::Item> {
        let bytes = std::mem::take(&mut self.rest);
        match bytes.first()? {
            first if first & LONG != 0 => self.long(bytes).transpose(),
            _ => self.short(bytes).map(Ok),
        }
    }
}

impl<'a> LongPacket<'a> {
    fn parse(kind: PacketType, header: &Invariant<'a>, bytes: &'a [u8]) -> Option<Self> {
        let mut reader = Reader::new(header.rest);
        let token = if kind == PacketType::Initial { reader.prefixed()? } else { &[] };
        let length = reader.length()?;
        let number_at = bytes.len().checked_sub(reader.rest().len())?;
        let end = number_at.checked_add(length)?;
        let captured = bytes.get(..end.min(bytes.len()))?;
        let missing = end.saturating_sub(bytes.len());
        let Invariant { version, dcid, scid, .. } = *header;
        Some(Self { kind, version, dcid, scid, token, number_at, bytes: captured, missing })
    }
}
