use super::*;

/// Small enough for a test, large enough that every fate is met.
fn made(kind: Kind, size: usize) -> (Vec<u8>, String, Written) {
    let (mut capture, mut truth) = (Vec::new(), Vec::new());
    let written = generate(kind, size, &mut capture, &mut truth).unwrap();
    (capture, String::from_utf8(truth).unwrap(), written)
}

/// Times and lengths of the records of a capture.
fn records(capture: &[u8]) -> Vec<(u64, usize)> {
    let mut rest = &capture[24..];
    let mut records = Vec::new();
    while !rest.is_empty() {
        let field = |at: usize| u32::from_le_bytes(rest[at..at + 4].try_into().unwrap());
        let length = field(8) as usize;
        records.push((u64::from(field(0)) * 1_000_000_000 + u64::from(field(4)), length));
        rest = &rest[16 + length..];
    }
    records
}

#[test]
fn the_same_flags_give_the_same_bytes_in_order() {
    let kinds = [Kind::Handshakes, Kind::Bulk, Kind::Synflood, Kind::Mixed, Kind::Hour, Kind::Hostile];
    for (kind, size) in kinds.into_iter().zip([200, 1, 10_000, 3_000, 600, 400]) {
        let (capture, truth, written) = made(kind, size);
        assert!((capture.clone(), truth.clone(), written) == made(kind, size), "{kind:?} differs from itself");
        let records = records(&capture);
        assert_eq!(records.len() as u64, written.frames);
        assert_eq!(records.iter().map(|(_, length)| *length as u64).sum::<u64>(), written.bytes);
        assert!(records.is_sorted_by_key(|(at, _)| *at), "{kind:?}");
        assert!(truth.lines().count() > 1, "{kind:?}");
    }
}

#[test]
fn handshakes_meet_every_fate_and_have_their_shape() {
    let (_, truth, written) = made(Kind::Handshakes, 3_000);
    for outcome in ["completed", "silence_after_hello", "reset_after_hello", "tls_alert", "silence_mid_handshake"] {
        assert!(truth.contains(outcome), "{outcome}");
    }
    assert_eq!(truth.lines().count(), 3_001);
    let (packets, mean) = (written.frames / 3_000, written.bytes / written.frames);
    assert!((17..22).contains(&packets), "{packets} packets a connection");
    assert!((350..550).contains(&mean), "{mean} bytes a packet");
}

#[test]
fn an_hour_is_an_hour_long_at_any_size_and_holds_more_than_handshakes() {
    for size in [600, 2_400] {
        let (capture, truth, _) = made(Kind::Hour, size);
        let records = records(&capture);
        let lasts = records.last().unwrap().0 - BEGIN;
        assert!((HOUR - HOUR / 100..HOUR + HOUR / 100).contains(&lasts), "{lasts} ns");
        assert!(truth.lines().count() > size / 2, "handshakes");
        assert!(records.len() > size * 12, "and scans, floods, fragments, flows that never end");
    }
}

#[test]
fn mixed_keeps_its_shares() {
    let (capture, truth, written) = made(Kind::Mixed, 20_000);
    let mut at = 24;
    let (mut v6, mut udp) = (0, 0);
    for (_, length) in records(&capture) {
        let frame = &capture[at + 16..][..length];
        let is_v6 = frame[12..14] == [0x86, 0xdd];
        v6 += u64::from(is_v6);
        udp += u64::from(frame[if is_v6 { 20 } else { 23 }] == 17);
        at += 16 + length;
    }
    let percent = |count: u64| count * 100 / written.frames;
    assert!((22..38).contains(&percent(v6)), "{} % IPv6", percent(v6));
    assert!((57..63).contains(&percent(udp)), "{} % UDP", percent(udp));
    assert!(truth.contains("\nudp,") && truth.contains("\ntcp,"));
}
