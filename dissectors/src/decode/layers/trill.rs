//! TRILL (RFC 6325 section 3): Ethernet between routing bridges.

use super::ethernet;
use crate::decode::registry::{Decoded, Layer, Next};
use crate::decode::rest::Rest;
use crate::decode::stop::Stop;

pub(in crate::decode) static LAYER: Layer = Layer { name: "trill", decode };

/// Version, options' length and hop count, two nicknames.
const HEADER: usize = 6;

fn decode(rest: Rest<'_>) -> Decoded<'_> {
    let head = rest.be16(0)?;
    let options = usize::from((head >> 6) & 0x1f) * 4;
    match head >> 14 {
        0 => Ok((Next::Link(ethernet::LINK), rest.skip(HEADER + options)?)),
        _ => Err(Stop::Bad),
    }
}
