//! The number of workers changes nothing that is written, also where every limit is reached.
#![allow(clippy::panic, clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fmt;
use std::fs;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use benches::scenario::{Kind, generate};
use rules::blocklist::MatcherLimits;
use sensor::limits::Limits;
use sensor::replay::{self, Config, Watcher};
use sensor::settings::Settings;

/// A run of which nothing is to go wrong.
struct Calm;

impl Watcher for Calm {
    fn progress(&mut self, _: u64, _: Option<u64>, _: u64) {}

    fn problem(&mut self, problem: &dyn fmt::Display) {
        panic!("{problem}");
    }
}

/// A folder of this test's own, empty.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// Replays a capture and returns the outputs by name. At least these limits must be reached, and these caches too small.
fn outputs(
    capture: &Path,
    workers: usize,
    limits: Limits,
    reached: &[&str],
    caches: &[&str],
) -> Vec<(String, Vec<u8>)> {
    let dir = folder(&format!("{}-{workers}-{}", capture.file_stem().unwrap().display(), limits.handshakes));
    let config = Config {
        inputs: vec![capture.to_owned()],
        settings: Settings { output: Some(dir.clone()), workers, alert_soft: true, limits, ..Settings::default() },
        ..Config::default()
    };
    let summary = replay::run(&config, &mut Calm).unwrap().summary;
    assert!(summary.attempts > 100, "{} attempts", summary.attempts);
    assert!(reached.iter().all(|limit| summary.limits.contains_key(limit)), "{:?}", summary.limits);
    assert!(caches.iter().all(|cache| summary.caches.contains_key(cache)), "{:?}", summary.caches);
    ["eve.json", "sni.csv", "sni.json", "summary.json"]
        .map(|name| (name.to_owned(), fs::read(dir.join(name)).unwrap()))
        .into()
}

/// Handshakes are evicted.
fn crowded() -> Limits {
    Limits { handshakes: 144, settled: 16, names: NonZeroUsize::new(8).unwrap(), ..Limits::default() }
}

/// All handshakes have room, and everything else is forgotten.
fn forgetful() -> Limits {
    Limits {
        syns: 1,
        standing: NonZeroUsize::MIN,
        certificates: 4,
        fingerprints: 4,
        quic_keys: 4,
        shown: 4,
        leaves: 4,
        matching: MatcherLimits { healthy: 4, chains: 1, links: 1, ..MatcherLimits::default() },
        batches: NonZeroUsize::MIN,
        ..Limits::default()
    }
}

#[test]
fn any_number_of_workers_writes_the_same_bytes() {
    let captures = folder("workers");
    let forgotten = ["syns", "standing_alerts", "shown_certificates"];
    let settings: [(Limits, &[&str], &[&str]); 3] = [
        (Limits::default(), &[], &[]),
        (crowded(), &["handshakes", "server_names", "settled_flows"], &[]),
        (forgetful(), &forgotten, &["leaves", "healthy_certificates"]),
    ];
    for (kind, size) in [(Kind::Handshakes, 1000), (Kind::Mixed, 60_000)] {
        let capture = captures.join(format!("{kind:?}.pcap"));
        generate(kind, size, fs::File::create(&capture).unwrap(), Vec::new()).unwrap();
        for (limits, reached, caches) in settings {
            let one = outputs(&capture, 1, limits, reached, caches);
            for workers in [2, 20] {
                for ((name, ours), (_, theirs)) in one.iter().zip(outputs(&capture, workers, limits, reached, caches)) {
                    assert!(*ours == theirs, "{name} of {kind:?} differs with {workers} workers and {limits:?}");
                }
            }
        }
    }
}
