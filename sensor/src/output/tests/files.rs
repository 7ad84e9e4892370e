//! Files on a disk, and on a full one.

use super::*;
use crate::output::{OutputError, Summary};
use serde_json::Value;

#[test]
fn a_full_disk_is_told_once_and_the_rest_is_counted_and_written() {
    let (mut outputs, [eve, csv, _, summary]) = on_paper(Options { full: true, ..Options::default() }, 5_000);
    let events = 400;
    let told: Vec<_> = (0..events).filter_map(|_| outputs.events(&[completed("a.example").event()]).err()).collect();
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].to_string().starts_with("eve.json: cannot be written: "), "{}", told[0]);
    outputs.finish(&Summary::default()).unwrap();
    let written = eve.text().matches('\n').count();
    assert!((1..5).contains(&written));
    assert_eq!(outputs.unwritten()["eve.json"], events - written as u64);
    assert!(csv.text().contains("a.example,400,400,400,"), "the statistics go on");
    let summary: Value = serde_json::from_str(&summary.text()).unwrap();
    assert_eq!(summary["unwritten"]["eve.json"], events - written as u64);
}

#[test]
fn files_are_made_at_once_and_hold_everything_in_the_end() {
    let dir = std::env::temp_dir().join(format!("hushwire-output-{}", std::process::id()));
    let mut outputs = Outputs::create(Some(&dir.join("new")), Options::default()).unwrap();
    let mut summary = Summary { version: "0.0.0", ..Summary::default() };
    let silent = completed("a.example").silent(12_500).notice(Action::Allowed, "silence_after_hello", Level::Hard);
    for made in [completed("a.example"), silent] {
        outputs.events(&[made.event()]).unwrap();
        summary.count(&made.event());
    }
    outputs.finish(&summary).unwrap();
    let read = |name| std::fs::read_to_string(dir.join("new").join(name)).unwrap();
    assert_eq!(read("eve.json").lines().count(), 3);
    assert_eq!(read("sni.csv").lines().count(), 2);
    assert_eq!(serde_json::from_str::<Value>(&read("sni.json")).unwrap()["schema"], 1);
    let written: Value = serde_json::from_str(&read("summary.json")).unwrap();
    assert_eq!(written["alerts"]["silence_after_hello"], 1);
    assert_eq!((summary.attempts, summary.standing()), (2, 1));
    assert!(written.get("unwritten").is_none());
    assert_eq!(written, serde_json::from_str::<Value>(&summary.to_json().unwrap()).unwrap());
    std::fs::remove_dir_all(dir).unwrap();
}

#[test]
fn a_file_in_the_place_of_the_folder_is_an_error_that_names_it() {
    let file = std::env::temp_dir().join(format!("hushwire-output-file-{}", std::process::id()));
    std::fs::write(&file, "").unwrap();
    let error = Outputs::create(Some(&file), Options::default()).unwrap_err();
    assert!(matches!(&error, OutputError::Create { path, .. } if *path == file), "{error}");
    std::fs::remove_file(file).unwrap();
}

#[test]
fn without_a_folder_only_the_statistics_remain() {
    let mut outputs = Outputs::create(None, Options::default()).unwrap();
    outputs.events(&[completed("a.example").event()]).unwrap();
    outputs.finish(&Summary::default()).unwrap();
    assert!(outputs.unwritten().is_empty());
    assert_eq!(outputs.names().rows().len(), 1);
}

#[test]
fn a_summary_takes_withdrawn_alerts_off() {
    let mut summary = Summary::default();
    let raised = completed("a.example").told(Moment::Unanswered, 12_500);
    summary.count(&raised.clone().notice(Action::Allowed, "silence_after_hello", Level::Hard).event());
    assert_eq!((summary.standing(), summary.attempts), (1, 0));
    summary.count(&raised.notice(Action::Withdrawn, "silence_after_hello", Level::Hard).event());
    assert_eq!((summary.standing(), summary.withdrawn["silence_after_hello"]), (0, 1));
}
