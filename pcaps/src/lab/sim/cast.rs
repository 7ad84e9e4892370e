//! Who takes part: which connections begin when, and the ends that they have.

use std::net::{IpAddr, SocketAddr};
use std::rc::Rc;

use dissectors::time::Time;
use etherparse::TcpHeader;
use ring::error::KeyRejected;

use super::endpoint::Endpoint;
use super::quic::{Habits, QuicClient, QuicServer};
use super::tcp::Tcp;
use super::tls::{Chains, FORGED, Identity, Patience, TlsClient, TlsServer};
use crate::lab::authority::Authority;
use crate::lab::played::Connection;
use crate::lab::scenario::{Browser, Interceptor, Scenario, Server, TlsVersion, Traffic};
use crate::lab::schedule::{Ask, Plan, Ports, waits};
use crate::middlebox::Port;
use crate::middlebox::law::Share;
use crate::net::frame::{Packet, Stamp};
use crate::net::host::{Host, IpIdLaw};
use crate::random::Random;
use crate::tls::ClientHello;
use crate::tls::browsers::{self, Client};

/// Link addresses of the routers on both sides of the path.
const INSIDE_MAC: [u8; 6] = [2, 0, 0, 0, 0, 1];
const OUTSIDE_MAC: [u8; 6] = [2, 0, 0, 0, 0, 2];
/// What a segment of the usual size carries: nothing cuts the hello smaller.
const WHOLE: usize = usize::MAX;

/// Everyone.
pub(super) struct Cast<'a> {
    scenario: &'a Scenario,
    servers: Vec<Rc<Identity>>,
    interceptor: Option<(Rc<Identity>, Chains)>,
    chains: Chains,
    ports: Ports,
}

impl<'a> Cast<'a> {
    pub(super) fn new(scenario: &'a Scenario, forger: Option<Authority>) -> Result<Self, KeyRejected> {
        let public = Authority::public(&scenario.seed, scenario.begins())?;
        let interceptor = scenario.interceptor.as_ref().zip(forger).map(|(it, forger)| {
            let chains: Chains = Rc::new(move |name, now| forger.chain(name, now));
            (Rc::new(Identity::of_interceptor(it)), chains)
        });
        let servers = scenario.servers.iter().map(|server| Rc::new(Identity::of_server(server))).collect();
        let chains: Chains = Rc::new(move |name, now| public.chain(name, now));
        Ok(Self { scenario, servers, interceptor, chains, ports: Ports::default() })
    }

    /// The client of a plan, the port of the network that it stands behind, and its connection.
    pub(super) fn client(&mut self, now: Time, plan: Plan) -> Option<(Port, Endpoint, Connection)> {
        let Ask { traffic, name, client, server, stands } = plan.ask(self.scenario)?;
        let mut random = plan.random(self.scenario);
        let port = self.ports.next(traffic);
        let host = client_host(client, port, traffic, &mut random);
        let is_tcp = !traffic.quic;
        let endpoint = match traffic.quic {
            false => tls_client(now, traffic, name, host, server, random),
            true => quic_client(now, traffic, name, host, server, random)?,
        };
        let (client, name) = (SocketAddr::new(client, port), name.to_owned());
        Some((stands, endpoint, Connection { time: now, is_tcp, client, server, name, satisfied: None }))
    }

    /// Who answers a packet that opens a connection at a port of the network.
    pub(super) fn server(&self, now: Time, port: Port, packet: &Packet) -> Option<Endpoint> {
        let (address, is_tcp) = (packet.destination().ip(), packet.tcp().is_some());
        let at = self.scenario.servers.iter().position(|server| server.addresses.contains(&address))?;
        let random = Random::named(&format!("{} {} {now}", self.scenario.seed, packet.source()));
        let (identity, chains, ttl) = match (port, &self.interceptor, &self.scenario.interceptor) {
            (Port::Interceptor, Some((identity, chains)), Some(it)) => (Rc::clone(identity), Rc::clone(chains), it.ttl),
            _ => (Rc::clone(self.servers.get(at)?), Rc::clone(&self.chains), self.scenario.servers.get(at)?.ttl),
        };
        let host = server_host(packet.destination(), ttl, random.clone(), port);
        let speaks_quic = self.scenario.servers.get(at).is_some_and(|server| server.quic);
        match is_tcp {
            true => {
                let tcp = Tcp::accept(now, host, packet);
                Some(Endpoint::TlsServer(Box::new(TlsServer::new(tcp, identity, chains, random))))
            }
            false if speaks_quic => {
                Some(Endpoint::QuicServer(Box::new(QuicServer::accept(now, host, packet, identity))))
            }
            false => None,
        }
    }

    /// What a host without such a connection answers: a reset over TCP (RFC 9293, section 3.5.2), nothing over UDP.
    pub(super) fn refuse(&self, packet: &Packet) -> Option<Vec<u8>> {
        let tcp = packet.tcp().filter(|tcp| !tcp.rst)?;
        let stamp = Stamp { hop_limit: 64, identification: 0, dont_fragment: true, dscp: 0 };
        let reset = match tcp.ack {
            true => TcpHeader { rst: true, ..TcpHeader::new(0, 0, tcp.acknowledgment_number, 0) },
            false => TcpHeader {
                rst: true,
                ack: true,
                acknowledgment_number: packet.sequence_end(),
                ..TcpHeader::new(0, 0, 0, 0)
            },
        };
        Some(packet.forge_to_sender(stamp, reset, Vec::new()).to_frame())
    }
}

impl Identity {
    fn of_server(server: &Server) -> Self {
        Self { word: "server", newest: server.tls, think: server.think_ms.clone(), silent: server.silent }
    }

    fn of_interceptor(interceptor: &Interceptor) -> Self {
        Self { word: FORGED, newest: interceptor.tls, think: interceptor.think_ms.clone(), silent: Share::default() }
    }
}

fn client_host(address: IpAddr, port: u16, traffic: &Traffic, random: &mut Random) -> Host {
    Host {
        address,
        port,
        mac: INSIDE_MAC,
        isn: random.next_u32(),
        ip_id: IpIdLaw::Counting(random.next_u16()),
        timestamps: traffic.timestamps.then(|| random.next_u32()),
        mss: if address.is_ipv4() { 1_460 } else { 1_440 },
        ..Host::client()
    }
}

fn server_host(at: SocketAddr, ttl: u8, mut random: Random, port: Port) -> Host {
    Host {
        address: at.ip(),
        port: at.port(),
        mac: OUTSIDE_MAC,
        isn: random.next_u32(),
        // An interceptor is another machine, and numbers its packets otherwise.
        ip_id: if port == Port::Interceptor { IpIdLaw::Random } else { IpIdLaw::Counting(random.next_u16()) },
        timestamps: Some(random.next_u32()),
        mss: if at.is_ipv4() { 1_460 } else { 1_440 },
        ttl,
        ..Host::server()
    }
}

fn tls_client(now: Time, traffic: &Traffic, name: &str, host: Host, peer: SocketAddr, mut random: Random) -> Endpoint {
    let message = match (traffic.tls, traffic.post_quantum) {
        (TlsVersion::Tls12, _) => {
            ClientHello { seed: random.next_u64().to_string(), ..ClientHello::tls12(name) }.message()
        }
        (TlsVersion::Tls13, true) => profile(traffic.client).message(name, &mut random),
        (TlsVersion::Tls13, false) => profile(traffic.client).classical(name, &mut random),
    };
    let patience = Patience {
        hello: crate::tls::hello_records(&message, traffic.records.map_or(WHOLE, usize::from)),
        piece: traffic.segments.map_or(WHOLE, usize::from),
        waits: waits(traffic, &mut random),
        asks: traffic.response.draw(&mut random) as u32,
        trusts_interceptor: random.happens(traffic.trusts_interceptor.value()),
    };
    let tcp = Tcp::connect(now, host, peer, OUTSIDE_MAC);
    Endpoint::TlsClient(Box::new(TlsClient::new(now, tcp, patience, random)))
}

fn quic_client(
    now: Time,
    traffic: &Traffic,
    name: &str,
    host: Host,
    peer: SocketAddr,
    mut random: Random,
) -> Option<Endpoint> {
    let habits = Habits {
        hello: browsers::CHROME_QUIC.message(name, &mut random),
        waits: waits(traffic, &mut random),
        asks: traffic.response.draw(&mut random) as u32,
        prelude: traffic.quic_prelude,
    };
    let client = QuicClient::begin(now, host, (peer, OUTSIDE_MAC), habits, random).ok()?;
    Some(Endpoint::QuicClient(Box::new(client)))
}

fn profile(browser: Browser) -> &'static Client {
    match browser {
        Browser::Chrome => &browsers::CHROME,
        Browser::Firefox => &browsers::FIREFOX,
        Browser::Safari => &browsers::SAFARI,
        Browser::Curl => &browsers::OPENSSL,
        Browser::Go => &browsers::GO,
    }
}
