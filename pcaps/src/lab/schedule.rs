//! Which connections a scenario's traffic is made of: when each begins, who asks whom for what, and for how long it waits.
//! The same for simulated clients and for real ones.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use dissectors::time::Time;

use super::scenario::{Browser, Scenario, Traffic};
use crate::middlebox::Port;
use crate::middlebox::law::milliseconds;
use crate::random::Random;

const HTTPS: u16 = 443;
/// The first and the last port that clients use in turn, as of Linux (ip_local_port_range).
const FIRST_PORT: u16 = 32_768;
const PORTS: u32 = 28_232;
/// How long a client waits before it tries again.
const PAUSE: Duration = Duration::from_millis(500);

/// A connection to be begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plan {
    /// When.
    pub at: Time,
    /// Which traffic it is of, and its number there.
    traffic: usize,
    number: u32,
    /// How often it may be tried again, and has been tried.
    retries: u32,
    tried: u32,
}

/// Who asks whom.
#[derive(Clone, Copy, Debug)]
pub struct Ask<'a> {
    /// The traffic that it is of.
    pub traffic: &'a Traffic,
    /// The name that is asked for.
    pub name: &'a str,
    /// The client's address.
    pub client: IpAddr,
    /// The server.
    pub server: SocketAddr,
    /// The port of the network that the client stands behind: where the server does not.
    pub stands: Port,
}

/// Every connection of a scenario that begins at `begins`.
pub fn plans(scenario: &Scenario, begins: Time) -> Vec<Plan> {
    let plans = scenario.traffic.iter().enumerate().flat_map(|(index, traffic)| {
        (0..traffic.connections).map(move |number| {
            let seconds = traffic.starts + traffic.rate.beginning(number);
            let at = begins.after(milliseconds(seconds * 1e3));
            Plan { at, traffic: index, number, retries: traffic.retries, tried: 0 }
        })
    });
    plans.collect()
}

impl Plan {
    /// The same once more after a failure, if it may be tried again.
    pub fn again(self, now: Time) -> Option<Self> {
        let retries = self.retries.checked_sub(1)?;
        Some(Self { at: now.after(PAUSE), retries, tried: self.tried + 1, ..self })
    }

    /// The same later by a span.
    pub fn later(self, by: Duration) -> Self {
        Self { at: self.at.after(by), ..self }
    }

    /// Who asks whom; nothing where no server has the name, which a scenario's check rules out.
    pub fn ask(self, scenario: &Scenario) -> Option<Ask<'_>> {
        let traffic = scenario.traffic.get(self.traffic)?;
        let name = turn(&traffic.names, self.number)?.get_ref();
        let client = *turn(&traffic.clients, self.number / (traffic.names.len().max(1) as u32))?;
        let host = scenario.server_of(name)?;
        let address = host.addresses.iter().find(|address| address.is_ipv4() == client.is_ipv4())?;
        let (server, stands) = (SocketAddr::new(*address, HTTPS), host.side.port().opposite()?);
        Some(Ask { traffic, name, client, server, stands })
    }

    /// Its own chance.
    pub fn random(self, scenario: &Scenario) -> Random {
        Random::named(&format!("{} {} {} {}", scenario.seed, self.traffic, self.number, self.tried))
    }
}

/// Ports of clients, in turn.
#[derive(Debug, Default)]
pub struct Ports(u32);

impl Ports {
    /// The port of the next connection.
    pub fn next(&mut self, traffic: &Traffic) -> u16 {
        let port = traffic.port.unwrap_or(FIRST_PORT + (self.0 % PORTS) as u16);
        self.0 += 1;
        port
    }
}

/// How long a program waits for a handshake. Go: http.DefaultTransport.TLSHandshakeTimeout; Chrome: 30 s over TCP
/// (ssl_connect_job.cc), 10 s over QUIC (quic_constants.h); Safari: timeoutIntervalForRequest; curl: its default
/// connect timeout is 300 s, which hardly anybody waits for, so that here it is a common `--max-time`.
pub fn waits(traffic: &Traffic, random: &mut Random) -> Duration {
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

/// The item whose turn it is.
fn turn<T>(items: &[T], number: u32) -> Option<&T> {
    items.get(number as usize % items.len().max(1))
}
