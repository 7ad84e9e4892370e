//! A packet of a connection, with the little that is worked out of it once.

use crate::packet::{Flags, Packet, Tcp};
use crate::tcp::half::Syn;
use crate::tcp::origin::Origin;
use crate::tcp::seq::Seq;
use crate::time::Time;

/// A packet of a connection.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Segment<'a> {
    pub(crate) from: Origin,
    pub(crate) packet: &'a Packet,
    pub(crate) tcp: &'a Tcp,
    pub(crate) payload: &'a [u8],
    pub(crate) options: &'a [u8],
    /// Its acknowledgement number, where it has one that can be believed.
    pub(crate) ack: Option<Seq>,
}

impl Segment<'_> {
    pub(crate) fn has(&self, flags: Flags) -> bool {
        self.tcp.flags.has(flags)
    }

    /// Sequence number of its first payload byte; a SYN stands before it.
    pub(crate) fn start(&self) -> Seq {
        self.tcp.seq.add(u32::from(self.has(Flags::SYN)))
    }

    /// One past its last payload byte, those that the snap length cut off included.
    pub(crate) fn payload_end(&self) -> Seq {
        self.start().add(self.packet.payload.len.saturating_add(self.packet.missing))
    }

    /// One past the last sequence number that it takes, its SYN and FIN included.
    pub(crate) fn end(&self) -> Seq {
        self.payload_end().add(u32::from(self.has(Flags::FIN)))
    }

    /// The stamp of its payload.
    pub(crate) fn stamp(&self) -> Stamp {
        let Packet { time, frame, ttl, ip_id, .. } = *self.packet;
        Stamp { time, frame, ttl, ip_id }
    }
}

/// When and how bytes came.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stamp {
    pub(crate) time: Time,
    pub(crate) frame: u64,
    pub(crate) ttl: u8,
    pub(crate) ip_id: Option<u16>,
}

impl From<Syn> for Stamp {
    /// The stamp of what came on a SYN.
    fn from(Syn { time, frame, ttl, ip_id, .. }: Syn) -> Self {
        Self { time, frame, ttl, ip_id }
    }
}
