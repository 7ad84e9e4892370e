//! Radiotap (<https://www.radiotap.org>): what the radio knew of an 802.11 frame.

use crate::decode::registry::{Decoded, Layer, Next};
use crate::decode::rest::Rest;
use crate::decode::stop::Stop;

pub(in crate::decode) static LAYER: Layer = Layer { name: "radiotap", decode };

/// Version 0, padding, the header's length.
fn decode(rest: Rest<'_>) -> Decoded<'_> {
    match (rest.u8(0)?, rest.le16(2)?) {
        (0, len @ 8..) => Ok((Next::Link(105), rest.skip(len.into())?)),
        _ => Err(Stop::Bad),
    }
}
