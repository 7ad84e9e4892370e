//! Every shape in which a datagram comes in pieces.

use super::build::*;
use super::{Decoder, Frame, Options, Skip};
use crate::decode::{FragmentCounts, FragmentLimits};
use crate::packet::{Packet, Span};
use crate::time::Time;

/// A decoder that is handed one IP packet after the other.
struct Wire {
    decoder: Decoder,
    block: Vec<u8>,
    number: u64,
}

impl Wire {
    fn new() -> Self {
        Self::with(FragmentLimits::default())
    }

    fn with(fragments: FragmentLimits) -> Self {
        let options = Options { fragments, ..Options::default() };
        Self { decoder: Decoder::new(options), block: Vec::new(), number: 0 }
    }

    /// The packet at `seconds`.
    fn at(&mut self, seconds: i64, bytes: &[u8]) -> Result<Packet, Skip> {
        self.number += 1;
        let span = Span { start: self.block.len() as u32, len: bytes.len() as u32 };
        self.block.extend_from_slice(bytes);
        let time = Time::new(seconds, 0);
        let frame = Frame { number: self.number, time, link: 101, span, original_len: span.len };
        self.decoder.decode(frame, &mut self.block)
    }

    fn send(&mut self, bytes: &[u8]) -> Result<Packet, Skip> {
        self.at(1, bytes)
    }

    fn counts(&self) -> FragmentCounts {
        self.decoder.counts().fragments
    }

    /// Asserts that `packet` is the datagram of [`datagram`].
    #[track_caller]
    fn assert_whole(&self, packet: Result<Packet, Skip>) {
        let packet = packet.expect("a whole datagram");
        assert_eq!(packet.payload.of(&self.block), &datagram()[8..]);
        assert_eq!((packet.ends.dest.port, packet.ip_id, packet.ttl), (443, Some(7), 61));
        assert_eq!(packet.missing, 0);
    }
}

/// UDP of 100 bytes, so that its last unit is not full.
fn datagram() -> Vec<u8> {
    udp(50_000, 443, &(0..92).collect::<Vec<u8>>())
}

/// Bytes `from..to` of `whole` as a fragment with IP id 7.
fn part(whole: &[u8], from: usize, to: usize) -> Vec<u8> {
    let more = if to < whole.len() { 0x2000 } else { 0 };
    ipv4_at(more | (from / 8) as u16, 7, 17, &whole[from..to])
}

fn thirds() -> [Vec<u8>; 3] {
    let whole = datagram();
    [part(&whole, 0, 40), part(&whole, 40, 80), part(&whole, 80, 100)]
}

#[test]
fn any_order_makes_it_whole() {
    let parts = thirds();
    for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        let mut wire = Wire::new();
        assert_eq!(wire.send(&parts[order[0]]), Err(Skip::FragmentHeld));
        assert_eq!(wire.send(&parts[order[1]]), Err(Skip::FragmentHeld));
        let packet = wire.send(&parts[order[2]]);
        assert_eq!(packet.unwrap().frame, 3, "it comes with the frame that completes it");
        wire.assert_whole(packet);
        assert_eq!(wire.counts(), FragmentCounts { reassembled: 1, ..FragmentCounts::default() });
        assert_eq!(wire.decoder.counts().skipped["fragment_held"], 2);
    }
}

#[test]
fn values_come_from_the_first_fragment() {
    let [first, mut second, mut third] = thirds();
    (second[8], third[8]) = (1, 2);
    let mut wire = Wire::new();
    for part in [&third, &first] {
        assert_eq!(wire.send(part), Err(Skip::FragmentHeld));
    }
    let packet = wire.send(&second);
    wire.assert_whole(packet);
}

#[test]
fn duplicates_add_nothing() {
    let [first, second, third] = thirds();
    let mut wire = Wire::new();
    assert_eq!(wire.send(&first), Err(Skip::FragmentHeld));
    assert_eq!(wire.send(&first), Err(Skip::FragmentDropped));
    assert_eq!(wire.send(&third), Err(Skip::FragmentHeld));
    assert_eq!(wire.send(&third), Err(Skip::FragmentDropped));
    let packet = wire.send(&second);
    wire.assert_whole(packet);
    assert_eq!(wire.counts(), FragmentCounts { reassembled: 1, overlapping: 2, ..FragmentCounts::default() });
}

#[test]
fn overlaps_that_agree_are_only_counted() {
    let whole = datagram();
    let mut wire = Wire::new();
    for (from, to) in [(0, 48), (32, 64), (88, 100)] {
        assert_eq!(wire.send(&part(&whole, from, to)), Err(Skip::FragmentHeld));
    }
    let packet = wire.send(&part(&whole, 8, 96));
    wire.assert_whole(packet);
    assert_eq!(wire.counts(), FragmentCounts { reassembled: 1, overlapping: 2, ..FragmentCounts::default() });
}

#[test]
fn where_overlaps_disagree_the_first_wins() {
    let (whole, other) = (datagram(), vec![0xee; 100]);
    let mut wire = Wire::new();
    assert_eq!(wire.send(&part(&whole, 0, 56)), Err(Skip::FragmentHeld));
    assert_eq!(wire.send(&part(&whole, 96, 100)), Err(Skip::FragmentHeld));
    assert_eq!(wire.send(&part(&whole, 64, 96)), Err(Skip::FragmentHeld));
    assert_eq!(wire.send(&part(&other, 0, 48)), Err(Skip::FragmentDropped));
    assert_eq!(wire.counts().conflicting, 1);
    let packet = wire.send(&[&part(&whole, 56, 64)[..20], &whole[56..64]].concat());
    wire.assert_whole(packet);
}

#[test]
fn contradictory_ends_are_refused() {
    let whole = datagram();
    let mut wire = Wire::new();
    assert_eq!(wire.send(&part(&whole, 80, 100)), Err(Skip::FragmentHeld));
    assert_eq!(wire.send(&part(&whole[..90], 80, 90)), Err(Skip::FragmentDropped), "an earlier end");
    assert_eq!(wire.send(&part(&[0; 200], 96, 104)), Err(Skip::FragmentDropped), "beyond the end");
    assert_eq!(wire.send(&part(&whole, 40, 80)), Err(Skip::FragmentHeld));
    let packet = wire.send(&part(&whole, 0, 40));
    wire.assert_whole(packet);
    assert_eq!(wire.counts().conflicting, 2);
    assert_eq!(wire.send(&part(&whole, 40, 80)), Err(Skip::FragmentHeld), "the next datagram of this id");
    assert_eq!(wire.send(&part(&whole[..40], 24, 40)), Err(Skip::FragmentDropped), "an end before bytes that came");
    assert_eq!(wire.counts().conflicting, 3);
}

#[test]
fn a_hole_stays_a_hole() {
    let [first, _, third] = thirds();
    let mut wire = Wire::new();
    assert_eq!(wire.send(&first), Err(Skip::FragmentHeld));
    assert_eq!(wire.send(&third), Err(Skip::FragmentHeld));
    assert_eq!(wire.counts(), FragmentCounts::default());
}

#[test]
fn datagrams_are_told_apart() {
    let whole = datagram();
    let [first, ..] = thirds();
    let mut wire = Wire::new();
    assert_eq!(wire.send(&first), Err(Skip::FragmentHeld));
    let mut others = [part(&whole, 40, 100), part(&whole, 40, 100), part(&whole, 40, 100)];
    others[0][5] = 8;
    others[1][9] = 6;
    others[2][15] = 9;
    for other in &others {
        assert_eq!(wire.send(other), Err(Skip::FragmentHeld), "another id, protocol or address");
    }
    let packet = wire.send(&part(&whole, 40, 100));
    wire.assert_whole(packet);
}

#[test]
fn the_time_limit_is_packet_time() {
    let [first, second, third] = thirds();
    let mut wire = Wire::new();
    wire.at(100, &first).unwrap_err();
    wire.at(130, &second).unwrap_err();
    let packet = wire.at(130, &third);
    wire.assert_whole(packet);
    wire.at(200, &first).unwrap_err();
    wire.at(231, &second).unwrap_err();
    assert_eq!(wire.at(231, &third), Err(Skip::FragmentHeld));
    assert_eq!(wire.counts().timed_out, 1);
    assert!(wire.at(232, &first).is_ok(), "the later two were a new beginning");
    wire.at(300, &first).unwrap_err();
    wire.at(10, &second).unwrap_err();
    assert!(wire.at(11, &third).is_ok(), "a clock that steps back ends nothing");
}

#[test]
fn a_full_table_drops_the_oldest() {
    let whole = datagram();
    let with_id = |id: u16, from, to| {
        let mut part = part(&whole, from, to);
        part[4..6].copy_from_slice(&id.to_be_bytes());
        part
    };
    let mut wire = Wire::with(FragmentLimits { datagrams: 3, ..FragmentLimits::default() });
    for id in 0..5 {
        wire.send(&with_id(id, 0, 40)).unwrap_err();
    }
    assert_eq!(wire.counts().evicted, 2);
    let finished = (0..5).filter(|id| wire.send(&with_id(*id, 40, 100)).is_ok()).count();
    assert!(finished <= 3, "{finished} of a table of 3");
    let packet = Wire::with(FragmentLimits { datagrams: 0, ..FragmentLimits::default() }).send(&with_id(1, 0, 40));
    assert_eq!(packet, Err(Skip::FragmentHeld), "no table at all does no harm");
}

#[test]
fn memory_is_bounded_whatever_comes() {
    let limits = FragmentLimits { bytes: 200_000, ..FragmentLimits::default() };
    let mut wire = Wire::with(limits);
    // Eight bytes at the far end of each datagram, which cost 64 kB each.
    for id in 0..1000_u16 {
        let far = ipv4_at(0x2000 | 8180, id, 17, &[1; 8]);
        assert_eq!(wire.send(&far), Err(Skip::FragmentHeld));
        assert!(wire.decoder.fragments.bytes() <= limits.bytes);
    }
    assert!(wire.counts().evicted >= 997);
}

#[test]
fn eight_thousand_tiny_fragments_are_a_datagram_like_any() {
    let whole = udp(50_000, 443, &[0x5a; 64_000]);
    let units: Vec<_> = (0..whole.len()).step_by(8).map(|at| part(&whole, at, (at + 8).min(whole.len()))).collect();
    let orders: [Vec<usize>; 3] = [
        (0..units.len()).collect(),
        (0..units.len()).rev().collect(),
        (0..units.len()).step_by(2).chain((1..units.len()).step_by(2)).collect(),
    ];
    for order in orders {
        let mut wire = Wire::new();
        let packets: Vec<_> = order.iter().filter_map(|at| wire.send(&units[*at]).ok()).collect();
        assert_eq!(packets.len(), 1);
        assert_eq!(packets[0].payload.of(&wire.block), &whole[8..]);
    }
}

#[test]
fn pieces_that_cannot_be_are_malformed() {
    let mut wire = Wire::new();
    for bytes in [
        ipv4_at(0x2000, 7, 17, &[0; 12]),
        ipv4_at(0x2000, 7, 17, &[]),
        ipv4_at(0x1fff, 7, 17, &[0; 8]),
        ipv4_at(0x0001, 7, 17, &[]),
    ] {
        assert_eq!(wire.send(&bytes), Err(Skip::Malformed("fragment")));
    }
    let mut block = part(&datagram(), 0, 40);
    block.truncate(50);
    let span = Span { start: 0, len: 50 };
    let frame = Frame { number: 1, time: Time::default(), link: 101, span, original_len: 60 };
    assert_eq!(wire.decoder.decode(frame, &mut block), Err(Skip::Truncated), "a cut fragment is no use");
}

/// IPv6's fragment header before bytes `from..to` of `whole`.
fn part_v6(next: u8, whole: &[u8], from: usize, to: usize) -> Vec<u8> {
    let place = (from as u16) | u16::from(to < whole.len());
    ipv6(44, &join(&[&[next, 0], &place.to_be_bytes(), &[0, 0, 0, 5], &whole[from..to]]))
}

#[test]
fn ipv6_fragments_with_headers_behind() {
    let whole = join(&[&[17, 0, 1, 4, 0, 0, 0, 0], &datagram()]);
    let mut wire = Wire::new();
    // Only the first fragment's next header counts.
    assert_eq!(wire.send(&part_v6(6, &whole, 80, 108)), Err(Skip::FragmentHeld));
    assert_eq!(wire.send(&part_v6(60, &whole, 0, 40)), Err(Skip::FragmentHeld));
    let packet = wire.send(&part_v6(6, &whole, 40, 80)).unwrap();
    assert_eq!(packet.payload.of(&wire.block), &datagram()[8..]);
}

#[test]
fn atomic_fragments_wait_for_nothing() {
    let mut wire = Wire::new();
    let packet = wire.send(&part_v6(17, &datagram(), 0, 100)).unwrap();
    assert_eq!(packet.payload.of(&wire.block), &datagram()[8..]);
    assert_eq!(wire.counts(), FragmentCounts::default());
}

#[test]
fn fragments_in_tunnels_in_fragments() {
    let whole = datagram();
    let tunnelled = |inner: &[u8]| udp(50_500, 4789, &join(&[VXLAN, &ethernet(0x0800, inner)]));
    let outer = |whole: &[u8], from, to| {
        let mut part = part(whole, from, to);
        part[5] = 8;
        part
    };
    let mut wire = Wire::new();
    let first = tunnelled(&part(&whole, 0, 40));
    assert_eq!(wire.send(&outer(&first, 0, 48)), Err(Skip::FragmentHeld));
    assert_eq!(wire.send(&outer(&first, 48, first.len())), Err(Skip::FragmentHeld), "the inner one waits now");
    let second = tunnelled(&part(&whole, 40, 100));
    assert_eq!(wire.send(&outer(&second, 0, 48)), Err(Skip::FragmentHeld));
    let packet = wire.send(&outer(&second, 48, second.len()));
    wire.assert_whole(packet);
    assert_eq!(wire.counts().reassembled, 3);
}

/// A part of a frame that an access point of this port sends through CAPWAP.
fn capwap(port: u16, id: u16, whole: &[u8], from: usize, to: usize) -> Vec<u8> {
    let last = if to == whole.len() { 0x40 } else { 0 };
    let header = join(&[&[0, 0x10, 0x03, 0x80 | last], &id.to_be_bytes(), &(from as u16).to_be_bytes()]);
    ipv4(17, &udp(port, 5247, &join(&[&header, &whole[from..to]])))
}

#[test]
fn capwap_has_fragments_of_its_own() {
    let wifi = |payload: &[u8]| join(&[&[0x08, 0x01], &[0; 22], &snap(&ipv4(6, &tcp(payload)))]);
    let (one, other) = (wifi(&[1; 90]), wifi(&[2; 90]));
    let parts = |port, whole: &[u8]| {
        let mut parts = [(0, 64), (64, 128), (128, whole.len())].map(|(from, to)| capwap(port, 7, whole, from, to));
        parts.reverse();
        parts
    };
    let mut wire = Wire::new();
    // Two access points behind one address, with the same id, last part first.
    let steps = parts(4001, &one).into_iter().zip(parts(4002, &other)).flat_map(|(one, other)| [one, other]);
    let found: Vec<_> = steps.map(|part| wire.send(&part)).collect();
    assert_eq!(found[..4], [Err(Skip::FragmentHeld); 4]);
    let payloads = [4, 5].map(|at: usize| found[at].unwrap().payload.of(&wire.block));
    assert_eq!(payloads, [&[1; 90][..], &[2; 90]]);
    assert_eq!(wire.counts().reassembled, 2);
}
