//! Whether a UDP datagram is QUIC, from its first bytes. Anything else costs a few comparisons.

use super::header::{FIXED, Invariant, LONG, PacketType};
use super::version::{Family, Version};
use super::wire::Reader;

/// What a datagram of an unknown flow is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Probe<'a> {
    /// It begins with a long header of a known version.
    Quic(Invariant<'a>),
    /// A server names its versions.
    VersionNegotiation(Invariant<'a>),
    /// Google's QUIC with its own cryptography: to be named, not read.
    GoogleQuic(Version),
    /// It may be a short header. Only a connection that is known can tell, so by itself it begins nothing.
    Unsure,
    /// It is something else.
    NotQuic,
}

/// Tells what `datagram` is.
pub fn probe(datagram: &[u8]) -> Probe<'_> {
    match datagram.first() {
        Some(first) if first & LONG != 0 => long(datagram),
        Some(first) => {
            google_public_header(*first, datagram).map_or_else(|| short(*first, datagram), Probe::GoogleQuic)
        }
        None => Probe::NotQuic,
    }
}

/// The least bytes that a packet with a short header has: first byte, packet number and the bytes that header
/// protection samples (RFC 9001, section 5.4.2).
pub(super) const MIN_SHORT: usize = 21;

fn short(first: u8, datagram: &[u8]) -> Probe<'_> {
    if first & FIXED != 0 && datagram.len() >= MIN_SHORT { Probe::Unsure } else { Probe::NotQuic }
}

fn long(datagram: &[u8]) -> Probe<'_> {
    let Some(version) = datagram.get(1..).and_then(|rest| Reader::new(rest).u32()).map(Version) else {
        return Probe::NotQuic;
    };
    match version.family() {
        Some(Family::GoogleCrypto) => Probe::GoogleQuic(version),
        Some(_) => Invariant::parse(datagram).ok().filter(is_plausible).map_or(Probe::NotQuic, Probe::Quic),
        None if version == Version(0) => {
            let header = Invariant::parse(datagram).ok().filter(offers_something);
            header.map_or(Probe::NotQuic, Probe::VersionNegotiation)
        }
        None => Probe::NotQuic,
    }
}

/// A client that has a server's token from an earlier connection may vary the fixed bit in its first packet already
/// (RFC 9287, section 3.1); it sends the token in it.
fn is_plausible(header: &Invariant<'_>) -> bool {
    let has_token = header.kind() == Some(PacketType::Initial) && header.rest.first() != Some(&0);
    !header.rest.is_empty() && (header.first & FIXED != 0 || has_token)
}

/// A version number of 0 is easily met by chance. A Version Negotiation holds whole versions, at least one of which is
/// known, and echoes the client's choice of eight bytes or more (RFC 9000, sections 7.2 and 17.2.1).
fn offers_something(header: &Invariant<'_>) -> bool {
    let whole = header.rest.len().is_multiple_of(4);
    whole && header.scid.as_bytes().len() >= 8 && header.offered().any(|version| version.family().is_some())
}

/// The header of Google's QUIC before Q044: flags (1: a version, 8: a connection ID), eight bytes of connection ID,
/// and the version, `Q` and three digits.
fn google_public_header(flags: u8, datagram: &[u8]) -> Option<Version> {
    const VERSION: u8 = 0x01;
    const CONNECTION_ID: u8 = 0x08;
    const RESET: u8 = 0x02;
    if flags & (VERSION | CONNECTION_ID | RESET) != VERSION | CONNECTION_ID {
        return None;
    }
    let version = Version(Reader::new(datagram.get(9..)?).u32()?);
    (version.family() == Some(Family::GoogleCrypto)).then_some(version)
}
