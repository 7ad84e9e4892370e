//! `hushwire replay` on captures that are as they should be.

use std::fs;
use std::io;
use std::process::Stdio;

use serde_json::Value;

use crate::run::{Folder, Ran, command, hushwire, project};

fn case(name: &str) -> String {
    project(&format!("pcaps/cases/{name}/capture.pcap")).to_string_lossy().into_owned()
}

#[test]
fn help_teaches_with_examples() {
    let ran = hushwire(["replay", "--help"]);
    assert_eq!((ran.status, ran.stderr.as_str()), (0, ""));
    for expected in
        ["Examples:", "| hushwire replay - -o out", "eve.json", "Exit status: 0 done;", "--blocklist <PATH>"]
    {
        assert!(ran.stdout.contains(expected), "{expected:?} is not in\n{}", ran.stdout);
    }
}

#[test]
fn the_table_has_trouble_first_and_no_colour() {
    let ran = hushwire(["replay", &case("tls13-healthy"), &case("silence-unacknowledged")]);
    assert_eq!((ran.status, ran.stderr.as_str()), (0, ""));
    let place = |text: &str| ran.stdout.find(text).unwrap_or_else(|| panic!("{text:?} is not in\n{}", ran.stdout));
    assert!(place("blocked.example") < place("www.example"), "{}", ran.stdout);
    place("1/1 hard 1");
    assert!(!ran.stdout.contains('\x1b'), "no colours where there is no terminal");
}

#[test]
fn alerts_change_the_status_where_it_is_asked_for() {
    let (healthy, silenced) = (case("tls13-healthy"), case("silence-unacknowledged"));
    let status = |capture: &str| hushwire(["replay", "--fail-on-alert", "-q", capture]).status;
    assert_eq!((status(&healthy), status(&silenced)), (0, 1));
    assert_eq!(hushwire(["replay", "-q", &silenced]).status, 0);
}

#[test]
fn an_error_outweighs_an_alert() {
    let ran = hushwire(["replay", "--fail-on-alert", "-q", &case("silence-unacknowledged"), "/there/is/no/such.pcap"]);
    assert_eq!(ran.status, 2);
}

#[test]
fn quiet_says_nothing_but_problems() {
    let ran = hushwire(["replay", "-q", &case("silence-unacknowledged"), "/there/is/no/such.pcap"]);
    assert_eq!((ran.stdout.as_str(), ran.stderr.lines().count()), ("", 1));
}

#[test]
fn json_prints_what_summary_json_holds() {
    let folder = Folder::new("json");
    let output = folder.0.join("made/if/missing");
    let ran = hushwire(["replay", &case("reset-injected"), "--json", "-o", output.to_str().unwrap()]);
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    let written = fs::read_to_string(output.join("summary.json")).unwrap();
    let json = |text: &str| serde_json::from_str::<Value>(text).unwrap();
    assert_eq!(json(&ran.stdout), json(&written));
    for name in ["eve.json", "sni.csv", "sni.json"] {
        assert!(fs::metadata(output.join(name)).unwrap().len() > 0, "{name}");
    }
}

#[test]
fn a_limit_that_is_reached_is_named() {
    let cases = [
        ("chain-injected-2019", ["--max-verifications", "0"], "verifications"),
        ("silence-beside-healthy-names", ["--max-names", "1"], "server_names"),
    ];
    for (capture, option, limit) in cases {
        let reached = |more: &[&str]| {
            let ran = hushwire([&["replay", "--json", &case(capture)][..], more].concat());
            let summary: Value = serde_json::from_str(&ran.stdout).unwrap();
            summary["limits"][limit].as_u64()
        };
        assert!(reached(&[]).is_none() && reached(&option) > Some(0), "{option:?}");
    }
}

#[test]
fn without_a_folder_nothing_is_written() {
    let folder = Folder::new("nothing");
    let ran = command(["replay", &case("tls13-healthy")]).current_dir(&folder.0).output().unwrap();
    assert!(ran.status.success());
    assert_eq!(fs::read_dir(&folder.0).unwrap().count(), 0);
}

#[test]
fn standard_input_is_a_capture_like_any_other() {
    let capture = fs::File::open(case("silence-unacknowledged")).unwrap();
    let ran: Ran = command(["replay", "-"]).stdin(Stdio::from(capture)).output().unwrap().into();
    assert_eq!((ran.status, ran.stderr.as_str()), (0, ""));
    assert!(ran.stdout.contains("blocked.example"), "{}", ran.stdout);
}

#[test]
fn whoever_has_read_enough_makes_no_error() {
    for arguments in [&["--json"][..], &[]] {
        let (reader, writer) = io::pipe().unwrap();
        drop(reader);
        let capture = case("silence-unacknowledged");
        let arguments = [&["replay", &capture][..], arguments].concat();
        let ran: Ran = command(arguments).stdout(writer).output().unwrap().into();
        assert_eq!((ran.status, ran.stderr.as_str()), (0, ""));
    }
}

#[test]
fn what_cannot_be_begun_is_one_sentence() {
    let capture = case("tls13-healthy");
    let cases: [(&[&str], &str); 3] = [
        (&["--filter", "port port port"], "filter"),
        (&["--blocklist", "/there/is/no/such.pem"], "/there/is/no/such.pem"),
        (&["-o", "/proc/no/folder/here"], "/proc/no/folder/here"),
    ];
    for (arguments, named) in cases {
        let ran = hushwire([&["replay", &capture][..], arguments].concat());
        assert_eq!((ran.status, ran.stdout.as_str()), (2, ""), "{arguments:?}");
        assert_eq!(ran.stderr.lines().count(), 1, "{}", ran.stderr);
        assert!(ran.stderr.starts_with("hushwire: ") && ran.stderr.contains(named), "{}", ran.stderr);
    }
}

#[test]
fn wrong_values_are_refused_before_anything_is_read() {
    let cases: [&[&str]; 5] =
        [&["--workers", "0"], &["--vantage", "unknown"], &["--max-names", "0"], &["-q", "--json"], &["--full"]];
    for arguments in cases {
        let ran = hushwire([&["replay", "/there/is/no/such.pcap"][..], arguments].concat());
        assert_eq!(ran.status, 2, "{arguments:?}");
        assert!(ran.stderr.starts_with("error: "), "{}", ran.stderr);
    }
}
