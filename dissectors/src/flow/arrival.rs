//! A packet on its way into the flows.

use crate::packet::Packet;
use crate::time::Time;

/// A packet with what belongs to its arrival.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Arrival<'a> {
    /// The capture's clock.
    pub(crate) now: Time,
    /// Hash of its flow.
    pub(crate) hash: u64,
    pub(crate) packet: &'a Packet,
    /// The bytes that its spans lie in.
    pub(crate) block: &'a [u8],
}
