//! Classic pcap in all its variants.

use super::super::ErrorKind;
use super::builder::{BOTH, Endian, Writer};
use super::{Seen, read};
use dissectors::time::Time;

#[test]
fn both_byte_orders_and_both_resolutions_read_the_same() {
    for endian in BOTH {
        for (magic, fraction) in [(0xa1b2_c3d4, 123_456), (0xa1b2_3c4d, 123_456_000)] {
            let file = Writer::classic(endian, magic, (2, 4), 1)
                .record(1_700_000_000, fraction, 90, b"first frame")
                .record(0, 0, 0, b"");
            let reading = read(&file.bytes).unwrap();
            let first = Seen {
                number: 1,
                time: Time(1_700_000_000_123_456_000),
                link: 1,
                interface: 0,
                original_len: 90,
                bytes: b"first frame".to_vec(),
            };
            assert_eq!(reading.frames[0], first, "{endian:?} {magic:#x}");
            assert_eq!((reading.frames[1].number, reading.frames[1].time.0), (2, 0));
            assert_eq!(reading.frames.len(), 2);
            assert_eq!(reading.interfaces[0].snaplen, 65535);
            assert!(reading.error.is_none());
        }
    }
}

#[test]
fn times_after_2038_are_not_before_1970() {
    let file = Writer::classic(Endian::Little, 0xa1b2_c3d4, (2, 4), 1).record(u32::MAX, u32::MAX, 1, b"x");
    let expected = i64::from(u32::MAX) * 1_000_000_000 + i64::from(u32::MAX) * 1_000;
    assert_eq!(read(&file.bytes).unwrap().times(), [expected]);
}

#[test]
fn kuznetzovs_records_have_eight_bytes_more() {
    for endian in BOTH {
        let record = |file: Writer, frame: &[u8]| {
            let file = file.u32(7).u32(8).u32(frame.len() as u32).u32(99);
            file.u32(3).u16(0x0800).raw(&[4, 0]).raw(frame)
        };
        let file = record(record(Writer::classic(endian, 0xa1b2_cd34, (2, 4), 1), b"one"), b"two");
        let reading = read(&file.bytes).unwrap();
        assert_eq!(reading.payloads(), [b"one", b"two"]);
        assert_eq!(reading.times(), [7_000_008_000; 2]);
    }
}

#[test]
fn the_lengths_changed_places_with_version_2_3() {
    // The version, the two lengths as they stand, and the captured and original length that they mean for 3 bytes.
    for (version, first, second) in
        [((2, 0), 9, 3), ((2, 2), 9, 3), ((543, 0), 9, 3), ((2, 3), 9, 3), ((2, 3), 3, 9), ((2, 4), 3, 9)]
    {
        let file = Writer::classic(Endian::Big, 0xa1b2_c3d4, version, 1).u32(1).u32(0).u32(first).u32(second);
        let reading = read(&file.raw(b"abc").bytes).unwrap();
        assert_eq!(reading.payloads(), [b"abc"], "{version:?}");
        assert_eq!(reading.frames[0].original_len, 9, "{version:?}");
        assert!(reading.error.is_none());
    }
}

#[test]
fn unknown_versions_are_refused_at_the_start() {
    for version in [(2, 5), (1, 0), (3, 4), (543, 1)] {
        let file = Writer::classic(Endian::Little, 0xa1b2_c3d4, version, 1);
        let error = read(&file.bytes).err().unwrap();
        assert!(matches!(error.kind, ErrorKind::Version { major, minor } if (major, minor) == version));
        assert_eq!(error.place.unwrap().offset, 0);
    }
}

#[test]
fn the_upper_bits_of_the_link_tell_of_a_frame_check_sequence() {
    for (field, link, fcs) in
        [(1, 1, None), (0x2400_0001, 1, Some(4)), (0x2000_0071, 113, None), (0x03ff_0001, 1, None)]
    {
        let reading = read(&Writer::classic(Endian::Big, 0xa1b2_c3d4, (2, 4), field).bytes).unwrap();
        assert_eq!((reading.interfaces[0].link, reading.interfaces[0].fcs), (link, fcs), "{field:#x}");
    }
}

#[test]
fn a_frame_longer_than_the_snap_length_is_kept_whole() {
    let frame = vec![7; 70_000];
    let file = Writer::classic(Endian::Little, 0xa1b2_c3d4, (2, 4), 1).record(1, 2, 70_000, &frame);
    assert_eq!(read(&file.bytes).unwrap().payloads(), [&frame[..]]);
}

#[test]
fn frames_are_whole_wherever_blocks_end() {
    let mut random = super::Random(1);
    let mut file = Writer::classic(Endian::Little, 0xa1b2_c3d4, (2, 4), 1);
    let mut lengths = Vec::new();
    for second in 0..600 {
        let len = if second % 50 == 0 { 262_144 - second as usize } else { random.below(4_000) };
        lengths.push(len);
        file = file.record(second, 0, len as u32, &vec![second as u8; len]);
    }
    let reading = read(&file.bytes).unwrap();
    assert!(reading.error.is_none());
    assert_eq!(reading.frames.len(), 600);
    for (frame, len) in reading.frames.iter().zip(lengths) {
        let second = (frame.time.0 / 1_000_000_000) as u64;
        assert_eq!(frame.number, second + 1);
        assert_eq!(frame.bytes, vec![second as u8; len]);
    }
    assert_eq!(reading.source.position(), file.bytes.len() as u64);
}
