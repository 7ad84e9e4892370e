//! What is sent over the wires: generated connections, of which the truth is known.

use std::collections::BTreeSet;
use std::io::Cursor;
use std::path::Path;
use std::process::Command;
use std::{fs, process};

use benches::scenario::{Kind, generate};
use sensor::capture::{Block, FileSource, Progress};
use serde_json::Value;

/// A flow: both ends, the client's first.
pub(crate) type Flow = (String, u64, String, u64);

/// Generated connections.
pub(crate) struct Traffic {
    capture: Vec<u8>,
    frames: Vec<Vec<u8>>,
    /// Where each frame's record ends in the capture.
    ends: Vec<usize>,
}

impl Traffic {
    /// So many TLS connections side by side.
    pub(crate) fn handshakes(connections: usize) -> Self {
        let mut capture = Vec::new();
        generate(Kind::Handshakes, connections, &mut capture, &mut Vec::new()).unwrap();
        Self::of(capture)
    }

    fn of(capture: Vec<u8>) -> Self {
        let mut source = FileSource::from_reader("generated".into(), Cursor::new(capture.clone())).unwrap();
        let (mut block, mut frames) = (Block::default(), Vec::new());
        while source.read(&mut block).unwrap() == Progress::More {
            frames.extend(block.frames.iter().map(|frame| frame.bytes(&block.bytes).unwrap().to_vec()));
        }
        // A classic capture: a header of 24 bytes, and one of 16 before each frame.
        let ends = frames.iter().scan(24, |end, frame| {
            *end += 16 + frame.len();
            Some(*end)
        });
        let ends = ends.collect();
        Self { capture, frames, ends }
    }

    /// The same inside VXLAN (RFC 7348), with a source port made of the inner ends, as tunnels do it: another for each
    /// direction.
    pub(crate) fn tunnelled(&self) -> Self {
        let mut capture = self.capture[..24].to_vec();
        for (frame, end) in self.frames.iter().zip(&self.ends) {
            let port = frame[26..38]
                .chunks(2)
                .fold(0, |sum: u16, two| sum.rotate_left(3) ^ u16::from_be_bytes([two[0], two[1]]));
            let udp = u16::try_from(16 + frame.len()).unwrap().to_be_bytes();
            let total = u16::try_from(36 + frame.len()).unwrap().to_be_bytes();
            let ip = [&[0x45, 0][..], &total, &[0, 0, 0x40, 0, 64, 17, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2]].concat();
            let outer =
                [&[2; 12][..], &[8, 0], &ip, &port.to_be_bytes(), &4789u16.to_be_bytes(), &udp, &[0, 0]].concat();
            let tunnelled = [&outer[..], &[8, 0, 0, 0, 0, 0, 1, 0], frame].concat();
            let len = u32::try_from(tunnelled.len()).unwrap().to_le_bytes();
            let time = &self.capture[end - frame.len() - 16..][..8];
            capture.extend([time, &len, &len, &tunnelled].concat());
        }
        Self::of(capture)
    }

    /// The first frames alone.
    pub(crate) fn first(&self, frames: usize) -> Self {
        Self::of(self.capture[..self.ends[frames - 1]].to_vec())
    }

    pub(crate) fn frames(&self) -> &[Vec<u8>] {
        &self.frames
    }

    /// The flows that `hushwire replay` finds in the traffic.
    pub(crate) fn flows(&self) -> BTreeSet<Flow> {
        self.replay(|folder| flows(&fs::read_to_string(folder.join("eve.json")).unwrap()))
    }

    /// What `hushwire replay` makes of the traffic in numbers.
    pub(crate) fn replayed(&self) -> Value {
        self.replay(|folder| serde_json::from_slice(&fs::read(folder.join("summary.json")).unwrap()).unwrap())
    }

    fn replay<T>(&self, result: impl FnOnce(&Path) -> T) -> T {
        let thread = std::thread::current();
        let name = format!("live-replay-{}-{}", process::id(), thread.name().unwrap_or_default());
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        fs::create_dir_all(&folder).unwrap();
        let capture = folder.join("capture.pcap");
        fs::write(&capture, &self.capture).unwrap();
        let program = env!("CARGO_BIN_EXE_hushwire");
        let status = Command::new(program).arg("replay").arg(&capture).arg("-q").arg("-o").arg(&folder).status();
        assert!(status.unwrap().success());
        let result = result(&folder);
        fs::remove_dir_all(&folder).unwrap();
        result
    }
}

/// The flows of the attempts in lines of `eve.json`; two records of one flow fail the test.
pub(crate) fn flows(eve: &str) -> BTreeSet<Flow> {
    let mut flows = BTreeSet::new();
    for line in eve.lines() {
        let event: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        if event["event_type"] == "tls" {
            let text = |key: &str| event[key].as_str().unwrap().to_owned();
            let port = |key: &str| event[key].as_u64().unwrap();
            let flow = (text("src_ip"), port("src_port"), text("dest_ip"), port("dest_port"));
            assert!(flows.insert(flow), "told twice: {line}");
        }
    }
    flows
}

/// Whether a frame of the generated traffic comes from port 443. It has Ethernet, IPv4 without options, and TCP.
pub(crate) fn is_from_server(frame: &[u8]) -> bool {
    frame[34..36] == 443u16.to_be_bytes()
}
