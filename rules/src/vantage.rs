//! Where on the path the capture was made, from the two halves of the round trip that it saw.

use std::time::Duration;

use dissectors::attempt::{Attempt, Transport};

use crate::limits::Limits;
use crate::names::named;

named! {
    /// Where the capture was made.
    pub enum Vantage {
        /// Within a fifth of the round trip of the client.
        NearClient = "near_client",
        /// Neither end is near.
        MidPath = "mid_path",
        /// Within a fifth of the round trip of the server.
        NearServer = "near_server",
        /// A half is not known, or the whole is too short to compare them.
        Unknown = "unknown",
    }
}

/// The vantage of an attempt, as its two half round trips estimate it.
pub fn estimate(attempt: &Attempt, limits: &Limits) -> Vantage {
    match &attempt.transport {
        Transport::Tcp(facts) => of_halves(facts.client_rtt, facts.server_rtt, limits),
        Transport::Quic(_) => Vantage::Unknown,
    }
}

fn of_halves(client: Option<Duration>, server: Option<Duration>, limits: &Limits) -> Vantage {
    let (Some(client), Some(server)) = (client, server) else { return Vantage::Unknown };
    let lopsided = |near: Duration, far: Duration| near.saturating_mul(limits.vantage_ratio) <= far;
    if client.saturating_add(server) < limits.vantage_rtt {
        Vantage::Unknown
    } else if lopsided(client, server) {
        Vantage::NearClient
    } else if lopsided(server, client) {
        Vantage::NearServer
    } else {
        Vantage::MidPath
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_tell_the_place() {
        let cases = [
            (Some(1), Some(40_000), Vantage::NearClient),
            (Some(10_000), Some(40_000), Vantage::NearClient),
            (Some(10_001), Some(40_000), Vantage::MidPath),
            (Some(40_000), Some(10_001), Vantage::MidPath),
            (Some(40_000), Some(10_000), Vantage::NearServer),
            (Some(10), Some(989), Vantage::Unknown),
            (Some(10), Some(990), Vantage::NearClient),
            (None, Some(40_000), Vantage::Unknown),
            (Some(40_000), None, Vantage::Unknown),
        ];
        for (client, server, vantage) in cases {
            let half = |micros: Option<u64>| micros.map(Duration::from_micros);
            assert_eq!(of_halves(half(client), half(server), &Limits::default()), vantage, "{client:?} {server:?}");
        }
    }
}
