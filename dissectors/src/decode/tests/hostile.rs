//! Bytes that mean harm: every cut, any mutation, any depth.

use super::build::*;
use super::{Skip, decode, decode_cut, links, tunnels};
use crate::decode::fuzz_decode;

/// SplitMix64 (Steele, Lea, Flood 2014), for reproducible mutations.
pub(super) struct Random(pub(super) u64);

impl Random {
    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub(super) fn below(&mut self, n: usize) -> usize {
        (self.next() % n as u64) as usize
    }
}

pub(super) fn samples() -> Vec<(&'static str, u16, Vec<u8>)> {
    [links::samples(), tunnels::samples()].concat()
}

/// A frame cut anywhere gives the same packet with a shorter payload, or was cut in its headers. Where UDP is in
/// between, a cut tunnel header leaves the outer datagram.
#[test]
fn every_cut_of_every_layer_is_told() {
    for (name, link, frame) in samples() {
        let whole = decode(link, &frame).unwrap();
        for captured in 0..frame.len() {
            match decode_cut(link, &frame, captured) {
                Ok(cut) if cut.transport == whole.transport => {
                    assert_eq!(cut.payload.start, whole.payload.start, "{name}");
                    assert_eq!(cut.payload.len + cut.missing, whole.payload.len, "{name}, {captured}");
                }
                Ok(outer) => assert_eq!(outer.transport, crate::packet::Transport::Udp, "{name}, {captured}"),
                Err(skip) => assert_eq!(skip, Skip::Truncated, "{name}, {captured}"),
            }
        }
    }
}

/// The fuzz entry's form of `frames`.
fn as_fuzz_input(link: u16, frames: &[&[u8]]) -> Vec<u8> {
    let framed = frames.iter().flat_map(|frame| [&(frame.len() as u16).to_be_bytes(), &[0][..], frame].concat());
    link.to_be_bytes().into_iter().chain(framed).collect()
}

#[test]
fn mutations_do_no_harm() {
    let samples = samples();
    let mut random = Random(1);
    for _ in 0..20_000 {
        let (_, link, frame) = &samples[random.below(samples.len())];
        let mut input = as_fuzz_input(*link, &[frame, frame]);
        for _ in 0..=random.below(6) {
            let at = random.below(input.len());
            input[at] = random.next() as u8;
        }
        input.truncate(input.len() - random.below(input.len() / 4));
        fuzz_decode(&input);
    }
}

#[test]
fn layers_end_at_the_depth_limit() {
    let nested = |tags: usize| {
        let inner = (0..tags).fold((0x0800, segment()), |(kind, payload), _| (0x8100, vlan(1, kind, &payload)));
        ethernet(inner.0, &inner.1)
    };
    assert!(decode(1, &nested(13)).is_ok(), "Ethernet, 13 tags, IP, TCP");
    assert_eq!(decode(1, &nested(14)), Err(Skip::TooDeep));
    let tunnels = (0..20).fold(segment(), |inner, _| ipv4(4, &inner));
    assert_eq!(decode(101, &tunnels), Err(Skip::TooDeep));
}
