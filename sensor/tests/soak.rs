//! An hour of ever new traffic, through standard input, in which memory stays flat: sampled from outside, at each tenth.
//!
//! `HUSHWIRE_SOAK_FLOWS` says how much traffic the hour holds; `make soak` asks for more than `make test`.
#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "a test fails by panicking")]

use std::env;
use std::fs;
use std::io::BufWriter;
use std::path::Path;
use std::process::{Command, Stdio};

use benches::scenario::{HOUR, Kind, frames};
use benches::wire::file::PcapFile;
use serde_json::Value;

/// Flows where nothing else is asked for: seconds of work for a debug build.
const FLOWS: usize = 24_000;

/// Limits so low that the first tenths reach them. What has none of its own on the command line is small beside them.
const LIMITS: [&str; 6] = ["--max-handshakes", "256", "--max-flows", "16", "--max-names", "500"];

/// Tenths of the hour until every table and memory is full: all clients, names and certificates took their turn twice, and the
/// servers that scans ask have filled their table.
const WARM_UP: usize = 6;

/// What may still come after that: pages that the allocator takes up as what it holds is moved about, and the answer times of the
/// names, which a smaller run has not filled their room with. Measured: 1.2 MB, and 0.2 MB with a million flows. Half a kilobyte
/// kept of each flow of the smallest run would be 5 MB in the tenths that are left; a larger run finds smaller leaks.
const TOLERANCE_KB: u64 = 3 * 1024;

#[test]
fn an_hour_of_ever_new_traffic_leaves_memory_flat() {
    if !Path::new("/proc/self/status").exists() {
        println!("no /proc here, so that nothing is tested");
        return;
    }
    let flows = env::var("HUSHWIRE_SOAK_FLOWS").map_or(FLOWS, |flows| flows.parse().unwrap());
    let out = Path::new(env!("CARGO_TARGET_TMPDIR")).join("soak");
    let mut child = Command::new(env!("CARGO_BIN_EXE_hushwire"))
        .args(["replay", "-", "-q", "--workers", "1", "-o"])
        .arg(&out)
        .args(LIMITS)
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    let mut file = PcapFile::new(BufWriter::with_capacity(1 << 16, child.stdin.take().unwrap())).unwrap();
    let (mut samples, mut due) = (Vec::new(), None);
    for frame in frames(Kind::Hour, flows) {
        if frame.at >= *due.get_or_insert(frame.at + HOUR / 10) {
            due = due.map(|due| due + HOUR / 10);
            samples.push(resident_kb(child.id()));
        }
        file.write(&frame).unwrap();
    }
    file.finish().unwrap();
    drop(file);
    assert!(child.wait().unwrap().success());
    println!("resident at each tenth of {flows} flows, in kB: {samples:?}");
    let (warm, later) = samples.split_at(WARM_UP);
    let most = warm.iter().max().unwrap() + TOLERANCE_KB;
    assert!(later.len() >= 3 && later.iter().all(|sample| *sample <= most), "{samples:?}");
    looked_at(&serde_json::from_slice(&fs::read(out.join("summary.json")).unwrap()).unwrap(), flows as u64);
    fs::remove_dir_all(&out).unwrap();
}

/// That the run saw what it was to see: every table full, and nothing lost.
fn looked_at(summary: &Value, flows: u64) {
    let count = |path: &str| summary.pointer(path).and_then(Value::as_u64).unwrap_or(0);
    for limit in ["handshakes", "settled_flows", "server_names", "fragments_timed_out"] {
        assert!(count(&format!("/limits/{limit}")) > 0, "{limit}: {}", summary["limits"]);
    }
    assert!(count("/attempts") > flows / 2, "{} attempts", summary["attempts"]);
    assert_eq!(count("/capture/clock_jumps"), 0);
    assert!(summary["malformed"].as_object().unwrap().is_empty(), "{}", summary["malformed"]);
}

fn resident_kb(process: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}
