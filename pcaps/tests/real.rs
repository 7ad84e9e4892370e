//! A small scenario between real programs, by the command line, where that may and can be done here; elsewhere these
//! tests say so and pass.

#![expect(clippy::unwrap_used, reason = "helpers of tests, which may fail as tests do")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::thread;
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use pcaps::lab::real;
use pcaps::lab::scenario::Scenario;

const SCENARIO: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/real.toml");

/// Whether this machine and user can play it; says why not.
fn is_possible(test: &str) -> bool {
    let scenario = Scenario::parse(SCENARIO, &fs::read_to_string(SCENARIO).unwrap()).unwrap();
    match real::check_means(&scenario) {
        Ok(()) => true,
        Err(error) => {
            eprintln!("{test}: skipped: {error}");
            false
        }
    }
}

fn begin(folder: &Path) -> Child {
    let mut lab = Command::new(env!("CARGO_BIN_EXE_lab"));
    lab.args(["run", SCENARIO, "--real", "--judge", "-o"]).arg(folder);
    lab.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

fn end(lab: Child) -> (u32, Output) {
    (lab.id(), lab.wait_with_output().unwrap())
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

/// The namespaces that a process left.
fn left(process: u32) -> Vec<String> {
    let own = format!("hushwire-lab-{process}-");
    let entries = fs::read_dir("/run/netns").into_iter().flatten().flatten();
    let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
    names.filter(|name| name.starts_with(&own)).collect()
}

fn folder(test: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("real").join(test);
    // A first run finds nothing to remove.
    let _ = fs::remove_dir_all(&folder);
    folder
}

#[test]
fn real_programs_are_told_as_simulated_ones_are_and_nothing_is_left_of_them() {
    if !is_possible("real programs") {
        return;
    }
    let folder = folder("judged");
    let (process, output) = end(begin(&folder));
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    assert_eq!(left(process), Vec::<String>::new());
    let labels = fs::read_to_string(folder.join("real-real/labels.csv")).unwrap();
    for (action, count) in [(",reset,reset,", 4), (",page,page,", 2), (",pass,pass,", 4)] {
        assert_eq!(labels.matches(action).count(), count, "{labels}");
    }
    assert_eq!(labels.matches(",satisfied,").count(), 4, "only those that passed: {labels}");
}

#[test]
fn a_run_that_is_told_to_end_puts_everything_away() {
    if !is_possible("an end before its time") {
        return;
    }
    let lab = begin(&folder("interrupted"));
    while left(lab.id()).is_empty() {
        thread::sleep(Duration::from_millis(20));
    }
    kill(Pid::from_raw(lab.id() as i32), Signal::SIGTERM).unwrap();
    let (process, output) = end(lab);
    assert_eq!(output.status.code(), Some(2), "{}", said(&output));
    assert!(said(&output).contains("interrupted"), "{}", said(&output));
    assert_eq!(left(process), Vec::<String>::new());
}
