//! pcapng files: sections of blocks, each section with its own byte order and interfaces.
//!
//! Source: draft-ietf-opsawg-pcapng. A block whose length cannot be believed ends the file, since the next one cannot be
//! found; one that is wrong inside is counted, and the walk goes on.

mod options;
mod packet;
mod port;
mod secrets;

use dissectors::time::Time;

use self::options::Options;
use self::packet::Packet;
use self::port::Port;
use self::secrets::Secrets;
use super::error::ErrorKind;
use super::interface::Interface;
use super::order::Order;
use super::walk::{Found, Next, Sink, Walked};

/// Type of a section header block: the same in both byte orders.
const SECTION: u32 = 0x0a0d_0d0a;
/// Type of an interface description block.
const INTERFACE: u32 = 1;
/// Type of the packet block that the enhanced one replaced.
const PACKET: u32 = 2;
/// Type of a simple packet block.
const SIMPLE_PACKET: u32 = 3;
/// Type of an interface statistics block.
const STATISTICS: u32 = 5;
/// Type of an enhanced packet block.
const ENHANCED_PACKET: u32 = 6;
/// Type of a decryption secrets block.
const SECRETS: u32 = 10;

/// The number by which a section's byte order is told.
const BYTE_ORDER_MAGIC: u32 = 0x1a2b_3c4d;
/// The shortest block: type, length, and length once more.
const MIN_BLOCK: u32 = 12;
/// The longest block that is believed, as in libpcap.
pub(super) const MAX_BLOCK: u32 = 16 << 20;
/// The most interfaces that are kept of one file. Merged captures have one an input, and a joined ring buffer one a file.
const MAX_INTERFACES: usize = 65_536;

/// What was left out or put right while reading.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Blocks of types that carry no packet, interface, counter or secret.
    pub unknown_blocks: u64,
    /// Blocks that contradict themselves, as a packet longer than its block, or of an interface that is not described.
    pub malformed_blocks: u64,
    /// Frames without a time stamp, which got that of the frame before.
    pub untimed_frames: u64,
    /// Interfaces beyond the number that is kept; their frames are malformed.
    pub interfaces_refused: u64,
    /// Secrets that are no TLS key log, or beyond the bytes of it that are taken.
    pub secrets_refused: u64,
}

impl Counts {
    /// Adds those of another file.
    pub(super) fn add(&mut self, other: Self) {
        self.unknown_blocks += other.unknown_blocks;
        self.malformed_blocks += other.malformed_blocks;
        self.untimed_frames += other.untimed_frames;
        self.interfaces_refused += other.interfaces_refused;
        self.secrets_refused += other.secrets_refused;
    }
}

/// How to walk the blocks of one file, and what they have said so far.
pub(super) struct Pcapng {
    order: Order,
    interfaces: Vec<Interface>,
    /// What is needed for reading, for each of `interfaces`.
    ports: Vec<Port>,
    /// The section's first interface in these lists.
    section: usize,
    /// The time of the last frame.
    last: Time,
    counts: Counts,
    secrets: Secrets,
}

/// What is between a block's type and length and its repeated length.
struct Body<'a> {
    kind: u32,
    bytes: &'a [u8],
    /// Where it begins in the bytes that are walked.
    start: usize,
}

impl Pcapng {
    /// Starts on a file that begins with `head`; `None` if that is something else.
    pub(super) fn recognise(head: &[u8]) -> Option<Result<Self, ErrorKind>> {
        let (kind, rest) = head.split_first_chunk()?;
        if u32::from_be_bytes(*kind) != SECTION {
            return None;
        }
        match rest.get(4..).and_then(<[u8]>::first_chunk) {
            Some(magic) => Order::of(BYTE_ORDER_MAGIC, *magic).map(|order| Ok(Self::new(order))),
            None => Some(Err(ErrorKind::CutHeader)),
        }
    }

    fn new(order: Order) -> Self {
        Self {
            order,
            interfaces: Vec::new(),
            ports: Vec::new(),
            section: 0,
            last: Time::default(),
            counts: Counts::default(),
            secrets: Secrets::default(),
        }
    }

    /// The interfaces of all sections so far.
    pub(super) fn interfaces(&self) -> &[Interface] {
        &self.interfaces
    }

    pub(super) fn counts(&self) -> Counts {
        Counts { secrets_refused: self.secrets.refused(), ..self.counts }
    }

    pub(super) fn take_key_log(&mut self, key_log: &mut Vec<u8>) {
        self.secrets.take(key_log);
    }

    /// Takes all whole blocks in `bytes`.
    pub(super) fn walk(&mut self, bytes: &[u8], sink: &mut Sink) -> Walked {
        let mut taken = 0;
        loop {
            match self.block(bytes, taken, sink) {
                Ok(end) => taken = end,
                Err(next) => return Walked { taken, next },
            }
        }
    }

    /// Takes the block at `at` and tells where it ends.
    #[inline]
    fn block(&mut self, bytes: &[u8], at: usize, sink: &mut Sink) -> Result<usize, Next> {
        let (body, end) = self.delimit(bytes, at)?;
        if self.take(&body, sink)?.is_none() {
            self.counts.malformed_blocks += 1;
        }
        Ok(end)
    }

    /// Finds the ends of the block at `at`. The length of a section's header is in the order that this header sets.
    #[inline]
    fn delimit<'a>(&mut self, bytes: &'a [u8], at: usize) -> Result<(Body<'a>, usize), Next> {
        let rest = bytes.get(at..).unwrap_or_default();
        let [kind, len, magic, ..] = rest.as_chunks().0 else { return Err(Next::Wants(MIN_BLOCK as usize)) };
        let kind = self.order.u32(*kind);
        if kind == SECTION {
            self.order = Order::of(BYTE_ORDER_MAGIC, *magic).ok_or(Next::Broken(ErrorKind::ByteOrder))?;
        }
        let head = self.order.u32(*len);
        if !(MIN_BLOCK..=MAX_BLOCK).contains(&head) || !head.is_multiple_of(4) {
            return Err(Next::Broken(ErrorKind::BlockLength { stated: head }));
        }
        let len = head as usize;
        let (rest, tail) = rest.get(..len).and_then(<[u8]>::split_last_chunk).ok_or(Next::Wants(len))?;
        let tail = self.order.u32(*tail);
        if head != tail {
            return Err(Next::Broken(ErrorKind::BlockEnds { head, tail }));
        }
        Ok((Body { kind, bytes: rest.get(8..).unwrap_or_default(), start: at + 8 }, at + len))
    }

    /// Takes what a block says; `None` if it contradicts itself.
    #[inline]
    fn take(&mut self, body: &Body, sink: &mut Sink) -> Result<Option<()>, Next> {
        Ok(match body.kind {
            ENHANCED_PACKET => packet::enhanced(self.order, body.bytes).and_then(|p| self.packet(p, body, sink)),
            PACKET => packet::obsolete(self.order, body.bytes).and_then(|p| self.packet(p, body, sink)),
            SIMPLE_PACKET => self.simple(body.bytes).and_then(|p| self.packet(p, body, sink)),
            SECTION => return self.section(body.bytes).map(Some),
            INTERFACE => self.interface(body.bytes),
            STATISTICS => self.statistics(body.bytes, sink),
            SECRETS => self.secret(body.bytes),
            _ => {
                self.counts.unknown_blocks += 1;
                Some(())
            }
        })
    }

    /// Delivers a frame, and what it says about those lost before it.
    #[inline]
    fn packet(&mut self, packet: Packet, body: &Body, sink: &mut Sink) -> Option<()> {
        let index = self.section + packet.interface as usize;
        let port = self.ports.get_mut(index)?;
        let interface = index as u32;
        let time = packet.ticks.map_or(self.last, |ticks| port.time(ticks));
        self.counts.untimed_frames += u64::from(packet.ticks.is_none());
        if packet.lost > 0 {
            sink.drops.push(port.lost(interface, time, packet.lost));
        }
        port.last = Some(time);
        self.last = time;
        let Packet { start, len, original_len, .. } = packet;
        sink.push(Found { time, link: port.link, interface, start: body.start + start, len, original_len });
        Some(())
    }

    /// A simple packet belongs to the section's first interface, whose snap length alone tells how long it is.
    fn simple(&self, body: &[u8]) -> Option<Packet> {
        packet::simple(self.order, body, self.interfaces.get(self.section)?.snaplen)
    }

    /// A new section forgets the interfaces of the one before, whose frames keep theirs.
    fn section(&mut self, body: &[u8]) -> Result<(), Next> {
        let [_magic, [a, b, c, d], ..] = body.as_chunks().0 else {
            return Err(Next::Broken(ErrorKind::BlockLength { stated: body.len() as u32 + MIN_BLOCK }));
        };
        let (major, minor) = (self.order.u16([*a, *b]), self.order.u16([*c, *d]));
        if major != 1 {
            return Err(Next::Broken(ErrorKind::Version { major, minor }));
        }
        self.section = self.interfaces.len();
        Ok(())
    }

    fn interface(&mut self, body: &[u8]) -> Option<()> {
        let (interface, port) = port::describe(self.order, body)?;
        if self.interfaces.len() == MAX_INTERFACES {
            self.counts.interfaces_refused += 1;
        } else {
            self.interfaces.push(interface);
            self.ports.push(port);
        }
        Some(())
    }

    fn statistics(&mut self, body: &[u8], sink: &mut Sink) -> Option<()> {
        let ([id, high, low], rest) = packet::words(self.order, body)?;
        let index = self.section + id as usize;
        let options = Options { order: self.order, bytes: rest };
        sink.drops.push(self.ports.get_mut(index)?.statistics(index as u32, packet::ticks(high, low), options));
        Some(())
    }

    fn secret(&mut self, body: &[u8]) -> Option<()> {
        let ([secrets_type, len], rest) = packet::words(self.order, body)?;
        self.secrets.add(secrets_type, rest.get(..len as usize)?);
        Some(())
    }
}
