//! One transport unit of a frame: what the layers below are reduced to, and all that flows are built from.

use std::net::IpAddr;

use crate::tcp::seq::Seq;
use crate::time::Time;

/// An address and its port.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Endpoint {
    /// The IP address; an IPv4-mapped IPv6 address stays IPv6, as it was on the wire.
    pub addr: IpAddr,
    /// The TCP or UDP port.
    pub port: u16,
}

/// The two ends of a packet, from its sender's view.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ends {
    /// Who sent it.
    pub source: Endpoint,
    /// Whom it was sent to.
    pub dest: Endpoint,
}

impl Ends {
    /// The same ends as the other side sees them.
    pub fn reversed(self) -> Self {
        Self { source: self.dest, dest: self.source }
    }
}

/// A run of bytes in the block that holds the frame. Reassembled datagrams are appended to the block, so that they too
/// are only a span.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Span {
    /// Offset of the first byte in the block.
    pub start: u32,
    /// Number of bytes.
    pub len: u32,
}

impl Span {
    /// The bytes meant; empty where the span does not lie in `block`.
    pub fn of(self, block: &[u8]) -> &[u8] {
        let start = self.start as usize;
        block.get(start..start.saturating_add(self.len as usize)).unwrap_or(&[])
    }
}

/// TCP flags, the low byte of RFC 9293 section 3.1's control bits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flags(pub u8);

impl Flags {
    /// The sender has finished.
    pub const FIN: Self = Self(0x01);
    /// Synchronise sequence numbers.
    pub const SYN: Self = Self(0x02);
    /// Reset the connection.
    pub const RST: Self = Self(0x04);
    /// Push.
    pub const PSH: Self = Self(0x08);
    /// The acknowledgement number counts.
    pub const ACK: Self = Self(0x10);

    /// Whether every flag of `other` is set.
    pub fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}

/// The TCP header's fields.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tcp {
    /// Sequence number of the first payload byte, or of the SYN.
    pub seq: Seq,
    /// Acknowledgement number; meaningless without [`Flags::ACK`].
    pub ack: Seq,
    /// Control bits.
    pub flags: Flags,
    /// The window field as sent, not scaled.
    pub window: u16,
    /// Where the options lie; read only where they matter (`crate::tcp::options`).
    pub options: Span,
}

/// An ICMP error's meaning, for the flow that it quotes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IcmpError {
    /// Time exceeded in transit: RFC 792 type 11 code 0, RFC 4443 type 3 code 0.
    TimeExceeded,
    /// Fragmentation needed (RFC 1191) or packet too big (RFC 4443): with the next hop's MTU.
    TooBig(u32),
    /// Communication administratively prohibited: RFC 1812 codes 9, 10 and 13, RFC 4443 codes 1, 5 and 6.
    Prohibited,
    /// Port unreachable.
    PortUnreachable,
    /// Any other unreachable, with type and code.
    Unreachable(u8, u8),
}

/// What an ICMP error quotes of the packet that caused it. The packet's `ends` are those of the quoted packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quote {
    /// What the router or host said.
    pub error: IcmpError,
    /// Who said it.
    pub reporter: IpAddr,
    /// Quoted TCP sequence number; `None` for UDP.
    pub seq: Option<Seq>,
}

/// The transport layer of a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    /// A TCP segment.
    Tcp(Tcp),
    /// A UDP datagram.
    Udp,
    /// An ICMP error about a TCP or UDP packet.
    Icmp {
        /// What it says and quotes.
        quote: Quote,
        /// Whether the quoted packet was UDP.
        of_udp: bool,
    },
}

/// One decoded TCP segment, UDP datagram or ICMP error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Packet {
    /// Number of its frame in the capture, from 1.
    pub frame: u64,
    /// The frame's own time stamp.
    pub time: Time,
    /// Sender and receiver; of an ICMP error, those of the packet that it quotes.
    pub ends: Ends,
    /// TTL or hop limit as captured, of the innermost IP header.
    pub ttl: u8,
    /// IPv4 identification; `None` in IPv6.
    pub ip_id: Option<u16>,
    /// IPv4 "don't fragment"; `true` in IPv6, which never fragments in the path.
    pub dont_fragment: bool,
    /// The transport header.
    pub transport: Transport,
    /// The transport payload, as far as captured and without link-layer padding.
    pub payload: Span,
    /// Payload bytes that were on the wire and that the snap length cut off.
    pub missing: u32,
    /// Whether the transport checksum was computed and found wrong. Offload makes that common: believed only when asked.
    pub bad_checksum: bool,
}

impl Packet {
    /// Every span that it has: for whoever moves the packet to another block.
    pub fn spans_mut(&mut self) -> impl Iterator<Item = &mut Span> {
        let options = match &mut self.transport {
            Transport::Tcp(tcp) => Some(&mut tcp.options),
            Transport::Udp | Transport::Icmp { .. } => None,
        };
        options.into_iter().chain([&mut self.payload])
    }
}
