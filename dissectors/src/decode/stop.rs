//! Why a frame is not read on.

use super::skip::Skip;

/// Why a layer cannot say what follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stop {
    /// The bytes end in its header.
    Short,
    /// The header contradicts itself; a UDP payload is something else.
    Bad,
    /// The frame is understood and holds nothing for us.
    Skip(Skip),
}
