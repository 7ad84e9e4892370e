//! A running `hushwire live`, and what it left behind.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use serde_json::Value;

use crate::traffic::{self, Flow};
use crate::wire::Wire;

/// The program at work.
pub(crate) struct Live {
    child: Child,
    output: PathBuf,
    log: PathBuf,
}

/// What it left behind.
pub(crate) struct Output {
    pub(crate) status: i32,
    pub(crate) log: String,
    /// The files of events by name.
    pub(crate) files: BTreeMap<String, String>,
    summary: Value,
}

impl Live {
    /// Starts it on all wires, and waits until it listens.
    pub(crate) fn start(wire: &Wire, test: &str, arguments: &[&str]) -> Self {
        let (output, log) = (wire.folder().join(test), wire.folder().join("log"));
        let mut command = command(wire);
        wire.taps().for_each(|tap| {
            command.args(["-i", &tap]);
        });
        command.arg("-o").arg(&output).args(arguments);
        let child = command.stderr(File::create(&log).unwrap()).spawn().unwrap();
        let live = Self { child, output, log };
        live.until("listening", || live.log().contains("listening on"));
        live
    }

    /// Starts it where it cannot begin: its status, and what it says.
    pub(crate) fn refused(wire: &Wire, arguments: &[&str]) -> (i32, String) {
        let output = command(wire).args(arguments).output().unwrap();
        (output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap())
    }

    /// Its process.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn signal(&self, name: &str) {
        let pid = self.id().to_string();
        assert!(Command::new("kill").args(["-s", name, &pid]).status().unwrap().success());
    }

    /// What the kernel says of each of its threads.
    pub(crate) fn threads(&self) -> Vec<BTreeMap<String, String>> {
        let threads = fs::read_dir(format!("/proc/{}/task", self.child.id())).unwrap();
        let fields = |status: String| {
            let fields = status.lines().filter_map(|line| line.split_once(":\t"));
            fields.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
        };
        threads.map(|thread| fields(fs::read_to_string(thread.unwrap().path().join("status")).unwrap())).collect()
    }

    /// What it has said so far.
    pub(crate) fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap()
    }

    /// The content of one of its files; empty, if that is not there.
    pub(crate) fn file(&self, name: &str) -> String {
        fs::read_to_string(self.output.join(name)).unwrap_or_default()
    }

    /// Waits for something to come true.
    pub(crate) fn until(&self, what: &str, condition: impl Fn() -> bool) {
        for _ in 0..200 {
            if condition() {
                return;
            }
            thread::sleep(Duration::from_millis(50));
        }
        panic!("waited in vain for {what}: {}", self.log());
    }

    /// Stops it with SIGTERM.
    pub(crate) fn stop(self) -> Output {
        self.signal("TERM");
        self.ended()
    }

    /// Waits until it ends.
    pub(crate) fn ended(mut self) -> Output {
        let status = self.child.wait().unwrap().code().unwrap_or(-1);
        let entries = fs::read_dir(&self.output).unwrap().map(|entry| entry.unwrap());
        let events = entries.filter(|entry| entry.file_name().to_string_lossy().starts_with("eve"));
        let files = events
            .map(|entry| (entry.file_name().into_string().unwrap(), fs::read_to_string(entry.path()).unwrap()))
            .collect();
        let summary = serde_json::from_str(&self.file("summary.json")).unwrap_or_default();
        Output { status, log: self.log(), files, summary }
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        // Only where a test failed is it still alive.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Output {
    /// The flows of all attempts, in all files.
    pub(crate) fn flows(&self) -> BTreeSet<Flow> {
        traffic::flows(&self.files.values().map(String::as_str).collect::<String>())
    }

    /// The events of one type.
    pub(crate) fn events(&self, event_type: &str) -> Vec<Value> {
        let lines = self.files.values().flat_map(|content| content.lines());
        let events = lines.map(|line| serde_json::from_str::<Value>(line).unwrap());
        events.filter(|event| event["event_type"] == event_type).collect()
    }

    pub(crate) fn timestamp(event: &Value) -> String {
        event["timestamp"].as_str().unwrap().to_owned()
    }

    pub(crate) fn summary(&self) -> &Value {
        &self.summary
    }

    /// What the log says of an interface's counters: received, and lost by the kernel.
    pub(crate) fn counters(&self, tap: usize) -> (u64, u64) {
        let line = self.log.lines().find_map(|line| line.strip_prefix(&format!("hushwire: tap{tap}: ")[..])).unwrap();
        let numbers: Vec<u64> = line.split(' ').filter_map(|word| word.parse().ok()).collect();
        (numbers[0], numbers[1])
    }
}

fn command(wire: &Wire) -> Command {
    let mut command = Command::new("ip");
    command.args(["netns", "exec", wire.namespace(), env!("CARGO_BIN_EXE_hushwire"), "live"]);
    command.stdin(Stdio::null()).stdout(Stdio::null());
    command
}
