//! The decoder's fuzz entry, beside the code that it fuzzes.

use std::time::Duration;

use super::{Checksums, Decoder, FragmentLimits, Frame, Options};
use crate::packet::{Packet, Span, Transport};
use crate::time::Time;

/// Small, so that fuzzing reaches them.
const LIMITS: FragmentLimits = FragmentLimits { datagrams: 4, bytes: 8 << 10, timeout: Duration::from_secs(3) };

/// Decodes `data` as a link type (two bytes) and frames, each behind two bytes of captured length and one of how much
/// more the wire had. A second passes with each frame.
///
/// # Panics
///
/// Where a packet's bytes lie outside the block, or the straight way gives another packet than the walk: the defects that
/// this looks for.
pub fn fuzz_decode(data: &[u8]) {
    let Some((link, mut data)) = data.split_first_chunk() else { return };
    let options = Options { checksums: Checksums::Transport, fragments: LIMITS };
    let mut decoder = Decoder::new(options);
    let mut sampling = Decoder::new(Options { checksums: Checksums::Sampled, fragments: LIMITS });
    let mut number = 0;
    while let Some(([high, low, cut], rest)) = data.split_first_chunk() {
        let (bytes, next) = rest.split_at(rest.len().min(u16::from_be_bytes([*high, *low]).into()));
        let (mut block, len) = (bytes.to_vec(), bytes.len() as u32);
        number += 1;
        let frame = Frame {
            number,
            time: Time::new(number as i64, 0),
            link: u16::from_be_bytes(*link),
            span: Span { start: 0, len },
            original_len: len + u32::from(*cut),
        };
        let mut straight = Vec::new();
        sampling.straight(&frame, &block, &mut straight);
        for packet in straight {
            assert_eq!(sampling.decode(frame, &mut block), Ok(packet), "the straight way leads elsewhere");
        }
        let mut found = Some(decoder.decode(frame, &mut block));
        while let Some(packet) = found {
            let _ = packet.map(|packet| check(&packet, &block));
            found = decoder.further(&mut block);
        }
        data = next;
    }
}

fn check(packet: &Packet, block: &[u8]) {
    let lies_in = |span: Span| span.of(block).len() == span.len as usize;
    assert!(lies_in(packet.payload), "payload outside the block: {packet:?}");
    if let Transport::Tcp(tcp) = packet.transport {
        assert!(lies_in(tcp.options) && tcp.options.len <= 40, "options outside the block: {packet:?}");
    }
}
