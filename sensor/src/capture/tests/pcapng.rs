//! pcapng: sections, interfaces, every kind of packet block, counters, secrets.

use super::builder::{BOTH, Endian, Writer};
use super::{Reading, read};
use crate::capture::{Drops, Interface};
use dissectors::time::Time;

fn whole(file: &Writer) -> Reading {
    let reading = read(&file.bytes).unwrap();
    assert!(reading.error.is_none(), "{}", reading.sentence());
    reading
}

#[test]
fn resolutions_offsets_links_and_names_belong_to_the_interface() {
    for endian in BOTH {
        let file = Writer::new(endian)
            .section()
            .interface(1, 0, |options| options)
            .interface(101, 96, |options| {
                let offset = Writer::new(endian).u64(10);
                options.option(2, b"eth0").option(9, &[9]).option(14, &offset.bytes).option(0, &[])
            })
            .interface(113, 0, |options| options.option(9, &[0x8a]).option(13, &[4]))
            .enhanced(0, 1_500_000, b"microseconds")
            .enhanced(1, 1_500_000_000, b"nanoseconds, ten seconds on")
            .enhanced(2, 1_536, b"a second has 1024 ticks");
        let reading = whole(&file);
        assert_eq!(reading.times(), [1_500_000_000, 11_500_000_000, 1_500_000_000], "{endian:?}");
        let links: Vec<_> = reading.frames.iter().map(|frame| (frame.interface, frame.link)).collect();
        assert_eq!(links, [(0, 1), (1, 101), (2, 113)]);
        let second = Interface { name: Some("eth0".into()), link: 101, snaplen: 96, fcs: None };
        assert_eq!(reading.interfaces[1], second);
        assert_eq!(reading.interfaces[2].fcs, Some(4));
    }
}

#[test]
fn every_section_has_its_own_byte_order_and_interfaces() {
    let section = |endian, link, ticks| {
        Writer::new(endian).section().interface(link, 0, |options| options).enhanced(0, ticks, b"frame").bytes
    };
    let file = Writer::new(Endian::Little)
        .raw(&section(Endian::Little, 1, 1))
        .raw(&section(Endian::Big, 101, 2))
        .raw(&section(Endian::Little, 276, 3));
    let reading = whole(&file);
    let seen: Vec<_> = reading.frames.iter().map(|f| (f.number, f.interface, f.link, f.time.0)).collect();
    assert_eq!(seen, [(1, 0, 1, 1_000), (2, 1, 101, 2_000), (3, 2, 276, 3_000)]);
}

#[test]
fn simple_packets_take_the_snap_length_and_the_time_before_them() {
    for (snaplen, original, expected) in [(0, 5, 5), (4, 5, 4), (0, 50, 8), (6, 50, 6)] {
        let file = Writer::new(Endian::Big)
            .section()
            .interface(1, snaplen, |options| options)
            .block(3, |body| body.u32(original).padded(b"abcde678"))
            .enhanced(0, 7, b"timed")
            .block(3, |body| body.u32(original).padded(b"abcde678"));
        let reading = whole(&file);
        assert_eq!(reading.payloads(), [&b"abcde678"[..expected], b"timed", &b"abcde678"[..expected]]);
        assert_eq!(reading.frames[0].original_len, original);
        assert_eq!(reading.times(), [0, 7_000, 7_000]);
        assert_eq!(reading.source.counts().untimed_frames, 2);
    }
}

#[test]
fn the_obsolete_packet_block_counts_its_losses() {
    for endian in BOTH {
        let packet = |file: Writer, lost: u16, ticks: u32| {
            file.block(2, |body| body.u16(0).u16(lost).u32(0).u32(ticks).u32(3).u32(9).padded(b"abc"))
        };
        let file = Writer::new(endian).section().interface(1, 0, |options| options);
        let reading = whole(&packet(packet(packet(file, 0, 1), 5, 2), 0xffff, 3));
        assert_eq!(reading.payloads(), [b"abc"; 3]);
        assert_eq!(reading.frames[0].original_len, 9);
        let expected =
            Drops { from: Some(Time(1_000)), to: Some(Time(2_000)), lost_before_frame: Some(5), ..Drops::default() };
        assert_eq!(reading.drops, [expected]);
    }
}

#[test]
fn a_frame_tells_what_was_lost_before_it() {
    for endian in BOTH {
        let count = |value: u64| Writer::new(endian).u64(value).bytes;
        let file = Writer::new(endian)
            .section()
            .interface(1, 0, |options| options)
            .interface(1, 0, |options| options)
            .enhanced_with(1, 5, b"first", |options| options.option(1, b"comment").option(4, &count(3)))
            .enhanced_with(0, 6, b"other", |options| options.option(4, &count(0)))
            .enhanced_with(1, 9, b"next", |options| options.option(4, &count(4)).option(0, &[]));
        let lost = |from, to, lost| Drops {
            interface: 1,
            from,
            to: Some(Time(to)),
            lost_before_frame: Some(lost),
            ..Drops::default()
        };
        assert_eq!(whole(&file).drops, [lost(None, 5_000, 3), lost(Some(Time(5_000)), 9_000, 4)]);
    }
}

#[test]
fn statistics_are_steps_with_their_times() {
    for endian in BOTH {
        let value = |value: u64| Writer::new(endian).u64(value).bytes;
        let time = |ticks: u32| Writer::new(endian).u32(0).u32(ticks).bytes;
        let file = Writer::new(endian)
            .section()
            .interface(1, 0, |options| options)
            .block(5, |body| {
                let body = body.u32(0).u32(0).u32(10).option(2, &time(1)).option(4, &value(100));
                body.option(5, &value(1)).option(7, &value(2)).option(8, &value(97))
            })
            .block(5, |body| {
                let body = body.u32(0).u32(0).u32(30).option(3, &time(20)).option(4, &value(150));
                body.option(5, &value(1)).option(7, &value(12)).option(8, &value(137)).option(0, &[])
            });
        let first = Drops {
            interface: 0,
            from: Some(Time(1_000)),
            to: Some(Time(10_000)),
            received: Some(100),
            lost_by_interface: Some(1),
            lost_by_system: Some(2),
            delivered: Some(97),
            lost_before_frame: None,
        };
        let second = Drops {
            from: Some(Time(10_000)),
            to: Some(Time(20_000)),
            received: Some(50),
            lost_by_interface: Some(0),
            lost_by_system: Some(10),
            delivered: Some(40),
            ..first
        };
        assert_eq!(whole(&file).drops, [first, second]);
    }
}

#[test]
fn statistics_without_times_are_about_the_whole_file() {
    let file = Writer::new(Endian::Little)
        .section()
        .interface(1, 0, |options| options)
        .block(5, |body| body.u32(0).u32(0).u32(0).option(5, &9_u64.to_le_bytes()));
    assert_eq!(whole(&file).drops, [Drops { lost_by_interface: Some(9), ..Drops::default() }]);
}

#[test]
fn unknown_blocks_are_stepped_over_and_counted() {
    let file = Writer::new(Endian::Big)
        .section()
        .interface(1, 0, |options| options)
        .block(4, |body| body.u32(0))
        .enhanced(0, 1, b"a")
        .block(0x0bad, |body| body.raw(&[1; 400_000]))
        .enhanced(0, 2, b"b");
    let reading = whole(&file);
    assert_eq!(reading.payloads(), [b"a", b"b"]);
    assert_eq!(reading.source.counts().unknown_blocks, 2);
}

#[test]
fn blocks_that_contradict_themselves_are_counted_and_the_walk_goes_on() {
    let file = Writer::new(Endian::Little)
        .section()
        .enhanced(0, 1, b"of no interface")
        .block(3, |body| body.u32(1).u32(0))
        .block(1, |body| body.u16(1).u16(0))
        .interface(1, 0, |options| options)
        .block(6, |body| body.u32(0).u32(0).u32(1).u32(9).u32(9).u32(0))
        .block(6, |body| body.u32(0).u32(0))
        .block(2, |body| body.u32(0))
        .block(5, |body| body.u32(7).u64(0))
        .block(10, |body| body.u32(0x544c_534b).u32(100))
        .enhanced(0, 2, b"good");
    let reading = whole(&file);
    assert_eq!(reading.payloads(), [b"good"]);
    assert_eq!(reading.source.counts().malformed_blocks, 8);
}

#[test]
fn a_frame_may_lack_its_padding_at_the_end_of_its_block() {
    let file = Writer::new(Endian::Little)
        .section()
        .interface(1, 0, |options| options)
        .block(6, |body| body.u32(0).u32(0).u32(1).u32(4).u32(4).raw(b"abcd"));
    assert_eq!(whole(&file).payloads(), [b"abcd"]);
}

#[test]
fn the_key_log_inside_is_kept() {
    let file =
        Writer::new(Endian::Big).section().block(10, |body| body.u32(0x544c_534b).u32(17).padded(b"CLIENT_RANDOM 0 1"));
    assert_eq!(whole(&file).key_log, b"CLIENT_RANDOM 0 1\n");
}

#[test]
fn interfaces_beyond_the_limit_are_refused_and_counted() {
    let mut file = Writer::new(Endian::Little).section();
    let before = file.bytes.len();
    file = file.interface(1, 0, |options| options);
    let interface = file.bytes[before..].to_vec();
    for _ in 0..65_536 {
        file.bytes.extend(&interface);
    }
    let reading = whole(&file.enhanced(65_535, 1, b"last kept").enhanced(65_536, 1, b"refused"));
    assert_eq!(reading.payloads(), [b"last kept"]);
    assert_eq!((reading.source.counts().interfaces_refused, reading.source.counts().malformed_blocks), (1, 1));
}
