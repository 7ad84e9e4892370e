//! `hushwire live` under minutes of generated traffic, hostile kinds included, on a wire of our own: the program's memory stays
//! flat, every frame is accounted for, and what it says of each handshake is the generator's truth.
//!
//! `HUSHWIRE_SOAK_MINUTES` and `HUSHWIRE_SOAK_AT_ONCE` say how long and with how many flows at once; `make soak` asks for more than `make test`.
//! It needs root and network namespaces. Without, it says so and passes.
#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "soak_live/ledger.rs"]
mod ledger;
#[path = "live/process.rs"]
#[allow(dead_code, reason = "the tests of live capture use all of it")]
mod process;
#[path = "soak_live/sender.rs"]
mod sender;
#[path = "live/traffic.rs"]
#[allow(dead_code, reason = "the tests of live capture use all of it")]
mod traffic;
#[path = "live/wire.rs"]
#[allow(dead_code, reason = "the tests of live capture use all of it")]
mod wire;

use std::env;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::str::FromStr;
use std::sync::Mutex;
use std::thread;
use std::time::Duration;

use ledger::Ledger;
use nix::sys::ptrace;
use nix::sys::wait::{WaitPidFlag, waitpid};
use nix::unistd::Pid;
use process::{Live, Output};
use sender::{Sent, send};
use wire::Wire;

/// Seconds of traffic where nothing else is asked for: enough that some retransmit for 10 s before it ends.
const SECONDS: f64 = 12.0;

/// Flows at once where nothing else is asked for: some thousand frames a second, which a debug build keeps up with.
const AT_ONCE: usize = 40;

/// What grows with everything that was ever seen, small enough to be full long before `STEADY`. So few names have a quarter of a
/// megabyte for all of their answer times; ten thousand would go on filling their room for hours, by ever rarer spans, which
/// would look like a leak, or a tolerance for it would hide one.
/// The other limits are as usual: a handshake that were evicted would not come out as the truth says.
const LIMITS: [&str; 4] = ["--max-flows", "65536", "--max-names", "1000"];

/// What is told of often leaves again.
const FILES: [&str; 4] = ["--rotate-size", "16777216", "--stats-seconds", "5"];

/// From here on memory must be flat: what is idle is given up after two minutes, and by then as much goes as comes.
const STEADY: Duration = Duration::from_secs(180);

/// What may still come after that: handshakes in progress are now more and now fewer, and the allocator keeps the pages of the
/// time when they were most. A kilobyte kept of every hundredth frame would be more within a minute, and four bytes kept of each
/// handshake more within twenty.
const TOLERANCE_KB: u64 = 8 * 1024;

fn asked<T: FromStr>(name: &str, otherwise: T) -> T {
    let parsed = env::var(name).ok().map(|text| text.parse().unwrap_or_else(|_| panic!("{name}={text} is no number")));
    parsed.unwrap_or(otherwise)
}

#[test]
fn minutes_of_hostile_traffic_come_out_as_the_truth_says() {
    let Some(wire) = Wire::lay("soak", 1) else { return };
    let lasts = Duration::from_secs_f64(asked("HUSHWIRE_SOAK_MINUTES", SECONDS / 60.0) * 60.0);
    let at_once = asked("HUSHWIRE_SOAK_AT_ONCE", AT_ONCE);
    let ledger = Mutex::new(Ledger::default());
    let live = Live::start(&wire, "soak", &[&LIMITS[..], &FILES].concat());
    let events = wire.folder().join("soak");
    let (sent, samples) = thread::scope(|scope| {
        let sending = scope.spawn(|| send(wire.end(0), lasts, at_once, &ledger));
        let mut samples = Vec::new();
        for _ in 0..10 {
            samples.push(follow(&live, &events, &ledger, lasts / 10));
        }
        while !sending.is_finished() {
            follow(&live, &events, &ledger, Duration::from_secs(1));
        }
        (sending.join().unwrap(), samples)
    });
    let output = live.stop();
    let mut ledger = ledger.into_inner().unwrap();
    output.files.values().for_each(|events| ledger.hear(events));
    println!("{at_once} flows at once: {sent}");
    println!("resident at the least in each tenth, in kB: {samples:?}");
    assert_eq!(output.status, 0, "{}", output.log);
    let complete = frames_are_accounted_for(&output, &sent);
    ledger.judge(complete);
    memory_is_flat(&samples, lasts);
}

/// How long something stands still, and how long traffic goes on before and after.
const STALLS: Duration = Duration::from_secs(8);
const AROUND: Duration = Duration::from_secs(4);

/// A kernel's buffer that is soon full, and all flows followed whatever is lost.
const SMALL: [&str; 7] = ["--buffer", "1048576", "--no-shed", "--stats-seconds", "1", "--workers", "2"];

#[test]
fn it_goes_on_after_whoever_reads_its_output_stood_still() {
    goes_on_after("read", |_, reader| process_stands_still(reader.id()));
}

#[test]
fn it_goes_on_after_it_stood_still_itself() {
    goes_on_after("halt", |live, _| process_stands_still(live.id()));
}

/// Whether it is the one that captures, one of those that follow flows or the one that writes.
#[test]
fn it_goes_on_after_each_of_its_threads_stood_still() {
    goes_on_after("part", |live, _| {
        let threads = live.threads();
        assert_eq!(threads.len(), 4, "one reads, two follow, one writes");
        for thread in threads {
            thread_stands_still(Pid::from_raw(thread["Pid"].parse().unwrap()), STALLS / 4);
        }
    });
}

fn process_stands_still(process: u32) {
    signal(process, "STOP");
    thread::sleep(STALLS);
    signal(process, "CONT");
}

/// Stops a single thread, as a debugger does.
fn thread_stands_still(thread: Pid, span: Duration) {
    ptrace::seize(thread, ptrace::Options::empty()).unwrap();
    ptrace::interrupt(thread).unwrap();
    waitpid(thread, Some(WaitPidFlag::__WALL)).unwrap();
    thread::sleep(span);
    ptrace::detach(thread, None).unwrap();
}

/// `eve.json` is a pipe, and something stands still. Frames are lost meanwhile, and counted; no handshake is told to have
/// failed that did not, whatever of it was lost; memory does not grow; and most of the rest comes out as it was.
fn goes_on_after(name: &str, stand_still: impl Fn(&Live, &Child)) {
    let Some(wire) = Wire::lay(name, 1) else { return };
    let (pipe, read) = (wire.folder().join(name).join("eve.json"), wire.folder().join("lines"));
    let mut reader = read_pipe(&pipe, &read);
    let live = Live::start(&wire, name, &SMALL);
    // It is open at both ends, and is no file to be looked at in the end.
    fs::remove_file(&pipe).unwrap();
    let ledger = Mutex::new(Ledger::default());
    let (sent, before, most) = thread::scope(|scope| {
        let sending = scope.spawn(|| send(wire.end(0), AROUND + STALLS + AROUND, 3 * AT_ONCE, &ledger));
        thread::sleep(AROUND);
        let before = resident_kb(&live);
        stand_still(&live, &reader);
        let most = resident_kb(&live);
        (sending.join().unwrap(), before, most)
    });
    let output = live.stop();
    assert!(reader.wait().unwrap().success());
    let mut ledger = ledger.into_inner().unwrap();
    ledger.hear(&fs::read_to_string(read).unwrap());
    println!("{sent}; resident {before} kB, and {most} kB when it went on");
    assert_eq!(output.status, 0, "{}", output.log);
    assert!(!frames_are_accounted_for(&output, &sent), "nothing was lost: the stall was too short");
    ledger.judge(false);
    assert!(most <= before + 4 * TOLERANCE_KB, "{before} kB became {most} kB");
}

/// Makes a pipe that whoever the program becomes may write to, and a process that reads it into a file.
fn read_pipe(pipe: &Path, into: &Path) -> Child {
    let folder = pipe.parent().unwrap();
    fs::create_dir_all(folder).unwrap();
    assert!(Command::new("mkfifo").arg(pipe).status().unwrap().success());
    for path in [folder, pipe] {
        fs::set_permissions(path, fs::Permissions::from_mode(0o777)).unwrap();
    }
    Command::new("cat").arg(pipe).stdout(fs::File::create(into).unwrap()).spawn().unwrap()
}

fn signal(process: u32, name: &str) {
    assert!(Command::new("kill").args(["-s", name, &process.to_string()]).status().unwrap().success());
}

/// Takes what was written while time passes: files that are closed are read and go. What was resident meanwhile, in kB, at the
/// least: tables that are being written take room for a moment.
fn follow(live: &Live, events: &Path, ledger: &Mutex<Ledger>, mut time: Duration) -> u64 {
    let mut least = u64::MAX;
    let is_closed = |path: &PathBuf| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("eve-"));
    while !time.is_zero() {
        let nap = time.min(Duration::from_secs(1));
        thread::sleep(nap);
        time -= nap;
        for path in fs::read_dir(events).unwrap().map(|entry| entry.unwrap().path()).filter(is_closed) {
            ledger.lock().unwrap().hear(&fs::read_to_string(&path).unwrap());
            fs::remove_file(path).unwrap();
        }
        least = least.min(resident_kb(live));
    }
    least
}

fn resident_kb(live: &Live) -> u64 {
    live.threads()[0]["VmRSS"].trim().trim_end_matches(" kB").parse().unwrap()
}

/// Every frame was read, or is counted as lost. Whether all of them were followed.
fn frames_are_accounted_for(output: &Output, sent: &Sent) -> bool {
    let (summary, (received, lost)) = (output.summary(), output.counters(0));
    let count = |path: &str| summary.pointer(path).and_then(serde_json::Value::as_u64).unwrap_or(0);
    let (read, shed) = (count("/packets"), count("/limits/shed_packets"));
    println!("received {received}, lost by the kernel {lost}, read {read}, of them shed {shed}");
    println!(
        "attempts {}, outcomes {}, unresolved {}",
        summary["attempts"], summary["outcomes"], summary["unresolved"]
    );
    println!("limits {}, skipped {}, malformed {}", summary["limits"], summary["skipped"], summary["malformed"]);
    assert_eq!(received, sent.frames, "frames were lost before the capture: {}", output.log);
    assert_eq!(read + lost, received, "frames were lost after the capture: {}", output.log);
    assert_eq!(count("/capture/clock_jumps"), 0);
    assert!(
        ["/malformed", "/skipped"]
            .iter()
            .all(|path| summary.pointer(path).is_some_and(|counts| *counts != serde_json::json!({})))
    );
    lost == 0 && shed == 0
}

fn memory_is_flat(samples: &[u64], lasts: Duration) {
    // Those that were taken after it alone: the least of a tenth may be its first.
    let steady = (0..10).zip(samples).filter(|(before, _)| lasts / 10 * *before >= STEADY).map(|(_, sample)| *sample);
    let steady: Vec<u64> = steady.collect();
    let [first, later @ ..] = steady.as_slice() else {
        println!("too short to tell whether memory is flat");
        return;
    };
    assert!(later.iter().all(|sample| *sample <= first + TOLERANCE_KB), "{samples:?}");
}
