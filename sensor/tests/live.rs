//! `hushwire live` on virtual wires, with everything that makes a service: signals, rotation, several interfaces.
//!
//! They need root and network namespaces. Without, they say so and pass.
#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "live/process.rs"]
mod process;
#[path = "keylog/published.rs"]
mod published;
#[path = "../../dissectors/src/tls/tests/rfc8448.rs"]
mod rfc8448;
#[path = "live/traffic.rs"]
mod traffic;
#[path = "live/wire.rs"]
mod wire;

use std::collections::BTreeSet;
use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::Command;
use std::thread;
use std::time::Duration;

use process::{Live, Output};
use published::{CERTIFICATE, key_log};
use rfc8448::SERVER_SECRET;
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
        assert_eq!(received, traffic.frames().len() as u64);
    }
}

#[test]
fn a_stop_in_the_middle_loses_nothing_that_was_captured() {
    for (test, arguments) in [("stop", &[][..]), ("halt", &["--fanout", "--workers", "2"])] {
        let Some(wire) = Wire::lay(test, 1) else { return };
        let traffic = Traffic::handshakes(CONNECTIONS);
        let half = traffic.frames().len() / 2;
        let live = Live::start(&wire, test, arguments);
        let output = thread::scope(|scope| {
            let (before, after) = traffic.frames().split_at(half);
            wire.send(0, before);
            scope.spawn(|| wire.send(0, after));
            live.stop()
        });
        assert_eq!(output.status, 0, "{}", output.log);
        let missing: Vec<_> = traffic.first(half).flows().difference(&output.flows()).cloned().collect();
        assert!(missing.is_empty(), "{arguments:?}: {missing:?}");
        assert_eq!(output.summary()["capture"]["dropped"], 0);
    }
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
fn frames_that_find_no_room_to_wait_in_are_passed_on_and_counted() {
    let Some(wire) = Wire::lay("held", 2) else { return };
    let traffic = Traffic::handshakes(CONNECTIONS);
    let live = Live::start(&wire, "held", &["--max-held", "2000"]);
    wire.send_by(traffic.frames(), |frame| usize::from(traffic::is_from_server(frame)));
    let output = live.stop();
    assert_eq!(output.status, 0, "{}", output.log);
    let (summary, replayed) = (output.summary(), traffic.replayed());
    assert!(summary["limits"]["held_bytes"].as_u64() > Some(0), "{}", summary["limits"]);
    assert_eq!(summary["packets"], replayed["packets"]);
    for (rule, alerts) in summary["alerts"].as_object().unwrap() {
        assert!(alerts.as_u64() <= replayed["alerts"][rule].as_u64(), "{rule} of flows in disorder: {alerts}");
    }
}

/// Plain flows come whole to one socket each; of those in a tunnel, whose ends choose ports for each direction, many are
/// parted. Nothing of either is lost, and every conversation has its order.
#[test]
fn what_the_kernel_shares_out_is_one_capture() {
    for (test, tunnel) in [("plain", false), ("vxlan", true)] {
        let Some(wire) = Wire::lay(test, 1) else { return };
        let plain = Traffic::handshakes(CONNECTIONS);
        let traffic = if tunnel { plain.tunnelled() } else { plain };
        let live = Live::start(&wire, test, &["--fanout", "--workers", "3"]);
        assert!(live.log().contains("shared out among 3 threads"), "{}", live.log());
        wire.send(0, traffic.frames());
        let output = live.stop();
        assert_eq!(output.status, 0, "{}", output.log);
        assert_eq!(output.flows(), traffic.flows());
        let (summary, replayed) = (output.summary(), traffic.replayed());
        assert_eq!(summary["outcomes"]["completed"], replayed["outcomes"]["completed"], "{}", summary["outcomes"]);
        assert_eq!(summary["packets"], replayed["packets"]);
        assert_eq!((&summary["capture"]["gaps"], &summary["capture"]["dropped"]), (&0.into(), &0.into()));
        assert_eq!(output.counters(0), (traffic.frames().len() as u64, 0));
        assert_eq!(summary["capture"]["handed_over"].as_u64().unwrap() > 0, tunnel, "{}", summary["capture"]);
    }
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
    let rules = wire.folder().join("rules.toml");
    fs::write(&rules, "").unwrap();
    let files = ["--blocklist", list.to_str().unwrap(), "--rules", rules.to_str().unwrap()];
    let small = ["--max-certificates", "4", "--max-healthy", "4"];
    let live = Live::start(&wire, "signal", &[&["--stats-seconds", "0"][..], &small, &files].concat());
    wire.send(0, traffic.frames());
    thread::sleep(Duration::from_millis(700));
    live.signal("USR1");
    live.until("statistics", || live.file("sni.csv").lines().count() > 1 && live.file("eve.json").contains("stats"));
    fs::write(&list, "kind,class,label,sha256\nroot,,b,zz\n").unwrap();
    live.signal("HUP");
    live.until("a refusal", || live.log().contains("rules and blocklists stay as they were: blocklist"));
    fs::write(&list, GOOD).unwrap();
    fs::write(&rules, "[detectors.silence_after_hello]\nseverity = 0\n").unwrap();
    live.signal("HUP");
    live.until("a refusal of the rules", || live.log().contains("rules.toml:2: a severity is 1 to 4, not 0"));
    fs::write(&rules, "[numbers]\nhard-seconds = 12\n").unwrap();
    live.signal("HUP");
    live.until("a reload", || live.log().contains("rules and blocklists were read again"));
    let output = live.stop();
    assert_eq!(output.status, 0, "{}", output.log);
    assert_eq!(output.flows(), traffic.flows());
    let summary = output.summary();
    assert_eq!(summary["numbers"]["hard-seconds"], 12, "what is in force at the end");
    let caches = ["certificates", "healthy_certificates"];
    let stats = output.events("stats");
    let last = stats.last().unwrap();
    for caches in [&summary["caches"], &last["hushwire"]["caches"]].map(|counts| caches.map(|cache| &counts[cache])) {
        assert!(caches.iter().all(|count| count.as_u64() > Some(0)), "before the lists were read again: {caches:?}");
    }
}

/// The secret is written when the server has answered, as a client does, into a file that only root may read; and that
/// the file is then emptied and replaced is told.
#[test]
fn a_key_log_is_read_while_it_grows() {
    let Some(wire) = Wire::lay("keys", 1) else { return };
    let keys = wire.folder().join("secrets");
    fs::write(&keys, "# begun\n").unwrap();
    fs::set_permissions(&keys, fs::Permissions::from_mode(0o600)).unwrap();
    let arguments = ["--workers", "2", "--fanout", "--full", "--keylog", keys.to_str().unwrap()];
    let live = Live::start(&wire, "keys", &arguments);
    let ethernet = [&[2; 12][..], &[8, 0]].concat();
    let frames = published::frames().map(|frame| [&ethernet[..], &frame].concat());
    wire.send(0, &frames);
    thread::sleep(Duration::from_millis(200));
    OpenOptions::new().append(true).open(&keys).unwrap().write_all(key_log(SERVER_SECRET).as_bytes()).unwrap();
    live.until("a chain", || live.file("eve.json").contains(CERTIFICATE));
    fs::write(&keys, "").unwrap();
    live.until("word of the cut", || live.log().contains("was cut short"));
    let another = wire.folder().join("another");
    fs::write(&another, "# anew\n").unwrap();
    fs::rename(&another, &keys).unwrap();
    live.until("word of the replacement", || live.log().contains("was replaced"));
    let output = live.stop();
    assert_eq!(output.status, 0, "{}", output.log);
    assert_eq!(output.events("tls")[0]["hushwire"]["decryption"], "certificates");
    assert_eq!(output.summary()["keys"]["decrypted"], 1);
    let written = output.log.clone() + &output.summary().to_string() + &output.events("tls")[0].to_string();
    assert!(!written.contains(&SERVER_SECRET[..16]), "a secret is nowhere written");
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

/// The folder is a file system of its own that somebody else fills. What could not be written is said and counted, no line is
/// torn, and what comes when there is room again is written.
#[test]
fn a_full_disk_is_told_and_writing_goes_on_when_there_is_room() {
    let Some(wire) = Wire::lay("full", 1) else { return };
    let Some(disk) = Disk::mount(wire.folder().join("full")) else { return };
    let traffic = Traffic::handshakes(CONNECTIONS);
    let (before, after) = (traffic.first(traffic.frames().len() / 2), traffic.frames());
    let live = Live::start(&wire, "full", &["--no-drop", "--no-landlock"]);
    let filler = disk.fill();
    wire.send(0, before.frames());
    live.until("word of the full disk", || live.log().contains("No space left on device"));
    fs::remove_file(filler).unwrap();
    thread::sleep(TRIED_AGAIN);
    wire.send(0, &after[before.frames().len()..]);
    let output = live.stop();
    assert_eq!(output.log.matches("No space left on device").count(), 1, "{}", output.log);
    for line in output.files.values().flat_map(|content| content.lines()) {
        serde_json::from_str::<serde_json::Value>(line).unwrap();
    }
    let path = wire.folder().join("full").join("eve.json").display().to_string();
    let unwritten = output.summary()["unwritten"][path].as_u64().unwrap();
    let written = output.events("tls").len();
    assert!(unwritten > 0 && written > CONNECTIONS / 3, "{unwritten} were not written, {written} were");
    let (known, found) = (traffic.flows(), output.flows());
    assert!(found.is_subset(&known));
    assert!(found.len() + unwritten as usize >= known.len(), "{} of {} and {unwritten}", found.len(), known.len());
}

/// Longer than the program waits before it tries a file again that it could not write.
const TRIED_AGAIN: Duration = Duration::from_secs(12);

/// A small file system.
struct Disk(PathBuf);

impl Disk {
    /// Mounts it on a folder, or says why that is not possible.
    fn mount(at: PathBuf) -> Option<Self> {
        fs::create_dir_all(&at).unwrap();
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", "size=1m,mode=777", "tmpfs"]).arg(&at).status();
        if !mounted.is_ok_and(|status| status.success()) {
            println!("no file system can be mounted here, so that nothing is tested");
            return None;
        }
        Some(Self(at))
    }

    /// Writes a file that leaves no room.
    fn fill(&self) -> PathBuf {
        let path = self.0.join("filler");
        let mut file = fs::File::create(&path).unwrap();
        while file.write_all(&[0; 512]).is_ok() {}
        path
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(&self.0).status();
    }
}

/// What the kernel says of each thread, and a file that everyone may read but this process.
#[test]
fn it_runs_without_roots_powers() {
    let Some(wire) = Wire::lay("least", 1) else { return };
    let (lists, outside) = (wire.folder().join("lists"), wire.folder().join("outside.csv"));
    fs::create_dir_all(&lists).unwrap();
    fs::write(lists.join("list.csv"), GOOD).unwrap();
    fs::write(&outside, GOOD).unwrap();
    let live = Live::start(&wire, "least", &["--workers", "2", "--blocklist", lists.to_str().unwrap()]);
    live.until("threads", || live.threads().len() == 4);
    for thread in live.threads() {
        assert!(!thread["Uid"].split('\t').any(|id| id == "0"), "{thread:?}");
        assert!(!thread["Gid"].split('\t').any(|id| id == "0"), "{thread:?}");
        for set in ["CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"] {
            assert_eq!(thread[set], "0000000000000000", "{set}");
        }
        assert_eq!((thread["NoNewPrivs"].as_str(), thread["Seccomp"].as_str()), ("1", "2"));
    }
    std::os::unix::fs::symlink(&outside, lists.join("more.csv")).unwrap();
    live.signal("HUP");
    match live.log().contains("this kernel has no Landlock") {
        true => live.until("a reload", || live.log().contains("were read again")),
        false => live.until("a denial", || live.log().contains("more.csv: Permission denied")),
    }
    assert_eq!(live.stop().status, 0);
}

#[test]
fn each_part_of_the_confinement_can_be_left_out() {
    let Some(wire) = Wire::lay("root", 1) else { return };
    let (lists, outside) = (wire.folder().join("lists"), wire.folder().join("outside.csv"));
    fs::create_dir_all(&lists).unwrap();
    fs::write(&outside, GOOD).unwrap();
    std::os::unix::fs::symlink(&outside, lists.join("list.csv")).unwrap();
    let options = ["--no-drop", "--no-landlock", "--no-seccomp", "--blocklist", lists.to_str().unwrap()];
    let live = Live::start(&wire, "root", &options);
    live.signal("HUP");
    live.until("a reload", || live.log().contains("were read again"));
    let thread = &live.threads()[0];
    assert_eq!((&thread["Uid"][..2], thread["Seccomp"].as_str()), ("0\t", "0"));
    assert_ne!(thread["CapEff"], "0000000000000000");
    assert_eq!(live.stop().status, 0);
}

#[test]
fn who_stays_root_is_warned() {
    let Some(wire) = Wire::lay("stay", 1) else { return };
    for option in [&["--no-drop"][..], &["--user", "root"]] {
        let live = Live::start(&wire, "stay", option);
        assert!(live.log().contains("the capture runs as root"), "{option:?}: {}", live.log());
        assert_eq!(live.stop().status, 0);
    }
}

#[test]
fn a_user_who_is_not_there_is_named() {
    let Some(wire) = Wire::lay("whom", 1) else { return };
    let (status, log) = Live::refused(&wire, &["-i", "tap0", "--user", "no-such-user"]);
    assert_eq!(status, 2);
    assert!(log.contains("there is no user \"no-such-user\""), "{log}");
}

#[test]
fn an_interface_that_vanishes_ends_the_capture_and_loses_nothing() {
    let Some(wire) = Wire::lay("vanish", 1) else { return };
    let traffic = Traffic::handshakes(20);
    let live = Live::start(&wire, "vanish", &[]);
    wire.send(0, traffic.frames());
    thread::sleep(Duration::from_millis(700));
    wire.cut(0);
    let output = live.ended();
    assert_eq!(output.status, 2);
    assert!(output.log.contains("tap0: cannot be read further"), "{}", output.log);
    assert_eq!(output.flows(), traffic.flows());
    assert!(output.summary()["files"][0]["error"].as_str().unwrap().contains("tap0"));
}

#[test]
fn an_interface_that_is_not_there_is_named() {
    let Some(wire) = Wire::lay("none", 0) else { return };
    let output = Live::refused(&wire, &["-i", "nowhere0"]);
    assert_eq!(output.0, 2);
    assert!(output.1.contains("nowhere0: cannot be captured from"), "{}", output.1);
}
