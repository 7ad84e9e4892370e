//! Apple's packet tap (LINKTYPE_PKTAP): header length, record type, and the link type of what follows.

use crate::decode::registry::{Decoded, Layer, Next};
use crate::decode::rest::Rest;
use crate::decode::stop::Stop;

pub(in crate::decode) static LAYER: Layer = Layer { name: "pktap", decode };

/// The least length of a header.
const SHORTEST: u32 = 108;

fn decode(rest: Rest<'_>) -> Decoded<'_> {
    let link = u16::try_from(rest.le32(8)?).map_err(|_| Stop::Bad)?;
    match rest.le32(0)? {
        len @ SHORTEST.. => Ok((Next::Link(link), rest.skip(len as usize)?)),
        _ => Err(Stop::Bad),
    }
}
