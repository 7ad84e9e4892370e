//! Virtual wires: one end is ours, the other lies in a network namespace of the test.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::Duration;
use std::{fs, process};

use pcap::{Active, Capture};

/// Frames sent between two pauses, and the pause: some 20,000 frames a second.
const BURST: (usize, Duration) = (40, Duration::from_millis(2));

/// A namespace with interfaces `tap0`, `tap1`, …; what is sent into our ends comes out there.
pub(crate) struct Wire {
    namespace: String,
    ours: Vec<String>,
    folder: PathBuf,
}

impl Wire {
    /// Lays so many wires, or says why that is not possible.
    pub(crate) fn lay(test: &str, wires: usize) -> Option<Self> {
        let namespace = format!("hw-{test}-{}", process::id());
        if let Err(why) = run("ip", &["netns", "add", &namespace]) {
            println!("no network namespaces here, so that nothing is tested: {why}");
            return None;
        }
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("live-{test}"));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        let mut wire = Self { namespace, ours: Vec::new(), folder };
        for number in 0..wires {
            // An interface's name has at most 15 characters.
            let ours = format!("hw{number}{:.3}{}", test, process::id());
            let theirs = format!("tap{number}");
            let peer = ["link", "add", &ours, "mtu", "9000", "type", "veth", "peer", "name", &theirs];
            run("ip", &[&peer[..], &["mtu", "9000", "netns", &wire.namespace]].concat()).unwrap();
            // Without addresses the kernel says nothing of its own on the wire, so that all frames are the test's.
            run("ip", &["-n", &wire.namespace, "link", "set", &theirs, "addrgenmode", "none", "up"]).unwrap();
            run("ip", &["link", "set", &ours, "addrgenmode", "none", "up"]).unwrap();
            wire.ours.push(ours);
        }
        Some(wire)
    }

    pub(crate) fn namespace(&self) -> &str {
        &self.namespace
    }

    /// The names of the interfaces in the namespace.
    pub(crate) fn taps(&self) -> impl Iterator<Item = String> {
        (0..self.ours.len()).map(|number| format!("tap{number}"))
    }

    /// An empty folder of the test.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Takes a wire away, with both of its ends.
    pub(crate) fn cut(&self, wire: usize) {
        run("ip", &["link", "del", &self.ours[wire]]).unwrap();
    }

    /// Our end of a wire, to send into.
    pub(crate) fn end(&self, wire: usize) -> Capture<Active> {
        Capture::from_device(self.ours[wire].as_str()).unwrap().snaplen(64).open().unwrap()
    }

    /// Sends frames into one wire.
    pub(crate) fn send(&self, wire: usize, frames: &[Vec<u8>]) {
        self.send_by(frames, |_| wire);
    }

    /// Sends each frame into the wire that is chosen for it.
    pub(crate) fn send_by(&self, frames: &[Vec<u8>], choose: impl Fn(&[u8]) -> usize) {
        let mut ends: Vec<Capture<Active>> = (0..self.ours.len()).map(|wire| self.end(wire)).collect();
        for burst in frames.chunks(BURST.0) {
            for frame in burst {
                ends[choose(frame)].sendpacket(frame.as_slice()).unwrap();
            }
            thread::sleep(BURST.1);
        }
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        // The wires go with the namespace.
        let _ = run("ip", &["netns", "del", &self.namespace]);
    }
}

fn run(program: &str, arguments: &[&str]) -> Result<(), String> {
    let output = Command::new(program).args(arguments).output().map_err(|error| error.to_string())?;
    match output.status.success() {
        true => Ok(()),
        false => Err(format!("{program} {arguments:?}: {}", String::from_utf8_lossy(&output.stderr))),
    }
}
