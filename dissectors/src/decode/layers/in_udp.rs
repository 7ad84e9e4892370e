//! Tunnels in UDP that carry IP, and in which little but that IP packet tells them from other payloads: it must fill
//! the datagram to its last byte.

use super::gre;
use crate::decode::registry::{Decoded, Layer, Next};
use crate::decode::rest::Rest;
use crate::decode::stop::Stop;

/// LISP (RFC 9300 section 5): flags and nonce, instance.
pub(in crate::decode) static LISP: Layer = Layer { name: "lisp", decode: |rest| ip(rest.skip(8)?) };

/// Generic UDP encapsulation (draft-ietf-intarea-gue).
pub(in crate::decode) static GUE: Layer = Layer { name: "gue", decode: generic };

/// AYIYA (draft-massar-v6ops-ayiya): IPv6 to whoever has but a port.
pub(in crate::decode) static AYIYA: Layer = Layer { name: "ayiya", decode: anything };

/// GRE in UDP (RFC 8086).
pub(in crate::decode) static GRE: Layer = Layer { name: "gre", decode: gre_with_known };

/// Variant 0: a control bit that is clear, length in four bytes, protocol, flags. Variant 1 is IP itself.
fn generic(rest: Rest<'_>) -> Decoded<'_> {
    let first = rest.u8(0)?;
    match (first >> 6, first & 0x20, rest.u8(1)?) {
        (1, ..) => ip(rest),
        (0, 0, 4 | 41) => ip(rest.skip(4 + usize::from(first & 0x1f) * 4)?),
        _ => Err(Stop::Bad),
    }
}

/// Lengths of identity (as a power of 2) and signature (in four bytes), operation 1 ("forward"), next header, time.
fn anything(rest: Rest<'_>) -> Decoded<'_> {
    const IPV6: u8 = 41;
    const FORWARD: u8 = 1;
    let (identity, signature) = (rest.u8(0)? >> 4, rest.u8(1)? >> 4);
    match (rest.u8(2)? & 0x0f, rest.u8(3)?) {
        (FORWARD, IPV6) => ip(rest.skip(8 + (1 << identity) + usize::from(signature) * 4)?),
        _ => Err(Stop::Bad),
    }
}

fn gre_with_known(rest: Rest<'_>) -> Decoded<'_> {
    let (next, payload) = (gre::LAYER.decode)(rest)?;
    if next.is_known() && payload.wire() > 0 { Ok((next, payload)) } else { Err(Stop::Bad) }
}

/// An IP packet of exactly this length.
fn ip(rest: Rest<'_>) -> Decoded<'_> {
    let stated = match rest.u8(0)? >> 4 {
        4 => usize::from(rest.be16(2)?),
        6 => usize::from(rest.be16(4)?) + 40,
        _ => return Err(Stop::Bad),
    };
    if stated == rest.wire() { Ok((Next::Ip, rest)) } else { Err(Stop::Bad) }
}
