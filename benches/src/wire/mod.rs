//! Packets: frames with right checksums, the TCP conversation that fills them, and the file that they are written to.

pub mod file;
pub mod frame;
pub mod talk;

use std::net::SocketAddr;

pub use pcaps::net::Side;

/// The two ends of a flow, and how far the tap is from each.
#[derive(Clone, Copy, Debug)]
pub struct Path {
    /// The client.
    pub client: SocketAddr,
    /// The server.
    pub server: SocketAddr,
    /// TTL of the client's packets at the tap.
    pub client_ttl: u8,
    /// TTL of the server's.
    pub server_ttl: u8,
    /// Nanoseconds from the tap to the client and back.
    pub client_rtt: u64,
    /// The same of the server.
    pub server_rtt: u64,
}

impl Path {
    /// Time from the tap to a side and back.
    pub fn rtt(&self, side: Side) -> u64 {
        match side {
            Side::Client => self.client_rtt,
            Side::Server => self.server_rtt,
        }
    }

    /// The IP header of a side's packets.
    pub fn header(&self, from: Side, id: u16) -> frame::Ip {
        match from {
            Side::Client => frame::Ip { source: self.client, dest: self.server, ttl: self.client_ttl, id },
            Side::Server => frame::Ip { source: self.server, dest: self.client, ttl: self.server_ttl, id },
        }
    }
}
