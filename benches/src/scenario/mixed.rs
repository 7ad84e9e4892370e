//! What a line carries: more over UDP than over TCP, a third of it over IPv6.

use super::cast::Cast;
use super::{Act, Scenario};

const AT_ONCE: usize = 1_500;
const APART: u64 = 1_000_000;
const IPV6_PERCENT: usize = 30;

/// Packets in a hundred of each kind of flow.
const SHARES: [usize; 3] = [40, 20, 40];

pub(super) struct Mixed {
    cast: Cast,
    left: usize,
    /// Packets so far of QUIC, bulk UDP and TLS.
    packets: [usize; 3],
}

impl Mixed {
    pub(super) fn new(packets: usize) -> Self {
        Self { cast: Cast::new("mixed"), left: packets, packets: [0; 3] }
    }

    /// The kind that lags most behind its share.
    fn due(&self) -> usize {
        let lag = |kind: &usize| {
            let sent = self.packets.get(*kind).copied().unwrap_or_default() * 100;
            sent / SHARES.get(*kind).copied().unwrap_or(1)
        };
        (0..SHARES.len()).min_by_key(lag).unwrap_or_default()
    }
}

impl Scenario for Mixed {
    fn at_once(&self) -> (usize, u64) {
        (AT_ONCE, APART)
    }

    fn next(&mut self, at: u64) -> Option<Act> {
        if self.left == 0 {
            return None;
        }
        let (kind, cast) = (self.due(), &mut self.cast);
        let is_v6 = cast.is_v6(IPV6_PERCENT);
        let act = match kind {
            0 => {
                let response = 4 + cast.random.below(60);
                cast.quic(at, is_v6, response)?
            }
            1 => {
                let datagrams = 50 + cast.random.below(400);
                cast.bulk_udp(at, is_v6, datagrams)
            }
            _ => {
                let response = 500 + cast.random.below(60_000);
                cast.connection(at, is_v6, response)
            }
        };
        let frames: Vec<_> = act.flow.collect();
        self.left = self.left.saturating_sub(frames.len());
        self.packets.iter_mut().skip(kind).take(1).for_each(|packets| *packets += frames.len());
        Some(Act { flow: Box::new(frames.into_iter()), line: act.line })
    }
}
