//! pcapng (draft-ietf-opsawg-pcapng): one section, one interface, enhanced packet blocks.

use super::Frame;
use super::{LINKTYPE_ETHERNET, kept};

const SECTION_HEADER: u32 = 0x0a0d_0d0a;
const INTERFACE_DESCRIPTION: u32 = 1;
const INTERFACE_STATISTICS: u32 = 5;
const ENHANCED_PACKET: u32 = 6;
const BYTE_ORDER_MAGIC: u32 = 0x1a2b_3c4d;
/// Options of an interface description: its name, and its resolution as a negative power of ten.
const IF_NAME: u16 = 2;
const IF_TSRESOL: u16 = 9;
/// Options of interface statistics: packets received, and those dropped by the interface.
const ISB_IFRECV: u16 = 4;
const ISB_IFDROP: u16 = 5;

pub(super) fn write(snaplen: u32, dropped: Option<u64>, frames: &[Frame]) -> Vec<u8> {
    let mut out = block(SECTION_HEADER, &section());
    out.extend(block(INTERFACE_DESCRIPTION, &interface(snaplen)));
    for frame in frames {
        out.extend(block(ENHANCED_PACKET, &packet(snaplen, frame)));
    }
    if let (Some(dropped), Some(last)) = (dropped, frames.last()) {
        out.extend(block(INTERFACE_STATISTICS, &statistics(dropped, frames.len() as u64, last)));
    }
    out
}

fn section() -> Vec<u8> {
    let mut body = BYTE_ORDER_MAGIC.to_le_bytes().to_vec();
    body.extend([1, 0, 0, 0]);
    body.extend(u64::MAX.to_le_bytes()); // section length not given
    body
}

fn interface(snaplen: u32) -> Vec<u8> {
    let mut body = LINKTYPE_ETHERNET.to_le_bytes().to_vec();
    body.extend([0, 0]);
    body.extend(snaplen.to_le_bytes());
    body.extend(option(IF_NAME, b"tap0"));
    body.extend(option(IF_TSRESOL, &[9]));
    body.extend([0, 0, 0, 0]);
    body
}

fn packet(snaplen: u32, frame: &Frame) -> Vec<u8> {
    let bytes = kept(frame, snaplen);
    let mut body = interface_and_time(frame);
    for field in [bytes.len() as u32, frame.bytes.len() as u32] {
        body.extend(field.to_le_bytes());
    }
    body.extend(padded(bytes));
    body
}

/// What packets and statistics begin with: the only interface, and the time in two halves.
fn interface_and_time(frame: &Frame) -> Vec<u8> {
    let time = frame.time.0 as u64;
    [0, (time >> 32) as u32, time as u32].into_iter().flat_map(u32::to_le_bytes).collect()
}

fn statistics(dropped: u64, received: u64, last: &Frame) -> Vec<u8> {
    let mut body = interface_and_time(last);
    body.extend(option(ISB_IFRECV, &(received + dropped).to_le_bytes()));
    body.extend(option(ISB_IFDROP, &dropped.to_le_bytes()));
    body.extend([0, 0, 0, 0]);
    body
}

fn option(code: u16, value: &[u8]) -> Vec<u8> {
    let mut out = code.to_le_bytes().to_vec();
    out.extend((value.len() as u16).to_le_bytes());
    out.extend(padded(value));
    out
}

fn block(kind: u32, body: &[u8]) -> Vec<u8> {
    let length = (12 + body.len() as u32).to_le_bytes();
    let mut out = kind.to_le_bytes().to_vec();
    out.extend(length);
    out.extend(body);
    out.extend(length);
    out
}

fn padded(bytes: &[u8]) -> Vec<u8> {
    let mut out = bytes.to_vec();
    out.resize(bytes.len().next_multiple_of(4), 0);
    out
}
