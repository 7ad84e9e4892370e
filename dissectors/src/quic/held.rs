//! Packets that came before their keys (RFC 9001, section 5.7): kept until these are there, within bounds.

use super::header::{LongPacket, Packet, Packets};
use crate::time::Time;

/// How many packets of the server are kept: the two legs of a tap may be merged out of order, and the network puts
/// Handshake packets before the ServerHello. Before it has heard the client twice, a server may send three times what it
/// was sent (RFC 9000, section 8.1): six datagrams for a hello of two.
pub const MAX_HELD: usize = 8;
/// The longest of them that is kept, in bytes: what Ethernet carries.
const MAX_BYTES: usize = 1500;

/// Packets that wait, with the time of their capture.
#[derive(Clone, Debug, Default)]
pub(super) struct Held(Vec<(Time, Box<[u8]>)>);

impl Held {
    /// Keeps a packet; `false` where there is no room for it.
    pub(super) fn keep(&mut self, packet: &LongPacket<'_>, time: Time) -> bool {
        let has_room = self.0.len() < MAX_HELD && packet.bytes.len() <= MAX_BYTES;
        if has_room {
            self.0.push((time, packet.bytes.into()));
        }
        has_room
    }

    /// Bytes held.
    pub(super) fn bytes(&self) -> usize {
        self.0.iter().map(|(_, bytes)| bytes.len()).sum()
    }

    /// Lets go of all, and hands out each.
    pub(super) fn release(&mut self, mut on: impl FnMut(Time, &LongPacket<'_>)) {
        for (time, bytes) in std::mem::take(&mut self.0) {
            if let Some(Ok(Packet::Long(packet))) = Packets::new(&bytes).next() {
                on(time, &packet);
            }
        }
    }
}
