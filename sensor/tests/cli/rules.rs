//! `hushwire rules`.

use std::fs;
use std::io;
use std::path::PathBuf;

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

const RULES: &str = "injectors = ['ours.csv']\n[detectors.reset_after_hello]\nseverity = 3\n\
                     [detectors.silence_after_hello]\nenabled = false\n[numbers]\nhard-seconds = 15\n";

/// A file of rules, and the list of injectors that it names.
fn rules(folder: &Folder, content: &str) -> PathBuf {
    folder.file("ours.csv", "ours,RST,*,*,*,*,*,*,*,no,a laboratory\n");
    folder.file("rules.toml", content)
}

#[test]
fn check_and_list_know_files_of_rules() {
    let folder = Folder::new("rules");
    let file = rules(&folder, RULES).display().to_string();
    let ran = hushwire(["rules", "check", &file]);
    assert_eq!((ran.status, ran.stderr.as_str()), (0, ""));
    assert!(ran.stdout.contains("1 detector off, 1 number set, 1 list of injectors, no errors"), "{}", ran.stdout);
    let list = hushwire(["rules", "list", "--json", "--rules", &file]).stdout;
    let json: Value = serde_json::from_str(&list).unwrap();
    let named = |list: &str, name: &str| json[list].as_array().unwrap().iter().find(|one| one["name"] == name).cloned();
    assert_eq!(named("detectors", "silence_after_hello").unwrap()["enabled"], false);
    assert_eq!(named("detectors", "reset_after_hello").unwrap()["severity"], 3);
    assert_eq!(named("numbers", "hard-seconds").unwrap()["value"], 15);
    assert!(named("injectors", "ours").is_some() && named("injectors", "henan").is_some());
    rules(&folder, "[numbers]\nhard-seconds = 1\n");
    for command in ["check", "list"] {
        let arguments = if command == "check" { vec![file.as_str()] } else { vec!["--rules", &file] };
        let ran = hushwire([&["rules", command][..], &arguments[..]].concat());
        assert_eq!(ran.status, 2);
        assert!(ran.stderr.contains(&format!("{file}:2: `hard-seconds` may be 10 to 110, not 1")), "{}", ran.stderr);
    }
}

#[test]
fn replay_judges_by_the_rules_and_says_which() {
    let folder = Folder::new("ruled");
    let (file, out) = (rules(&folder, RULES), folder.out());
    let arguments = ["replay".into(), project("pcaps/demo/captures"), "-q".into(), "-o".into(), out.clone()];
    let ran = hushwire([&arguments[..], &["--rules".into(), file]].concat());
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    let summary: Value = serde_json::from_slice(&fs::read(out.join("summary.json")).unwrap()).unwrap();
    assert!(summary["outcomes"]["silence_after_hello"].as_u64() > Some(0), "what became of it is still counted");
    assert_eq!(
        (&summary["alerts"]["silence_after_hello"], &summary["numbers"]["hard-seconds"]),
        (&Value::Null, &15.into())
    );
    assert_eq!(summary["rule_files"].as_array().unwrap().len(), 2);
    let rule = summary["rules"].as_array().unwrap().iter().find(|rule| rule["name"] == "silence_after_hello").unwrap();
    assert_eq!(rule["enabled"], false);
    let eve = fs::read_to_string(out.join("eve.json")).unwrap();
    let events = eve.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let resets = events.filter(|event| event["hushwire"]["detector"] == "reset_after_hello");
    let severities: Vec<Value> = resets.map(|event| event["alert"]["severity"].clone()).collect();
    assert!(!severities.is_empty() && severities.iter().all(|severity| severity == 3), "{severities:?}");
}

#[test]
fn check_goes_on_after_a_file_that_is_not_there() {
    let ran = hushwire(["rules", "check", "/there/is/no/such.pem", "/nor/this.csv"]);
    assert_eq!((ran.status, ran.stdout.as_str()), (2, ""));
    assert_eq!(ran.stderr.lines().count(), 2);
    assert!(ran.stderr.starts_with("hushwire: /there/is/no/such.pem: "), "{}", ran.stderr);
}
