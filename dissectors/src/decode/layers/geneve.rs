//! GENEVE (RFC 8926 section 3.4).

use crate::decode::registry::{Decoded, Layer, Next};
use crate::decode::rest::Rest;
use crate::decode::stop::Stop;

pub(in crate::decode) static LAYER: Layer = Layer { name: "geneve", decode };

/// Version and option length, flags, protocol, network id, reserved.
const HEADER: usize = 8;

/// Version 0, reserved bits clear, a protocol that we know.
fn decode(rest: Rest<'_>) -> Decoded<'_> {
    let (first, flags) = (rest.u8(0)?, rest.u8(1)?);
    let next = Next::EtherType(rest.be16(2)?);
    let options = usize::from(first & 0x3f) * 4;
    match first >> 6 == 0 && flags & 0x3f == 0 && rest.u8(7)? == 0 && next.is_known() {
        true => Ok((next, rest.skip(HEADER + options)?)),
        false => Err(Stop::Bad),
    }
}
