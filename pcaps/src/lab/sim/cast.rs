//! Who takes part: which connections begin when, and the ends that they have.

use std::net::{IpAddr, SocketAddr};
use std::rc::Rc;
use std::time::Duration;

use dissectors::time::Time;
use etherparse::TcpHeader;
use ring::error::KeyRejected;

use super::Connection;
use super::endpoint::Endpoint;
use super::quic::{Habits, QuicClient, QuicServer};
use super::tcp::Tcp;
use super::tls::{Chains, FORGED, Identity, Patience, TlsClient, TlsServer};
use crate::lab::authority::Authority;
use crate::lab::scenario::{Browser, Interceptor, Scenario, Server, TlsVersion, Traffic};
use crate::middlebox::Port;
use crate::middlebox::law::milliseconds;
use crate::net::frame::{Packet, Stamp};
use crate::net::host::{Host, IpIdLaw};
use crate::random::Random;
use crate::tls::ClientHello;
use crate::tls::browsers::{self, Client};

const HTTPS: u16 = 443;
/// Link addresses of the routers on both sides of the path.
const INSIDE_MAC: [u8; 6] = [2, 0, 0, 0, 0, 1];
const OUTSIDE_MAC: [u8; 6] = [2, 0, 0, 0, 0, 2];
/// The first and the last port that clients use in turn, as of Linux (ip_local_port_range).
const FIRST_PORT: u16 = 32_768;
const PORTS: u32 = 28_232;
/// How long a client waits before it tries again.
const PAUSE: Duration = Duration::from_millis(500);
/// What a segment of the usual size carries: nothing cuts the hello smaller.
const WHOLE: usize = usize::MAX;

/// A connection to be begun.
#[derive(Clone, Copy, Debug)]
pub(super) struct Plan {
    pub(super) at: Time,
    /// Which traffic it is of, and its number there.
    traffic: usize,
    number: u32,
    /// How often it may be tried again, and has been tried.
    retries: u32,
    tried: u32,
}

impl Plan {
    /// The same once more after a failure, if it may be tried again.
    pub(super) fn again(self, now: Time) -> Option<Self> {
        let retries = self.retries.checked_sub(1)?;
        Some(Self { at: now.after(PAUSE), retries, tried: self.tried + 1, ..self })
    }
}

/// Everyone.
pub(super) struct Cast<'a> {
    scenario: &'a Scenario,
    servers: Vec<Rc<Identity>>,
    interceptor: Option<(Rc<Identity>, Chains)>,
    chains: Chains,
    /// Connections begun so far.
    begun: u32,
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
        Ok(Self { scenario, servers, interceptor, chains, begun: 0 })
    }

    /// Every connection of the scenario.
    pub(super) fn plans(&self, scenario: &Scenario) -> Vec<Plan> {
        let begins = scenario.begins();
        let plans = scenario.traffic.iter().enumerate().flat_map(|(index, traffic)| {
            (0..traffic.connections).map(move |number| {
                let seconds = traffic.starts + f64::from(number) / traffic.rate;
                let at = begins.after(milliseconds(seconds * 1e3));
                Plan { at, traffic: index, number, retries: traffic.retries, tried: 0 }
            })
        });
        plans.collect()
    }

    /// The client of a plan, the port of the network that it stands behind, and its connection.
    pub(super) fn client(&mut self, now: Time, plan: &Plan) -> Option<(Port, Endpoint, Connection)> {
        let traffic = self.scenario.traffic.get(plan.traffic)?;
        let name = turn(&traffic.names, plan.number)?.get_ref().clone();
        let address = *turn(&traffic.clients, plan.number / (traffic.names.len().max(1) as u32))?;
        let server = self.scenario.server_of(&name)?;
        let to = server.addresses.iter().find(|to| to.is_ipv4() == address.is_ipv4())?;
        let seed = format!("{} {} {} {}", self.scenario.seed, plan.traffic, plan.number, plan.tried);
        let mut random = Random::named(&seed);
        let port = traffic.port.unwrap_or(FIRST_PORT + (self.begun % PORTS) as u16);
        self.begun += 1;
        let host = client_host(address, port, traffic, &mut random);
        let (client, peer) = (SocketAddr::new(address, port), SocketAddr::new(*to, HTTPS));
        let is_tcp = !traffic.quic;
        let endpoint = match traffic.quic {
            false => tls_client(now, traffic, &name, host, peer, random),
            true => quic_client(now, traffic, &name, host, peer, random)?,
        };
        let stands = server.side.port().opposite()?;
        Some((stands, endpoint, Connection { time: now, is_tcp, client, server: peer, name, satisfied: None }))
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

/// The item whose turn it is.
fn turn<T>(items: &[T], number: u32) -> Option<&T> {
    items.get(number as usize % items.len().max(1))
}

impl Identity {
    fn of_server(server: &Server) -> Self {
        Self { word: "server", newest: server.tls, think: server.think_ms.clone(), silent: server.silent }
    }

    fn of_interceptor(interceptor: &Interceptor) -> Self {
        Self { word: FORGED, newest: interceptor.tls, think: interceptor.think_ms.clone(), silent: 0.0 }
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
        trusts_interceptor: random.happens(traffic.trusts_interceptor),
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

/// How long a program waits for a handshake. Go: http.DefaultTransport.TLSHandshakeTimeout; Chrome: 30 s over TCP
/// (ssl_connect_job.cc), 10 s over QUIC (quic_constants.h); Safari: timeoutIntervalForRequest; curl: its default
/// connect timeout is 300 s, which hardly anybody waits for, so that here it is a common `--max-time`.
fn waits(traffic: &Traffic, random: &mut Random) -> Duration {
    if let Some(law) = &traffic.gives_up_ms {
        return law.draw(random);
    }
    Duration::from_secs(match traffic.client {
        _ if traffic.quic => 10,
        Browser::Chrome | Browser::Firefox => 30,
        Browser::Safari => 60,
        Browser::Curl => 20,
        Browser::Go => 10,
    })
}
