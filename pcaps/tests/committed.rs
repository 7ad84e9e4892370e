//! What is committed is what the builder makes: nobody edits a capture, an expectation or the table by hand.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use pcaps::cases;
use pcaps::expect::Expected;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_path_buf()
}

#[test]
fn every_file_of_a_case_is_what_its_story_makes() {
    let mut stale = Vec::new();
    for (module, case) in cases::all() {
        for (name, content) in cases::files(module, &case) {
            let path = root().join("cases").join(case.name).join(name);
            if fs::read(&path).ok() != Some(content) {
                stale.push(path);
            }
        }
    }
    assert!(stale.is_empty(), "run `cargo run -p pcaps --bin make-cases`: {stale:#?}");
}

#[test]
fn the_table_in_the_readme_is_the_list_of_cases() {
    let text = fs::read_to_string(root().join("README.md")).unwrap();
    assert_eq!(cases::with_table(&text, &cases::all()), Some(text));
}

#[test]
fn names_are_unique_and_every_case_says_what_and_why() {
    let mut names = BTreeSet::new();
    for (_, case) in cases::all() {
        assert!(names.insert(case.name), "{} twice", case.name);
        assert!(!case.shows.is_empty() && !case.rule.is_empty(), "{}", case.name);
    }
}

#[test]
fn every_folder_has_a_capture_a_readme_and_a_readable_expectation() {
    for folder in fs::read_dir(root().join("cases")).unwrap() {
        let folder = folder.unwrap().path();
        let files: Vec<String> =
            fs::read_dir(&folder).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
        assert!(files.iter().any(|name| name.starts_with("capture.")), "{folder:?}");
        assert!(files.iter().any(|name| name == "README.md"), "{folder:?}");
        let expected = fs::read_to_string(folder.join("expected.json")).unwrap();
        Expected::parse(&expected).unwrap_or_else(|error| panic!("{folder:?}: {error}"));
    }
}
