//! Headers of a fixed length that say nothing but what link type or EtherType follows them.

use super::ethernet;
use crate::decode::registry::{Decoded, Layer, Next};
use crate::decode::rest::Rest;

/// A Hilscher analyser's four bytes before Ethernet (LINKTYPE_NETANALYZER).
pub(in crate::decode) static NETANALYZER: Layer =
    Layer { name: "netanalyzer", decode: |rest| ethernet_behind(rest, 4) };

/// The same with Ethernet's preamble.
pub(in crate::decode) static NETANALYZER_TRANSPARENT: Layer =
    Layer { name: "netanalyzer", decode: |rest| ethernet_behind(rest, 12) };

/// Ethernet with its preamble: passive optical networks (IEEE 802.3 clause 65), preemption (clause 99).
pub(in crate::decode) static PREAMBLE: Layer = Layer { name: "preamble", decode: |rest| ethernet_behind(rest, 8) };

/// Broadcom's switch tag before the frame.
pub(in crate::decode) static PREPENDED_TAG: Layer =
    Layer { name: "switch_tag", decode: |rest| ethernet_behind(rest, 4) };

/// Marvell's and Broadcom's switch tags of four bytes, between Ethernet's addresses and its type.
pub(in crate::decode) static SWITCH_TAG: Layer =
    Layer { name: "switch_tag", decode: |rest| Ok(ethernet::after_type(rest.be16(16)?, rest.skip(18)?)) };

/// Cisco's FabricPath: tree and TTL, then the whole inner frame.
pub(in crate::decode) static FABRIC_PATH: Layer =
    Layer { name: "fabric_path", decode: |rest| ethernet_behind(rest, 2) };

/// IP over InfiniBand (RFC 4391 section 6): the route header's 40 bytes, type, reserved.
pub(in crate::decode) static INFINIBAND: Layer =
    Layer { name: "ipoib", decode: |rest| Ok((Next::EtherType(rest.be16(40)?), rest.skip(44)?)) };

/// IP over FireWire (RFC 2734): two addresses of eight bytes, type.
pub(in crate::decode) static FIREWIRE: Layer =
    Layer { name: "firewire", decode: |rest| Ok((Next::EtherType(rest.be16(16)?), rest.skip(18)?)) };

/// IP over Fibre Channel (RFC 2625): two addresses of eight bytes, LLC.
pub(in crate::decode) static FIBRE_CHANNEL: Layer =
    Layer { name: "fibre_channel", decode: |rest| Ok((Next::Llc, rest.skip(16)?)) };

/// Solaris' IP observability: zones and interfaces, then IP.
pub(in crate::decode) static SOLARIS: Layer = Layer { name: "ipnet", decode: |rest| Ok((Next::Ip, rest.skip(24)?)) };

fn ethernet_behind(rest: Rest<'_>, len: usize) -> Decoded<'_> {
    Ok((Next::Link(ethernet::LINK), rest.skip(len)?))
}
