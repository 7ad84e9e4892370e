//! The network service header (RFC 8300).

use super::ethernet;
use crate::decode::Skip;
use crate::decode::registry::{Decoded, Layer, Next};
use crate::decode::rest::Rest;
use crate::decode::stop::Stop;

pub(in crate::decode) static LAYER: Layer = Layer { name: "nsh", decode };

/// Its EtherType.
pub(super) const ETHERTYPE: u16 = 0x894f;

/// Base header and service path.
const SHORTEST: usize = 8;

/// Version 0, its whole length in four bytes, and what follows.
fn decode(rest: Rest<'_>) -> Decoded<'_> {
    let head = rest.be16(0)?;
    let len = usize::from(head & 0x3f) * 4;
    let protocol = rest.u8(3)?;
    if head >> 14 != 0 || len < SHORTEST {
        return Err(Stop::Bad);
    }
    let payload = rest.skip(len)?;
    match protocol {
        1 | 2 => Ok((Next::Ip, payload)),
        3 => Ok((Next::Link(ethernet::LINK), payload)),
        4 => Ok((Next::EtherType(ETHERTYPE), payload)),
        5 => Ok((Next::EtherType(0x8847), payload)),
        _ => Err(Stop::Skip(Skip::NotIp)),
    }
}
