//! The number of workers changes nothing that is written, also where every limit is reached.
#![allow(clippy::panic, clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fmt;
use std::fs;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use benches::scenario::{Kind, generate};
use sensor::replay::{self, Config, Watcher};
use sensor::settings::{Limits, Settings};

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

/// Replays a capture and returns the outputs by name.
fn outputs(capture: &Path, workers: usize, limits: Limits) -> Vec<(String, Vec<u8>)> {
    let dir = folder(&format!("{}-{workers}-{}", capture.file_stem().unwrap().display(), limits.handshakes));
    let config = Config {
        inputs: vec![capture.to_owned()],
        settings: Settings { output: Some(dir.clone()), workers, alert_soft: true, limits, ..Settings::default() },
        ..Config::default()
    };
    let finished = replay::run(&config, &mut Calm).unwrap();
    assert!(finished.summary.attempts > 100, "{} attempts", finished.summary.attempts);
    let reached = finished.summary.limits;
    if limits.settled < 100 {
        let limits = ["handshakes", "server_names", "settled_flows"];
        assert!(limits.iter().all(|limit| reached.contains_key(limit)), "{reached:?}");
    }
    ["eve.json", "sni.csv", "sni.json", "summary.json"]
        .map(|name| (name.to_owned(), fs::read(dir.join(name)).unwrap()))
        .into()
}

#[test]
fn any_number_of_workers_writes_the_same_bytes() {
    let captures = folder("workers");
    let tight = Limits { handshakes: 144, settled: 16, names: NonZeroUsize::new(8).unwrap(), ..Limits::default() };
    for (kind, size) in [(Kind::Handshakes, 1000), (Kind::Mixed, 60_000)] {
        let capture = captures.join(format!("{kind:?}.pcap"));
        generate(kind, size, fs::File::create(&capture).unwrap(), Vec::new()).unwrap();
        for limits in [Limits::default(), tight] {
            let one = outputs(&capture, 1, limits);
            for workers in [2, 3, 20] {
                for ((name, ours), (_, theirs)) in one.iter().zip(outputs(&capture, workers, limits)) {
                    assert!(*ours == theirs, "{name} of {kind:?} differs with {workers} workers and {limits:?}");
                }
            }
        }
    }
}
