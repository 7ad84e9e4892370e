//! TaZmen sniffer protocol: what access points and MikroTik routers stream of their traffic (Wireshark, packet-tzsp.c).

use super::ethernet;
use crate::decode::registry::{Decoded, Layer, Next};
use crate::decode::rest::Rest;
use crate::decode::stop::Stop;

pub(in crate::decode) static LAYER: Layer = Layer { name: "tzsp", decode };

/// Version 1, a packet that was received or is to be sent, what it is; tags up to the end's.
const HEADER: usize = 4;
const RECEIVED: u32 = 0x0100_0000;
const TO_SEND: u32 = 0x0101_0000;
const ETHERNET: u32 = 1;
const WIFI: u32 = 18;

// Tags without a length.
const PADDING: u8 = 0;
const END: u8 = 1;
/// Tags that we pass over.
const TAG_LIMIT: usize = 32;

fn decode(rest: Rest<'_>) -> Decoded<'_> {
    let head = rest.be32(0)?;
    if !matches!(head & 0xffff_0000, RECEIVED | TO_SEND) {
        return Err(Stop::Bad);
    }
    let frame = after_tags(rest.skip(HEADER)?)?;
    match head & 0xffff {
        ETHERNET if ethernet::is_plausible(frame) => Ok((Next::Link(ethernet::LINK), frame)),
        WIFI => Ok((Next::Wifi, frame)),
        _ => Err(Stop::Bad),
    }
}

fn after_tags(mut rest: Rest<'_>) -> Result<Rest<'_>, Stop> {
    for _ in 0..TAG_LIMIT {
        rest = match rest.u8(0)? {
            PADDING => rest.skip(1)?,
            END => return rest.skip(1),
            _ => rest.skip(2 + usize::from(rest.u8(1)?))?,
        };
    }
    Err(Stop::Bad)
}
