//! Every shipped scenario, simulated and judged: what each requires of hushwire holds, and chance is the seed's alone.

#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests, which may fail as tests do")]

use std::fs;
use std::path::{Path, PathBuf};

use pcaps::lab::run;
use pcaps::lab::scenario::Scenario;
use pcaps::lab::table;
use sensor::score::Mark;
use sensor::score::expect::Conditions;

fn shipped() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|ending| ending == "toml"));
    files.sort();
    assert!(files.len() >= 13, "the scenarios are where they were");
    files
}

fn scenario(path: &Path) -> Scenario {
    let text = fs::read_to_string(path).unwrap();
    Scenario::parse(&path.to_string_lossy(), &text).unwrap_or_else(|error| panic!("{error}"))
}

fn folder(run: &str, path: &Path) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("scenarios").join(run).join(path.file_stem().unwrap())
}

#[test]
fn every_scenario_is_told_as_it_requires_and_nobody_is_accused_who_was_let_pass() {
    let (mut complaints, mut runs) = (String::new(), Vec::new());
    for path in shipped() {
        let (scenario, folder) = (scenario(&path), folder("judged", &path));
        run::play(&scenario, &folder).unwrap();
        let all = run::judge(&scenario, &folder, &Conditions::default()).unwrap();
        for judged in &all {
            let (point, wrong) = (judged.point.as_str(), judged.score.count(Mark::False));
            assert_eq!(judged.score.unlabelled, 0, "{} at {point}", path.display());
            for broken in &judged.broken {
                complaints += &format!("{} at {point}: {broken}\n", path.display());
            }
            if wrong > 0 {
                complaints += &format!("{} at {point}: {wrong} accused that the box let pass\n", path.display());
            }
        }
        runs.push((path.file_stem().unwrap().to_string_lossy().into_owned(), all));
    }
    assert!(complaints.is_empty(), "{complaints}");
    let (readme, table) = (Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md"), table::of(&runs));
    assert!(
        fs::read_to_string(readme).unwrap().contains(&table),
        "README.md should have what `make lab` prints:\n{table}"
    );
}

#[test]
fn the_example_of_the_readme_is_a_scenario() {
    let readme = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap();
    let example = readme.split("```toml\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    let scenario = Scenario::parse("my.toml", example).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!((scenario.traffic.len(), scenario.middlebox.rules.len()), (1, 1));
}

#[test]
fn the_same_scenario_and_seed_give_the_same_bytes_and_another_seed_others() {
    let path = shipped().into_iter().find(|path| path.ends_with("russia.toml")).unwrap();
    let played = |run: &str, seed: &str| {
        let (mut scenario, folder) = (scenario(&path), folder(run, &path));
        scenario.seed = seed.to_owned();
        run::play(&scenario, &folder).unwrap();
        ["client.pcapng", "server.pcapng", "labels.csv"].map(|name| fs::read(folder.join(name)).unwrap())
    };
    let first = played("first", "a");
    assert!(first == played("again", "a"));
    let [client, server, _] = played("other", "b");
    assert!(client != first[0] && server != first[1]);
}
