//! The real network as a plan: namespaces, cables between them, addresses and routes. Data only.
//!
//! Clients, servers and interceptor each live in a network namespace of their own, with one cable to the box's. Cables
//! have no offloads, so that every captured frame is one that a wire could carry, with its checksum; all neighbours are
//! known beforehand, so that nothing but the scenario's packets is ever sent.

use std::net::IpAddr;

use super::command::Command;
use crate::lab::scenario::{Program, Scenario};

/// How the names of all namespaces begin; the process that made them follows.
pub(super) const PREFIX: &str = "hushwire-lab-";

/// The box's interfaces: inside, outside, to the interceptor.
pub(super) const BOX_INTERFACES: [&str; 3] = ["west", "east", "trap"];
/// The interfaces of clients and servers.
pub(super) const CLIENT_INTERFACE: &str = "c0";
/// See [`CLIENT_INTERFACE`].
pub(super) const SERVER_INTERFACE: &str = "s0";
const INTERCEPTOR_INTERFACE: &str = "i0";

/// Where an interceptor of the kind that asks the true server finds it (RFC 6598 space: nobody's of the scenario).
pub(super) const BACK_DOOR: &str = "100.64.0.1";
const BACK_DOOR_CLIENT: &str = "100.64.0.2";

const CLIENT_MAC: &str = "02:00:00:00:00:01";
const SERVER_MAC: &str = "02:00:00:00:00:02";

/// The namespaces of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Places {
    /// Where the clients are.
    pub(super) client: String,
    /// Where the box is.
    pub(super) middle: String,
    /// Where the servers are.
    pub(super) server: String,
    /// Where somebody answers in the servers' place.
    pub(super) interceptor: Option<String>,
}

impl Places {
    /// Those of a process.
    pub(super) fn of(process: u32, has_interceptor: bool) -> Self {
        let name = |what: &str| format!("{PREFIX}{process}-{what}");
        Self {
            client: name("client"),
            middle: name("box"),
            server: name("server"),
            interceptor: has_interceptor.then(|| name("interceptor")),
        }
    }

    /// All of them.
    pub(super) fn all(&self) -> impl Iterator<Item = &str> {
        [&self.client, &self.middle, &self.server].into_iter().chain(&self.interceptor).map(String::as_str)
    }

    /// The box's interfaces that have a cable.
    pub(super) fn box_interfaces(&self) -> &'static [&'static str] {
        let cables = if self.interceptor.is_some() { 3 } else { 2 };
        BOX_INTERFACES.get(..cables).unwrap_or(&BOX_INTERFACES)
    }
}

/// What builds a scenario's network.
pub(super) fn plan(scenario: &Scenario, places: &Places) -> Vec<Command> {
    let clients = distinct(scenario.traffic.iter().flat_map(|traffic| &traffic.clients));
    let servers = distinct(scenario.servers.iter().flat_map(|server| &server.addresses));
    let server_ttl = scenario.servers.first().map_or(64, |server| server.ttl);
    let [west, east, trap] = BOX_INTERFACES;
    let mut plan: Vec<Command> = places.all().map(|name| Command::new("ip netns add").arg(name)).collect();
    let mut host = |end: &End<'_>, at_box, ttl, addresses: &[IpAddr], others: &[IpAddr], other_mac| {
        plan.push(Command::new("ip -n").arg(end.namespace).args("link set lo up"));
        plan.extend(cable(&places.middle, at_box, end));
        plan.extend(addresses.iter().map(|address| end.ip(&format!("address add {} nodad", Host(*address)))));
        plan.extend(others.iter().map(|other| end.ip(&format!("neighbour add {other} lladdr {other_mac}"))));
        plan.extend(["-4", "-6"].map(|family| end.ip_of(family, "route add default")));
        plan.extend(ages(end, ttl));
    };
    let client = End { namespace: &places.client, interface: CLIENT_INTERFACE, mac: CLIENT_MAC };
    host(&client, west, 64, &clients, &servers, SERVER_MAC);
    let server = End { namespace: &places.server, interface: SERVER_INTERFACE, mac: SERVER_MAC };
    host(&server, east, server_ttl, &servers, &clients, CLIENT_MAC);
    if let (Some(namespace), Some(it)) = (&places.interceptor, &scenario.interceptor) {
        let interceptor = End { namespace, interface: INTERCEPTOR_INTERFACE, mac: SERVER_MAC };
        host(&interceptor, trap, it.ttl, &servers, &clients, CLIENT_MAC);
        if scenario.real.interceptor == Program::Mitmproxy {
            plan.extend(back_door(namespace, &places.server));
        }
    }
    plan
}

/// The setting by which clients have TCP timestamps or not: it is one for the whole namespace.
pub(super) fn timestamps(places: &Places, wanted: bool) -> Command {
    Command::new("sysctl -qw").arg(format!("net.ipv4.tcp_timestamps={}", u8::from(wanted))).within(&places.client)
}

/// One end of a cable, at a host.
struct End<'a> {
    namespace: &'a str,
    interface: &'a str,
    mac: &'a str,
}

impl End<'_> {
    fn ip(&self, what: &str) -> Command {
        Command::new("ip -n").arg(self.namespace).args(what).args("dev").arg(self.interface)
    }

    fn ip_of(&self, family: &str, what: &str) -> Command {
        Command::new("ip").arg(family).arg("-n").arg(self.namespace).args(what).args("dev").arg(self.interface)
    }
}

fn cable(middle: &str, at_box: &str, end: &End<'_>) -> Vec<Command> {
    let add = Command::new("ip -n").arg(middle).args("link add").arg(at_box).args("type veth peer name");
    let mut plan = vec![add.arg(end.interface).arg("netns").arg(end.namespace)];
    plan.push(Command::new("ip -n").arg(end.namespace).args("link set").arg(end.interface).arg("address").arg(end.mac));
    for (namespace, interface) in [(end.namespace, end.interface), (middle, at_box)] {
        plan.push(Command::new("ethtool -K").arg(interface).args("tx off tso off gso off gro off").within(namespace));
        plan.push(silent(namespace, interface));
        plan.push(Command::new("ip -n").arg(namespace).args("link set").arg(interface).arg("up"));
    }
    plan
}

/// No address of the kernel's own making, so that it stays silent.
fn silent(namespace: &str, interface: &str) -> Command {
    let settings = ["accept_dad=0", "addr_gen_mode=1", "router_solicitations=0"];
    let command = Command::new("sysctl -qw").within(namespace);
    settings.iter().fold(command, |command, setting| command.arg(format!("net.ipv6.conf.{interface}.{setting}")))
}

/// With which TTL packets leave.
fn ages(end: &End<'_>, ttl: u8) -> [Command; 1] {
    let (v4, v6) =
        (format!("net.ipv4.ip_default_ttl={ttl}"), format!("net.ipv6.conf.{}.hop_limit={ttl}", end.interface));
    [Command::new("sysctl -qw").arg(v4).arg(v6).within(end.namespace)]
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

/// An address with the length of its whole self.
struct Host(IpAddr);

impl std::fmt::Display for Host {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.0, if self.0.is_ipv4() { 32 } else { 128 })
    }
}

/// Each address once.
pub(super) fn distinct<'a>(addresses: impl Iterator<Item = &'a IpAddr>) -> Vec<IpAddr> {
    let mut distinct: Vec<IpAddr> = addresses.copied().collect();
    distinct.sort_unstable();
    distinct.dedup();
    distinct
}
