//! Frame relay: multiprotocol encapsulation (RFC 2427) and Cisco's.

use super::llc;
use crate::decode::Skip;
use crate::decode::registry::{Decoded, Layer, Next};
use crate::decode::rest::Rest;
use crate::decode::stop::Stop;

pub(in crate::decode) static LAYER: Layer = Layer { name: "frame_relay", decode };

/// The same behind a byte for the direction.
pub(in crate::decode) static WITH_DIRECTION: Layer =
    Layer { name: "frame_relay", decode: |rest| Ok((Next::Link(107), rest.skip(1)?)) };

/// The last bit of an address byte says whether it is the last (Q.922); there are two to four.
const IS_LAST: u8 = 0x01;
const ADDRESS_LIMIT: usize = 4;
/// Unnumbered information.
const UI: u8 = 0x03;

// Network layer protocol identifiers (ISO/IEC TR 9577).
const SNAP: u8 = 0x80;
const IPV6: u8 = 0x8e;
const IPV4: u8 = 0xcc;

fn decode(rest: Rest<'_>) -> Decoded<'_> {
    let mut len = 1;
    while rest.u8(len - 1)? & IS_LAST == 0 {
        len += 1;
        if len > ADDRESS_LIMIT {
            return Err(Stop::Bad);
        }
    }
    if rest.u8(len)? != UI {
        return Ok((Next::EtherType(rest.be16(len)?), rest.skip(len + 2)?));
    }
    let padding = usize::from(rest.u8(len + 1)? == 0);
    let at = len + 1 + padding;
    match rest.u8(at)? {
        IPV4 | IPV6 => Ok((Next::Ip, rest.skip(at + 1)?)),
        SNAP => llc::snap(rest.skip(at + 1)?),
        _ => Err(Stop::Skip(Skip::NotIp)),
    }
}
