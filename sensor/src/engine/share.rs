//! Which flows are followed, where not all can be.

/// The share of the flows that is followed: one in 2^n.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Share(u32);

impl Share {
    /// The smallest: one flow in 64. A sensor that cannot follow that many is on the wrong machine.
    const SMALLEST: Self = Self(6);

    /// Whether a flow with this hash is followed. The bits are none of those that choose its shard or its place there.
    pub fn has(self, hash: u64) -> bool {
        hash >> 40 & ((1 << self.0) - 1) == 0
    }

    /// Of how many flows one is followed.
    pub fn one_in(self) -> u64 {
        1 << self.0
    }

    pub(super) fn halved(self) -> Self {
        Self(self.0.saturating_add(1).min(Self::SMALLEST.0))
    }

    pub(super) fn doubled(self) -> Self {
        Self(self.0.saturating_sub(1))
    }
}
