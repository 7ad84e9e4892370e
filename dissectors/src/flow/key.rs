//! How flows are named and hashed.

use std::hash::{Hash, Hasher};
use std::net::{IpAddr, Ipv6Addr};

use siphasher::sip::SipHasher13;

use crate::packet::Ends;

/// The key of a run's hash. Keyed, so that nobody who sends packets can choose which of them collide; offline it comes
/// from the capture itself, so that the same capture gives the same output.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Key(pub [u64; 2]);

impl Key {
    /// The key for a capture that begins with these bytes.
    pub fn of_capture(bytes: &[u8]) -> Self {
        let hash = |key| {
            let mut hasher = SipHasher13::new_with_keys(key, key);
            hasher.write(bytes);
            hasher.finish()
        };
        Self([hash(1), hash(2)])
    }

    /// The hash of a flow: the same for both directions.
    ///
    /// Every packet is hashed, so that what is hashed is laid out here and given at once: the derived `Hash`, which gives
    /// it piece by piece, takes three times as long.
    pub fn hash(self, ends: Ends, is_udp: bool) -> u64 {
        let hasher = SipHasher13::new_with_keys(self.0[0], self.0[1]);
        let Ends { source, dest } = ends;
        if let (IpAddr::V4(one), IpAddr::V4(other)) = (source.addr, dest.addr) {
            let [low, high] =
                in_order([u64::from(one.to_bits()), u64::from(other.to_bits())], [source.port, dest.port]);
            return hasher.hash([low << 1 | u64::from(is_udp), high].map(u64::to_le_bytes).as_flattened());
        }
        let Ends { source, dest } = ordered(ends);
        let words = [source, dest].map(|end| {
            let bits = to_ipv6(end.addr).to_bits();
            [(bits >> 64) as u64, bits as u64, u64::from(end.port) << 1 | u64::from(is_udp)].map(u64::to_le_bytes)
        });
        hasher.hash(words.as_flattened().as_flattened())
    }
}

/// Addresses with their ports behind them, the smaller first.
fn in_order([one, other]: [u64; 2], [port, other_port]: [u16; 2]) -> [u64; 2] {
    let (one, other) = (one << 16 | u64::from(port), other << 16 | u64::from(other_port));
    [one.min(other), one.max(other)]
}

fn to_ipv6(addr: IpAddr) -> Ipv6Addr {
    match addr {
        IpAddr::V4(addr) => addr.to_ipv6_mapped(),
        IpAddr::V6(addr) => addr,
    }
}

/// Whether these are the same two ends, whichever is the source.
pub(crate) fn same_flow(one: Ends, other: Ends) -> bool {
    one == other || one == other.reversed()
}

/// The ends with the smaller one as source: the flow, whoever sends.
fn ordered(ends: Ends) -> Ends {
    if ends.source <= ends.dest { ends } else { ends.reversed() }
}

/// A flow's stable name, from its ends and its first frame: the same in every run over the same capture, and below 2^53,
/// so that every JSON reader keeps it (RFC 8259 section 6).
pub fn flow_id(ends: Ends, is_udp: bool, first_frame: u64) -> u64 {
    let mut hasher = SipHasher13::new_with_keys(0, 0);
    let Ends { source, dest } = ordered(ends);
    (source, dest, is_udp, first_frame).hash(&mut hasher);
    hasher.finish() >> 11
}
