//! IPv6 extension headers that stand between IP and the transport (RFC 8200 section 4); fragments are not here.

use crate::decode::registry::{Decoded, Layer, Next};
use crate::decode::rest::Rest;

/// Hop-by-hop, routing and destination options (RFC 8200), mobility (RFC 6275), HIP (RFC 7401), shim6 (RFC 5533): next
/// header, then the length in 8 bytes without the first 8.
pub(in crate::decode) static LAYER: Layer = Layer { name: "ipv6_extension", decode: |rest| header(rest, 8, 1) };

/// The authentication header (RFC 4302 section 2.2): its length is in 4 bytes without the first 8. In IPv4 too.
pub(in crate::decode) static AUTHENTICATION: Layer = Layer { name: "ah", decode: |rest| header(rest, 4, 2) };

fn header(rest: Rest<'_>, unit: usize, more: usize) -> Decoded<'_> {
    let len = (usize::from(rest.u8(1)?) + more) * unit;
    Ok((Next::Protocol(rest.u8(0)?), rest.skip(len)?))
}
