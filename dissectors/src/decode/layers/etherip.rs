//! EtherIP: Ethernet in IP (RFC 3378 section 3).

use super::ethernet;
use crate::decode::registry::{Decoded, Layer, Next};
use crate::decode::rest::Rest;
use crate::decode::stop::Stop;

pub(in crate::decode) static LAYER: Layer = Layer { name: "etherip", decode };

/// Version 3 and twelve reserved bits.
fn decode(rest: Rest<'_>) -> Decoded<'_> {
    match rest.be16(0)? {
        0x3000 => Ok((Next::Link(ethernet::LINK), rest.skip(2)?)),
        _ => Err(Stop::Bad),
    }
}
