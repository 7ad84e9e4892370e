//! Inputs that cannot be read, or not to their end: one sentence with file and offset, status 2, and all else still read.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::run::{Folder, Ran, hushwire, project};

/// A capture of one attempt, silenced; classic, little-endian, microseconds.
const SILENCED: &str = "pcaps/cases/silence-unacknowledged/capture.pcap";

/// Bytes of a classic capture's header, and of a record's.
const HEADER: usize = 24;
const RECORD: usize = 16;

fn silenced() -> Vec<u8> {
    fs::read(project(SILENCED)).unwrap()
}

/// Replays `bad` and then a good capture.
fn replay(bad: &Path) -> (Ran, Value) {
    let good = project(SILENCED);
    let ran = hushwire(["replay".as_ref(), bad.as_os_str(), good.as_os_str(), "--json".as_ref()]);
    let summary = serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {}", ran.stderr));
    (ran, summary)
}

/// Expects one sentence that ends so, status 2, and so many silences from the bad capture beside that of the good one.
fn expect(bad: &Path, sentence: &str, silences: u64) {
    let (ran, summary) = replay(bad);
    assert_eq!(ran.stderr, format!("hushwire: {}{sentence}\n", bad.display()));
    assert_eq!(ran.status, 2, "{sentence}");
    assert_eq!(summary["outcomes"]["silence_after_hello"], silences + 1, "{sentence}: {summary}");
}

#[test]
fn an_empty_file() {
    let folder = Folder::new("empty");
    expect(&folder.file("empty.pcap", ""), ": is empty", 0);
}

#[test]
fn random_bytes() {
    let folder = Folder::new("random");
    let noise: Vec<u8> = (0..5000_u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    expect(&folder.file("noise.pcap", noise), ", byte 0: is neither a pcap nor a pcapng capture", 0);
}

#[test]
fn a_file_that_is_not_there() {
    let missing = Path::new("/there/is/no/such.pcap");
    expect(missing, ": cannot be opened: No such file or directory (os error 2)", 0);
}

#[test]
fn a_capture_cut_in_mid_record_gives_what_stands_before_the_cut() {
    let folder = Folder::new("cut");
    let whole = silenced();
    let last = last_record(&whole);
    let sentence = format!(", byte {last}: the file ends inside the record that begins here");
    expect(&folder.file("cut.pcap", &whole[..whole.len() - 5]), &sentence, 1);
}

#[test]
fn a_length_that_no_record_has() {
    let folder = Folder::new("length");
    let mut absurd = silenced();
    let last = last_record(&absurd);
    absurd[last + 8..last + 12].copy_from_slice(&u32::MAX.to_le_bytes());
    let sentence = format!(", byte {last}: a record says it holds 4294967295 bytes, where 262144 is the most");
    expect(&folder.file("absurd.pcap", absurd), &sentence, 1);
}

#[test]
fn a_folder_without_permission() {
    let folder = Folder::new("forbidden");
    let closed = folder.0.join("closed");
    fs::create_dir(&closed).unwrap();
    set_mode(&closed, 0o000);
    if fs::read_dir(&closed).is_ok() {
        eprintln!("skipped: this user may read every folder");
        return;
    }
    expect(&closed, ": the folder cannot be listed: Permission denied (os error 13)", 0);
    set_mode(&closed, 0o700);
}

/// A clock that jumps is no error, and an interval across the jump is none: it accuses nobody.
#[test]
fn times_that_go_backwards_or_jump_a_century() {
    let folder = Folder::new("times");
    for (name, seconds) in [("back", -86_400), ("century", 3_155_760_000_i64)] {
        let mut jumped = silenced();
        let records = records(&jumped);
        for &record in &records[records.len() / 2..] {
            let time: [u8; 4] = jumped[record..record + 4].try_into().unwrap();
            let moved = i64::from(u32::from_le_bytes(time)) + seconds;
            // Beyond 2106 a classic capture's seconds wrap.
            jumped[record..record + 4].copy_from_slice(&(moved as u32).to_le_bytes());
        }
        let (ran, summary) = replay(&folder.file(&format!("{name}.pcap"), jumped));
        assert_eq!((ran.status, ran.stderr.as_str()), (0, ""), "{name}");
        assert_eq!(summary["outcomes"]["silence_after_hello"], 1, "{name}: {summary}");
        assert_eq!(summary["unresolved"]["clock_jump"], 1, "{name}: {summary}");
    }
}

#[test]
fn what_is_no_capture_in_a_folder_is_passed_over() {
    let folder = Folder::new("folder");
    folder.file("README", "Captures of a Tuesday.");
    folder.file("one.pcap", silenced());
    let ran = hushwire([Path::new("replay"), &folder.0, Path::new("--json")]);
    assert_eq!((ran.status, ran.stderr.as_str()), (0, ""));
}

fn last_record(capture: &[u8]) -> usize {
    *records(capture).last().unwrap()
}

/// Where each record of a classic little-endian capture begins.
fn records(capture: &[u8]) -> Vec<usize> {
    let (mut starts, mut at) = (Vec::new(), HEADER);
    while let Some(length) = capture.get(at + 8..at + 12) {
        starts.push(at);
        at += RECORD + u32::from_le_bytes(length.try_into().unwrap()) as usize;
    }
    starts
}

fn set_mode(path: &PathBuf, mode: u32) {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}
