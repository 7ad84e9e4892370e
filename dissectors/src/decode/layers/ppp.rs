//! PPP (RFC 1661), with or without HDLC's address and control bytes (RFC 1662), with or without a compressed protocol.

use super::ethernet;
use crate::decode::registry::{Decoded, Layer, Next};
use crate::decode::rest::Rest;
use crate::decode::stop::Stop;

pub(in crate::decode) static LAYER: Layer = Layer { name: "ppp", decode };

/// Bridged frames (RFC 3518): flags, the kind of the frame, then Ethernet for kind 1.
pub(in crate::decode) static BRIDGED: Layer = Layer { name: "ppp_bridged", decode: bridged };

/// "All stations" and "unnumbered information". A capture with directions has 0 or 1 in place of the address
/// (LINKTYPE_PPP_WITH_DIR and PPP_PPPD), and then may have both bytes or none behind it.
fn decode(rest: Rest<'_>) -> Decoded<'_> {
    match (rest.u8(0)?, rest.u8(1)?) {
        (0xff, 0x03) => protocol(rest.skip(2)?),
        (0 | 1, 0xff) if rest.u8(2)? == 0x03 => protocol(rest.skip(3)?),
        (0 | 1, 0x03) => protocol(rest.skip(2)?),
        // Cisco's HDLC shares PPP's link type on serial lines.
        (0x0f | 0x8f, 0x00) => Ok((Next::EtherType(rest.be16(2)?), rest.skip(4)?)),
        _ => protocol(rest),
    }
}

/// A protocol number ends with its first odd byte (RFC 1661 section 2).
pub(super) fn protocol(rest: Rest<'_>) -> Decoded<'_> {
    let first = rest.u8(0)?;
    match first & 1 {
        1 => Ok((Next::Ppp(first.into()), rest.skip(1)?)),
        _ => Ok((Next::Ppp(rest.be16(0)?), rest.skip(2)?)),
    }
}

fn bridged(rest: Rest<'_>) -> Decoded<'_> {
    const ETHERNET: u8 = 1;
    match rest.u8(1)? {
        ETHERNET => Ok((Next::Link(ethernet::LINK), rest.skip(2)?)),
        _ => Err(Stop::Bad),
    }
}
