//! Rewriting what comes back: the box lets the trigger reach the server and makes the answer into something else, so that
//! every header field is the server's own (tspu-docs, chapter 4: where complex encapsulation keeps it from forging).

use super::{Act, Scene};
use crate::middlebox::config::Rewrite;
use crate::net::Side;
use crate::net::frame::Packet;

/// The page that a redirect leads to.
const REDIRECT: &[u8] = b"HTTP/1.1 302 Found\r\nLocation: http://blocked.example/\r\nContent-Length: 0\r\n\r\n";

/// Rewrites the first packet of the server that has data, and lets nothing of the server pass after it.
pub(super) struct Rewriter {
    into: Rewrite,
    done: bool,
}

impl Rewriter {
    pub(super) fn new(into: Rewrite) -> Self {
        Self { into, done: false }
    }
}

impl Act for Rewriter {
    fn handle(&mut self, scene: &mut Scene<'_>, mut packet: Packet) -> Option<Packet> {
        if scene.sender() == Side::Client {
            return Some(packet);
        }
        if self.done {
            return None;
        }
        if packet.payload.is_empty() {
            return Some(packet);
        }
        self.done = true;
        packet.payload = match self.into {
            Rewrite::Reset => Vec::new(),
            Rewrite::Redirect => REDIRECT.to_vec(),
        };
        let tcp = packet.tcp_mut()?;
        (tcp.psh, tcp.rst, tcp.fin) = match self.into {
            Rewrite::Reset => (false, true, false),
            Rewrite::Redirect => (true, false, true),
        };
        Some(packet)
    }
}
