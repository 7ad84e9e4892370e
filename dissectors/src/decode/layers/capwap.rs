//! CAPWAP data (RFC 5415 section 4.3, RFC 5416): what an access point sends on to its controller.

use super::ethernet;
use crate::decode::ip::{FRAGMENT_UNIT, Place};
use crate::decode::registry::{Decoded, Layer, Next};
use crate::decode::rest::Rest;
use crate::decode::stop::Stop;

pub(in crate::decode) static LAYER: Layer = Layer { name: "capwap", decode };

// Bits of the header's first four bytes.
const HEADER_LEN: u32 = 0x00f8_0000;
const BINDING: u32 = 0x0000_3e00;
const IS_NATIVE: u32 = 0x0000_0100;
const IS_FRAGMENT: u32 = 0x0000_0080;
const IS_LAST: u32 = 0x0000_0040;
const IS_KEEPALIVE: u32 = 0x0000_0008;
const RESERVED: u32 = 0x0000_0007;

/// The binding of IEEE 802.11.
const WIFI: u32 = 1 << 9;

/// Preamble 0 (version 0, not encrypted), header length in 4 bytes, then an 802.3 frame or one of the binding's own, whole
/// or a part of it. What has no IP is left alone: it stays a UDP datagram.
fn decode(rest: Rest<'_>) -> Decoded<'_> {
    let (head, frame) = header(rest)?;
    match content(head)? {
        _ if head & IS_FRAGMENT != 0 => Ok((Next::CapwapFragment, rest)),
        Next::Link(_) if !ethernet::is_plausible(frame) => Err(Stop::Bad),
        next => Ok((next, frame)),
    }
}

/// What a part is a part of, its place there, and its bytes (RFC 5415 sections 3.4 and 4.3).
pub(in crate::decode) fn fragment(rest: Rest<'_>) -> Result<(Next, Place, Rest<'_>), Stop> {
    let (head, part) = header(rest)?;
    let place = rest.be32(4)?;
    let offset = (place >> 3) as usize & 0x1fff;
    let place = Place { id: place >> 16, offset: offset * FRAGMENT_UNIT, more: head & IS_LAST == 0 };
    Ok((content(head)?, place, part))
}

/// The header's first four bytes, and what stands behind all of it.
fn header(rest: Rest<'_>) -> Result<(u32, Rest<'_>), Stop> {
    let head = rest.be32(0)?;
    let len = ((head & HEADER_LEN) >> 19) as usize * 4;
    if head >> 24 != 0 || len < 8 || head & (IS_KEEPALIVE | RESERVED) != 0 {
        return Err(Stop::Bad);
    }
    Ok((head, rest.skip(len)?))
}

fn content(head: u32) -> Result<Next, Stop> {
    match (head & IS_NATIVE, head & BINDING) {
        (0, _) => Ok(Next::Link(ethernet::LINK)),
        (IS_NATIVE, WIFI) => Ok(Next::Wifi),
        _ => Err(Stop::Bad),
    }
}
