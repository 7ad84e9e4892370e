//! What comes of a scenario that was played, be its hosts simulated or real.

use std::net::SocketAddr;

use dissectors::time::Time;

use super::point::Point;
use crate::file::Frame;
use crate::middlebox::Decision;

/// All that came of it.
pub struct Played {
    /// What was captured where.
    pub captures: Vec<(Point, Vec<Frame>)>,
    /// What the box decided.
    pub decisions: Vec<Decision>,
    /// The connections that clients began, with their names, in order.
    pub connections: Vec<Connection>,
    /// The interceptor's root in PEM, if there is an interceptor.
    pub interception_root: Option<String>,
    /// Residual blocks for which the box had no room: connections that should have met one and passed.
    pub forgotten: u64,
}

/// A connection that a client began.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Connection {
    /// When.
    pub time: Time,
    /// Whether it is TCP, otherwise UDP.
    pub is_tcp: bool,
    /// The client.
    pub client: SocketAddr,
    /// The server.
    pub server: SocketAddr,
    /// The name that it asks for.
    pub name: String,
    /// Whether the client got what it asked for; nothing where it was still waiting at the end.
    pub satisfied: Option<bool>,
}
