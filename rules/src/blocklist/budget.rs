//! How many signatures may be verified in a second of packet time.

use dissectors::time::Time;

/// A bound on the one costly thing here: an RSA-4096 signature takes about 60 µs, and who sends ever new look-alikes of
/// a listed root would otherwise buy one for every certificate.
///
/// The second is one of packet time, so the same capture is decided alike however fast it is read.
#[derive(Clone, Copy, Debug)]
pub struct VerifyBudget {
    per_second: u32,
    second: i64,
    spent: u32,
    refused: u64,
}

impl VerifyBudget {
    /// A budget of `per_second` verifications.
    pub fn new(per_second: u32) -> Self {
        Self { per_second, second: i64::MIN, spent: 0, refused: 0 }
    }

    /// Takes one verification out of the second of `now`; false if that is spent. A clock that steps back, too, begins
    /// a new second.
    pub fn take(&mut self, now: Time) -> bool {
        let second = now.0.div_euclid(1_000_000_000);
        if second != self.second {
            self.second = second;
            self.spent = 0;
        }
        let granted = self.spent < self.per_second;
        self.spent = self.spent.saturating_add(u32::from(granted));
        self.refused = self.refused.saturating_add(u64::from(!granted));
        granted
    }

    /// How often it was spent when asked.
    pub fn refused(&self) -> u64 {
        self.refused
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_has_its_own_budget() {
        let mut budget = VerifyBudget::new(2);
        let at = |seconds, nanoseconds| Time::new(seconds, nanoseconds);
        let granted = [at(5, 0), at(5, 1), at(5, 999_999_999), at(6, 0), at(4, 0)].map(|now| budget.take(now));
        assert_eq!(granted, [true, true, false, true, true]);
        assert_eq!(budget.refused(), 1);
    }
}
