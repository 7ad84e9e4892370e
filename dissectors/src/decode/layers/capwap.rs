//! CAPWAP data (RFC 5415 section 4.3, RFC 5416): what an access point sends on to its controller.

use super::{ethernet, wifi};
use crate::decode::registry::{Decoded, Layer, Next, Stop};
use crate::decode::rest::Rest;

pub(in crate::decode) static LAYER: Layer = Layer { name: "capwap", decode };

// Bits of the header's first four bytes.
const HEADER_LEN: u32 = 0x00f8_0000;
const BINDING: u32 = 0x0000_3e00;
const IS_NATIVE: u32 = 0x0000_0100;
const FRAGMENT_OR_KEEPALIVE: u32 = 0x0000_0088;

/// The binding of IEEE 802.11.
const WIFI: u32 = 1 << 9;

/// Preamble 0 (version 0, not encrypted), header length in 4 bytes, then an 802.3 frame or one of the binding's own.
/// Fragments of CAPWAP's own are left alone, and so is what has no IP: it stays a UDP datagram.
fn decode(rest: Rest<'_>) -> Decoded<'_> {
    let head = rest.be32(0)?;
    let len = ((head & HEADER_LEN) >> 19) as usize * 4;
    if head >> 24 != 0 || len < 8 || head & FRAGMENT_OR_KEEPALIVE != 0 {
        return Err(Stop::Bad);
    }
    let frame = rest.skip(len)?;
    match (head & IS_NATIVE, head & BINDING) {
        (0, _) if ethernet::is_plausible(frame) => Ok((Next::Link(ethernet::LINK), frame)),
        (IS_NATIVE, WIFI) => wifi::decode_either_order(frame),
        _ => Err(Stop::Bad),
    }
}
