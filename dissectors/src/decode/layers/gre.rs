//! Generic routing encapsulation (RFC 2784, 2890; version 0 with RFC 1701's routing; version 1 of PPTP, RFC 2637).

use super::ethernet;
use crate::decode::Skip;
use crate::decode::registry::{Decoded, Layer, Next};
use crate::decode::rest::Rest;
use crate::decode::stop::Stop;

pub(in crate::decode) static LAYER: Layer = Layer { name: "gre", decode };

// Flags of the first two bytes.
const CHECKSUM: u16 = 0x8000;
const ROUTING: u16 = 0x4000;
const KEY: u16 = 0x2000;
const SEQUENCE: u16 = 0x1000;
const ACKNOWLEDGEMENT: u16 = 0x0080;
const VERSION: u16 = 0x0007;

/// EtherType of ERSPAN I and II. Type I has no header of its own and is told by the absent sequence number
/// (draft-foschiano-erspan-03 section 4.1).
const ERSPAN: u16 = 0x88be;

/// Source route entries that we follow.
const ROUTE_LIMIT: usize = 16;

fn decode(rest: Rest<'_>) -> Decoded<'_> {
    let (flags, protocol) = (rest.be16(0)?, rest.be16(2)?);
    let fields = |wanted: u16| (flags & wanted).count_ones() as usize * 4;
    match flags & VERSION {
        0 => {
            let checksum = if flags & (CHECKSUM | ROUTING) != 0 { 4 } else { 0 };
            let mut rest = rest.skip(4 + checksum + fields(KEY | SEQUENCE))?;
            if flags & ROUTING != 0 {
                rest = after_routes(rest)?;
            }
            Ok((passenger(flags, protocol), rest))
        }
        1 => {
            let payload_len = rest.be16(4)?;
            let rest = rest.skip(4 + fields(KEY | SEQUENCE | ACKNOWLEDGEMENT))?;
            match payload_len {
                0 => Err(Stop::Skip(Skip::OtherProtocol)),
                len => Ok((Next::EtherType(protocol), rest.limit(len.into()))),
            }
        }
        _ => Err(Stop::Bad),
    }
}

fn passenger(flags: u16, protocol: u16) -> Next {
    match protocol {
        ERSPAN if flags & SEQUENCE == 0 => Next::Link(ethernet::LINK),
        _ => Next::EtherType(protocol),
    }
}

/// Skips source route entries: family, offset, length and address, up to the one without length.
fn after_routes(mut rest: Rest<'_>) -> Result<Rest<'_>, Stop> {
    for _ in 0..ROUTE_LIMIT {
        let (family, len) = (rest.be16(0)?, rest.u8(3)?);
        rest = rest.skip(4 + usize::from(len))?;
        if family == 0 && len == 0 {
            return Ok(rest);
        }
    }
    Err(Stop::Bad)
}
