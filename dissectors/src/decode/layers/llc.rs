//! IEEE 802.2 logical link control, with SNAP.

use super::ethernet;
use crate::decode::Skip;
use crate::decode::registry::{Decoded, Layer, Next};
use crate::decode::rest::Rest;
use crate::decode::stop::Stop;

pub(in crate::decode) static LAYER: Layer = Layer { name: "llc", decode };

/// Unnumbered information, the only frame that carries data without a connection.
const UI: u32 = 0x03;

/// Only SNAP and the IP service access point.
fn decode(rest: Rest<'_>) -> Decoded<'_> {
    const SNAP: u32 = 0x00aa_aa00 | UI;
    const IP: u32 = 0x0006_0600 | UI;
    // The control field is one byte in unnumbered frames; shorter frames than four bytes hold no data.
    let head = rest.be32(0)?;
    match head >> 8 {
        SNAP => snap(rest.skip(3)?),
        IP => Ok((Next::Ip, rest.skip(3)?)),
        _ => Err(Stop::Skip(Skip::NotIp)),
    }
}

/// An organisation and its own number: Ethernet's types (RFC 1042; the bridge-tunnel's 00-00-f8), or a bridged Ethernet
/// frame behind padding (RFC 2684 section 5.2; RFC 2427 section 4.2), with its check sequence or without.
pub(super) fn snap(rest: Rest<'_>) -> Decoded<'_> {
    const BRIDGED: u32 = 0x0000_80c2;
    let (organisation, number) = (rest.be32(0)? >> 8, rest.be16(3)?);
    match (organisation, number) {
        (0x0000_0000 | 0x0000_00f8, kind) => Ok(ethernet::after_type(kind, rest.skip(5)?)),
        (BRIDGED, 1 | 7) => {
            // Over ATM two bytes of padding make the frame begin at a multiple of four.
            let frame = rest.skip(5)?;
            let padding = if frame.be16(0)? == 0 { 2 } else { 0 };
            Ok((Next::Link(ethernet::LINK), frame.skip(padding)?))
        }
        _ => Err(Stop::Skip(Skip::NotIp)),
    }
}
