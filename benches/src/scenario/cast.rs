//! Who takes part: clients, servers with their names and chains.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::rc::Rc;

use pcaps::random::Random;

use crate::names::Names;
use crate::noise::Noise;
use crate::tls::certificates::Chains;
use crate::wire::Path;

/// Server names that may be asked for.
const NAMES: usize = 18_000;
/// Leafs that serve them.
const LEAFS: usize = 13_000;
/// Client addresses.
const CLIENTS: usize = 20_000;
/// Server addresses: many names share one.
const SERVERS: usize = 6_000;

/// Everyone and everything that connections are made of.
pub(super) struct Cast {
    pub(super) random: Random,
    pub(super) names: Names,
    pub(super) chains: Chains,
    pub(super) noise: Rc<Noise>,
    /// Client addresses that take part.
    clients: usize,
    /// Flows so far: each has ends of its own.
    flows: usize,
}

impl Cast {
    pub(super) fn new(name: &str) -> Self {
        let (names, chains) = (Names::new(NAMES), Chains::new(LEAFS));
        Self { random: Random::named(name), names, chains, noise: Rc::new(Noise::new()), clients: CLIENTS, flows: 0 }
    }

    /// The same with no more than so many clients.
    pub(super) fn with_clients(self, clients: usize) -> Self {
        Self { clients: clients.clamp(1, CLIENTS), ..self }
    }

    /// The path of a new flow to the server of a name's rank.
    pub(super) fn path(&mut self, rank: usize, is_v6: bool) -> Path {
        let flow = self.flows;
        self.flows += 1;
        let client = SocketAddr::new(client(flow % self.clients, is_v6), 1024 + (flow / self.clients) as u16);
        let server = SocketAddr::new(server(rank % SERVERS, is_v6), 443);
        Path::between(client, server, &mut self.random)
    }

    /// Whether the next flow runs over IPv6.
    pub(super) fn is_v6(&mut self, percent: usize) -> bool {
        self.random.below(100) < percent
    }
}

/// Of 10.0.0.0/8 (RFC 1918) or 2001:db8:c::/48 (RFC 3849).
fn client(number: usize, is_v6: bool) -> IpAddr {
    match is_v6 {
        false => Ipv4Addr::from_bits(0x0a01_0000 + number as u32).into(),
        true => Ipv6Addr::from_bits(0x2001_0db8_000c_u128 << 80 | number as u128).into(),
    }
}

/// Of 198.18.0.0/15 (RFC 2544) or 2001:db8:5::/48.
fn server(number: usize, is_v6: bool) -> IpAddr {
    match is_v6 {
        false => Ipv4Addr::from_bits(0xc612_0000 + number as u32).into(),
        true => Ipv6Addr::from_bits(0x2001_0db8_0005_u128 << 80 | number as u128).into(),
    }
}
