//! Simulated ends over good and bad paths: whatever is lost, what was asked for arrives, or the client gives up.

use super::*;

/// A scenario with one kind of traffic to a server with QUIC.
fn scenario(path: &str, traffic: &str) -> Scenario {
    let text = format!(
        "about = \"test\"\nsources = []\n{path}\n[[server]]\naddresses = [\"198.51.100.1\", \"2001:db8::1\"]\n\
         names = [\"*.example\"]\nquic = true\n[[traffic]]\nnames = [\"a.example\"]\nrate = 20\n{traffic}\n"
    );
    Scenario::parse("test.toml", &text).unwrap_or_else(|error| panic!("{error}"))
}

fn satisfied(path: &str, traffic: &str) -> (usize, usize) {
    let simulated = simulate(&scenario(path, traffic)).unwrap();
    let all = simulated.connections.len();
    (simulated.connections.iter().filter(|connection| connection.satisfied == Some(true)).count(), all)
}

#[test]
fn everything_arrives_over_a_good_path() {
    for traffic in [
        "connections = 4",
        "connections = 4\ntls = \"1.2\"",
        "connections = 4\nclient = \"go\"\nsegments = 40",
        "connections = 4\nclient = \"safari\"\nrecords = 60",
        "connections = 4\nquic = true\nresponse = 90000",
        "connections = 4\nclients = [\"2001:db8:1::1\"]",
        "connections = 4\nquic = true\nquic-prelude = true\nclients = [\"2001:db8:1::1\"]",
    ] {
        assert_eq!(satisfied("", traffic), (4, 4), "{traffic}");
    }
}

#[test]
fn losses_are_repaired() {
    let path = "[path.outside]\nloss = 0.08\nreorder = 0.05\ndelay-ms = 20";
    for traffic in [
        "connections = 20\nresponse = 60000\ngives-up-ms = 120000",
        "connections = 20\nresponse = 60000\ngives-up-ms = 120000\ntls = \"1.2\"",
        "connections = 20\nresponse = 60000\ngives-up-ms = 120000\nquic = true",
    ] {
        assert_eq!(satisfied(path, traffic), (20, 20), "{traffic}");
    }
}

#[test]
fn a_smaller_mtu_is_learnt_where_routers_speak() {
    for clients in ["192.0.2.1", "2001:db8:1::1"] {
        let traffic = format!("connections = 3\nresponse = 20000\nclients = [\"{clients}\"]");
        assert_eq!(satisfied("[path.outside]\nmtu = 1300", &traffic), (3, 3), "{clients}");
        assert_eq!(satisfied("[path.outside]\nmtu = 1300\npmtud = \"hole\"", &traffic), (0, 3), "{clients}");
    }
}

#[test]
fn who_gets_nothing_gives_up_and_tries_again_as_often_as_asked() {
    let path = "[[middlebox.rule]]\nname = \"gone\"\nmatch = { sni = [\"a.example\"] }\ndrop = {}";
    for quic in [false, true] {
        let traffic = format!("connections = 2\nretries = 2\nquic = {quic}\ngives-up-ms = 4000");
        let simulated = simulate(&scenario(path, &traffic)).unwrap();
        assert_eq!(simulated.connections.len(), 6);
        assert!(simulated.connections.iter().all(|connection| connection.satisfied == Some(false)));
        assert_eq!(simulated.decisions.len(), 6);
    }
}

/// The retransmissions of a hello that is never acknowledged, in milliseconds after it: 200 ms and then doubling, since
/// the round trip is shorter than Linux's least.
#[test]
fn a_dropped_hello_is_sent_again_at_doubling_intervals() {
    let path = "ends = 20\n[path]\nvantages = [\"client\"]\n[[middlebox.rule]]\nname = \"gone\"\n\
                match = { sni = [\"a.example\"] }\ndrop = { from = \"client\" }";
    let simulated = simulate(&scenario(path, "connections = 1\npost-quantum = false")).unwrap();
    let (_, frames) = &simulated.captures[0];
    let hellos: Vec<Time> = frames
        .iter()
        .filter(|frame| frame.sender == crate::net::Side::Client)
        .filter(|frame| Packet::parse(&frame.bytes).is_some_and(|packet| !packet.payload.is_empty()))
        .map(|frame| frame.time)
        .collect();
    let since: Vec<u128> = hellos.iter().map(|time| time.since(hellos[0]).as_millis()).collect();
    assert_eq!(since, [0, 200, 600, 1_400, 3_000, 6_200, 12_600]);
}
