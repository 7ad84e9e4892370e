//! Endace's records (LINKTYPE_ERF), as DAG cards write them.

use super::ethernet;
use crate::decode::Skip;
use crate::decode::registry::{Decoded, Layer, Next};
use crate::decode::rest::Rest;
use crate::decode::stop::Stop;

pub(in crate::decode) static LAYER: Layer = Layer { name: "erf", decode };

/// Time stamp (8), type, flags, record length, losses, length on the wire.
const HEADER: usize = 16;
const TYPE_AT: usize = 8;
/// "An extension header follows", in the type and in the first byte of each of them.
const MORE: u8 = 0x80;
const EXTENSION: usize = 8;
/// Extension headers that we follow.
const EXTENSION_LIMIT: usize = 8;
/// Two bytes before Ethernet, so that what is in it is aligned.
const PADDING: usize = 2;

/// Types (Endace, ERF types reference): packets over SONET, Ethernet, IPv4, IPv6; those with colours or hashes alike.
fn decode(rest: Rest<'_>) -> Decoded<'_> {
    let kind = rest.u8(TYPE_AT)?;
    let payload = after_extensions(rest.skip(HEADER)?, kind)?;
    match kind & !MORE {
        2 | 11 | 16 | 20 => Ok((Next::Link(ethernet::LINK), payload.skip(PADDING)?)),
        1 | 10 | 15 | 19 => Ok((Next::Link(9), payload)),
        22 | 23 => Ok((Next::Ip, payload)),
        _ => Err(Stop::Skip(Skip::NotIp)),
    }
}

fn after_extensions(mut rest: Rest<'_>, mut kind: u8) -> Result<Rest<'_>, Stop> {
    for _ in 0..EXTENSION_LIMIT {
        if kind & MORE == 0 {
            return Ok(rest);
        }
        kind = rest.u8(0)?;
        rest = rest.skip(EXTENSION)?;
    }
    Err(Stop::Bad)
}
