//! ERSPAN II and III in GRE (draft-foschiano-erspan-03 sections 4.2 and 4.3); type I is GRE's own affair.

use super::ethernet;
use crate::decode::Skip;
use crate::decode::registry::{Decoded, Layer, Next};
use crate::decode::rest::Rest;
use crate::decode::stop::Stop;

/// Version 1 in its first four bits, 8 bytes.
pub(in crate::decode) static LAYER_2: Layer = Layer { name: "erspan", decode: second };

/// Version 2 in its first four bits, 12 bytes and perhaps 8 of the platform.
pub(in crate::decode) static LAYER_3: Layer = Layer { name: "erspan", decode: third };

fn second(rest: Rest<'_>) -> Decoded<'_> {
    match rest.u8(0)? >> 4 {
        1 => Ok((Next::Link(ethernet::LINK), rest.skip(8)?)),
        _ => Err(Stop::Bad),
    }
}

fn third(rest: Rest<'_>) -> Decoded<'_> {
    let last = rest.u8(11)?;
    let optional = if last & 1 == 1 { 8 } else { 0 };
    let passenger = rest.skip(12 + optional)?;
    match (rest.u8(0)? >> 4, (rest.u8(10)? >> 2) & 0x1f) {
        (2, 0) => Ok((Next::Link(ethernet::LINK), passenger)),
        (2, 2) => Ok((Next::Ip, passenger)),
        (2, _) => Err(Stop::Skip(Skip::NotIp)),
        _ => Err(Stop::Bad),
    }
}
