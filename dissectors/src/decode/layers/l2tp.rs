//! L2TP: version 2 in UDP (RFC 2661 section 3.1), version 3 in UDP and IP (RFC 3931 section 4.1).

use super::{ethernet, ppp};
use crate::decode::Skip;
use crate::decode::registry::{Decoded, Layer, Next};
use crate::decode::rest::Rest;
use crate::decode::stop::Stop;

pub(in crate::decode) static LAYER: Layer = Layer { name: "l2tp", decode };

pub(in crate::decode) static OVER_IP: Layer = Layer { name: "l2tp", decode: over_ip };

// Flags of version 2's first two bytes.
const CONTROL: u16 = 0x8000;
const LENGTH: u16 = 0x4000;
const SEQUENCE: u16 = 0x0800;
const OFFSET: u16 = 0x0200;
/// Bits that must be zero, in a data message of either version.
const RESERVED: u16 = 0x34f0;
const VERSION: u16 = 0x000f;

fn decode(rest: Rest<'_>) -> Decoded<'_> {
    let flags = rest.be16(0)?;
    match flags & (CONTROL | RESERVED | VERSION) {
        2 => second(flags, rest),
        // Version 3 keeps two reserved bytes and then the session, as over IP.
        3 if flags == 3 && rest.be16(2)? == 0 => third(rest.skip(4)?),
        _ => Err(Stop::Bad),
    }
}

/// Optional length, tunnel, session, optional sequence numbers, optional padding, and PPP that must look like it.
fn second(flags: u16, rest: Rest<'_>) -> Decoded<'_> {
    let mut len = 6;
    len += if flags & LENGTH != 0 { 2 } else { 0 };
    len += if flags & SEQUENCE != 0 { 4 } else { 0 };
    if flags & OFFSET != 0 {
        len += 2 + usize::from(rest.be16(len)?);
    }
    let frame = rest.skip(len)?;
    let (next, payload) = (ppp::LAYER.decode)(frame)?;
    match next {
        Next::Ppp(number) if next.is_known() || is_control(number) => Ok((next, payload)),
        _ => Err(Stop::Bad),
    }
}

/// PPP's link and network control protocols (RFC 1661 section 2).
fn is_control(number: u16) -> bool {
    matches!(number, 0x8001..=0x80ff | 0xc001..=0xc3ff)
}

/// Over IP, session 0 is control.
fn over_ip(rest: Rest<'_>) -> Decoded<'_> {
    match rest.be32(0)? {
        0 => Err(Stop::Skip(Skip::OtherProtocol)),
        _ => third(rest),
    }
}

/// A session, a cookie of 0, 4 or 8 bytes and perhaps a sublayer of 4, both only agreed upon in the control
/// connection: so the first place where an Ethernet header is plausible.
fn third(rest: Rest<'_>) -> Decoded<'_> {
    const FRAME_STARTS: [usize; 4] = [4, 8, 12, 16];
    for start in FRAME_STARTS {
        let frame = rest.skip(start)?;
        frame.u8(ethernet::HEADER - 1)?;
        if ethernet::is_plausible(frame) {
            return Ok((Next::Link(ethernet::LINK), frame));
        }
    }
    Err(Stop::Skip(Skip::OtherProtocol))
}
