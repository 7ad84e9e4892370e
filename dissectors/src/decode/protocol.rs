//! The IP protocol numbers that end a walk.

pub(super) const ICMP: u8 = 1;
pub(super) const TCP: u8 = 6;
pub(super) const UDP: u8 = 17;
pub(super) const V6_FRAGMENT: u8 = 44;
pub(super) const ICMP_V6: u8 = 58;
