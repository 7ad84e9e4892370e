//! IEEE 802.11 data frames (clause 9.3.2), unprotected.

use crate::decode::Skip;
use crate::decode::registry::{Decoded, Layer, Next};
use crate::decode::rest::Rest;
use crate::decode::stop::Stop;

pub(in crate::decode) static LAYER: Layer = Layer { name: "wifi", decode };

pub(in crate::decode) static EITHER_ORDER: Layer = Layer { name: "wifi", decode: decode_either_order };

/// Frame control, duration, three addresses, sequence control.
const HEADER: usize = 24;

// Bits of the frame control field, its two bytes in the order of the wire.
const VERSION_TYPE: u16 = 0x0f00;
const DATA: u16 = 0x0800;
const QOS: u16 = 0x8000;
const NO_DATA: u16 = 0x4000;
const BOTH_DS: u16 = 0x0003;
const PROTECTED: u16 = 0x0040;
const ORDER: u16 = 0x0080;

/// "An aggregate of frames follows", in the first byte of the QoS control.
const AGGREGATE: u8 = 0x80;

/// Before each frame of an aggregate (A-MSDU) stand two addresses and its length; the next one begins at a multiple of
/// four (clause 9.3.2.2).
const SUBFRAME_HEADER: usize = 14;

fn decode(rest: Rest<'_>) -> Decoded<'_> {
    body(rest.be16(0)?, rest)
}

/// Reads the frame control field in the order in which it announces data: some access points send it swapped.
fn decode_either_order(rest: Rest<'_>) -> Decoded<'_> {
    let control = rest.be16(0)?;
    let is_data = |control: u16| control & VERSION_TYPE == DATA;
    match !is_data(control) && is_data(control.swap_bytes()) {
        true => body(control.swap_bytes(), rest),
        false => body(control, rest),
    }
}

fn body(control: u16, rest: Rest<'_>) -> Decoded<'_> {
    if control & VERSION_TYPE != DATA || control & NO_DATA != 0 {
        return Err(Stop::Skip(Skip::NotIp));
    }
    if control & PROTECTED != 0 {
        return Err(Stop::Skip(Skip::Encrypted));
    }
    let qos = HEADER + if control & BOTH_DS == BOTH_DS { 6 } else { 0 };
    if control & QOS == 0 {
        return Ok((Next::Llc, rest.skip(qos)?));
    }
    let ht_control = if control & ORDER != 0 { 4 } else { 0 };
    let body = rest.skip(qos + 2 + ht_control)?;
    match rest.u8(qos)? & AGGREGATE {
        0 => Ok((Next::Llc, body)),
        _ => Ok((Next::Aggregate, body)),
    }
}

/// The first frame of an aggregate, from LLC on, and those behind it, if there are any.
pub(in crate::decode) fn subframe(rest: Rest<'_>) -> Result<(Rest<'_>, Option<Rest<'_>>), Stop> {
    let len = usize::from(rest.be16(SUBFRAME_HEADER - 2)?);
    let frame = rest.skip(SUBFRAME_HEADER)?.limit(len);
    let further = rest.skip((SUBFRAME_HEADER + len).next_multiple_of(4)).ok();
    // What is shorter than a header is the check sequence.
    Ok((frame, further.filter(|further| further.wire() > SUBFRAME_HEADER)))
}
