//! Prism and AVS headers before an 802.11 frame (LINKTYPE_IEEE802_11_PRISM, LINKTYPE_IEEE802_11_AVS).

use crate::decode::registry::{Decoded, Layer, Next};
use crate::decode::rest::Rest;
use crate::decode::stop::Stop;

/// Prism's header, or AVS's under its link type, as drivers do.
pub(in crate::decode) static LAYER: Layer = Layer { name: "prism", decode };

pub(in crate::decode) static AVS: Layer = Layer { name: "avs", decode: avs };

/// The first 20 bits of an AVS header.
const AVS_COOKIE: u32 = 0x8021_1000;

/// A message code, then the header's length, in the byte order of the machine that captured: the smaller reading.
fn decode(rest: Rest<'_>) -> Decoded<'_> {
    if rest.be32(0)? & 0xffff_f000 == AVS_COOKIE {
        return avs(rest);
    }
    wifi_after(rest, rest.be32(4)?.min(rest.le32(4)?))
}

/// Cookie and version, then the header's length.
fn avs(rest: Rest<'_>) -> Decoded<'_> {
    match rest.be32(0)? & 0xffff_f000 {
        AVS_COOKIE => wifi_after(rest, rest.be32(4)?),
        _ => Err(Stop::Bad),
    }
}

fn wifi_after(rest: Rest<'_>, len: u32) -> Decoded<'_> {
    match len {
        8.. => Ok((Next::Link(105), rest.skip(len as usize)?)),
        _ => Err(Stop::Bad),
    }
}
