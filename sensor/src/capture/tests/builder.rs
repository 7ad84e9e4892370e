//! Writes captures of either format and byte order.

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Endian {
    Little,
    Big,
}

pub(super) const BOTH: [Endian; 2] = [Endian::Little, Endian::Big];

/// Bytes in one byte order.
#[derive(Clone)]
pub(super) struct Writer {
    pub(super) endian: Endian,
    pub(super) bytes: Vec<u8>,
}

impl Writer {
    pub(super) fn new(endian: Endian) -> Self {
        Self { endian, bytes: Vec::new() }
    }

    fn put<const N: usize>(mut self, little: [u8; N]) -> Self {
        match self.endian {
            Endian::Little => self.bytes.extend(little),
            Endian::Big => self.bytes.extend(little.iter().rev()),
        }
        self
    }

    pub(super) fn u16(self, value: u16) -> Self {
        self.put(value.to_le_bytes())
    }

    pub(super) fn u32(self, value: u32) -> Self {
        self.put(value.to_le_bytes())
    }

    pub(super) fn u64(self, value: u64) -> Self {
        self.put(value.to_le_bytes())
    }

    pub(super) fn raw(mut self, bytes: &[u8]) -> Self {
        self.bytes.extend(bytes);
        self
    }

    /// Bytes, and zeros up to the next multiple of four.
    pub(super) fn padded(self, bytes: &[u8]) -> Self {
        let padding = bytes.len().next_multiple_of(4) - bytes.len();
        self.raw(bytes).raw(&[0; 3][..padding])
    }

    /// A classic header.
    pub(super) fn classic(endian: Endian, magic: u32, version: (u16, u16), link: u32) -> Self {
        Self::new(endian).u32(magic).u16(version.0).u16(version.1).u32(0).u32(0).u32(65535).u32(link)
    }

    /// A classic record whose captured length is that of `frame`.
    pub(super) fn record(self, seconds: u32, fraction: u32, original: u32, frame: &[u8]) -> Self {
        self.u32(seconds).u32(fraction).u32(frame.len() as u32).u32(original).raw(frame)
    }

    /// A pcapng block.
    pub(super) fn block(self, kind: u32, body: impl FnOnce(Writer) -> Writer) -> Self {
        let body = body(Writer::new(self.endian)).bytes;
        let len = body.len() as u32 + 12;
        self.u32(kind).u32(len).raw(&body).u32(len)
    }

    pub(super) fn option(self, code: u16, value: &[u8]) -> Self {
        self.u16(code).u16(value.len() as u16).padded(value)
    }

    pub(super) fn section(self) -> Self {
        self.block(0x0a0d_0d0a, |body| body.u32(0x1a2b_3c4d).u16(1).u16(0).u64(u64::MAX))
    }

    pub(super) fn interface(self, link: u16, snaplen: u32, options: impl FnOnce(Writer) -> Writer) -> Self {
        self.block(1, |body| options(body.u16(link).u16(0).u32(snaplen)))
    }

    pub(super) fn enhanced(self, interface: u32, ticks: u64, frame: &[u8]) -> Self {
        self.enhanced_with(interface, ticks, frame, |body| body)
    }

    pub(super) fn enhanced_with(
        self,
        interface: u32,
        ticks: u64,
        frame: &[u8],
        options: impl FnOnce(Writer) -> Writer,
    ) -> Self {
        let len = frame.len() as u32;
        self.block(6, |body| {
            options(body.u32(interface).u32((ticks >> 32) as u32).u32(ticks as u32).u32(len).u32(len).padded(frame))
        })
    }
}
