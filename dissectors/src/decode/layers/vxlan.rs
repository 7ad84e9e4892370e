//! VXLAN (RFC 7348) with the group policy extension, and its generic protocol extension (draft-ietf-nvo3-vxlan-gpe).

use super::{ethernet, nsh};
use crate::decode::registry::{Decoded, Layer, Next};
use crate::decode::rest::Rest;
use crate::decode::stop::Stop;

pub(in crate::decode) static LAYER: Layer = Layer { name: "vxlan", decode };

pub(in crate::decode) static GENERIC: Layer = Layer { name: "vxlan_gpe", decode: generic };

/// Flags, reserved, network id, reserved.
const HEADER: usize = 8;

/// "The network id is valid"; the rest of the first byte is reserved, but for the group policy's bit.
const VALID: u8 = 0x08;
const GROUP_POLICY: u8 = 0x80;

fn decode(rest: Rest<'_>) -> Decoded<'_> {
    let frame = rest.skip(HEADER)?;
    let plain = rest.be32(0)? == u32::from(VALID) << 24;
    let group = rest.u8(0)? == VALID | GROUP_POLICY;
    match (plain || group) && rest.u8(7)? == 0 && ethernet::is_plausible(frame) {
        true => Ok((Next::Link(ethernet::LINK), frame)),
        false => Err(Stop::Bad),
    }
}

/// Version 0, "valid", two reserved bytes, and what follows; some senders leave the flag "next protocol" out.
fn generic(rest: Rest<'_>) -> Decoded<'_> {
    let payload = rest.skip(HEADER)?;
    let is_own = rest.u8(0)? & 0xf8 == VALID && rest.be16(1)? == 0 && rest.u8(7)? == 0;
    match (rest.u8(3)?, payload.u8(0)? >> 4) {
        (1, 4) | (2, 6) if is_own => Ok((Next::Ip, payload)),
        (4, 0 | 1) if is_own => Ok((Next::EtherType(nsh::ETHERTYPE), payload)),
        (5, _) if is_own => Ok((Next::EtherType(0x8847), payload)),
        (0 | 3, _) if is_own && ethernet::is_plausible(payload) => Ok((Next::Link(ethernet::LINK), payload)),
        _ => Err(Stop::Bad),
    }
}
