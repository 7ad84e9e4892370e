//! Why a live capture could not begin.

use std::fmt;

use nix::errno::Errno;

use crate::capture::CaptureError;

/// A live capture that could not begin.
#[derive(Debug)]
pub enum LiveError {
    /// The interface cannot be opened; in libpcap's own words.
    Open {
        /// Which.
        interface: String,
        /// Why.
        reason: String,
    },
    /// The filter cannot be applied to the interface's frames; in libpcap's own words.
    Filter {
        /// Which.
        interface: String,
        /// Why.
        reason: String,
    },
    /// The interface's link type has no number in the registry of link types.
    Link {
        /// Which.
        interface: String,
        /// libpcap's number.
        dlt: i32,
    },
    /// The interface's frames cannot be shared out among several sockets.
    Fanout {
        /// Which.
        interface: String,
        /// Why.
        error: Errno,
    },
    /// An interface failed before the capture had begun.
    Begin(CaptureError),
    /// No interface was named.
    NoInterface,
}

impl fmt::Display for LiveError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Open { interface, reason } => {
                let hint = if reason.contains("permitted") { " (it takes root or CAP_NET_RAW)" } else { "" };
                write!(f, "{interface}: cannot be captured from: {reason}{hint}")
            }
            Self::Filter { interface, reason } => write!(f, "{interface}: the filter cannot be applied: {reason}"),
            Self::Link { interface, dlt } => write!(f, "{interface}: its link type ({dlt}) is not known"),
            Self::Fanout { interface, error } => {
                write!(f, "{interface}: its frames cannot be shared out (--fanout): {error}")
            }
            Self::Begin(error) => error.fmt(f),
            Self::NoInterface => write!(f, "no interface to capture from"),
        }
    }
}

impl std::error::Error for LiveError {}
