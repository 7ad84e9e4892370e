//! PPP over Ethernet, session stage (RFC 2516 section 4).

use super::ppp;
use crate::decode::Skip;
use crate::decode::registry::{Decoded, Layer};
use crate::decode::rest::Rest;
use crate::decode::stop::Stop;

pub(in crate::decode) static LAYER: Layer = Layer { name: "pppoe", decode };

/// Version 1, type 1.
const VERSION_TYPE: u8 = 0x11;

/// Version and type, code, session, length.
const HEADER: usize = 6;

fn decode(rest: Rest<'_>) -> Decoded<'_> {
    match (rest.u8(0)?, rest.u8(1)?) {
        (VERSION_TYPE, 0) => ppp::protocol(rest.skip(HEADER)?.limit(rest.be16(4)?.into())),
        // Other codes belong to discovery.
        (VERSION_TYPE, _) => Err(Stop::Skip(Skip::NotIp)),
        _ => Err(Stop::Bad),
    }
}
