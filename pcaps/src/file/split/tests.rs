use std::collections::BTreeMap;

use super::*;
use crate::cases;
use crate::net::packet::checksum;

/// Frames of a classic pcap that this test wrote itself (little-endian) or had written (either order).
fn frames(capture: &[u8]) -> Vec<(Vec<u8>, Vec<u8>)> {
    let big = capture[0] == 0xa1;
    let mut rest = &capture[24..];
    let mut out = Vec::new();
    while !rest.is_empty() {
        let length: [u8; 4] = rest[8..12].try_into().unwrap();
        let length = if big { u32::from_be_bytes(length) } else { u32::from_le_bytes(length) } as usize;
        out.push((rest[..8].to_vec(), rest[16..16 + length].to_vec()));
        rest = &rest[16 + length..];
    }
    out
}

/// The last bytes seen at each sequence number of each direction.
fn streams(capture: &[u8]) -> BTreeMap<(Vec<u8>, u32), u8> {
    let mut out = BTreeMap::new();
    for (_, frame) in frames(capture) {
        let Some(layers) = find(&frame) else { continue };
        let ends = frame[layers.network..layers.transport + 4].to_vec();
        let key = [&ends[12..], &frame[12..layers.network]].concat();
        let seq = u32::from_be_bytes(frame[layers.transport + 4..layers.transport + 8].try_into().unwrap());
        let seq = seq.wrapping_add(u32::from(frame[layers.transport + 13] & SYN != 0));
        for (byte, n) in frame[layers.payload..layers.end].iter().zip(0..) {
            out.insert((key.clone(), seq.wrapping_add(n)), *byte);
        }
    }
    out
}

/// Classic captures whose frames are whole, with their names.
fn captures() -> Vec<(&'static str, Vec<u8>)> {
    let whole = |name: &str| {
        !matches!(name, "truncated" | "checksums-offloaded" | "silence-in-a-capture-with-drops" | "file-pcapng")
    };
    let cases = cases::all().into_iter().filter(|(_, case)| whole(case.name));
    cases.map(|(_, case)| (case.name, case.story.to_file())).collect()
}

#[test]
fn the_streams_stay_and_the_segments_double() {
    for (name, capture) in captures() {
        let halved = split_segments(&capture).unwrap();
        assert_eq!(streams(&halved), streams(&capture), "{name}");
        let cuttable = frames(&capture).iter().filter(|(_, frame)| halve(frame).is_some()).count();
        let has_none = name.contains("without-a-hello") || name.starts_with("quic-");
        assert!(cuttable > 0 || has_none, "{name}: nothing was cut");
        assert_eq!(frames(&halved).len(), frames(&capture).len() + cuttable, "{name}");
    }
}

#[test]
fn every_half_has_right_checksums() {
    for (name, capture) in captures() {
        for (_, frame) in frames(&split_segments(&capture).unwrap()) {
            let Some(layers) = find(&frame) else { continue };
            assert!(sums_to_zero(&frame, &layers), "{name}");
            let is_v4 = frame[layers.network] >> 4 == 4;
            assert!(!is_v4 || checksum(&[&frame[layers.network..layers.transport]]) == 0, "{name}");
        }
    }
}

#[test]
fn a_wrong_checksum_stays_wrong() {
    let (_, capture) = captures().remove(0);
    let (_, mut frame) = frames(&capture).into_iter().find(|(_, frame)| halve(frame).is_some()).unwrap();
    let layers = find(&frame).unwrap();
    frame[layers.transport + 16] ^= 0x55;
    for half in halve(&frame).unwrap() {
        assert!(!sums_to_zero(&half, &find(&half).unwrap()));
    }
}

#[test]
fn cut_frames_and_resets_stay_as_they_are() {
    let truncated = cases::all().into_iter().find(|(_, case)| case.name == "truncated").unwrap().1.story.to_file();
    let whole_frames = frames(&truncated).iter().filter(|(_, frame)| frame.len() < 120).count();
    assert!(whole_frames > 0);
    assert_eq!(split_segments(&truncated).unwrap(), truncated);
    let reset = cases::all().into_iter().find(|(_, case)| case.name == "reset-with-payload-and-data-after").unwrap();
    let resets = |capture: &[u8]| {
        let all = frames(capture);
        all.iter().filter(|(_, frame)| frame[14 + 20 + 13] & RST != 0).cloned().collect::<Vec<_>>()
    };
    let capture = reset.1.story.to_file();
    assert_eq!(resets(&split_segments(&capture).unwrap()), resets(&capture));
}

#[test]
fn other_files_are_refused() {
    assert_eq!(split_segments(b""), None);
    assert_eq!(split_segments(&[0x0a, 0x0d, 0x0d, 0x0a, 0, 0, 0, 0]), None);
    let mut cut = captures().remove(0).1;
    cut.truncate(60);
    assert_eq!(split_segments(&cut), None);
}
