//! Hand-made frames, one test a layer, then shapes of fragments and hostile input.

mod build;
mod cores;
mod fragments;
mod hostile;
mod links;
mod straight;
mod tunnels;

use super::{Decoder, Frame, Options, Skip};
use crate::packet::{Packet, Span};
use crate::time::Time;

/// Decodes one frame that was captured whole, with a new decoder.
fn decode(link: u16, bytes: &[u8]) -> Result<Packet, Skip> {
    decode_cut(link, bytes, bytes.len())
}

/// Decodes the first `captured` bytes of a frame.
fn decode_cut(link: u16, bytes: &[u8], captured: usize) -> Result<Packet, Skip> {
    let mut block = bytes[..captured].to_vec();
    Decoder::new(Options::default()).decode(frame(link, captured, bytes.len()), &mut block)
}

/// A frame at the start of its block.
fn frame(link: u16, captured: usize, original_len: usize) -> Frame {
    let span = Span { start: 0, len: captured as u32 };
    Frame { number: 1, time: Time::new(1, 0), link, span, original_len: original_len as u32 }
}

/// Asserts that `frame` leads to the segment of [`build::segment`] and that its payload is where it should be.
#[track_caller]
fn assert_segment(link: u16, frame: &[u8]) {
    let packet = decode(link, frame).expect("a packet");
    assert_eq!(packet.payload.of(frame), build::PAYLOAD);
    assert_eq!((packet.ends.source.port, packet.ends.dest.port), (build::CLIENT_PORT, build::SERVER_PORT));
    assert_eq!(packet.missing, 0);
}
