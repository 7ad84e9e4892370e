//! What it takes to open packets, kept from one to the next.

use super::Side;
use super::cid::ConnectionId;
use super::header::LongPacket;
use super::keyring::Keyring;
use super::protection::Opened;

/// What it takes to open packets. Kept by the caller and used again for every packet of every connection.
#[derive(Debug)]
pub struct Scratch {
    keyring: Keyring,
    pub(super) opened: Opened,
}

impl Default for Scratch {
    /// Keeps the keys of a single connection.
    fn default() -> Self {
        Self::new(1)
    }
}

impl Scratch {
    /// Keeps the keys of the `connections` whose Initial packets were met last, 2 kB each.
    pub fn new(connections: usize) -> Self {
        Self { keyring: Keyring::new(connections), opened: Opened::default() }
    }

    /// How many connections' keys were forgotten to make room.
    pub fn forgotten_keys(&self) -> u64 {
        self.keyring.forgotten()
    }

    /// The frames of the packet that was opened last.
    pub(super) fn frames(&self) -> &[u8] {
        self.opened.frames()
    }
}

/// Opens an Initial packet that `sender` protected under keys from `id`, with whichever scheme of its version
/// authenticates; its frames then stand in `scratch`.
pub(super) fn open(packet: &LongPacket<'_>, id: &ConnectionId, sender: Side, scratch: &mut Scratch) -> bool {
    let Scratch { keyring, opened } = scratch;
    let mut opens = |scheme| keyring.keys(scheme, id, sender)?.open(packet, opened);
    packet.version.schemes().iter().any(|scheme| opens(scheme).is_ok())
}
