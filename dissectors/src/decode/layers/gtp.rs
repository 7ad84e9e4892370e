//! GTP-U version 1 (3GPP TS 29.281 section 5), user data only.

use crate::decode::registry::{Decoded, Layer, Next};
use crate::decode::rest::Rest;
use crate::decode::stop::Stop;

pub(in crate::decode) static LAYER: Layer = Layer { name: "gtp", decode };

/// Flags, message type, length, tunnel.
const HEADER: usize = 8;

/// Sequence number, N-PDU number and next extension's type; there if any of their flags is set.
const OPTIONAL: usize = 4;

/// Message type of user data.
const G_PDU: u8 = 255;

/// Extension headers that we follow.
const EXTENSION_LIMIT: usize = 8;

/// Version 1, protocol type 1, the reserved bit clear, and a length that fits: no QUIC packet and no DNS message.
fn decode(rest: Rest<'_>) -> Decoded<'_> {
    let (flags, len) = (rest.u8(0)?, usize::from(rest.be16(2)?));
    let body = rest.skip(HEADER)?;
    if flags & 0xf8 != 0x30 || rest.u8(1)? != G_PDU || len > body.wire() {
        return Err(Stop::Bad);
    }
    let payload = match flags & 0x07 {
        0 => body.limit(len),
        bits => after_optional(body.limit(len), bits & 0x04 != 0)?,
    };
    match payload.u8(0)? >> 4 {
        4 | 6 => Ok((Next::Ip, payload)),
        _ => Err(Stop::Bad),
    }
}

/// Skips the optional fields, and the extension headers if they are announced: length in 4 bytes first, next type last.
fn after_optional(rest: Rest<'_>, has_extensions: bool) -> Result<Rest<'_>, Stop> {
    let mut kind = if has_extensions { rest.u8(3)? } else { 0 };
    let mut rest = rest.skip(OPTIONAL)?;
    for _ in 0..EXTENSION_LIMIT {
        if kind == 0 {
            return Ok(rest);
        }
        let len = usize::from(rest.u8(0)?) * 4;
        kind = rest.u8(len.checked_sub(1).ok_or(Stop::Bad)?)?;
        rest = rest.skip(len)?;
    }
    Err(Stop::Bad)
}
