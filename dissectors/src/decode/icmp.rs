//! ICMP errors (RFC 792, RFC 4443) and the packets that they quote.

use super::Skip;
use super::ip::{self, IpHeader, IpPayload};
use super::protocol::{TCP, UDP, V6_FRAGMENT};
use super::registry::Next;
use super::rest::Rest;
use super::stop::Stop;
use super::transport;
use crate::packet::{Ends, IcmpError, Quote, Transport};
use crate::tcp::seq::Seq;

/// Which ICMP: they share no number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Version {
    V4,
    V6,
}

/// Type, code, checksum and four bytes of the error's own.
const HEADER: usize = 8;

/// IPv6 extension headers that we follow in a quotation.
const EXTENSION_LIMIT: usize = 8;

/// What an error says and whom it quotes; other messages are skipped.
pub(super) fn decode(reporter: &IpHeader, version: Version, rest: Rest<'_>) -> Result<(Ends, Transport), Stop> {
    let (kind, code, parameter) = (rest.u8(0)?, rest.u8(1)?, rest.be32(4)?);
    let error = match version {
        Version::V4 => v4(kind, code, parameter),
        Version::V6 => v6(kind, code, parameter),
    };
    let error = error.ok_or(Stop::Skip(Skip::OtherProtocol))?;
    let (ends, seq) = quoted(rest.skip(HEADER)?)?;
    let quote = Quote { error, reporter: reporter.source, seq };
    Ok((ends, Transport::Icmp { quote, of_udp: seq.is_none() }))
}

fn v4(kind: u8, code: u8, parameter: u32) -> Option<IcmpError> {
    match (kind, code) {
        (11, 0) => Some(IcmpError::TimeExceeded),
        (3, 4) => Some(IcmpError::TooBig(parameter & 0xffff)),
        (3, 9 | 10 | 13) => Some(IcmpError::Prohibited),
        (3, 3) => Some(IcmpError::PortUnreachable),
        (3, _) => Some(IcmpError::Unreachable(kind, code)),
        _ => None,
    }
}

fn v6(kind: u8, code: u8, parameter: u32) -> Option<IcmpError> {
    match (kind, code) {
        (3, 0) => Some(IcmpError::TimeExceeded),
        (2, _) => Some(IcmpError::TooBig(parameter)),
        (1, 1 | 5 | 6) => Some(IcmpError::Prohibited),
        (1, 4) => Some(IcmpError::PortUnreachable),
        (1, _) => Some(IcmpError::Unreachable(kind, code)),
        _ => None,
    }
}

/// The ends of a quoted packet, and its sequence number if it was TCP. Eight bytes of transport header suffice, all
/// that RFC 792 grants.
fn quoted(rest: Rest<'_>) -> Result<(Ends, Option<Seq>), Stop> {
    let (header, mut payload) = ip::decode(rest)?;
    for _ in 0..EXTENSION_LIMIT {
        let IpPayload { protocol, place, rest } = payload;
        match protocol {
            _ if place.offset != 0 => break,
            TCP => {
                let ends = transport::ends(&header, rest.be16(0)?, rest.be16(2)?);
                return Ok((ends, Some(Seq(rest.be32(4)?))));
            }
            UDP => return Ok((transport::ends(&header, rest.be16(0)?, rest.be16(2)?), None)),
            V6_FRAGMENT => payload = ip::v6_fragment(rest)?,
            _ => match (Next::Protocol(protocol).layer().map_err(Stop::Skip)?.decode)(rest)? {
                (Next::Protocol(protocol), rest) => payload = IpPayload { protocol, rest, ..payload },
                _ => break,
            },
        }
    }
    Err(Stop::Skip(Skip::OtherProtocol))
}
