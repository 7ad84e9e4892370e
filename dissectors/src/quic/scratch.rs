//! What it takes to open packets, kept from one to the next.

use super::Side;
use super::cid::ConnectionId;
use super::header::LongPacket;
use super::keyring::Keyring;
use super::protection::Opened;

/// What it takes to open packets. Kept by the caller and used again for every packet of every connection.
#[derive(Debug, Default)]
pub struct Scratch {
    keyring: Keyring,
    pub(super) opened: Opened,
}

impl Scratch {
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
