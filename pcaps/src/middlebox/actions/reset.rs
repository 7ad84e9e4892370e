//! Resets: the box ends the connection with packets that it forges.

use super::{Action, Departure, Port, TcpPacket, Treatment, pass};
use crate::middlebox::packet::Forger;

/// Forges a RST to both ends in place of the hello, and lets nothing pass any more: a box in the path.
pub(super) static RESET: Action = Action { name: "reset", begin: |_| Box::new(InPath { begun: false }) };

/// Forges a RST to the client while the hello passes, so that the server's answer comes after it: a box beside the
/// path, which can only race.
pub(super) static RESET_RACE: Action = Action { name: "reset-race", begin: |_| Box::new(OnPath { begun: false }) };

/// The forger's own habits. Like real injectors it sends a fixed IP-ID, clears DF and sets a window that no server
/// sends; the values are nobody's known fingerprint.
const FORGER: Forger = Forger { hop_limit: 64, identification: 0x1ab0, window: 1111 };

struct InPath {
    begun: bool,
}

impl Treatment for InPath {
    fn handle(&mut self, _from: Port, hello: TcpPacket) -> Vec<Departure> {
        if std::mem::replace(&mut self.begun, true) {
            return Vec::new();
        }
        vec![
            Departure { to: Port::Client, packet: hello.forge_reset_reply(FORGER) },
            Departure { to: Port::Server, packet: hello.forge_reset(FORGER) },
        ]
    }
}

struct OnPath {
    begun: bool,
}

impl Treatment for OnPath {
    fn handle(&mut self, from: Port, packet: TcpPacket) -> Vec<Departure> {
        let forged = (!std::mem::replace(&mut self.begun, true))
            .then(|| Departure { to: Port::Client, packet: packet.forge_reset_reply(FORGER) });
        forged.into_iter().chain(pass(from, packet)).collect()
    }
}
