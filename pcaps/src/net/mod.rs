//! Hosts, paths and packets. Nothing here knows TLS or the story that is told.

pub mod frame;
pub mod host;
pub mod packet;
pub mod path;
pub mod segment;

/// One of the two ends of a connection; the client is the one that sent the SYN.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The end that sent the SYN.
    Client,
    /// The end that was asked.
    Server,
}

impl Side {
    /// The other end.
    pub fn peer(self) -> Self {
        match self {
            Self::Client => Self::Server,
            Self::Server => Self::Client,
        }
    }
}
