//! The frames that may stand in Initial packets (RFC 9000, sections 12.4 and 19).

use super::frame::Frame;
use super::google;
use super::version::{Family, Version};
use super::wire::Reader;

/// A frame that cannot stand in an Initial packet, or is cut short; what follows cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct BadFrame;

/// The frames of a packet's payload. Ends at the first bad one.
#[derive(Clone, Debug)]
pub(super) struct Frames<'a> {
    rest: Reader<'a>,
    dialect: Dialect,
}

/// Whose numbers the frame types are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dialect {
    Ietf,
    Google,
}

impl Dialect {
    /// The numbers that `version` uses.
    pub(super) fn of(version: Version) -> Self {
        if version.family() == Some(Family::GoogleTls) { Self::Google } else { Self::Ietf }
    }
}

impl<'a> Frames<'a> {
    pub(super) fn new(payload: &'a [u8], dialect: Dialect) -> Self {
        Self { rest: Reader::new(payload), dialect }
    }
}

impl<'a> Iterator for Frames<'a> {
    type Item = Result<Frame<'a>, BadFrame>;

    fn next(&mut self) -> Option<Self::Item> {
        self.rest.skip_run(0);
        if self.rest.is_empty() {
            return None;
        }
        let frame = match self.dialect {
            Dialect::Ietf => read(&mut self.rest),
            Dialect::Google => google::read(&mut self.rest),
        };
        if frame.is_none() {
            self.rest = Reader::new(&[]);
        }
        Some(frame.ok_or(BadFrame))
    }
}

fn read<'a>(reader: &mut Reader<'a>) -> Option<Frame<'a>> {
    match reader.varint()? {
        0x01 => Some(Frame::Ping),
        0x02 => ack(0, reader),
        // With three counts of ECN marks behind it.
        0x03 => ack(3, reader),
        0x06 => Some(Frame::Crypto { offset: reader.varint()?, data: reader.prefixed()? }),
        0x1c => close(reader),
        _ => None,
    }
}

fn ack<'a>(counts: u64, reader: &mut Reader<'a>) -> Option<Frame<'a>> {
    let (_largest, _delay) = (reader.varint()?, reader.varint()?);
    let ranges = reader.varint()?;
    let _first_range = reader.varint()?;
    // Two numbers a range; each takes a byte or more, so a forged count ends with the packet.
    for _ in 0..ranges.saturating_mul(2).saturating_add(counts) {
        reader.varint()?;
    }
    Some(Frame::Ack)
}

fn close<'a>(reader: &mut Reader<'a>) -> Option<Frame<'a>> {
    let code = reader.varint()?;
    let _frame_type = reader.varint()?;
    let _reason = reader.prefixed()?;
    Some(Frame::ConnectionClose { code })
}

#[cfg(test)]
mod tests {
    use super::{BadFrame, Dialect, Frame, Frames};

    #[test]
    fn every_frame_of_an_initial_packet() {
        let payload = [
            &[0, 0, 0x01, 0][..],
            &[0x02, 0x05, 0x40, 0x10, 0x01, 0x02, 0x00, 0x01],
            &[0x03, 0x05, 0x00, 0x00, 0x02, 1, 2, 3],
            &[0x06, 0x40, 0x7b, 0x03, 7, 8, 9, 0],
            &[0x1c, 0x41, 0x28, 0x06, 0x02, b'n', b'o'],
        ]
        .concat();
        let frames: Vec<_> = Frames::new(&payload, Dialect::Ietf).collect();
        let expected = [
            Frame::Ping,
            Frame::Ack,
            Frame::Ack,
            Frame::Crypto { offset: 123, data: &[7, 8, 9] },
            Frame::ConnectionClose { code: 0x128 },
        ];
        assert_eq!(frames, expected.map(Ok));
    }

    #[test]
    fn a_bad_frame_ends_the_packet() {
        let cases: [&[u8]; 5] = [
            &[0x08, 1, 2],
            &[0x06, 0x00, 0x05, 1],
            &[0x02, 0xff, 0xff],
            &[0x02, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0],
            &[0x1c, 0x00, 0x00, 0x09],
        ];
        for payload in cases {
            let frames: Vec<_> = Frames::new(payload, Dialect::Ietf).collect();
            assert_eq!(frames, [Err(BadFrame)], "{payload:x?}");
        }
    }
}
