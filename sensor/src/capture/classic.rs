//! Classic pcap files: one header, one link type, records one after another.
//!
//! Source: draft-ietf-opsawg-pcap and libpcap's `sf-pcap.c`, whose variants are all read: microseconds and nanoseconds,
//! both byte orders, Kuznetzov's longer record header, and the old versions whose two lengths stand the other way round.

use dissectors::time::Time;

use super::error::ErrorKind;
use super::interface::Interface;
use super::link;
use super::order::Order;
use super::walk::{Found, Next, Sink, Walked};

/// Microseconds.
const MAGIC_MICROSECONDS: u32 = 0xa1b2_c3d4;
/// Nanoseconds.
const MAGIC_NANOSECONDS: u32 = 0xa1b2_3c4d;
/// Alexey Kuznetzov's patched libpcap: microseconds, with interface, protocol and direction after each record header.
const MAGIC_KUZNETZOV: u32 = 0xa1b2_cd34;

/// The length of the file's header.
pub(super) const HEADER: usize = 24;
/// The length of a record's header.
const RECORD: usize = 16;
/// The length of a record's header in Kuznetzov's format.
const RECORD_KUZNETZOV: usize = 24;

/// How to walk the records of one file.
pub(super) struct Classic {
    order: Order,
    /// Nanoseconds in a unit of the time stamp's second half.
    fraction: u32,
    record: usize,
    lengths: Lengths,
    limit: u32,
    interface: Interface,
}

/// In which order a record gives its captured and its original length.
#[derive(Clone, Copy)]
enum Lengths {
    CapturedFirst,
    OriginalFirst,
    /// Version 2.3 was written both ways; the captured length is the smaller one.
    SmallerCaptured,
}

impl Classic {
    /// The byte order and magic number, if these bytes begin a classic capture.
    fn magic(bytes: [u8; 4]) -> Option<(Order, u32)> {
        [MAGIC_MICROSECONDS, MAGIC_NANOSECONDS, MAGIC_KUZNETZOV]
            .into_iter()
            .find_map(|magic| Order::of(magic, bytes).map(|order| (order, magic)))
    }

    /// Reads a file's header; `None` if `head`, the file's beginning, is that of something else.
    pub(super) fn recognise(head: &[u8]) -> Option<Result<Self, ErrorKind>> {
        let (order, magic) = Self::magic(*head.first_chunk()?)?;
        Some(head.first_chunk().ok_or(ErrorKind::CutHeader).and_then(|header| Self::new(order, magic, header)))
    }

    fn new(order: Order, magic: u32, header: &[u8; HEADER]) -> Result<Self, ErrorKind> {
        let [_, [a, b, c, d], _zone, _accuracy, snaplen, link] = words(header);
        let (major, minor) = (order.u16([a, b]), order.u16([c, d]));
        let interface = interface(order.u32(snaplen), order.u32(link));
        Ok(Self {
            order,
            fraction: if magic == MAGIC_NANOSECONDS { 1 } else { 1_000 },
            record: if magic == MAGIC_KUZNETZOV { RECORD_KUZNETZOV } else { RECORD },
            lengths: Lengths::of_version(major, minor).ok_or(ErrorKind::Version { major, minor })?,
            limit: link::max_frame(interface.link),
            interface,
        })
    }

    /// The one interface of the file.
    pub(super) fn interface(&self) -> &Interface {
        &self.interface
    }

    /// Takes all whole records in `bytes`.
    pub(super) fn walk(&self, bytes: &[u8], sink: &mut Sink) -> Walked {
        match self.order {
            Order::Little => self.records(u32::from_le_bytes, bytes, sink),
            Order::Big => self.records(u32::from_be_bytes, bytes, sink),
        }
    }

    /// The same in the order that `number` reads, which is then not asked for with each number.
    fn records(&self, number: impl Fn([u8; 4]) -> u32, bytes: &[u8], sink: &mut Sink) -> Walked {
        let mut taken = 0;
        loop {
            match self.record(&number, bytes, taken, sink) {
                Ok(end) => taken = end,
                Err(next) => return Walked { taken, next },
            }
        }
    }

    /// Takes the record at `at` and tells where it ends.
    #[inline]
    fn record(&self, number: impl Fn([u8; 4]) -> u32, bytes: &[u8], at: usize, sink: &mut Sink) -> Result<usize, Next> {
        let header = bytes.get(at..).and_then(<[u8]>::first_chunk::<RECORD>).ok_or(Next::Wants(self.record))?;
        let [seconds, fraction, first, second] = words(header).map(number);
        let (len, original_len) = self.lengths.sort(first, second);
        if len > self.limit {
            return Err(Next::Broken(ErrorKind::RecordLength { stated: len, limit: self.limit }));
        }
        let start = at + self.record;
        let end = start + len as usize;
        if end > bytes.len() {
            return Err(Next::Wants(end - at));
        }
        let time = Time(i64::from(seconds) * 1_000_000_000 + i64::from(fraction) * i64::from(self.fraction));
        sink.push(Found { time, link: self.interface.link, interface: 0, start, len, original_len });
        Ok(end)
    }
}

impl Lengths {
    /// Versions 2.0 to 2.4 are known, and the 543.0 of DG/UX; the lengths changed places with 2.3.
    fn of_version(major: u16, minor: u16) -> Option<Self> {
        match (major, minor) {
            (2, 0..=2) | (543, 0) => Some(Self::OriginalFirst),
            (2, 3) => Some(Self::SmallerCaptured),
            (2, 4) => Some(Self::CapturedFirst),
            _ => None,
        }
    }

    /// Captured and original length from the two as they stand in a record.
    #[inline]
    fn sort(self, first: u32, second: u32) -> (u32, u32) {
        match self {
            Self::CapturedFirst => (first, second),
            Self::OriginalFirst => (second, first),
            Self::SmallerCaptured => (first.min(second), first.max(second)),
        }
    }
}

/// The lower 16 bits of the link field are the link type; where bit 26 is set, the top four count the frame check
/// sequence in units of 16 bits (draft-ietf-opsawg-pcap, section 4); readers ignore the rest.
fn interface(snaplen: u32, link: u32) -> Interface {
    let fcs = (link & 1 << 26 != 0).then_some((link >> 28) as u8 * 2);
    Interface { name: None, link: link as u16, snaplen, fcs }
}

/// Cuts a header of `4 * WORDS` bytes into its words.
#[inline]
fn words<const LEN: usize, const WORDS: usize>(header: &[u8; LEN]) -> [[u8; 4]; WORDS] {
    let mut words = [[0; 4]; WORDS];
    words.iter_mut().zip(header.as_chunks().0).for_each(|(word, chunk)| *word = *chunk);
    words
}
