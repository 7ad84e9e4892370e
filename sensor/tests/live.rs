//! `hushwire live` on virtual wires, with everything that makes a service: signals, rotation, several interfaces.
//!
//! They need root and network namespaces. Without, they say so and pass.
#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "live/process.rs"]
mod process;
#[path = "live/traffic.rs"]
mod traffic;
#[path = "live/wire.rs"]
mod wire;

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::thread;
use std::time::Duration;

use process::{Live, Output};
use traffic::Traffic;
use wire::Wire;

/// Connections of a test's traffic.
const CONNECTIONS: usize = 300;

#[test]
fn every_handshake_is_recorded_and_no_frame_is_lost() {
    for workers in ["1", "2"] {
        let Some(wire) = Wire::lay(&format!("all{workers}"), 1) else { return };
        let traffic = Traffic::handshakes(CONNECTIONS);
        let live = Live::start(&wire, "all", &["--workers", workers]);
        wire.send(0, traffic.frames());
        let output = live.stop();
        assert_eq!(output.status, 0, "{}", output.log);
        assert_eq!(output.flows(), traffic.flows());
        let summary = output.summary();
        assert_eq!(summary["capture"]["dropped"], 0);
        assert_eq!(summary["attempts"], CONNECTIONS);
        let (received, lost) = output.counters(0);
        assert_eq!((summary["packets"].as_u64().unwrap(), 0), (received, lost), "{}", output.log);
        assert!(received >= traffic.frames().len() as u64);
    }
}

#[test]
fn a_stop_in_the_middle_loses_nothing_that_was_captured() {
    let Some(wire) = Wire::lay("stop", 1) else { return };
    let traffic = Traffic::handshakes(CONNECTIONS);
    let half = traffic.frames().len() / 2;
    let live = Live::start(&wire, "stop", &[]);
    let output = thread::scope(|scope| {
        let (before, after) = traffic.frames().split_at(half);
        wire.send(0, before);
        scope.spawn(|| wire.send(0, after));
        live.stop()
    });
    assert_eq!(output.status, 0, "{}", output.log);
    let missing: Vec<_> = traffic.first(half).flows().difference(&output.flows()).cloned().collect();
    assert!(missing.is_empty(), "{missing:?}");
    assert_eq!(output.summary()["capture"]["dropped"], 0);
}

#[test]
fn the_two_directions_of_a_tap_become_one_capture() {
    let Some(wire) = Wire::lay("tap", 2) else { return };
    let traffic = Traffic::handshakes(CONNECTIONS);
    let live = Live::start(&wire, "tap", &["--workers", "2"]);
    wire.send_by(traffic.frames(), |frame| usize::from(traffic::is_from_server(frame)));
    let output = live.stop();
    assert_eq!(output.flows(), traffic.flows());
    let summary = output.summary();
    let replayed = traffic.replayed();
    assert_eq!(summary["outcomes"]["completed"], replayed["outcomes"]["completed"], "{}", summary["outcomes"]);
    assert_eq!(summary["capture"]["gaps"], 0);
}

#[test]
fn time_moves_on_a_silent_wire() {
    let Some(wire) = Wire::lay("silent", 1) else { return };
    let live = Live::start(&wire, "silent", &["--stats-seconds", "1", "--filter", "tcp port 9"]);
    thread::sleep(Duration::from_millis(3_500));
    let output = live.stop();
    let times: BTreeSet<String> = output.events("stats").iter().map(Output::timestamp).collect();
    assert!(times.len() >= 3, "{times:?}");
}

/// The key can be read by its owner alone, as it should be.
#[test]
fn no_address_is_in_the_log_and_with_a_key_none_in_an_output() {
    let Some(wire) = Wire::lay("private", 1) else { return };
    let traffic = Traffic::handshakes(50);
    let key = wire.folder().join("key");
    fs::write(&key, [7; 32]).unwrap();
    fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();
    let live = Live::start(&wire, "private", &["--anonymize", "keyed", "--anonymize-key", key.to_str().unwrap()]);
    wire.send(0, traffic.frames());
    let output = live.stop();
    assert_eq!((output.status, output.flows().len()), (0, traffic.flows().len()), "{}", output.log);
    let written =
        output.log.clone() + &output.summary().to_string() + &output.files.values().cloned().collect::<String>();
    for address in traffic.flows().into_iter().flat_map(|(client, _, server, _)| [client, server]) {
        let shown = written.match_indices(&address).any(|(at, _)| {
            let neighbours = [written[..at].chars().next_back(), written[at + address.len()..].chars().next()];
            !neighbours.into_iter().flatten().any(|c| c.is_ascii_digit())
        });
        assert!(!shown, "{address}");
    }
}

#[test]
fn signals_are_heard() {
    let Some(wire) = Wire::lay("signal", 1) else { return };
    let traffic = Traffic::handshakes(50);
    let list = wire.folder().join("list.csv");
    fs::write(&list, GOOD).unwrap();
    let live = Live::start(&wire, "signal", &["--stats-seconds", "0", "--blocklist", list.to_str().unwrap()]);
    wire.send(0, traffic.frames());
    thread::sleep(Duration::from_millis(700));
    live.signal("USR1");
    live.until("statistics", || live.file("sni.csv").lines().count() > 1 && live.file("eve.json").contains("stats"));
    fs::write(&list, "kind,class,label,sha256\nroot,,b,zz\n").unwrap();
    live.signal("HUP");
    live.until("a refusal", || live.log().contains("the blocklists stay as they were"));
    fs::write(&list, GOOD).unwrap();
    live.signal("HUP");
    live.until("a reload", || live.log().contains("the blocklists were read again"));
    let output = live.stop();
    assert_eq!(output.status, 0, "{}", output.log);
    assert_eq!(output.flows(), traffic.flows());
}

const GOOD: &str =
    "kind,class,label,sha256\nroot,,a,0000000000000000000000000000000000000000000000000000000000000001\n";

#[test]
fn closed_files_are_whole_and_nothing_is_between_them() {
    let Some(wire) = Wire::lay("rotate", 1) else { return };
    let traffic = Traffic::handshakes(CONNECTIONS);
    let live = Live::start(&wire, "rotate", &["--rotate-size", "20000"]);
    for part in traffic.frames().chunks(traffic.frames().len() / 3 + 1) {
        wire.send(0, part);
        thread::sleep(Duration::from_millis(1_300));
    }
    let output = live.stop();
    assert!(output.files.len() >= 3, "{:?}", output.files.keys());
    for (name, content) in &output.files {
        assert!(content.is_empty() || content.ends_with('\n'), "{name} is torn");
    }
    assert_eq!(output.flows(), traffic.flows());
}

#[test]
fn an_interface_that_is_not_there_is_named() {
    let Some(wire) = Wire::lay("none", 0) else { return };
    let output = Live::refused(&wire, &["-i", "nowhere0"]);
    assert_eq!(output.0, 2);
    assert!(output.1.contains("nowhere0: cannot be captured from"), "{}", output.1);
}
