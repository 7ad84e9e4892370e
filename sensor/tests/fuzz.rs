//! Replays `fuzz/corpus` and `fuzz/failed` through every fuzz entry function, and mutates them, with nothing but Rust.
//!
//! The mutations are the same in every run, so that a failure repeats. An input that fails is written to a file, to be kept
//! in `fuzz/failed`.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

#[path = "fuzz/mutate.rs"]
mod mutate;

use std::collections::BTreeSet;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use mutate::Mutator;

/// A fuzz entry function.
struct Target {
    /// Its name in `fuzz/fuzz_targets` and `fuzz/corpus`.
    name: &'static str,
    entry: fn(&[u8]),
    /// Mutated inputs in an ordinary run: a second or two of them, unoptimised.
    rounds: u32,
}

const TARGETS: &[Target] = &[
    Target { name: "reader", entry: sensor::capture::fuzz_reader, rounds: 6_000 },
    Target { name: "frame", entry: dissectors::decode::fuzz_decode, rounds: 80_000 },
    Target { name: "reassembly", entry: dissectors::tcp::fuzz_reassembly, rounds: 1_000 },
    Target { name: "flow", entry: dissectors::flow::fuzz_flow, rounds: 4_000 },
    Target { name: "tls", entry: dissectors::tls::fuzz_tls, rounds: 12_000 },
    Target { name: "quic", entry: dissectors::quic::fuzz_quic, rounds: 18_000 },
    Target { name: "compressed", entry: dissectors::tls::fuzz_compressed, rounds: 4_000 },
    Target { name: "certificate", entry: dissectors::x509::fuzz_certificate, rounds: 15_000 },
    Target { name: "chain", entry: rules::blocklist::fuzz_chain, rounds: 3_000 },
    Target { name: "blocklist", entry: rules::blocklist::fuzz_blocklist, rounds: 15_000 },
    Target { name: "engine", entry: sensor::engine::fuzz_engine, rounds: 400 },
];

/// Multiplies the rounds, for a longer run.
const ROUNDS_FACTOR: &str = "HUSHWIRE_FUZZ_FACTOR";

macro_rules! targets {
    ($($name:ident),+) => { $( #[test] fn $name() { fuzz(stringify!($name)); } )+
        #[test]
        fn every_target_has_a_test_a_binary_and_a_corpus() {
            let tests = BTreeSet::from([$(stringify!($name).to_owned()),+]);
            assert_eq!(tests, TARGETS.iter().map(|target| target.name.to_owned()).collect());
            assert_eq!(tests, names("fuzz_targets"));
            assert_eq!(tests, names("corpus"));
            assert_eq!(tests, names("failed"));
        }
    };
}

targets!(reader, frame, reassembly, flow, tls, quic, compressed, certificate, chain, blocklist, engine);

/// Everything kept for one target, then mutations of it.
fn fuzz(name: &str) {
    let target = TARGETS.iter().find(|target| target.name == name).expect("a target of this name");
    let mut seeds = inputs(&fuzz_folder().join("corpus").join(name));
    assert!(!seeds.is_empty(), "no corpus for {name}");
    seeds.extend(inputs(&fuzz_folder().join("failed").join(name)));
    for (path, input) in &seeds {
        run(target, input, &path.display().to_string());
    }
    let seeds: Vec<Vec<u8>> = seeds.into_iter().map(|(_, input)| input).collect();
    let factor = std::env::var(ROUNDS_FACTOR).map_or(1, |factor| factor.parse().expect("a whole number"));
    let mut mutator = Mutator::new(0);
    for round in 0..target.rounds * factor {
        run(target, &mutator.mutate(&seeds), &format!("round {round}"));
    }
}

fn run(target: &Target, input: &[u8], what: &str) {
    if let Err(panic) = catch_unwind(AssertUnwindSafe(|| (target.entry)(input))) {
        let kept = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{}-failed", target.name));
        fs::write(&kept, input).expect("the failing input can be written");
        eprintln!("{} failed on {what}: keep {} in fuzz/failed/{}", target.name, kept.display(), target.name);
        std::panic::resume_unwind(panic);
    }
}

/// The files of a folder with their contents, by name; a README is none.
fn inputs(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths.retain(|path| path.file_name().is_some_and(|name| name != "README.md" && name != ".gitkeep"));
    paths.into_iter().map(|path| (path.clone(), fs::read(path).unwrap())).collect()
}

/// The targets that a folder of `fuzz/` knows.
fn names(folder: &str) -> BTreeSet<String> {
    let entries = fs::read_dir(fuzz_folder().join(folder)).unwrap().map(|entry| entry.unwrap().path());
    let named = entries.filter(|path| path.is_dir() || path.extension().is_some_and(|ending| ending == "rs"));
    named.map(|path| path.file_stem().unwrap().to_string_lossy().into_owned()).collect()
}

fn fuzz_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz")
}
