//! The two ends of a connection, before it is known which of them is the client.

/// One of the two ends of a connection, by who sent the first captured packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// The sender of the first captured packet.
    Opener,
    /// The other end.
    Responder,
}

impl Origin {
    pub(crate) const BOTH: [Self; 2] = [Self::Opener, Self::Responder];

    pub(crate) fn other(self) -> Self {
        match self {
            Self::Opener => Self::Responder,
            Self::Responder => Self::Opener,
        }
    }
}

/// One thing for each end.
#[derive(Debug, Default)]
pub(crate) struct Pair<T> {
    opener: T,
    responder: T,
}

impl<T> Pair<T> {
    pub(crate) fn of(&self, origin: Origin) -> &T {
        match origin {
            Origin::Opener => &self.opener,
            Origin::Responder => &self.responder,
        }
    }

    pub(crate) fn of_mut(&mut self, origin: Origin) -> &mut T {
        match origin {
            Origin::Opener => &mut self.opener,
            Origin::Responder => &mut self.responder,
        }
    }
}
