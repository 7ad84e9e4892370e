//! Linux netfilter's log (<https://www.tcpdump.org/linktypes/LINKTYPE_NFLOG.html>): a list of attributes, one of them
//! the packet.

use crate::decode::Skip;
use crate::decode::registry::{Decoded, Layer, Next};
use crate::decode::rest::Rest;
use crate::decode::stop::Stop;

pub(in crate::decode) static LAYER: Layer = Layer { name: "nflog", decode };

/// Family, version, resource id.
const HEADER: usize = 4;

/// The attribute that holds the packet.
const PAYLOAD: u16 = 9;

/// Attributes that we look at; the kernel writes about a dozen.
const ATTRIBUTE_LIMIT: usize = 64;

fn decode(rest: Rest<'_>) -> Decoded<'_> {
    // AF_INET, AF_INET6; version 0.
    if !matches!((rest.u8(0)?, rest.u8(1)?), (2 | 10, 0)) {
        return Err(Stop::Skip(Skip::NotIp));
    }
    let mut rest = rest.skip(HEADER)?;
    for _ in 0..ATTRIBUTE_LIMIT {
        let (len, kind) = attribute(rest)?;
        if kind == PAYLOAD {
            return Ok((Next::Ip, rest.skip(4)?.limit(len - 4)));
        }
        rest = rest.skip(len.next_multiple_of(4))?;
    }
    Err(Stop::Bad)
}

/// Length (with its own header) and type, in the byte order of the machine that captured: types are small, so the one
/// whose high byte is 0 is right.
fn attribute(rest: Rest<'_>) -> Result<(usize, u16), Stop> {
    let (len, kind) = match rest.le16(2)? {
        kind @ 0..=0xff => (rest.le16(0)?, kind),
        _ => (rest.be16(0)?, rest.be16(2)?),
    };
    if len < 4 { Err(Stop::Bad) } else { Ok((len.into(), kind)) }
}
