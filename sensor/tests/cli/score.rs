//! `hushwire score`: the judge alone, over the demonstration's captures and their truth.

use std::fs;

use crate::run::{Folder, Ran, hushwire, project};

const TRUTH: &str = "pcaps/demo/truth.csv";

/// Replays the demonstration into a folder.
fn replayed(test: &str) -> Folder {
    let folder = Folder::new(test);
    let (captures, root) = (project("pcaps/demo/captures"), project("pcaps/demo/lab-root.pem"));
    let (captures, root, out) = (captures.display(), root.display(), folder.out());
    let line = format!("replay {captures} -q --blocklist {root} -o {}", out.display());
    assert_eq!(hushwire(line.split(' ')).status, 0);
    folder
}

fn score(folder: &Folder, more: &[&str]) -> Ran {
    let (eve, truth) = (folder.out().join("eve.json"), project(TRUTH));
    let arguments = ["score".into(), eve.display().to_string(), truth.display().to_string()];
    hushwire(arguments.into_iter().chain(more.iter().map(|word| (*word).to_owned())))
}

#[test]
fn the_demonstration_is_told_as_its_truth_says() {
    let folder = replayed("score");
    let rows = folder.0.join("rows.csv");
    let ran = score(&folder, &["--expect", "detected>=1, false=0", "-o", &rows.display().to_string()]);
    assert_eq!((ran.status, ran.stderr.as_str()), (0, ""), "{}", ran.stdout);
    for expected in ["drop_answer", "blocklisted_chain", "detected   34/34 100.0 %", "accused    0/50"] {
        assert!(ran.stdout.contains(expected), "{expected:?} is not in\n{}", ran.stdout);
    }
    let rows = fs::read_to_string(rows).unwrap();
    assert_eq!(rows.lines().count(), 1 + 84);
    assert_eq!(rows.lines().filter(|row| row.ends_with(",named")).count(), 34);
}

#[test]
fn conditions_that_do_not_hold_and_files_that_are_wrong_have_their_status() {
    let folder = replayed("score-status");
    let ran = score(&folder, &["--expect", "not_tls>=1"]);
    assert_eq!(ran.status, 1);
    assert!(ran.stdout.contains("not_tls: no flow is expected to be told so"), "{}", ran.stdout);
    assert_eq!(score(&folder, &["--expect", "nonsense"]).status, 2);
    let labels = folder.file("labels.csv", "action\npass\n");
    let eve = folder.out().join("eve.json");
    let ran = hushwire(["score".as_ref(), eve.as_os_str(), labels.as_os_str()]);
    assert_eq!(ran.status, 2);
    assert!(ran.stderr.contains("labels.csv: line 2: no `index`"), "{}", ran.stderr);
}
