//! Ethernet II and IEEE 802.3.

use crate::decode::registry::{Decoded, Layer, Next};
use crate::decode::rest::Rest;

pub(in crate::decode) static LAYER: Layer = Layer { name: "ethernet", decode };

/// LINKTYPE_ETHERNET.
pub(in crate::decode) const LINK: u16 = 1;

/// EtherType of IPv4.
pub(in crate::decode) const IPV4: u16 = 0x0800;
/// EtherType of IPv6.
pub(in crate::decode) const IPV6: u16 = 0x86dd;
/// EtherType of an 802.1Q tag.
pub(in crate::decode) const VLAN: u16 = 0x8100;
/// EtherType of an 802.1ad service tag.
pub(in crate::decode) const SERVICE_VLAN: u16 = 0x88a8;

/// The largest value of the type field that is a length (IEEE 802.3 clause 3.2.6).
const MAX_LENGTH: u16 = 1500;

/// Two addresses and the type.
pub(in crate::decode) const HEADER: usize = 14;

pub(in crate::decode) fn decode(rest: Rest<'_>) -> Decoded<'_> {
    Ok(after_type(rest.be16(12)?, rest.skip(HEADER)?))
}

/// What a type field announces; it may be a length, and then LLC and padding follow.
pub(super) fn after_type(kind: u16, rest: Rest<'_>) -> (Next, Rest<'_>) {
    match kind {
        0..=MAX_LENGTH => (Next::Llc, rest.limit(kind.into())),
        _ => (Next::EtherType(kind), rest),
    }
}

/// Whether a guess that Ethernet starts here is plausible: a type that we know, behind two addresses of which the
/// sender's is no group address.
pub(super) fn is_plausible(rest: Rest<'_>) -> bool {
    let individual = rest.u8(6).is_ok_and(|first| first & 1 == 0);
    individual && decode(rest).is_ok_and(|(next, _)| next != Next::Llc && next.is_known())
}
