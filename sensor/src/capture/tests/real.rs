//! Real captures, where a collection is present: every frame as libpcap reads it.

use std::path::{Path, PathBuf};

use pcap::{Capture, Precision};

use crate::capture::link::dlt;
use crate::capture::{Block, FileSource, Input, Progress, expand};

/// The folder in `HUSHWIRE_CAPTURES`, or beside the project.
fn collection() -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/captures");
    let folder = std::env::var_os("HUSHWIRE_CAPTURES").map_or_else(beside, PathBuf::from);
    folder.is_dir().then_some(folder)
}

/// Time, captured and original length of each frame.
type Frames = Vec<(i64, u32, u32)>;

fn ours(input: &Input) -> Option<Frames> {
    let mut source = FileSource::open(input).ok()?;
    let mut block = Block::default();
    let mut frames = Frames::new();
    while let Ok(Progress::More) = source.read(&mut block) {
        frames.extend(block.frames.iter().map(|frame| (frame.time.0, frame.len, frame.original_len)));
    }
    Some(frames)
}

/// What libpcap reads, and what made it stop if that was not the end.
fn theirs(input: &Input) -> Result<(Frames, Option<pcap::Error>), pcap::Error> {
    let mut capture = Capture::from_file_with_precision(input.name(), Precision::Nano)?;
    let mut frames = Frames::new();
    loop {
        match capture.next_packet() {
            Ok(packet) => {
                let time = packet.header.ts.tv_sec * 1_000_000_000 + packet.header.ts.tv_usec;
                frames.push((time, packet.header.caplen, packet.header.len));
            }
            Err(pcap::Error::NoMorePackets) => return Ok((frames, None)),
            Err(error) => return Ok((frames, Some(error))),
        }
    }
}

#[test]
fn real_captures_read_as_libpcap_reads_them() {
    let Some(folder) = collection() else {
        println!("no collection of captures is present: nothing is compared");
        return;
    };
    let (mut compared, mut refused) = (0, 0);
    for input in expand(&[folder]).into_iter().flatten() {
        let Some(ours) = ours(&input) else { continue };
        let Ok((theirs, error)) = theirs(&input) else { continue };
        if error.is_some() {
            // libpcap gives up on pcapng with mixed links; what it read before must be the same.
            refused += 1;
            assert!(ours.starts_with(&theirs), "{}", input.name());
        } else {
            assert!(ours == theirs, "{}", input.name());
        }
        compared += 1;
    }
    println!("{compared} captures compared, in {refused} of which libpcap stopped early");
    assert!(dlt(1) == 1 && compared > 0);
}
