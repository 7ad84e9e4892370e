//! Where captures are made, and what their files are called.

use crate::middlebox::Port;

/// A place on the path where a capture can be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Point {
    /// At the hosts inside.
    Client,
    /// At the box, on its inside: what it does to the hello is seen, and what it forges for the client.
    Middle,
    /// At the box, on its outside.
    Beyond,
    /// At the hosts outside.
    Server,
}

impl Point {
    /// Its name in file names and labels.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::Middle => "middle",
            Self::Beyond => "beyond",
            Self::Server => "server",
        }
    }

    /// Where the hosts behind a port are captured, and the box's own end of that link.
    pub(super) fn ends(port: Port) -> Option<(Self, Self)> {
        match port {
            Port::Inside => Some((Self::Client, Self::Middle)),
            Port::Outside => Some((Self::Server, Self::Beyond)),
            Port::Interceptor => None,
        }
    }

    /// The file of the capture that is made here, in virtual time or by the box.
    pub fn capture(self) -> String {
        format!("{}.pcapng", self.as_str())
    }

    /// The file of the capture that a program makes here.
    pub(super) fn capture_of_program(self) -> String {
        format!("{}.pcap", self.as_str())
    }
}
