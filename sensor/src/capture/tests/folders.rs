//! From the paths of a command line to inputs.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use super::builder::{Endian, Writer};
use crate::capture::{ErrorKind, FileSource, Input, Origin, by_first_frame, expand};

/// A folder of its own for one test, removed with it.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("hushwire-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.0.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, bytes).unwrap();
        path
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn capture(second: u32) -> Vec<u8> {
    Writer::classic(Endian::Little, 0xa1b2_c3d4, (2, 4), 1).record(second, 0, 1, b"x").bytes
}

/// The names of what was found, below `top`; errors with their kind.
fn names(top: &Path, paths: &[PathBuf]) -> Vec<String> {
    let below = |name: &str| name.replace(&format!("{}/", top.display()), "");
    expand(paths)
        .iter()
        .map(|input| match input {
            Ok(input) => below(&input.name()),
            Err(error) => below(&error.to_string()),
        })
        .collect()
}

#[test]
fn folders_are_walked_in_order_and_loops_end() {
    let scratch = Scratch::new("walk");
    for name in ["b.pcap", "a/z.pcapng", "a/c/1.pcap", "README.md"] {
        scratch.file(name, &capture(1));
    }
    symlink(&scratch.0, scratch.0.join("a/loop")).unwrap();
    symlink(scratch.0.join("b.pcap"), scratch.0.join("latest.pcap")).unwrap();
    symlink("nowhere", scratch.0.join("broken.pcap")).unwrap();
    let found = names(&scratch.0, std::slice::from_ref(&scratch.0));
    let broken = "broken.pcap: cannot be opened: No such file or directory (os error 2)";
    assert_eq!(found, ["README.md", "a/c/1.pcap", "a/z.pcapng", "b.pcap", broken]);
}

#[test]
fn what_is_named_keeps_its_order_and_errors_take_their_place() {
    let scratch = Scratch::new("order");
    let (one, two) = (scratch.file("2.pcap", &capture(1)), scratch.file("1.pcap", &capture(1)));
    let missing = scratch.0.join("missing");
    let found = names(&scratch.0, &[one, missing, "-".into(), two]);
    let error = "missing: cannot be opened: No such file or directory (os error 2)";
    assert_eq!(found, ["2.pcap", error, "standard input", "1.pcap"]);
}

#[test]
fn a_folder_without_permission_is_one_error() {
    let scratch = Scratch::new("permission");
    scratch.file("closed/x.pcap", &capture(1));
    scratch.file("open.pcap", &capture(1));
    let closed = scratch.0.join("closed");
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o0)).unwrap();
    let readable = fs::read_dir(&closed).is_ok();
    let found = names(&scratch.0, std::slice::from_ref(&scratch.0));
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o700)).unwrap();
    if readable {
        println!("this user may read everything: permissions are not tested");
        return;
    }
    assert_eq!(found, ["closed: the folder cannot be listed: Permission denied (os error 13)", "open.pcap"]);
}

#[test]
fn sizes_are_known_and_only_named_files_must_be_captures() {
    let scratch = Scratch::new("sizes");
    let readme = scratch.file("README.md", b"# text");
    scratch.file("broken.PCAP", b"# text");
    scratch.file("broken.pcap.gz", b"# text");
    let found: Vec<Input> = expand(&[readme.clone(), scratch.0.clone()]).into_iter().map(Result::unwrap).collect();
    assert!(found.iter().all(|input| input.bytes == Some(6)));
    let must: Vec<bool> = found.iter().map(Input::must_be_capture).collect();
    assert_eq!(must, [true, false, true, true]);
    let error = FileSource::open(&found[0]).err().unwrap();
    assert!(error.is_foreign());
    assert_eq!(error.to_string(), format!("{}, byte 0: is neither a pcap nor a pcapng capture", readme.display()));
}

#[test]
fn a_folder_opened_as_a_file_and_a_file_that_went_away_are_errors() {
    let scratch = Scratch::new("gone");
    let open = |path: PathBuf| FileSource::open(&Input { origin: Origin::Named(path), bytes: None }).err().unwrap();
    assert!(matches!(open(scratch.0.clone()).kind, ErrorKind::Read(_)));
    assert!(matches!(open(scratch.0.join("gone")).kind, ErrorKind::Open(_)));
}

#[test]
fn a_ring_buffer_is_put_in_order_of_time() {
    let scratch = Scratch::new("ring");
    scratch.file("a.pcap", &capture(30));
    scratch.file("b.pcap", &capture(10));
    scratch.file("c.pcap", b"damaged");
    scratch.file("d.pcap", &capture(20));
    scratch.file("e.pcap", &Writer::classic(Endian::Big, 0xa1b2_c3d4, (2, 4), 1).bytes);
    let inputs = expand(std::slice::from_ref(&scratch.0)).into_iter().map(Result::unwrap).collect();
    let order: Vec<String> =
        by_first_frame(inputs).iter().map(|input| input.name().rsplit('/').next().unwrap().to_owned()).collect();
    assert_eq!(order, ["b.pcap", "d.pcap", "a.pcap", "c.pcap", "e.pcap"]);
}
