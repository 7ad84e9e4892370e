//! IEEE 802.2 logical link control, with SNAP.

use super::ethernet;
use crate::decode::Skip;
use crate::decode::registry::{Decoded, Layer, Next, Stop};
use crate::decode::rest::Rest;

pub(in crate::decode) static LAYER: Layer = Layer { name: "llc", decode };

/// Unnumbered information, the only frame that carries data without a connection.
const UI: u32 = 0x03;

/// Only SNAP (RFC 1042: encapsulated Ethernet, or the bridge-tunnel's OUI 00-00-f8) and the IP service access point.
fn decode(rest: Rest<'_>) -> Decoded<'_> {
    const SNAP: u32 = 0x00aa_aa00 | UI;
    const IP: u32 = 0x0006_0600 | UI;
    // The control field is one byte in unnumbered frames; shorter frames than four bytes hold no data.
    let head = rest.be32(0)?;
    match head >> 8 {
        SNAP if matches!(rest.be32(2)? & 0x00ff_ffff, 0x0000_0000 | 0x0000_00f8) => {
            Ok(ethernet::after_type(rest.be16(6)?, rest.skip(8)?))
        }
        IP => Ok((Next::Ip, rest.skip(3)?)),
        _ => Err(Stop::Skip(Skip::NotIp)),
    }
}
