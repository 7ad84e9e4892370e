//! Tags between Ethernet's addresses and its payload: 802.1Q, 802.1ad and the older QinQ numbers; VN-Tag; 802.1BR;
//! what switches and redundant rings put there.

use super::ethernet;
use crate::decode::registry::{Decoded, Layer};
use crate::decode::rest::Rest;

/// A VLAN tag (IEEE 802.1Q clause 9.6): 2 bytes of priority and VLAN id.
pub(in crate::decode) static LAYER: Layer = Layer { name: "vlan", decode: |rest| tag(rest, 2) };

/// Cisco's VN-Tag: 4 bytes.
pub(in crate::decode) static VN_TAG: Layer = Layer { name: "vn_tag", decode: |rest| tag(rest, 4) };

/// The E-tag of IEEE 802.1BR: 6 bytes.
pub(in crate::decode) static E_TAG: Layer = Layer { name: "e_tag", decode: |rest| tag(rest, 6) };

/// Sequence numbers of redundant paths: IEEE 802.1CB's R-tag and HSR's (IEC 62439-3), 4 bytes.
pub(in crate::decode) static SEQUENCE_TAG: Layer = Layer { name: "sequence_tag", decode: |rest| tag(rest, 4) };

/// Cisco's metadata with a security group: 6 bytes.
pub(in crate::decode) static CISCO_METADATA: Layer = Layer { name: "cisco_metadata", decode: |rest| tag(rest, 6) };

/// Marvell's switch tag behind an EtherType: two reserved bytes and the tag.
pub(in crate::decode) static SWITCH_TAG: Layer = Layer { name: "switch_tag", decode: |rest| tag(rest, 6) };

/// A tag of `len` bytes and the type of what follows.
fn tag(rest: Rest<'_>, len: usize) -> Decoded<'_> {
    Ok(ethernet::after_type(rest.be16(len)?, rest.skip(len + 2)?))
}
