//! Per-packet information (LINKTYPE_PPI): version, flags, the header's length, the link type of what follows.

use crate::decode::registry::{Decoded, Layer, Next};
use crate::decode::rest::Rest;
use crate::decode::stop::Stop;

pub(in crate::decode) static LAYER: Layer = Layer { name: "ppi", decode };

fn decode(rest: Rest<'_>) -> Decoded<'_> {
    let link = u16::try_from(rest.le32(4)?).map_err(|_| Stop::Bad)?;
    match (rest.u8(0)?, rest.le16(2)?) {
        (0, len @ 8..) => Ok((Next::Link(link), rest.skip(len.into())?)),
        _ => Err(Stop::Bad),
    }
}
