//! MACsec (IEEE 802.1AE clause 9): integrity without encryption can be read.

use super::ethernet;
use crate::decode::Skip;
use crate::decode::registry::{Decoded, Layer};
use crate::decode::rest::Rest;
use crate::decode::stop::Stop;

pub(in crate::decode) static LAYER: Layer = Layer { name: "macsec", decode };

// Bits of the first byte.
const VERSION: u8 = 0x80;
const HAS_CHANNEL: u8 = 0x20;
const ENCRYPTED_OR_CHANGED: u8 = 0x0c;

/// Control, short length, packet number, perhaps the channel's 8 bytes, then the type. The check value behind the
/// payload is padding to IP.
fn decode(rest: Rest<'_>) -> Decoded<'_> {
    let control = rest.u8(0)?;
    if control & VERSION != 0 {
        return Err(Stop::Bad);
    }
    if control & ENCRYPTED_OR_CHANGED != 0 {
        return Err(Stop::Skip(Skip::Encrypted));
    }
    let len = if control & HAS_CHANNEL != 0 { 14 } else { 6 };
    Ok(ethernet::after_type(rest.be16(len)?, rest.skip(len + 2)?))
}
