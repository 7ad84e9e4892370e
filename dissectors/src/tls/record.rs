//! The record layer (RFC 8446, section 5.1): headers and what lies between them. It buffers no more than a header.

/// Content types.
pub(super) mod content {
    pub(in super::super) const CHANGE_CIPHER_SPEC: u8 = 20;
    pub(in super::super) const ALERT: u8 = 21;
    pub(in super::super) const HANDSHAKE: u8 = 22;
    pub(in super::super) const APPLICATION_DATA: u8 = 23;
    pub(in super::super) const HEARTBEAT: u8 = 24;
}

/// The longest record: 2^14 bytes of text and what compression and encryption may add (RFC 5246, section 6.2.3).
pub(super) const MAX_RECORD: u16 = (1 << 14) + 2048;

/// Bytes of a header.
pub(super) const HEADER: usize = 5;

/// A record's header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) content_type: u8,
    pub(super) version: u16,
    pub(super) len: u16,
}

impl Header {
    /// Reads a header; `None` if it cannot be TLS.
    pub(super) fn parse(bytes: [u8; HEADER]) -> Option<Self> {
        let [content_type, major, minor, high, low] = bytes;
        let len = u16::from_be_bytes([high, low]);
        let fits = is_possible([content_type, major, minor]) && len <= MAX_RECORD;
        fits.then_some(Self { content_type, version: u16::from_be_bytes([major, minor]), len })
    }

    /// Whether a header can begin with `bytes`, as far as they go.
    pub(super) fn may_begin_with(bytes: &[u8]) -> bool {
        let mut start = [content::HANDSHAKE, 3, 0];
        start.iter_mut().zip(bytes).for_each(|(any, byte)| *any = *byte);
        is_possible(start)
    }
}

/// Whether a header can begin with this content type and version.
fn is_possible([content_type, major, minor]: [u8; 3]) -> bool {
    matches!(content_type, content::CHANGE_CIPHER_SPEC..=content::HEARTBEAT) && major == 3 && minor <= 4
}

/// The next thing in a stream of records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part<'a> {
    /// A header is whole.
    Start(Header),
    /// More of the record's content, never empty, and not the last of it.
    Content(&'a [u8]),
    /// What is left of the record's content, which is whole with it. It may be empty.
    End(Header, &'a [u8]),
    /// What begins at this offset in the stream is no record. Nothing is read after it.
    NotTls { offset: u64 },
}

/// Takes records apart, wherever the bytes are cut.
#[derive(Debug, Default)]
pub(super) struct Records {
    header: [u8; HEADER],
    /// Bytes of it that are there.
    held: u8,
    /// The record whose content is being read.
    open: Option<(Header, u16)>,
    /// Bytes of the stream read so far.
    offset: u64,
    dead: bool,
}

impl Records {
    /// Counts bytes of the stream that are not for this layer.
    pub(super) fn pass(&mut self, len: u64) {
        self.offset = self.offset.saturating_add(len);
    }

    /// Takes the next part off the front of `bytes`; `None` when it takes more bytes to go on.
    #[inline]
    pub(super) fn next<'a>(&mut self, bytes: &mut &'a [u8]) -> Option<Part<'a>> {
        if self.dead {
            return None;
        }
        match self.open {
            Some((header, left)) => self.content(header, left, bytes),
            None => self.start(bytes),
        }
    }

    /// Whether a record was begun and is not whole.
    pub(super) fn is_open(&self) -> bool {
        !self.dead && (self.open.is_some() || self.held > 0)
    }

    fn content<'a>(&mut self, header: Header, left: u16, bytes: &mut &'a [u8]) -> Option<Part<'a>> {
        if let Some(rest) = bytes.split_off(..usize::from(left)) {
            self.pass(u64::from(left));
            self.open = None;
            return Some(Part::End(header, rest));
        }
        let content = std::mem::take(bytes);
        self.pass(content.len() as u64);
        self.open = Some((header, left.saturating_sub(u16::try_from(content.len()).unwrap_or(left))));
        (!content.is_empty()).then_some(Part::Content(content))
    }

    fn start(&mut self, bytes: &mut &[u8]) -> Option<Part<'static>> {
        if self.held == 0
            && let Some((header, rest)) = bytes.split_first_chunk::<HEADER>()
            && let Some(header) = Header::parse(*header)
        {
            *bytes = rest;
            self.pass(HEADER as u64);
            self.open = Some((header, header.len));
            return Some(Part::Start(header));
        }
        self.gather(bytes)
    }

    /// A header that does not lie whole in the bytes at hand, or that is none.
    fn gather(&mut self, bytes: &mut &[u8]) -> Option<Part<'static>> {
        let begins = self.offset.saturating_sub(self.held.into());
        while let Some(free) = self.header.get_mut(usize::from(self.held)) {
            *free = *bytes.split_off_first()?;
            self.held = self.held.saturating_add(1);
            self.offset = self.offset.saturating_add(1);
            if !Header::may_begin_with(self.header.get(..self.held.into()).unwrap_or_default()) {
                return Some(self.die(begins));
            }
        }
        self.held = 0;
        let Some(header) = Header::parse(self.header) else { return Some(self.die(begins)) };
        self.open = Some((header, header.len));
        Some(Part::Start(header))
    }

    fn die(&mut self, offset: u64) -> Part<'static> {
        self.dead = true;
        Part::NotTls { offset }
    }
}
