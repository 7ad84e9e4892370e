//! Sequence numbers: 32 bits that wrap (RFC 9293 section 3.4).

use std::cmp::Ordering;

/// A TCP sequence or acknowledgement number.
///
/// Numbers are compared by the shorter way around the circle, so that order holds only between numbers less than 2^31
/// apart; there is no total order, and [`Seq`] is therefore not `Ord`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Seq(pub u32);

impl Seq {
    /// The number `n` bytes later.
    #[expect(clippy::should_implement_trait, reason = "`seq + n` would hide that it wraps")]
    pub fn add(self, n: u32) -> Self {
        Self(self.0.wrapping_add(n))
    }

    /// Signed distance in bytes from `other` to this: positive where this is later.
    pub fn since(self, other: Self) -> i32 {
        self.0.wrapping_sub(other.0) as i32
    }

    /// Whether this is later than `other`.
    pub fn is_after(self, other: Self) -> bool {
        self.since(other) > 0
    }

    /// The later of the two.
    pub fn max(self, other: Self) -> Self {
        match self.since(other).cmp(&0) {
            Ordering::Less => other,
            _ => self,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Seq;

    #[test]
    fn order_survives_the_wrap() {
        let before = Seq(0xffff_fff0);
        let after = before.add(0x20);
        assert_eq!(after, Seq(0x10));
        assert!(after.is_after(before) && !before.is_after(after));
        assert_eq!(after.since(before), 0x20);
        assert_eq!(before.max(after), after);
        assert_eq!(after.max(before), after);
    }
}
