//! The frames of Google's T050 and T051: TLS in packets like those of the IETF's drafts, but with the frame types of
//! Google's older QUIC (Chromium, `quic_framer.cc`; Wireshark, packet-quic.c).

use super::frame::Frame;
use super::wire::Reader;

/// Reads one frame; `None` if it cannot be read.
pub(super) fn read<'a>(reader: &mut Reader<'a>) -> Option<Frame<'a>> {
    match reader.u8()? {
        0x02 => close(reader),
        0x07 => Some(Frame::Ping),
        0x08 => Some(Frame::Crypto { offset: reader.varint()?, data: reader.prefixed()? }),
        kind @ 0x40..=0x7f => ack(kind, reader),
        _ => None,
    }
}

/// CONNECTION_CLOSE: an error code of Google's own in four bytes, which is no TLS alert, and a reason.
fn close<'a>(reader: &mut Reader<'a>) -> Option<Frame<'a>> {
    let code = u64::from(reader.u32()?);
    let length = reader.u16()?;
    reader.take(usize::from(length))?;
    Some(Frame::ConnectionClose { code })
}

/// ACK: type `01ntllmm`. `ll` and `mm` say how long packet numbers and ranges are, `n` that there is more than one
/// range. At its end stand the times at which packets came, the first with four bytes and the others with two.
fn ack<'a>(kind: u8, reader: &mut Reader<'a>) -> Option<Frame<'a>> {
    const LENGTHS: [usize; 4] = [1, 2, 4, 6];
    let number = *LENGTHS.get(usize::from(kind >> 2 & 3))?;
    let range = *LENGTHS.get(usize::from(kind & 3))?;
    let several = kind & 0x20 != 0;
    reader.take(number)?;
    let _delay = reader.u16()?;
    let ranges = if several { usize::from(reader.u8()?) } else { 0 };
    reader.take(range)?;
    reader.take(ranges.checked_mul(range.checked_add(1)?)?)?;
    let times = usize::from(reader.u8()?);
    reader.take(if times == 0 { 0 } else { times.checked_mul(3)?.checked_add(2)? })?;
    Some(Frame::Ack)
}

#[cfg(test)]
mod tests {
    use super::read;
    use crate::quic::frame::Frame;
    use crate::quic::wire::Reader;

    #[test]
    fn frames_and_their_lengths() {
        let cases: [(&[u8], Frame<'_>); 6] = [
            (&[0x07], Frame::Ping),
            (&[0x08, 0x41, 0x02, 0x02, 7, 8], Frame::Crypto { offset: 258, data: &[7, 8] }),
            (&[0x02, 0, 0, 0, 25, 0, 2, b'n', b'o'], Frame::ConnectionClose { code: 25 }),
            (&[0x40, 5, 0, 1, 5, 0], Frame::Ack),
            (&[0x60, 5, 0, 1, 2, 1, 1, 2, 1, 2, 0], Frame::Ack),
            (&[0x45, 0, 5, 0, 1, 0, 5, 2, 1, 0, 0, 0, 9, 2, 0, 9], Frame::Ack),
        ];
        for (bytes, frame) in cases {
            let mut reader = Reader::new(bytes);
            assert_eq!(read(&mut reader), Some(frame), "{bytes:x?}");
            assert!(reader.is_empty(), "{bytes:x?}");
            assert_eq!(read(&mut Reader::new(&bytes[..bytes.len() - 1])), None, "{bytes:x?} cut");
        }
        assert_eq!(read(&mut Reader::new(&[0x06, 0, 0])), None);
    }
}
