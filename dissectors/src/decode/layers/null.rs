//! BSD loopback: the address family of what follows, in the byte order of the machine that captured (LINKTYPE_NULL)
//! or of the network (LINKTYPE_LOOP).

use crate::decode::Skip;
use crate::decode::registry::{Decoded, Layer, Next};
use crate::decode::rest::Rest;
use crate::decode::stop::Stop;

pub(in crate::decode) static LAYER: Layer = Layer { name: "null", decode };

/// OpenBSD's view into IPsec (LINKTYPE_ENC): the same, then security parameters and flags.
pub(in crate::decode) static ENC: Layer =
    Layer { name: "enc", decode: |rest| decode(rest).and_then(|(next, rest)| Ok((next, rest.skip(8)?))) };

/// Either byte order is accepted for both types: families are small, so that one of the two readings is.
/// AF_INET is 2 everywhere; AF_INET6 is 10 on Linux, 24 on NetBSD and OpenBSD, 28 on FreeBSD, 30 on macOS, 23 on Windows.
fn decode(rest: Rest<'_>) -> Decoded<'_> {
    let family = rest.be32(0)?;
    match family.min(family.swap_bytes()) {
        2 | 10 | 23 | 24 | 28 | 30 => Ok((Next::Ip, rest.skip(4)?)),
        _ => Err(Stop::Skip(Skip::NotIp)),
    }
}
