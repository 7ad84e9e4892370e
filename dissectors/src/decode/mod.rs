//! From a frame to the [`Packet`] in it: link layers, tunnels, IP with its fragments, TCP, UDP and ICMP errors.
//!
//! Knows nothing of flows: a packet stands alone, and one seen twice comes out twice. Its only memory is the table of
//! fragments and its counters.
//!
//! - Lengths come from the innermost IP header: what lies behind is padding, what lacks was cut by the snap length.
//! - Values are those of the innermost IP header; of a reassembled datagram, those of its first fragment.
//! - An ICMP error's time to live and identification are its own, not those of the packet that it quotes.
//! - Nothing is refused for a wrong checksum.

mod checksum;
mod counts;
mod fragments;
mod fuzz;
mod icmp;
mod ip;
mod layers;
mod protocol;
mod registry;
mod rest;
mod skip;
mod stop;
mod straight;
mod transport;
mod walk;

#[cfg(test)]
mod tests;

pub use counts::{Counts, FragmentCounts};
pub use fragments::FragmentLimits;
pub use fuzz::fuzz_decode;
pub use skip::Skip;
pub use walk::Checksums;

use crate::packet::{Packet, Span};
use crate::time::Time;
use fragments::Fragments;
use layers::ethernet;
use rest::Rest;
use walk::{Fragment, Walk};

/// Headers that are read in a frame, each extension header counted as one. A mirrored frame in ERSPAN with two VLAN tags
/// on both sides has eleven.
pub const DEPTH_LIMIT: u8 = 16;

/// A captured frame, its bytes in a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frame {
    /// Its number in the capture, from 1.
    pub number: u64,
    /// Its time stamp.
    pub time: Time,
    /// Its link type, a LINKTYPE_ number of <https://www.tcpdump.org/linktypes.html>.
    pub link: u16,
    /// Where the captured bytes lie in the block.
    pub span: Span,
    /// How many bytes the wire had.
    pub original_len: u32,
}

/// What a decoder is asked to do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Which checksums to compute.
    pub checksums: Checksums,
    /// What fragments may cost.
    pub fragments: FragmentLimits,
}

/// Where packets go. Implementations on the packet path are inlined by order (`decode::straight` says why).
pub trait Sink {
    /// Takes the next packet.
    fn put(&mut self, packet: Packet);
}

impl Sink for Vec<Packet> {
    fn put(&mut self, packet: Packet) {
        self.push(packet);
    }
}

/// Decodes frames one after the other.
#[derive(Debug)]
pub struct Decoder {
    checksums: Checksums,
    fragments: Fragments,
    counts: Counts,
    further: Option<Further>,
}

/// Frames of an aggregate that were not read yet.
#[derive(Clone, Copy, Debug)]
struct Further {
    frame: Frame,
    span: Span,
    wire: u32,
    depth: u8,
}

impl Decoder {
    /// A decoder that has seen nothing.
    pub fn new(options: Options) -> Self {
        let fragments = Fragments::new(options.fragments);
        Self { checksums: options.checksums, fragments, counts: Counts::default(), further: None }
    }

    /// What was skipped and doubted so far.
    pub fn counts(&self) -> &Counts {
        &self.counts
    }

    /// The packet in a frame of the block `bytes`. A datagram that the frame completes is appended to `bytes`, and the
    /// packet's spans then point there. A frame may hold further ones: ask [`Self::further`] until there is none.
    ///
    /// # Errors
    ///
    /// Why the frame gives no packet; counted.
    pub fn decode(&mut self, frame: Frame, bytes: &mut Vec<u8>) -> Result<Packet, Skip> {
        self.further = None;
        let found = self.walk(&frame, bytes);
        found.inspect_err(|skip| self.counts.skip(*skip))
    }

    /// The same as [`Self::decode`] for most frames, at a fraction of its cost: their packet goes to the sink. False for the
    /// others, which it leaves alone.
    #[inline(always)]
    pub fn straight(&mut self, frame: &Frame, bytes: &[u8], sink: &mut impl Sink) -> bool {
        if frame.link != ethernet::LINK || self.checksums != Checksums::Sampled {
            return false;
        }
        let rest = Rest::new(bytes, frame.span, frame.original_len);
        rest.and_then(|rest| straight::decode(frame, rest, &mut self.counts, sink)).is_some()
    }

    /// The next packet of the frame that was decoded last, where that is an 802.11 aggregate; `None` if there is no other.
    pub fn further(&mut self, bytes: &mut Vec<u8>) -> Option<Result<Packet, Skip>> {
        let further = self.further.take()?;
        let found = self.walk_further(further, bytes);
        Some(found.inspect_err(|skip| self.counts.skip(*skip)))
    }

    fn walk(&mut self, frame: &Frame, bytes: &mut Vec<u8>) -> Result<Packet, Skip> {
        let rest = Rest::new(bytes, frame.span, frame.original_len).ok_or(Skip::Truncated)?;
        let mut walk = Walk::of_frame(frame, self.checksums, rest);
        let found = walk.run();
        match self.end(frame, &walk) {
            Some(fragment) if found.is_err() => self.reassemble(frame, fragment, bytes),
            _ => found,
        }
    }

    fn walk_further(&mut self, further: Further, bytes: &mut Vec<u8>) -> Result<Packet, Skip> {
        let Further { frame, span, wire, depth } = further;
        let rest = Rest::new(bytes, span, wire).ok_or(Skip::Truncated)?;
        let mut walk = Walk::of_aggregate(&frame, self.checksums, rest, depth);
        let found = walk.run();
        match self.end(&frame, &walk) {
            Some(fragment) if found.is_err() => self.reassemble(&frame, fragment, bytes),
            _ => found,
        }
    }

    /// Takes what a walk leaves behind: counts, the rest of an aggregate, and the fragment at which it ended.
    fn end(&mut self, frame: &Frame, walk: &Walk<'_>) -> Option<Fragment> {
        self.counts.bad_ip_checksums += walk.bad_ip_checksums;
        self.counts.bad_transport_checksums += walk.bad_transport_checksums;
        if let Some((rest, depth)) = walk.further() {
            let (span, wire) = (rest.span(), u32::try_from(rest.wire()).unwrap_or(u32::MAX));
            self.further = Some(Further { frame: *frame, span, wire, depth });
        }
        walk.fragment()
    }

    /// Goes on below a fragment, as long as fragments complete datagrams.
    fn reassemble(&mut self, frame: &Frame, mut fragment: Fragment, bytes: &mut Vec<u8>) -> Result<Packet, Skip> {
        loop {
            let whole = self.fragments.insert(&fragment, fragment.data.of(bytes), frame.time);
            self.counts.fragments = self.fragments.counts;
            let whole = whole?;
            (fragment.ip, fragment.next) = whole.first;
            let span = append(bytes, &whole.data).ok_or(Skip::FragmentDropped)?;
            let rest = Rest::new(bytes, span, span.len).ok_or(Skip::FragmentDropped)?;
            let mut walk = Walk::resumed(frame, self.checksums, &fragment, rest);
            let found = walk.run();
            match self.end(frame, &walk) {
                Some(inner) if found.is_err() => fragment = inner,
                _ => return found,
            }
        }
    }
}

/// Appends `data` to the block, unless spans cannot reach that far.
fn append(bytes: &mut Vec<u8>, data: &[u8]) -> Option<Span> {
    let start = u32::try_from(bytes.len()).ok()?;
    let len = u32::try_from(data.len()).ok()?;
    start.checked_add(len)?;
    bytes.extend_from_slice(data);
    Some(Span { start, len })
}
