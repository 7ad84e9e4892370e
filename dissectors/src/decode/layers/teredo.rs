//! Teredo: IPv6 in UDP (RFC 4380 section 5.1), behind authentication and origin indications.

use crate::decode::registry::{Decoded, Layer, Next};
use crate::decode::rest::Rest;
use crate::decode::stop::Stop;

pub(in crate::decode) static LAYER: Layer = Layer { name: "teredo", decode };

const AUTHENTICATION: u16 = 1;
const ORIGIN: u16 = 0;

fn decode(mut rest: Rest<'_>) -> Decoded<'_> {
    if rest.be16(0)? == AUTHENTICATION {
        // Two lengths (client id, authentication value), then nonce (8) and confirmation (1).
        rest = rest.skip(13 + usize::from(rest.u8(2)?) + usize::from(rest.u8(3)?))?;
    }
    if rest.be16(0)? == ORIGIN {
        rest = rest.skip(8)?;
    }
    let is_whole = usize::from(rest.be16(4)?) + 40 == rest.wire();
    match rest.u8(0)? >> 4 == 6 && is_whole {
        true => Ok((Next::Ip, rest)),
        false => Err(Stop::Bad),
    }
}
