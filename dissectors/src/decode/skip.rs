//! Why a frame gave no packet.

use std::fmt;

/// Why a frame gave no packet: a closed list, counted by its names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Skip {
    /// The capture's link type is none that we read.
    UnknownLink,
    /// No IP packet: ARP, spanning tree, discovery, a control frame.
    NotIp,
    /// IP, but neither TCP, UDP nor an ICMP error that quotes one of them.
    OtherProtocol,
    /// The snap length cut the headers off.
    Truncated,
    /// A header contradicts itself or its frame; with the layer's name.
    Malformed(&'static str),
    /// A fragment, kept until the rest of its datagram comes.
    FragmentHeld,
    /// A fragment that adds nothing: a duplicate, or one outside its datagram.
    FragmentDropped,
    /// Encrypted below IP, as in protected Wi-Fi and MACsec.
    Encrypted,
    /// More layers than [`super::DEPTH_LIMIT`].
    TooDeep,
}

impl Skip {
    /// The stable name under which it is counted.
    pub fn name(self) -> &'static str {
        match self {
            Self::UnknownLink => "unknown_link",
            Self::NotIp => "not_ip",
            Self::OtherProtocol => "other_protocol",
            Self::Truncated => "truncated",
            Self::Malformed(_) => "malformed",
            Self::FragmentHeld => "fragment_held",
            Self::FragmentDropped => "fragment_dropped",
            Self::Encrypted => "encrypted",
            Self::TooDeep => "too_deep",
        }
    }
}

impl fmt::Display for Skip {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed(layer) => write!(f, "malformed {layer}"),
            other => f.write_str(other.name()),
        }
    }
}

impl std::error::Error for Skip {}
