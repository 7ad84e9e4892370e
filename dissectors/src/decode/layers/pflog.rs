//! The log of BSD's packet filter (LINKTYPE_PFLOG): a header of its own length, then IP.

use crate::decode::registry::{Decoded, Layer, Next};
use crate::decode::rest::Rest;
use crate::decode::stop::Stop;

pub(in crate::decode) static LAYER: Layer = Layer { name: "pflog", decode };

/// The least length: what OpenBSD 3.4 wrote.
const SHORTEST: u8 = 45;

/// The length without padding to four bytes, then the address family.
fn decode(rest: Rest<'_>) -> Decoded<'_> {
    match (rest.u8(0)?, rest.u8(1)?) {
        (len @ SHORTEST.., 2 | 24 | 28 | 30) => Ok((Next::Ip, rest.skip(usize::from(len).next_multiple_of(4))?)),
        _ => Err(Stop::Bad),
    }
}
