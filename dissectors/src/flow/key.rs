//! How flows are named and hashed.

use std::hash::{Hash, Hasher};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use siphasher::sip::SipHasher13;

use crate::flow::sip::Sip;
use crate::packet::{Endpoint, Ends};

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
    #[inline(always)]
    pub fn hash(self, ends: Ends, is_udp: bool) -> u64 {
        match (ends.source.addr, ends.dest.addr) {
            (IpAddr::V4(source), IpAddr::V4(dest)) => {
                let end = |addr: Ipv4Addr, port: u16| u64::from(addr.to_bits()) << 16 | u64::from(port);
                let (one, other) = (end(source, ends.source.port), end(dest, ends.dest.port));
                Sip::new(self.0).hash([one.min(other) << 1 | u64::from(is_udp), one.max(other)])
            }
            _ => self.hash_v6(ends, is_udp),
        }
    }

    #[inline(never)]
    fn hash_v6(self, ends: Ends, is_udp: bool) -> u64 {
        let end = |end: Endpoint| (to_ipv6(end.addr).to_bits(), end.port);
        let words =
            |(bits, port): (u128, u16)| [(bits >> 64) as u64, bits as u64, u64::from(port) << 1 | u64::from(is_udp)];
        let (source, dest) = (end(ends.source), end(ends.dest));
        let ([a, b, c], [d, e, f]) = (words(source.min(dest)), words(source.max(dest)));
        Sip::new(self.0).hash([a, b, c, d, e, f])
    }
}

fn to_ipv6(addr: IpAddr) -> Ipv6Addr {
    match addr {
        IpAddr::V4(addr) => addr.to_ipv6_mapped(),
        IpAddr::V6(addr) => addr,
    }
}

/// Whether these are the same two ends, whichever is the source.
///
/// Not inlined: where a table is searched, there is mostly nothing to compare, and loading the ends beforehand is half of
/// the cost.
#[inline(never)]
pub(crate) fn same_flow(one: &Ends, other: &Ends) -> bool {
    one == other || *one == other.reversed()
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
