//! DOCSIS (CableLabs, MULPI section 6.2): cable modems' frames, packets only.

use super::ethernet;
use crate::decode::Skip;
use crate::decode::registry::{Decoded, Layer, Next};
use crate::decode::rest::Rest;
use crate::decode::stop::Stop;

pub(in crate::decode) static LAYER: Layer = Layer { name: "docsis", decode };

// Bits of the frame control byte.
const TYPE: u8 = 0xc0;
const HAS_EXTENSION: u8 = 0x01;

/// Frame control, extension's length, length; check sequence of two bytes.
const HEADER: usize = 6;

/// Types of extended headers that announce encryption (baseline privacy), in their first four bits.
const PRIVACY: [u8; 2] = [3, 4];

fn decode(rest: Rest<'_>) -> Decoded<'_> {
    let (control, parameter) = (rest.u8(0)?, rest.u8(1)?);
    if control & TYPE != 0 {
        return Err(Stop::Skip(Skip::NotIp));
    }
    let extension = if control & HAS_EXTENSION != 0 { usize::from(parameter) } else { 0 };
    if extension > 0 && PRIVACY.contains(&(rest.u8(4)? >> 4)) {
        return Err(Stop::Skip(Skip::Encrypted));
    }
    Ok((Next::Link(ethernet::LINK), rest.skip(HEADER + extension)?))
}
