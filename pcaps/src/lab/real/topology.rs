//! The real network as a plan: namespaces, cables between them, addresses and routes. Data only.
//!
//! The hosts inside, those outside and the interceptor each live in a network namespace of their own, with one cable to
//! the box's. Cables
//! have no offloads, so that every captured frame is one that a wire could carry, with its checksum; all neighbours are
//! known beforehand, so that nothing but the scenario's packets is ever sent.

use std::net::{IpAddr, Ipv4Addr};

use super::command::Command;
use crate::lab::scenario::{Program, Scenario, Traffic};
use crate::middlebox::Port;

/// How the names of all namespaces begin; the process that made them follows.
pub(super) const PREFIX: &str = "hushwire-lab-";

/// The box's interfaces: inside, outside, to the interceptor.
pub(super) const BOX_INTERFACES: [&str; 3] = ["west", "east", "trap"];
/// The interface of every host.
pub(super) const INTERFACE: &str = "lab0";

/// Where an interceptor of the kind that asks the true server finds it (RFC 6598 space: nobody's of the scenario).
pub(super) const BACK_DOOR: IpAddr = IpAddr::V4(Ipv4Addr::new(100, 64, 0, 1));
const BACK_DOOR_CLIENT: IpAddr = IpAddr::V4(Ipv4Addr::new(100, 64, 0, 2));

/// TTL of hosts that serve nothing.
const USUAL_TTL: u8 = 64;
/// Link addresses of the hosts inside and of those outside.
const INSIDE_MAC: &str = "02:00:00:00:00:01";
const OUTSIDE_MAC: &str = "02:00:00:00:00:02";

/// The namespaces of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Places {
    /// Where the hosts inside are.
    pub(super) inside: String,
    /// Where the box is.
    pub(super) middle: String,
    /// Where the hosts outside are.
    pub(super) outside: String,
    /// Where somebody answers in the servers' place.
    pub(super) interceptor: Option<String>,
}

impl Places {
    /// Those of a process.
    pub(super) fn of(process: u32, has_interceptor: bool) -> Self {
        let name = |what: &str| format!("{PREFIX}{process}-{what}");
        Self {
            inside: name("inside"),
            middle: name("box"),
            outside: name("outside"),
            interceptor: has_interceptor.then(|| name("interceptor")),
        }
    }

    /// All of them.
    pub(super) fn all(&self) -> impl Iterator<Item = &str> {
        [&self.inside, &self.middle, &self.outside].into_iter().chain(&self.interceptor).map(String::as_str)
    }

    /// Where the hosts behind a port are.
    pub(super) fn behind(&self, port: Port) -> &str {
        match port {
            Port::Inside => &self.inside,
            Port::Outside => &self.outside,
            Port::Interceptor => self.interceptor.as_deref().unwrap_or(&self.outside),
        }
    }

    /// The box's interfaces that have a cable.
    pub(super) fn box_interfaces(&self) -> &'static [&'static str] {
        let cables = if self.interceptor.is_some() { 3 } else { 2 };
        BOX_INTERFACES.get(..cables).unwrap_or(&BOX_INTERFACES)
    }
}

/// What builds a scenario's network.
pub(super) fn plan(scenario: &Scenario, places: &Places) -> Vec<Command> {
    let inside = Host::behind(Port::Inside, scenario);
    let outside = Host::behind(Port::Outside, scenario);
    let [west, east, trap] = BOX_INTERFACES;
    let mut plan: Vec<Command> = places.all().map(|name| Command::new("ip netns add").arg(name)).collect();
    for (namespace, at_box, host, other) in
        [(&places.inside, west, &inside, &outside), (&places.outside, east, &outside, &inside)]
    {
        plan.extend(cable(&places.middle, at_box, namespace, host.mac));
        plan.extend(host.settings(namespace));
        plan.extend(other.as_neighbours(namespace));
    }
    if let (Some(namespace), Some(it)) = (&places.interceptor, &scenario.interceptor) {
        // It answers for the servers, wherever they are, and so has the link address of those who do.
        let servers = distinct(scenario.servers.iter().flat_map(|server| &server.addresses));
        let is_outside = scenario.servers.first().is_none_or(|server| server.side.port() == Port::Outside);
        let (host, other) = if is_outside { (&outside, &inside) } else { (&inside, &outside) };
        plan.extend(cable(&places.middle, trap, namespace, host.mac));
        plan.extend(Host { mac: host.mac, ttl: it.ttl, addresses: servers }.settings(namespace));
        plan.extend(other.as_neighbours(namespace));
        if scenario.real.interceptor == Program::Mitmproxy {
            plan.extend(back_door(namespace, places.behind(if is_outside { Port::Outside } else { Port::Inside })));
        }
    }
    plan
}

/// All hosts behind a port of the box: one namespace with all their addresses.
struct Host {
    mac: &'static str,
    ttl: u8,
    addresses: Vec<IpAddr>,
}

impl Host {
    fn behind(port: Port, scenario: &Scenario) -> Self {
        let servers = || scenario.servers.iter().filter(|server| server.side.port() == port);
        let asks_beyond = |traffic: &&Traffic| {
            let mut names = traffic.names.iter().filter_map(|name| scenario.server_of(name.get_ref()));
            names.any(|server| server.side.port() != port)
        };
        let clients = scenario.traffic.iter().filter(asks_beyond).flat_map(|traffic| &traffic.clients);
        Self {
            mac: if port == Port::Inside { INSIDE_MAC } else { OUTSIDE_MAC },
            ttl: servers().next().map_or(USUAL_TTL, |server| server.ttl),
            addresses: distinct(servers().flat_map(|server| &server.addresses).chain(clients)),
        }
    }

    /// Its addresses, its way to all others, and with which TTL its packets leave.
    fn settings(&self, namespace: &str) -> Vec<Command> {
        let mut plan: Vec<Command> = self.addresses.iter().map(|address| own(namespace, *address)).collect();
        let default = |family| Command::new("ip").arg(family).arg("-n").arg(namespace).args("route add default dev");
        plan.extend(["-4", "-6"].map(|family| default(family).arg(INTERFACE)));
        let (v4, v6) = (self.ttl, format!("net.ipv6.conf.{INTERFACE}.hop_limit={}", self.ttl));
        plan.push(Command::new("sysctl -qw").arg(format!("net.ipv4.ip_default_ttl={v4}")).arg(v6).within(namespace));
        plan
    }

    fn as_neighbours(&self, namespace: &str) -> impl Iterator<Item = Command> {
        self.addresses.iter().map(move |address| {
            let line = format!("neighbour add {address} lladdr {} dev {INTERFACE}", self.mac);
            Command::new("ip -n").arg(namespace).args(&line)
        })
    }
}

fn own(namespace: &str, address: IpAddr) -> Command {
    let whole = if address.is_ipv4() { 32 } else { 128 };
    Command::new("ip -n").arg(namespace).args(&format!("address add {address}/{whole} dev {INTERFACE}"))
}

/// The setting by which clients have TCP timestamps or not: it is one for a whole namespace.
pub(super) fn timestamps(namespace: &str, wanted: bool) -> Command {
    Command::new("sysctl -qw").arg(format!("net.ipv4.tcp_timestamps={}", u8::from(wanted))).within(namespace)
}

/// A cable from a host to the box, both ends up.
fn cable(middle: &str, at_box: &str, namespace: &str, mac: &str) -> Vec<Command> {
    let ip = |namespace: &str, line: &str| Command::new("ip -n").arg(namespace).args(line);
    let add = ip(middle, &format!("link add {at_box} type veth peer name {INTERFACE} netns"));
    let mut plan = vec![
        ip(namespace, "link set lo up"),
        add.arg(namespace),
        ip(namespace, &format!("link set {INTERFACE} address {mac}")),
    ];
    for (namespace, interface) in [(namespace, INTERFACE), (middle, at_box)] {
        plan.push(Command::new("ethtool -K").arg(interface).args("tx off tso off gso off gro off").within(namespace));
        plan.push(silent(namespace, interface));
        plan.push(ip(namespace, &format!("link set {interface} up")));
    }
    plan
}

/// No address of the kernel's own making, so that it stays silent.
fn silent(namespace: &str, interface: &str) -> Command {
    let settings = ["accept_dad=0", "addr_gen_mode=1", "router_solicitations=0"];
    let command = Command::new("sysctl -qw").within(namespace);
    settings.iter().fold(command, |command, setting| command.arg(format!("net.ipv6.conf.{interface}.{setting}")))
}

/// A cable from the interceptor to the true servers that does not pass the box.
fn back_door(interceptor: &str, server: &str) -> Vec<Command> {
    let within = |namespace: &str, what: &str| Command::new("ip -n").arg(namespace).args(what);
    vec![
        within(interceptor, "link add b0 type veth peer name b1 netns").arg(server),
        within(interceptor, &format!("address add {BACK_DOOR_CLIENT}/30 dev b0")),
        within(server, &format!("address add {BACK_DOOR}/30 dev b1")),
        within(interceptor, "link set b0 up"),
        within(server, "link set b1 up"),
    ]
}

/// Each address once.
pub(super) fn distinct<'a>(addresses: impl Iterator<Item = &'a IpAddr>) -> Vec<IpAddr> {
    let mut distinct: Vec<IpAddr> = addresses.copied().collect();
    distinct.sort_unstable();
    distinct.dedup();
    distinct
}
