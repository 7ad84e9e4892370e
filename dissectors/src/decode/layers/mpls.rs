//! MPLS label stack (RFC 3032), also in UDP (RFC 7510), in IP (RFC 4023) and in PPP.
//!
//! Nothing says what the stack carries. The first four bits tell IPv4 and IPv6 apart from a pseudowire's control word
//! (RFC 4385 section 3); a pseudowire without control word starts with an address, and is told by a plausible type.

use super::ethernet;
use crate::decode::Skip;
use crate::decode::registry::{Decoded, Layer, Next};
use crate::decode::rest::Rest;
use crate::decode::stop::Stop;

pub(in crate::decode) static LAYER: Layer = Layer { name: "mpls", decode };

/// In UDP only what is recognised: anything else is some other payload.
pub(in crate::decode) static IN_UDP: Layer =
    Layer { name: "mpls", decode: |rest| recognise(after_labels(rest)?)?.ok_or(Stop::Bad) };

/// Labels that we follow; a service provider's core uses up to four or five.
const STACK_LIMIT: usize = 16;

/// A label with its class, bottom-of-stack bit and TTL.
const LABEL: usize = 4;

/// The control word of a pseudowire.
const CONTROL_WORD: usize = 4;

fn decode(rest: Rest<'_>) -> Decoded<'_> {
    let payload = after_labels(rest)?;
    match (recognise(payload)?, payload.u8(0)? >> 4) {
        (Some(found), _) => Ok(found),
        // Without a length, as the hardware gets it, or with one that is wrong.
        (None, 4 | 6) => Ok((Next::Ip, payload)),
        _ => Err(Stop::Skip(Skip::NotIp)),
    }
}

fn after_labels(mut rest: Rest<'_>) -> Result<Rest<'_>, Stop> {
    for _ in 0..STACK_LIMIT {
        let is_bottom = rest.u8(2)? & 1 == 1;
        rest = rest.skip(LABEL)?;
        if is_bottom {
            return Ok(rest);
        }
    }
    Err(Stop::Bad)
}

/// What the payload is beyond reasonable doubt.
fn recognise(rest: Rest<'_>) -> Result<Option<(Next, Rest<'_>)>, Stop> {
    // All of them are longer than a control word and an Ethernet header.
    let behind_word = rest.skip(CONTROL_WORD)?;
    behind_word.u8(ethernet::HEADER - 1)?;
    Ok(match rest.u8(0)? >> 4 {
        4 if is_ipv4(rest) => Some((Next::Ip, rest)),
        6 if is_ipv6(rest) => Some((Next::Ip, rest)),
        0 if ethernet::is_plausible(behind_word) => Some((Next::Link(ethernet::LINK), behind_word)),
        _ if ethernet::is_plausible(rest) => Some((Next::Link(ethernet::LINK), rest)),
        _ => None,
    })
}

/// A header length of 20 bytes or more, and a total length that fits.
fn is_ipv4(rest: Rest<'_>) -> bool {
    let has_length = rest.be16(2).is_ok_and(|total| (20..=rest.wire()).contains(&total.into()));
    rest.u8(0).is_ok_and(|first| first & 0x0f >= 5) && has_length
}

/// A payload length that fits.
fn is_ipv6(rest: Rest<'_>) -> bool {
    rest.be16(4).is_ok_and(|len| usize::from(len) + 40 <= rest.wire())
}
