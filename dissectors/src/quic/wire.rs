//! A cursor over bytes from the wire: nothing is read past the end, and nothing panics.

/// Bytes of a run that are looked at together.
const RUN: usize = 32;

/// What is left to read of a slice. Each read that does not fit is `None` and leaves the cursor where it was.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub(super) fn rest(&self) -> &'a [u8] {
        self.0
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    pub(super) fn u8(&mut self) -> Option<u8> {
        let (&first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(first)
    }

    pub(super) fn u16(&mut self) -> Option<u16> {
        let (&bytes, rest) = self.0.split_first_chunk::<2>()?;
        self.0 = rest;
        Some(u16::from_be_bytes(bytes))
    }

    pub(super) fn u32(&mut self) -> Option<u32> {
        let (&bytes, rest) = self.0.split_first_chunk::<4>()?;
        self.0 = rest;
        Some(u32::from_be_bytes(bytes))
    }

    /// A variable-length integer (RFC 9000, section 16): the two top bits say how many bytes it takes.
    pub(super) fn varint(&mut self) -> Option<u64> {
        let length = 1usize << (self.0.first()? >> 6);
        let bytes = self.take(length)?;
        let value = bytes.iter().fold(0u64, |value, &byte| (value << 8) | u64::from(byte));
        Some(value & (u64::MAX >> (66 - 8 * length)))
    }

    /// As [`Self::varint`], as a length in memory.
    pub(super) fn length(&mut self) -> Option<usize> {
        usize::try_from(self.varint()?).ok()
    }

    /// The bytes behind a variable-length length.
    pub(super) fn prefixed(&mut self) -> Option<&'a [u8]> {
        let mut ahead = *self;
        let length = ahead.length()?;
        let bytes = ahead.take(length)?;
        *self = ahead;
        Some(bytes)
    }

    /// Leaves out all bytes equal to `byte` that stand next: as a rule a thousand, or none.
    pub(super) fn skip_run(&mut self, byte: u8) {
        let blocks = self.0.chunks_exact(RUN).take_while(|block| **block == [byte; RUN]).count();
        let rest = self.0.get(blocks * RUN..).unwrap_or_default();
        let run = rest.iter().take_while(|&&next| next == byte).count();
        self.0 = rest.get(run..).unwrap_or_default();
    }
}

#[cfg(test)]
mod tests {
    use super::Reader;

    /// RFC 9000, appendix A.1.
    #[test]
    fn varints_of_the_specification() {
        let cases: [(&[u8], u64); 5] = [
            (&[0xc2, 0x19, 0x7c, 0x5e, 0xff, 0x14, 0xe8, 0x8c], 151_288_809_941_952_652),
            (&[0x9d, 0x7f, 0x3e, 0x7d], 494_878_333),
            (&[0x7b, 0xbd], 15_293),
            (&[0x25], 37),
            (&[0x40, 0x25], 37),
        ];
        for (bytes, value) in cases {
            let mut reader = Reader::new(bytes);
            assert_eq!(reader.varint(), Some(value));
            assert!(reader.is_empty());
            assert_eq!(Reader::new(&bytes[..bytes.len() - 1]).varint(), None, "cut short");
        }
    }

    #[test]
    fn a_read_that_does_not_fit_moves_nothing() {
        let mut reader = Reader::new(&[0x05, 1, 2]);
        assert_eq!(reader.prefixed(), None);
        assert_eq!(reader.u32(), None);
        assert_eq!(reader.take(4), None);
        assert_eq!(reader.rest(), &[0x05, 1, 2]);
        reader.skip_run(0x05);
        assert_eq!(reader.rest(), &[1, 2]);
    }

    #[test]
    fn a_run_ends_at_the_first_other_byte() {
        for length in 0..100 {
            for rest in [&[][..], &[7], &[7, 0, 0]] {
                let bytes = [&vec![0; length], rest].concat();
                let mut reader = Reader::new(&bytes);
                reader.skip_run(0);
                assert_eq!(reader.rest(), rest, "{length}");
            }
        }
    }
}
