//! Classic pcap (draft-ietf-opsawg-pcap).

use super::Frame;
use super::{LINKTYPE_ETHERNET, kept, stamp};

/// Byte order and resolution.
#[derive(Clone, Copy)]
pub(super) enum Variant {
    LittleMicroseconds,
    BigNanoseconds,
}

impl Variant {
    fn number(self, value: u32) -> [u8; 4] {
        match self {
            Self::LittleMicroseconds => value.to_le_bytes(),
            Self::BigNanoseconds => value.to_be_bytes(),
        }
    }

    fn magic(self) -> u32 {
        match self {
            Self::LittleMicroseconds => 0xa1b2_c3d4,
            Self::BigNanoseconds => 0xa1b2_3c4d,
        }
    }

    /// Version 2.4 as two 16-bit fields.
    fn version(self) -> [u8; 4] {
        match self {
            Self::LittleMicroseconds => [2, 0, 4, 0],
            Self::BigNanoseconds => [0, 2, 0, 4],
        }
    }

    fn fraction(self, nanoseconds: u32) -> u32 {
        match self {
            Self::LittleMicroseconds => nanoseconds / 1_000,
            Self::BigNanoseconds => nanoseconds,
        }
    }
}

pub(super) fn write(snaplen: u32, frames: &[Frame], variant: Variant) -> Vec<u8> {
    let mut out = Vec::new();
    out.extend(variant.number(variant.magic()));
    out.extend(variant.version());
    for field in [0, 0, snaplen, u32::from(LINKTYPE_ETHERNET)] {
        out.extend(variant.number(field));
    }
    for frame in frames {
        let (seconds, nanoseconds) = stamp(frame);
        let bytes = kept(frame, snaplen);
        for field in [seconds, variant.fraction(nanoseconds), bytes.len() as u32, frame.bytes.len() as u32] {
            out.extend(variant.number(field));
        }
        out.extend(bytes);
    }
    out
}
