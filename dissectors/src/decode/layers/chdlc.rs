//! Cisco HDLC: address, control, EtherType.

use crate::decode::registry::{Layer, Next};

pub(in crate::decode) static LAYER: Layer =
    Layer { name: "chdlc", decode: |rest| Ok((Next::EtherType(rest.be16(2)?), rest.skip(4)?)) };

/// The same behind a byte for the direction.
pub(in crate::decode) static WITH_DIRECTION: Layer =
    Layer { name: "chdlc", decode: |rest| Ok((Next::EtherType(rest.be16(3)?), rest.skip(5)?)) };
