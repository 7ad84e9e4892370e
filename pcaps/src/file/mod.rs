//! Capture files: writing frames, and cutting every segment of one in two.

mod pcap;
mod pcapng;
pub mod split;

use dissectors::time::Time;

use crate::net::Side;

/// A captured frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// When the tap saw it.
    pub time: Time,
    /// In whose name it was sent.
    pub sender: Side,
    /// Its bytes from the link layer on.
    pub bytes: Vec<u8>,
}

/// How a capture is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Classic pcap, little-endian, microseconds.
    PcapMicroseconds,
    /// Classic pcap, big-endian, nanoseconds.
    PcapNanosecondsBigEndian,
    /// pcapng, little-endian, one Ethernet interface with nanoseconds.
    Pcapng,
}

/// LINKTYPE_ETHERNET (tcpdump.org/linktypes.html).
const LINKTYPE_ETHERNET: u16 = 1;

/// The file that holds these frames; where the format can say so, with the count of dropped packets at its end.
pub(crate) fn write(format: Format, snaplen: u32, dropped: Option<u64>, frames: &[Frame]) -> Vec<u8> {
    match format {
        Format::PcapMicroseconds => pcap::write(snaplen, frames, pcap::Variant::LittleMicroseconds),
        Format::PcapNanosecondsBigEndian => pcap::write(snaplen, frames, pcap::Variant::BigNanoseconds),
        Format::Pcapng => pcapng::write(snaplen, dropped, frames),
    }
}

/// Seconds and nanoseconds of a frame's time.
fn stamp(frame: &Frame) -> (u32, u32) {
    (frame.time.0.div_euclid(1_000_000_000) as u32, frame.time.0.rem_euclid(1_000_000_000) as u32)
}

/// The bytes of a frame that a capture with this snapshot length keeps.
fn kept(frame: &Frame, snaplen: u32) -> &[u8] {
    frame.bytes.get(..snaplen as usize).unwrap_or(&frame.bytes)
}
