//! The command `lab` as a person or a script meets it: exit statuses, and what it writes.

#![expect(clippy::unwrap_used, reason = "helpers of tests, which may fail as tests do")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const SCENARIO: &str = r#"
about = "One name is dropped."
sources = ["nobody"]

[[server]]
addresses = ["198.51.100.10"]
names = ["*.example"]

[[traffic]]
names = ["news.example", "maps.example"]
connections = 4
rate = 2

[[middlebox.rule]]
name = "gone"
match = { sni = ["news.example"] }
drop = { from = "client" }
"#;

fn scratch(test: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("lab").join(test);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

fn lab(folder: &Path, scenario: &str, arguments: &[&str]) -> Output {
    let file = folder.join("small.toml");
    fs::write(&file, scenario).unwrap();
    let (command, options) = arguments.split_first().unwrap();
    let mut lab = Command::new(env!("CARGO_BIN_EXE_lab"));
    lab.arg(command).arg(file).args(options).current_dir(folder).output().unwrap()
}

#[test]
fn a_run_writes_captures_and_labels_and_judges_them() {
    let folder = scratch("judged");
    let conditions = "silence_after_hello>=0.99, false=0";
    let output = lab(&folder, SCENARIO, &["run", "-o", "out", "--judge", "--expect", conditions]);
    let stdout = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(0), "{stdout}");
    assert!(stdout.contains("detected   2/2 100.0 %"), "{stdout}");
    let written = folder.join("out/small");
    for file in ["client.pcapng", "middle.pcapng", "server.pcapng", "labels.csv", "client.csv", "client/eve.json"] {
        assert!(fs::metadata(written.join(file)).unwrap().len() > 0, "{file}");
    }
    let rows = fs::read_to_string(written.join("client.csv")).unwrap();
    assert_eq!(rows.lines().filter(|row| row.ends_with(",named")).count(), 2);
}

#[test]
fn conditions_that_do_not_hold_and_scenarios_that_are_wrong_have_their_status() {
    let folder = scratch("status");
    let output = lab(&folder, SCENARIO, &["run", "-o", "out", "--judge", "-q", "--expect", "silence_after_hello<=0.5"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8(output.stdout).unwrap().contains("silence_after_hello is 1.0000, not <=0.5"));
    let output = lab(&folder, &SCENARIO.replace("rate = 2", "rates = 2"), &["run", "-o", "out"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8(output.stderr).unwrap().contains("small.toml:12: unknown field `rates`"));
    assert_eq!(lab(&folder, SCENARIO, &["run", "--expect", "false=0"]).status.code(), Some(2), "nothing is judged");
}

#[test]
fn check_says_what_is_wrong_without_playing() {
    let folder = scratch("check");
    assert_eq!(lab(&folder, SCENARIO, &["check"]).status.code(), Some(0));
    assert_eq!(lab(&folder, "about = 1", &["check"]).status.code(), Some(2));
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 1, "the scenario alone");
}
