//! One TCP segment before it is put on the wire (RFC 9293).

use crate::bytes::Put;

/// FIN flag.
pub const FIN: u8 = 0x01;
/// SYN flag.
pub const SYN: u8 = 0x02;
/// RST flag.
pub const RST: u8 = 0x04;
/// PSH flag.
pub const PSH: u8 = 0x08;
/// ACK flag.
pub const ACK: u8 = 0x10;

/// A segment; ports and checksum are the packet's business.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Segment {
    /// Sequence number.
    pub seq: u32,
    /// Acknowledgement number; meaningful with [`ACK`].
    pub ack: u32,
    /// The flags of byte 13.
    pub flags: u8,
    /// Window as in the header, unscaled.
    pub window: u16,
    /// Options, padded to four bytes when written.
    pub options: Vec<u8>,
    /// Payload.
    pub payload: Vec<u8>,
}

impl Segment {
    /// The sequence number that follows it: payload, SYN and FIN count.
    pub fn end(&self) -> u32 {
        let marks = u32::from(self.flags & SYN != 0) + u32::from(self.flags & FIN != 0);
        self.seq.wrapping_add(self.payload.len() as u32).wrapping_add(marks)
    }

    /// Header and payload, the checksum left zero.
    pub fn encode(&self, source_port: u16, destination_port: u16) -> Vec<u8> {
        let mut options = self.options.clone();
        options.resize(self.options.len().next_multiple_of(4), 0);
        let header_words = 5 + (options.len() / 4) as u8;
        let mut out = Vec::with_capacity(20 + options.len() + self.payload.len());
        out.put_u16(source_port).put_u16(destination_port).put_u32(self.seq).put_u32(self.ack);
        out.put_u8(header_words << 4).put_u8(self.flags).put_u16(self.window).put_u32(0);
        out.put(&options).put(&self.payload);
        out
    }
}

/// The options of a SYN in the order of Linux: maximum segment size, and what the host offers besides.
pub fn syn_options(mss: u16, sack: bool, timestamps: Option<(u32, u32)>, window_scale: Option<u8>) -> Vec<u8> {
    let mut out = vec![2, 4];
    out.put_u16(mss);
    if sack {
        out.put(&[4, 2]);
    }
    if let Some((value, echo)) = timestamps {
        out.put(&[8, 10]).put_u32(value).put_u32(echo);
    }
    if let Some(shift) = window_scale {
        out.put(&[1, 3, 3, shift]);
    }
    out
}

/// The timestamps option, aligned with two no-operations: own clock and the peer's last.
pub fn timestamp_option((value, echo): (u32, u32)) -> Vec<u8> {
    let mut out = vec![1, 1, 8, 10];
    out.put_u32(value).put_u32(echo);
    out
}

/// The SACK option with one block, aligned with two no-operations.
pub fn sack_option(start: u32, end: u32) -> Vec<u8> {
    let mut out = vec![1, 1, 5, 10];
    out.put_u32(start).put_u32(end);
    out
}
