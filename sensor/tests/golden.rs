//! Every golden case of `pcaps/cases`, replayed by the program itself and held against its expectation.

#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests, which may fail as tests do")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use pcaps::expect::Expected;
use pcaps::file::split::split_segments;

/// One folder of `pcaps/cases`.
struct Case {
    name: String,
    folder: PathBuf,
    capture: PathBuf,
    expected: Expected,
}

impl Case {
    fn read(folder: PathBuf) -> Self {
        let files = fs::read_dir(&folder).unwrap().map(|file| file.unwrap().path());
        let capture = files.into_iter().find(|path| path.file_stem().is_some_and(|stem| stem == "capture")).unwrap();
        let expected = fs::read_to_string(folder.join("expected.json")).unwrap();
        let expected = Expected::parse(&expected).unwrap_or_else(|error| panic!("{folder:?}: {error}"));
        let name = folder.file_name().unwrap().to_string_lossy().into_owned();
        Self { name, folder, capture, expected }
    }

    /// Replays a capture with this case's arguments into a folder of `run`; the events, or why there are none.
    fn replay(&self, run: &str, capture: &Path, more: &[&str]) -> Result<String, String> {
        let out = scratch(&format!("{run}/{}", self.name));
        let folder = self.folder.to_string_lossy();
        let output = Command::new(env!("CARGO_BIN_EXE_hushwire"))
            .arg("replay")
            .arg(capture)
            .arg("-q")
            .arg("-o")
            .arg(&out)
            .args(self.expected.args.iter().map(|arg| arg.replace("{case}", &folder)))
            .args(more)
            .output()
            .unwrap();
        if !output.status.success() {
            return Err(format!("{}: {}", output.status, String::from_utf8_lossy(&output.stderr)));
        }
        fs::read_to_string(out.join("eve.json")).map_err(|error| error.to_string())
    }

    /// What differs from the expectation when `capture` is replayed.
    fn complaint(&self, run: &str, capture: &Path) -> Option<String> {
        let verdict = self.replay(run, capture, &[]).and_then(|eve| self.expected.check(&eve));
        verdict.err().map(|complaint| format!("== {}\n{complaint}\n", self.name))
    }
}

fn cases() -> Vec<Case> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../pcaps/cases");
    let mut cases: Vec<_> = fs::read_dir(root).unwrap().map(|entry| Case::read(entry.unwrap().path())).collect();
    cases.sort_by(|a, b| a.name.cmp(&b.name));
    assert!(cases.len() > 80, "the cases are where they were");
    cases
}

/// An empty folder of this name for one run.
fn scratch(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("golden").join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

#[test]

fn every_case_is_told_as_expected() {
    let complaints: String = cases().iter().filter_map(|case| case.complaint("whole", &case.capture)).collect();
    assert!(complaints.is_empty(), "{complaints}");
}

/// Names, outcomes and findings do not depend on where the bytes were cut into segments. Only pcapng is left out: what it
/// holds is cut in the classic files too.
#[test]

fn segments_cut_in_two_change_nothing() {
    let halved = scratch("captures");
    let mut complaints = String::new();
    let mut cut = 0;
    for case in cases() {
        let Some(capture) = split_segments(&fs::read(&case.capture).unwrap()) else { continue };
        let path = halved.join(format!("{}.pcap", case.name));
        fs::write(&path, capture).unwrap();
        complaints += &case.complaint("halved", &path).unwrap_or_default();
        cut += 1;
    }
    assert!(complaints.is_empty(), "{complaints}");
    assert!(cut > 80, "only {cut} captures could be cut");
}

#[test]

fn two_workers_write_what_one_writes() {
    for case in cases() {
        let replay = |workers| case.replay(workers, &case.capture, &["--workers", workers]);
        let [one, two] = ["1", "2"].map(|workers| replay(workers).unwrap_or_else(|why| panic!("{}: {why}", case.name)));
        assert_eq!(one, two, "{}", case.name);
    }
}
