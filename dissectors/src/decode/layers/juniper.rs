//! Juniper's header before what an interface carries (the `LINKTYPE_JUNIPER_` types; tcpdump, print-juniper.c).

use super::ethernet;
use crate::decode::registry::{Decoded, Layer, Next};
use crate::decode::rest::Rest;
use crate::decode::stop::Stop;

/// Ethernet, and PPP over Ethernet, which is captured from its Ethernet header on.
pub(in crate::decode) static ETHERNET: Layer = Layer { name: "juniper", decode: |rest| of(rest, ethernet::LINK) };
/// PPP on serial lines.
pub(in crate::decode) static PPP: Layer = Layer { name: "juniper", decode: |rest| of(rest, 9) };
/// Frame relay.
pub(in crate::decode) static FRAME_RELAY: Layer = Layer { name: "juniper", decode: |rest| of(rest, 107) };
/// Cisco HDLC.
pub(in crate::decode) static CHDLC: Layer = Layer { name: "juniper", decode: |rest| of(rest, 104) };

/// What every header begins with.
const MAGIC: u32 = 0x4d47_4300;

// Flags behind it.
const NO_LINK_LAYER: u32 = 0x02;
const EXTENSIONS: u32 = 0x80;

/// Magic number and flags, perhaps extensions behind their length, and what the interface carries; without a link layer
/// four bytes stand before the IP header.
fn of(rest: Rest<'_>, link: u16) -> Decoded<'_> {
    let head = rest.be32(0)?;
    if head & 0xffff_ff00 != MAGIC {
        return Err(Stop::Bad);
    }
    let extensions = if head & EXTENSIONS != 0 { 2 + usize::from(rest.be16(4)?) } else { 0 };
    let payload = rest.skip(4 + extensions)?;
    match head & NO_LINK_LAYER {
        0 => Ok((Next::Link(link), payload)),
        _ => Ok((Next::Ip, payload.skip(4)?)),
    }
}
