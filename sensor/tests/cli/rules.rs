//! `hushwire rules`.

use std::io;

use serde_json::Value;

use crate::run::{Folder, Ran, command, hushwire, project};

#[test]
fn list_shows_every_detector_and_the_classes_of_the_blocklist() {
    let Ran { status, stdout, .. } = hushwire(["rules", "list"]);
    assert_eq!(status, 0);
    for expected in ["silence_after_hello", "blocklisted_chain", "Qaznet Trust Network", "revoked"] {
        assert!(stdout.contains(expected), "{expected:?} is not in\n{stdout}");
    }
    assert!(!stdout.contains('\x1b'), "no colours where there is no terminal");
}

#[test]
fn list_as_json_says_the_same_and_more() {
    let json: Value = serde_json::from_str(&hushwire(["rules", "list", "--json"]).stdout).unwrap();
    let counted: u64 =
        json["sources"].as_array().unwrap().iter().map(|source| source["entries"].as_u64().unwrap()).sum();
    assert_eq!(counted, json["entries"].as_array().unwrap().len() as u64);
    assert!(json["sources"].as_array().unwrap().iter().all(|source| source["errors"] == 0));
    let roots = json["entries"].as_array().unwrap().iter().filter(|entry| entry["source"] == "kazakhstan-roots.pem");
    assert_eq!(roots.count(), 10);
    assert!(json["detectors"].as_array().unwrap().iter().all(|rule| rule["revision"].as_u64() >= Some(1)));
}

#[test]
fn whoever_has_read_enough_makes_no_error() {
    let (reader, writer) = io::pipe().unwrap();
    drop(reader);
    let ran: Ran = command(["rules", "list", "--json"]).stdout(writer).output().unwrap().into();
    assert_eq!((ran.status, ran.stderr.as_str()), (0, ""));
}

#[test]
fn check_counts_what_is_right_and_names_the_lines_that_are_wrong() {
    let folder = Folder::new("check");
    let wrong = folder.file("wrong.csv", "kind,label,sha256\nroot,a,zz\nleaf,b,\n");
    let right = project("pcaps/demo/lab-root.pem");

    let ran = hushwire([["rules", "check"].map(Into::into).as_slice(), &[right.clone(), wrong.clone()]].concat());
    assert_eq!(ran.status, 2);
    let lines: Vec<&str> = ran.stdout.lines().collect();
    assert!(lines[0].ends_with("1 entry (1 interception root), no errors"), "{}", lines[0]);
    assert!(lines[1].ends_with("no entries, 2 errors"), "{}", lines[1]);
    let wrong = wrong.display();
    assert!(ran.stderr.contains(&format!("hushwire: {wrong}:2: sha256 should be 32 bytes")), "{}", ran.stderr);
    assert!(ran.stderr.contains(&format!("hushwire: {wrong}:3: nothing by which a leaf")), "{}", ran.stderr);

    assert_eq!(hushwire([["rules", "check"].map(Into::into).as_slice(), &[right]].concat()).status, 0);
}

#[test]
fn check_goes_on_after_a_file_that_is_not_there() {
    let ran = hushwire(["rules", "check", "/there/is/no/such.pem", "/nor/this.csv"]);
    assert_eq!((ran.status, ran.stdout.as_str()), (2, ""));
    assert_eq!(ran.stderr.lines().count(), 2);
    assert!(ran.stderr.starts_with("hushwire: /there/is/no/such.pem: "), "{}", ran.stderr);
}
