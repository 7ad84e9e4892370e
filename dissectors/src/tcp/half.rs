//! What one end of a TCP connection sent, as facts.

use crate::few::Few;
use crate::tcp::seq::Seq;
use crate::time::Time;

/// Resets kept for one sender; injectors send up to 5 (CensorLab), and a client may answer late data with many.
pub const MAX_RESETS: usize = 8;

/// The facts of one sender. What every packet changes lies together, last.
#[derive(Clone, Debug, Default)]
#[repr(C)]
pub struct HalfFacts {
    /// Its SYN or SYN-ACK.
    pub syn: Option<Syn>,
    /// Its RSTs, the first [`MAX_RESETS`] of them.
    pub resets: Few<Reset>,
    /// How many RSTs it sent in all.
    pub reset_count: u32,
    /// Segments that began at or before a byte seen already.
    pub retransmissions: u32,
    /// Its first FIN.
    pub fin: Option<Fin>,
    /// Payload bytes captured of it, repeats included.
    pub bytes: u64,
    /// Packets captured of it, repeats included.
    pub packets: u32,
    /// Highest acknowledgement number that it sent.
    pub acked: Option<Seq>,
    /// How it numbers its packets.
    pub ip_id: IpIdLaw,
    /// Its window over its packets that are neither SYN nor RST, as sent, not scaled.
    pub window: Range<u16>,
    /// TTL of its packets that are no RST.
    pub ttl: Range<u8>,
    /// It announced a window of 0, and nothing larger since.
    pub window_closed: bool,
    /// Whether DF was set in all (`Some(true)`), none (`Some(false)`) or some (`None`) of its packets that are no RST.
    pub dont_fragment: Uniform,
    /// It sent a packet that is no RST after its RST, beyond a duplicate of an earlier one.
    pub sent_after_reset: bool,
    /// Bytes of its stream are missing between bytes that were captured.
    pub gap: bool,
    /// The snap length cut payload of it that the handshake needed.
    pub truncated: bool,
    /// Segments of it disagreed about the same bytes.
    pub conflict: bool,
    /// More of its bytes waited for a missing one than the limit allows; what came last was dropped.
    pub overflow: bool,
}

/// A SYN or SYN-ACK.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Syn {
    /// Time of the first copy.
    pub time: Time,
    /// Frame of the first copy.
    pub frame: u64,
    /// Initial sequence number.
    pub isn: Seq,
    /// TTL of the first copy.
    pub ttl: u8,
    /// IP-ID of the first copy, in IPv4.
    pub ip_id: Option<u16>,
    /// Window, never scaled in a SYN (RFC 7323 section 2.2).
    pub window: u16,
    /// Window scale option.
    pub window_scale: Option<u8>,
    /// Bytes of TCP options; 0 is typical of scanners and of injectors.
    pub options: u8,
    /// Copies captured.
    pub copies: u16,
}

/// A FIN.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fin {
    /// When.
    pub time: Time,
    /// In which frame.
    pub frame: u64,
    /// Sequence number of the FIN itself, after any payload of its segment.
    pub seq: Seq,
    /// TTL.
    pub ttl: u8,
}

/// An RST, with the header fields that tell an injected one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reset {
    /// When.
    pub time: Time,
    /// In which frame.
    pub frame: u64,
    /// Sequence number.
    pub seq: Seq,
    /// Acknowledgement number, if the ACK flag is set.
    pub ack: Option<Seq>,
    /// The acknowledgement field as sent, even where the ACK flag says that it means nothing: injectors leave 0 or a guess.
    pub ack_field: Seq,
    /// TTL.
    pub ttl: u8,
    /// IPv4 identification.
    pub ip_id: Option<u16>,
    /// IPv4 "don't fragment".
    pub dont_fragment: bool,
    /// Window as sent.
    pub window: u16,
    /// Payload bytes.
    pub payload: u32,
    /// Bytes of TCP options.
    pub options: u8,
    /// Highest byte that its sender had sent before it (the sequence number that a genuine one has).
    pub expected: Option<Seq>,
}

/// Smallest and largest of a value, with the first and the last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Range<T> {
    /// The four, once one value was seen.
    pub seen: Option<Bounds<T>>,
}

/// See [`Range`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bounds<T> {
    /// First value.
    pub first: T,
    /// Last value.
    pub last: T,
    /// Smallest.
    pub min: T,
    /// Largest.
    pub max: T,
}

impl<T: Copy + Ord> Range<T> {
    /// Adds a value.
    pub fn add(&mut self, value: T) {
        match &mut self.seen {
            None => self.seen = Some(Bounds { first: value, last: value, min: value, max: value }),
            // As nearly always.
            Some(bounds) if bounds.last == value => {}
            Some(bounds) => {
                bounds.last = value;
                bounds.min = bounds.min.min(value);
                bounds.max = bounds.max.max(value);
            }
        }
    }
}

/// Whether a flag was the same in all packets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Uniform {
    /// No packet yet.
    #[default]
    Unseen,
    /// Set in all.
    Always,
    /// Set in none.
    Never,
    /// Set in some.
    Mixed,
}

impl Uniform {
    /// Adds a packet's flag.
    pub fn add(&mut self, set: bool) {
        *self = match (*self, set) {
            (Self::Unseen | Self::Always, true) => Self::Always,
            (Self::Unseen | Self::Never, false) => Self::Never,
            _ => Self::Mixed,
        };
    }
}

/// How a sender numbers its IPv4 packets, as known from those that are neither SYN nor RST: Linux answers a SYN with
/// IP-ID 0 whatever it does afterwards.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct IpIdLaw {
    /// Packets seen.
    pub packets: u32,
    /// Last value.
    pub last: Option<u16>,
    /// Packets whose value was 0.
    pub zero: u32,
    /// Packets whose value was 1 to 100 above the last one's, modulo 2^16.
    pub small_steps: u32,
}

impl IpIdLaw {
    /// Adds a packet.
    pub fn add(&mut self, value: u16) {
        let step = self.last.map(|last| value.wrapping_sub(last));
        self.packets = self.packets.saturating_add(1);
        self.zero = self.zero.saturating_add(u32::from(value == 0));
        self.small_steps = self.small_steps.saturating_add(u32::from(step.is_some_and(|s| (1..=100).contains(&s))));
        self.last = Some(value);
    }
}
