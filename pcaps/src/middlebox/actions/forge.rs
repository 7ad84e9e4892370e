//! Forged TCP packets: resets, FINs, acknowledgements and pages in the name of either end.

use std::time::Duration;

use etherparse::TcpHeader;

use super::{Act, Scene};
use crate::middlebox::config::{AckLaw, Flags, Forgery};
use crate::net::Side;
use crate::net::frame::{Packet, Stamp};
use crate::random::Random;

/// Between two copies of one forgery.
const APART: Duration = Duration::from_micros(20);

impl Forgery {
    fn stamp(&self, trigger: &Packet, random: &mut Random) -> Stamp {
        Stamp {
            hop_limit: self.ttl.draw_u8(trigger.hop_limit(), random),
            identification: self.ip_id.draw(trigger.identification(), random),
            dont_fragment: self.dont_fragment,
            dscp: self.dscp,
        }
    }

    /// The header at these numbers.
    fn header(&self, numbers: Numbers, copied: &TcpHeader, random: &mut Random) -> TcpHeader {
        let Flags { rst, fin, psh, ack } = self.flags;
        let acknowledgment_number = match self.ack {
            _ if !ack => 0,
            AckLaw::All => numbers.received,
            AckLaw::Before => numbers.before,
            AckLaw::Zero => 0,
        };
        let window = self.window.draw(copied.window_size, random);
        TcpHeader { acknowledgment_number, rst, fin, psh, ack, ..TcpHeader::new(0, 0, numbers.next, window) }
    }
}

/// Where both ends are in their streams, as the trigger shows it to one who forges.
#[derive(Clone, Copy)]
struct Numbers {
    /// The next sequence number of the end in whose name it is forged.
    next: u32,
    /// What the recipient has sent.
    received: u32,
    /// What the recipient had sent before the trigger.
    before: u32,
}

impl Numbers {
    /// Those of the trigger's receiver.
    fn of_receiver(trigger: &Packet, tcp: &TcpHeader) -> Self {
        Self { next: tcp.acknowledgment_number, received: trigger.sequence_end(), before: tcp.sequence_number }
    }
}

/// Forges what a rule says when its first packet comes.
pub(super) struct Forge {
    forgeries: Vec<Forgery>,
    drops_trigger: bool,
}

impl Forge {
    pub(super) fn new(forgeries: &[Forgery], drops_trigger: bool) -> Self {
        Self { forgeries: forgeries.to_vec(), drops_trigger }
    }

    /// Sends a side what is forged for it.
    fn send(&self, scene: &mut Scene<'_>, to: Side, forgery: &Forgery, trigger: &Packet) {
        let Some(tcp) = trigger.tcp() else { return };
        let to_sender = to == scene.sender();
        let numbers = if to_sender { Numbers::of_receiver(trigger, tcp) } else { self.numbers_of_sender(trigger, tcp) };
        let mut at = scene.now.after(forgery.after_ms.draw(scene.random));
        for copy in 0..forgery.count {
            let next = numbers.next.wrapping_add(forgery.stride.wrapping_mul(copy));
            let header = forgery.header(Numbers { next, ..numbers }, tcp, scene.random);
            let stamp = forgery.stamp(trigger, scene.random);
            let payload = [forgery.page.as_bytes(), &forgery.payload].concat();
            let packet = match to_sender {
                true => trigger.forge_to_sender(stamp, header, payload),
                false => trigger.forge_to_receiver(stamp, header, payload),
            };
            scene.send(at, scene.port(to), packet);
            at = at.after(APART);
        }
    }

    /// In the path, what is forged takes the trigger's place; beside it, it follows the trigger.
    fn numbers_of_sender(&self, trigger: &Packet, tcp: &TcpHeader) -> Numbers {
        Numbers {
            next: if self.drops_trigger { tcp.sequence_number } else { trigger.sequence_end() },
            received: tcp.acknowledgment_number,
            before: tcp.acknowledgment_number,
        }
    }
}

impl Act for Forge {
    fn handle(&mut self, scene: &mut Scene<'_>, packet: Packet) -> Option<Packet> {
        for forgery in std::mem::take(&mut self.forgeries) {
            for side in [Side::Client, Side::Server] {
                if forgery.to.include(side) {
                    self.send(scene, side, &forgery, &packet);
                }
            }
        }
        Some(packet)
    }
}
