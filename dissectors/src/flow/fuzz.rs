//! The entry for fuzzing flows: any packets of a few connections, to a tracker with small tables.

use std::net::Ipv4Addr;
use std::num::NonZeroU32;

use crate::attempt::{End, MAX_ALERTS, MAX_RETRANSMISSIONS, Moment};
use crate::flow::{Config, Telling, Tracker};
use crate::packet::{Endpoint, Ends, Flags, Packet, Span, Tcp, Transport};
use crate::shared::Shared;
use crate::tcp::half::MAX_RESETS;
use crate::tcp::seq::Seq;
use crate::time::Time;

/// Bytes that stand before a packet's payload.
const HEADER: usize = 12;

/// Longest step of time between two packets: 255 of these.
const TICK: i64 = 100_000_000;

/// Reads `data` as packets, each behind [`HEADER`] bytes: whose it is, flags, sequence and acknowledgement numbers, TTL,
/// IP-ID, time and length; and checks what is told of them.
///
/// # Panics
///
/// If a limit does not hold, or if time runs backwards in what is told: a defect in this crate.
pub fn fuzz_flow(data: &[u8]) {
    let limit = NonZeroU32::new(4).unwrap_or(NonZeroU32::MIN);
    let config = Config { handshakes: limit, settled: limit, buffered: 4096, ..Config::default() };
    let (mut tracker, mut shared) = (Tracker::new(config), Shared::new(&config, [1, 2]));
    let (mut now, mut told, mut frame) = (Time(0), Time(0), 0);
    let mut rest = data;
    while let Some((header, behind)) = rest.split_first_chunk::<HEADER>() {
        let len = usize::from(u16::from_be_bytes([header[10], header[11]])).min(behind.len());
        let (payload, next) = behind.split_at_checked(len).unwrap_or((behind, &[]));
        (rest, frame) = (next, frame + 1);
        now = Time(now.0 + i64::from(header[9]) * TICK);
        let packet = packet(header, frame, now, len);
        tracker.packet(now, config.key.hash(packet.ends, false), &packet, payload, &mut shared);
        tracker.drain().for_each(|telling| told = check(&telling, told, now));
    }
    tracker.close_all(End::CaptureEnded, now);
    let closed = tracker.drain().inspect(|telling| told = check(telling, told, now)).count();
    assert!(closed <= limit.get() as usize, "more flows than the table has places");
}

fn packet(header: &[u8; HEADER], frame: u64, time: Time, len: usize) -> Packet {
    let [who, flags, seq_high, seq_low, ack_high, ack_low, ttl, ip_id, window, ..] = *header;
    let at = |last, port| Endpoint { addr: Ipv4Addr::new(192, 0, 2, last).into(), port };
    let ends = Ends { source: at(1, 1 + u16::from(who >> 4)), dest: at(2, 443) };
    let from_server = who & 1 != 0;
    let number = |high, low, server: bool| {
        Seq(if server { 0x8000_0000 } else { u32::MAX - 99 }).add(u32::from(u16::from_be_bytes([high, low])))
    };
    Packet {
        frame,
        time,
        ends: if from_server { ends.reversed() } else { ends },
        ttl,
        ip_id: Some(u16::from(ip_id)),
        dont_fragment: who & 2 != 0,
        transport: Transport::Tcp(Tcp {
            seq: number(seq_high, seq_low, from_server),
            ack: number(ack_high, ack_low, !from_server),
            flags: Flags(flags),
            window: u16::from(window),
            options: Span::default(),
        }),
        payload: Span { start: 0, len: len as u32 },
        missing: u32::from(who >> 2 & 1),
        bad_checksum: who & 8 != 0,
    }
}

/// Checks what is told, after `before` and at `now`; returns its time.
fn check(telling: &Telling, before: Time, now: Time) -> Time {
    let attempt = &telling.attempt;
    assert!((before..=now).contains(&telling.at), "time runs backwards");
    assert!(attempt.hello.conflicting_names.len() <= crate::tcp::MAX_NAMES);
    assert_eq!(telling.moment == Moment::Closed, attempt.end != End::Open);
    if let Some(facts) = attempt.tcp() {
        assert!(facts.retransmissions.len() <= MAX_RETRANSMISSIONS && facts.tls.alerts.len() <= MAX_ALERTS);
        assert!([&facts.client, &facts.server].iter().all(|half| half.resets.len() <= MAX_RESETS));
        assert!(facts.answer.is_none_or(|answer| answer.time >= attempt.time), "answered before it was asked");
    }
    telling.at
}
