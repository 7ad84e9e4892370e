//! Provider backbone bridging (IEEE 802.1ah): the service tag, then the customer's whole Ethernet frame.

use super::ethernet;
use crate::decode::registry::{Layer, Next};

pub(in crate::decode) static LAYER: Layer =
    Layer { name: "backbone_bridging", decode: |rest| Ok((Next::Link(ethernet::LINK), rest.skip(TAG)?)) };

/// Priority, flags and the 24-bit service id.
const TAG: usize = 4;
