//! `hushwire config check`, and the options of `live` from a file.

use crate::run::{Folder, Ran, hushwire, project};

fn check(content: &str) -> (Ran, String) {
    let folder = Folder::new("config");
    let file = folder.file("hushwire.toml", content).to_string_lossy().into_owned();
    (hushwire(["config", "check", &file]), file)
}

#[test]
fn the_sample_is_right() {
    let ran = hushwire(["config".into(), "check".into(), project("sensor/dist/hushwire.toml").into_os_string()]);
    assert_eq!((ran.status, ran.stderr.as_str()), (0, ""));
    assert!(ran.stdout.ends_with("hushwire.toml: 4 options, no errors\n"), "{}", ran.stdout);
}

#[test]
fn what_is_wrong_is_said_with_the_files_name() {
    for (content, expected) in [
        ("interface = ", "TOML parse error at line 1, column 13"),
        ("", "the following required arguments were not provided"),
        ("interface = 'a'\nfilter = 'tcp porf'", "the filter cannot be applied"),
        ("interface = 'a'\nblocklist = '/nowhere/list.pem'", "blocklist /nowhere/list.pem: No such file"),
    ] {
        let (ran, file) = check(content);
        assert_eq!((ran.status, ran.stdout.as_str()), (2, ""), "{content}");
        assert!(ran.stderr.starts_with(&format!("hushwire: {file}: ")), "{}", ran.stderr);
        assert!(ran.stderr.contains(expected), "{}", ran.stderr);
    }
}

#[test]
fn live_takes_its_options_from_a_file_and_from_what_is_typed() {
    let folder = Folder::new("config-live");
    let file = folder.file("hushwire.toml", "interface = 'not-there-0'").to_string_lossy().into_owned();
    let ran = hushwire(["live", "--config", &file]);
    assert!(ran.stderr.starts_with("hushwire: not-there-0: cannot be captured from"), "{}", ran.stderr);
    let ran = hushwire(["live", "--config", &file, "-i", "not-there-1"]);
    assert!(ran.stderr.starts_with("hushwire: not-there-1: cannot be captured from"), "{}", ran.stderr);
}
