//! pcapng (draft-ietf-opsawg-pcapng): one section, one interface, enhanced packet blocks.

use super::{LINKTYPE_ETHERNET, kept};
use crate::story::Frame;

const SECTION_HEADER: u32 = 0x0a0d_0d0a;
const INTERFACE_DESCRIPTION: u32 = 1;
const ENHANCED_PACKET: u32 = 6;
const BYTE_ORDER_MAGIC: u32 = 0x1a2b_3c4d;
/// Options of an interface description: its name, and its resolution as a negative power of ten.
const IF_NAME: u16 = 2;
const IF_TSRESOL: u16 = 9;

pub(super) fn write(snaplen: u32, frames: &[Frame]) -> Vec<u8> {
    let mut out = block(SECTION_HEADER, &section());
    out.extend(block(INTERFACE_DESCRIPTION, &interface(snaplen)));
    for frame in frames {
        out.extend(block(ENHANCED_PACKET, &packet(snaplen, frame)));
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
    let time = frame.time.0 as u64;
    let bytes = kept(frame, snaplen);
    let mut body = 0u32.to_le_bytes().to_vec();
    for field in [(time >> 32) as u32, time as u32, bytes.len() as u32, frame.bytes.len() as u32] {
        body.extend(field.to_le_bytes());
    }
    body.extend(padded(bytes));
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
