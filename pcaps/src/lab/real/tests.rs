//! Plans are data: what would be run is looked at here, and nothing is.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::clients::{Client, Kit};
use super::command::Command;
use super::keys::Keys;
use super::topology::{self, Places};
use super::{front, servers};
use crate::lab::scenario::{Program, Scenario, TlsVersion};
use crate::lab::schedule;

const SCENARIO: &str = r#"
about = "Both families, both directions, an interceptor, QUIC and a busy server."
sources = ["test"]
[interceptor]
authority = "Lab"
tls = "1.2"
ttl = 128
[[middlebox.rule]]
name = "cut"
match = { sni = ["a.example"] }
intercept = true
[[server]]
addresses = ["198.51.100.10", "2001:db8:b::10"]
names = ["a.example", "b.example"]
quic = true
[[server]]
addresses = ["198.51.100.20"]
names = ["slow.example"]
tls = "1.2"
silent = 0.5
[[server]]
side = "inside"
addresses = ["192.0.2.80"]
names = ["inside.example"]
[[traffic]]
names = ["a.example"]
connections = 1
rate = 1
[[traffic]]
names = ["b.example"]
connections = 1
rate = 1
clients = ["2001:db8:a::10"]
tls = "1.2"
gives-up-ms = 2500
response = 700
[[traffic]]
names = ["b.example"]
connections = 1
rate = 1
quic = true
quic-prelude = true
[[traffic]]
names = ["slow.example"]
connections = 1
rate = 1
records = 90
[[traffic]]
names = ["inside.example"]
connections = 1
rate = 1
clients = ["203.0.113.10"]
"#;

fn scenario() -> Scenario {
    Scenario::parse("test.toml", SCENARIO).unwrap()
}

fn lines(plan: &[Command]) -> Vec<String> {
    plan.iter().map(Command::to_string).collect()
}

fn keys(names: &[&str]) -> Keys {
    let chains = names.iter().map(|name| ((*name).to_owned(), PathBuf::from(format!("/w/{name}.pem")))).collect();
    Keys { key: "/w/server.key".into(), chains, root: String::new() }
}

#[test]
fn every_host_has_its_addresses_knows_all_others_and_touches_only_namespaces_of_ours() {
    let plan = lines(&topology::plan(&scenario(), &Places::of(7, true)));
    for expected in [
        "ip netns add hushwire-lab-7-interceptor",
        "ip -n hushwire-lab-7-box link add west type veth peer name lab0 netns hushwire-lab-7-inside",
        "ip netns exec hushwire-lab-7-inside ethtool -K lab0 tx off tso off gso off gro off",
        "ip -n hushwire-lab-7-inside address add 192.0.2.80/32 dev lab0",
        "ip -n hushwire-lab-7-inside address add 2001:db8:a::10/128 dev lab0",
        "ip -n hushwire-lab-7-inside neighbour add 2001:db8:b::10 lladdr 02:00:00:00:00:02 dev lab0",
        "ip -n hushwire-lab-7-outside address add 203.0.113.10/32 dev lab0",
        "ip -n hushwire-lab-7-outside neighbour add 192.0.2.80 lladdr 02:00:00:00:00:01 dev lab0",
        "ip -n hushwire-lab-7-interceptor link set lab0 address 02:00:00:00:00:02",
        "ip -n hushwire-lab-7-interceptor address add 198.51.100.10/32 dev lab0",
        "ip netns exec hushwire-lab-7-interceptor sysctl -qw net.ipv4.ip_default_ttl=128 net.ipv6.conf.lab0.hop_limit=128",
    ] {
        assert!(plan.iter().any(|line| line == expected), "{expected}\n{}", plan.join("\n"));
    }
    for line in &plan {
        let ours = ["ip netns add hushwire-lab-7-", "ip netns exec hushwire-lab-7-"];
        let within = line.split_once(" -n ").is_some_and(|(_, rest)| rest.starts_with("hushwire-lab-7-"));
        assert!(within || ours.iter().any(|ours| line.starts_with(ours)), "{line}");
    }
}

#[test]
fn mitmproxy_alone_has_a_way_to_the_true_servers() {
    let mut scenario = scenario();
    let has_back_door =
        |scenario: &Scenario| lines(&topology::plan(scenario, &Places::of(7, true))).join("\n").contains("100.64.0.1");
    assert!(!has_back_door(&scenario));
    scenario.real.interceptor = Program::Mitmproxy;
    assert!(has_back_door(&scenario));
    let text = servers::servers(&scenario, &keys(&["a.example"]), Path::new("/w"), "s").text;
    assert!(text.contains("listen 100.64.0.1:443 ssl http2;"), "{text}");
}

#[test]
fn nginx_serves_each_name_where_it_is_asked_with_the_versions_that_it_speaks() {
    let configuration = servers::servers(&scenario(), &keys(&["a.example", "slow.example"]), Path::new("/w"), "s");
    let blocks: Vec<&str> = configuration.text.split("server {").skip(1).collect();
    let [fast, slow] = blocks.as_slice() else { panic!("two servers: {}", configuration.text) };
    for (block, expected) in [
        (fast, "server_name a.example;"),
        (fast, "listen 198.51.100.10:443 ssl http2;\nlisten [2001:db8:b::10]:443 ssl http2;"),
        (fast, "ssl_protocols TLSv1.2 TLSv1.3;\nssl_certificate \"/w/a.example.pem\";"),
        (slow, "listen 127.0.0.1:8443 ssl http2;\nssl_protocols TLSv1.2;"),
    ] {
        assert!(block.contains(expected), "{expected}\n{block}");
    }
    assert!(configuration.listens.contains(&front::BEHIND));
    let forged = servers::interceptor(&scenario(), TlsVersion::Tls12, &keys(&["slow.example"]), Path::new("/w"));
    assert!(forged.text.contains("listen 198.51.100.20:443 ssl http2;\nssl_protocols TLSv1.2;"), "{}", forged.text);
}

#[test]
fn the_peer_serves_over_quic_only_what_is_asked_for_so() {
    let command = servers::quic(&scenario(), Path::new("/p/lab-peer"), &keys(&["a.example", "b.example"])).to_string();
    let expected = "/p/lab-peer serve --key /w/server.key --chain b.example=/w/b.example.pem 198.51.100.10:443 \
                    [2001:db8:b::10]:443";
    assert_eq!(command, expected);
}

#[test]
fn each_kind_of_connection_has_its_program() {
    let scenario = scenario();
    let kit = Kit { public: "/w/public.pem".into(), both: "/w/both.pem".into(), peer: "/p/lab-peer".into() };
    let plans = schedule::plans(&scenario, scenario.begins());
    let command = |number: usize| {
        let ask = plans[number].ask(&scenario).unwrap();
        let waits = schedule::waits(ask.traffic, &mut plans[number].random(&scenario));
        let client = Client { ask, port: 40_000, waits, bytes: 700, trusts_interceptor: number == 0 };
        client.command("n", &kit)
    };
    let [long, short, quic, cut] = [0, 1, 2, 3].map(|number| command(number).to_string());
    for (line, expected) in [
        (&long, "timeout 30 openssl s_client -quiet -bind 192.0.2.10:40000 -connect 198.51.100.10:443"),
        (&long, "-CAfile /w/both.pem -alpn http/1.1,0xxx"),
        (&short, "curl --silent"),
        (&short, "--connect-timeout 2.5 --speed-time 3 --max-time 62.5 --interface 2001:db8:a::10 --local-port 40000"),
        (
            &short,
            "--range 0-699 --resolve b.example:443:2001:db8:b::10 --cacert /w/public.pem --tls-max 1.2 https://b.",
        ),
        (&quic, "ip netns exec n /p/lab-peer fetch --roots /w/public.pem --from 192.0.2.10:40000"),
        (&quic, "--patience 10 --prelude"),
        (&cut, "--name slow.example --bytes 700 --patience 30 --records 90"),
    ] {
        assert!(line.contains(expected), "{expected}\n{line}");
    }
    let request = String::from_utf8(command(0).input).unwrap();
    assert!(request.contains("\r\nRange: bytes=0-699\r\nConnection: close\r\n\r\n"), "{request}");
    assert_eq!(plans[4].ask(&scenario).unwrap().stands, crate::middlebox::Port::Outside);
    assert_eq!(Duration::from_secs(30), schedule::waits(&scenario.traffic[0], &mut plans[0].random(&scenario)));
}

#[test]
fn what_needs_a_peer_is_left_out_without_one_and_counted() {
    let (played, left_out) = scenario().playable(false);
    assert_eq!((played.traffic.len(), left_out), (3, 2));
    let mut capped = scenario();
    capped.real.connections = Some(0);
    assert_eq!(capped.playable(true).1, 5);
}

#[test]
fn a_scenario_that_begins_now_keeps_the_ages_of_its_intermediates() {
    let text = SCENARIO.replace(
        "authority = \"Lab\"",
        "authority = \"Lab\"\nintermediates = [{ from = 2026-01-01, until = 2026-02-01 }]",
    );
    let before = Scenario::parse("test.toml", &text).unwrap();
    let after = before.clone().begun_at(before.begins().after(Duration::from_secs(86_400)));
    let until = |scenario: &Scenario| scenario.interceptor.as_ref().unwrap().intermediates[0].until.0;
    assert_eq!(after.begins().since(until(&after)), before.begins().since(until(&before)));
    assert_ne!(until(&after), until(&before));
}
