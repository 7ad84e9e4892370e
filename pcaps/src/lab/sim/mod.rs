//! Simulated hosts on the network: virtual time, one seed, and everything from a SYN to a browser's impatience.
//!
//! A [`Simulation`] starts the connections of a [`cast`], lets frames and timers come in the order of their times, and
//! ends when nothing happens any more. The same scenario gives the same bytes.

mod cast;
mod endpoint;
mod icmp;
mod quic;
mod seal;
mod tcp;
mod tls;

use std::collections::HashMap;
use std::net::SocketAddr;

use dissectors::time::Time;
use ring::error::KeyRejected;

use self::cast::Cast;
use self::endpoint::Endpoint;
use super::authority::Authority;
use super::network::Network;
use super::played::{Connection, Played};
use super::scenario::Scenario;
use super::schedule::{self, Plan};
use crate::middlebox::delay::DelayLine;
use crate::middlebox::{Decision, Port};
use crate::net::frame::{Packet, Transport};

/// How long a simulation goes on at most after its last connection began, where the scenario does not say: longer than
/// any browser waits, and than the detector keeps a silent flow.
const PATIENCE_SECONDS: u64 = 180;

/// The two ends of a connection as one of them sees it: who it is, whom it talks to, and whether over TCP.
type Ends = (SocketAddr, SocketAddr, bool);

/// Runs a scenario with simulated hosts.
///
/// # Errors
///
/// None in practice; see [`Authority::public`].
pub fn simulate(scenario: &Scenario) -> Result<Played, KeyRejected> {
    let interception = scenario.interceptor.as_ref();
    let forger = interception.map(|it| Authority::interception(it, &scenario.seed, scenario.begins())).transpose()?;
    let interception_root = forger.as_ref().map(Authority::root_pem);
    let cast = Cast::new(scenario, forger)?;
    let mut simulation = Simulation::new(scenario, cast);
    simulation.run();
    let Simulation { network, decisions, mut connections, hosts, .. } = simulation;
    for (connection, host) in &mut connections {
        connection.satisfied = hosts.get(*host).and_then(|host| host.endpoint.satisfied());
    }
    let connections = connections.into_iter().map(|(connection, _)| connection).collect();
    let (forgotten, captures) = (network.forgotten(), network.into_captures());
    Ok(Played { captures, decisions, connections, interception_root, forgotten })
}

/// An endpoint where it stands.
struct Host {
    port: Port,
    endpoint: Endpoint,
    /// What to try again, and how often, if it fails.
    plan: Option<Plan>,
    /// The sequence number of the SYN that began it; 0 of a client's own and over UDP.
    began: u32,
}

struct Simulation<'a> {
    cast: Cast<'a>,
    network: Network,
    hosts: Vec<Host>,
    by_ends: HashMap<(Port, Ends), usize>,
    timers: DelayLine<Time, usize>,
    plans: DelayLine<Time, Plan>,
    connections: Vec<(Connection, usize)>,
    decisions: Vec<Decision>,
    end: Time,
}

impl<'a> Simulation<'a> {
    fn new(scenario: &Scenario, cast: Cast<'a>) -> Self {
        let begins = scenario.begins();
        let mut plans = DelayLine::default();
        let mut last = begins;
        for plan in schedule::plans(scenario, begins) {
            last = last.max(plan.at);
            plans.push(plan.at, plan);
        }
        let patience = std::time::Duration::from_secs(PATIENCE_SECONDS);
        let told = scenario.ends.map(|ends| begins.after(crate::middlebox::law::milliseconds(ends * 1e3)));
        Self {
            cast,
            network: Network::new(scenario, begins),
            hosts: Vec::new(),
            by_ends: HashMap::new(),
            timers: DelayLine::default(),
            plans,
            connections: Vec::new(),
            decisions: Vec::new(),
            end: told.unwrap_or(last.after(patience)),
        }
    }

    fn run(&mut self) {
        while let Some(now) = self.next_deadline().filter(|now| *now <= self.end) {
            for (port, frame) in self.network.poll(now) {
                self.deliver(now, port, &frame);
            }
            while let Some(number) = self.timers.pop_due(now) {
                self.wake(now, number);
            }
            while let Some(plan) = self.plans.pop_due(now) {
                self.begin(now, plan);
            }
        }
        self.decisions = self.network.take_decisions();
    }

    fn next_deadline(&self) -> Option<Time> {
        [self.network.next_deadline(), self.timers.next_due(), self.plans.next_due()].into_iter().flatten().min()
    }

    /// A frame reaches the hosts behind a port.
    fn deliver(&mut self, now: Time, port: Port, frame: &[u8]) {
        let Some(packet) = Packet::parse(frame) else { return self.complaint(now, port, frame) };
        let ends = (packet.destination(), packet.source(), packet.tcp().is_some());
        let known = self.by_ends.get(&(port, ends)).copied();
        let began = known.and_then(|number| self.hosts.get(number)).map(|host| host.began);
        if opens(&packet, began) && self.accept(now, port, ends, &packet) {
            return;
        }
        match known {
            Some(number) => {
                if let Some(host) = self.hosts.get_mut(number) {
                    host.endpoint.on_packet(now, &packet);
                }
                self.after(now, number);
            }
            None => {
                if let Some(frame) = self.cast.refuse(&packet) {
                    self.network.send(now, port, frame);
                }
            }
        }
    }

    /// A server hears of a connection, if there is one at this address.
    fn accept(&mut self, now: Time, port: Port, ends: Ends, packet: &Packet) -> bool {
        let Some(endpoint) = self.cast.server(now, port, packet) else { return false };
        let began = packet.tcp().map_or(0, |tcp| tcp.sequence_number);
        self.add(now, ends, Host { port, endpoint, plan: None, began });
        true
    }

    /// A client begins a connection.
    fn begin(&mut self, now: Time, plan: Plan) {
        let Some((port, endpoint, connection)) = self.cast.client(now, plan) else { return };
        let ends = (connection.client, connection.server, connection.is_tcp);
        self.connections.push((connection, self.hosts.len()));
        self.add(now, ends, Host { port, endpoint, plan: Some(plan), began: 0 });
    }

    fn add(&mut self, now: Time, ends: Ends, host: Host) {
        let number = self.hosts.len();
        self.by_ends.insert((host.port, ends), number);
        self.hosts.push(host);
        self.after(now, number);
    }

    fn wake(&mut self, now: Time, number: usize) {
        let Some(host) = self.hosts.get_mut(number) else { return };
        if host.endpoint.deadline().is_some_and(|deadline| deadline <= now) {
            host.endpoint.on_time(now);
            self.after(now, number);
        }
    }

    /// After something happened to a host: sends what it sends, sets its timer, and tries again what failed.
    fn after(&mut self, now: Time, number: usize) {
        let Some(host) = self.hosts.get_mut(number) else { return };
        for frame in host.endpoint.take_frames() {
            self.network.send(now, host.port, frame);
        }
        if let Some(deadline) = host.endpoint.deadline() {
            self.timers.push(deadline, number);
        }
        if host.endpoint.satisfied() == Some(false)
            && let Some(again) = host.plan.take().and_then(|plan| plan.again(now))
        {
            self.plans.push(again.at, again);
        }
    }

    /// An ICMP error: a host behind `port` learns of a smaller MTU.
    fn complaint(&mut self, now: Time, port: Port, frame: &[u8]) {
        let Some((mtu, quoted)) = icmp::too_big(frame) else { return };
        if let Some(number) = self.by_ends.get(&(port, quoted)).copied() {
            if let Some(host) = self.hosts.get_mut(number) {
                host.endpoint.on_too_big(now, mtu);
            }
            self.after(now, number);
        }
    }
}

/// Whether a packet begins a connection at a server, where the last one of the same ends began with this sequence number.
fn opens(packet: &Packet, began: Option<u32>) -> bool {
    match &packet.transport {
        Transport::Tcp(tcp) => packet.opens_connection() && began != Some(tcp.sequence_number),
        Transport::Udp(_) => began.is_none(),
    }
}

#[cfg(test)]
mod tests;
