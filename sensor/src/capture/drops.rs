//! What a capture says about the frames that it lacks.
//!
//! Counters are facts with the time that they are about. What share of loss forbids which conclusion is decided
//! elsewhere.

use dissectors::time::Time;

/// Frames seen and lost on one interface in one span of time. A counter that the file does not have is absent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Drops {
    /// Index in the source's list of interfaces.
    pub interface: u32,
    /// Where the span begins; absent: with the file.
    pub from: Option<Time>,
    /// Where the span ends; absent: with the file.
    pub to: Option<Time>,
    /// Frames that the interface received (`isb_ifrecv`).
    pub received: Option<u64>,
    /// Frames that the interface itself lost (`isb_ifdrop`).
    pub lost_by_interface: Option<u64>,
    /// Frames that the operating system lost (`isb_osdrop`).
    pub lost_by_system: Option<u64>,
    /// Frames that went to the program that captured (`isb_usrdeliv`).
    pub delivered: Option<u64>,
    /// Frames lost just before a frame that says so (`epb_dropcount`), by whom is not said. The same loss may appear
    /// once more in the counters above.
    pub lost_before_frame: Option<u64>,
}

impl Drops {
    /// All frames lost, by whomever.
    pub fn lost(&self) -> u64 {
        [self.lost_by_interface, self.lost_by_system, self.lost_before_frame]
            .into_iter()
            .flatten()
            .fold(0, u64::saturating_add)
    }

    /// What happened between an `earlier` reading of the same growing counters and this one. Counters that went back were
    /// set to zero in between, and count as they are.
    pub(super) fn since(self, earlier: &Self) -> Self {
        let step =
            |now: Option<u64>, then: Option<u64>| now.map(|now| now.checked_sub(then.unwrap_or(0)).unwrap_or(now));
        Self {
            from: earlier.to.or(self.from),
            received: step(self.received, earlier.received),
            lost_by_interface: step(self.lost_by_interface, earlier.lost_by_interface),
            lost_by_system: step(self.lost_by_system, earlier.lost_by_system),
            delivered: step(self.delivered, earlier.delivered),
            ..self
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_reading_counts_the_step_and_a_reset_counts_from_zero() {
        let first = Drops {
            interface: 2,
            from: Some(Time(1)),
            to: Some(Time(10)),
            received: Some(100),
            lost_by_system: Some(7),
            ..Drops::default()
        };
        let second = Drops { to: Some(Time(20)), received: Some(150), lost_by_system: Some(3), ..first };
        let step = second.since(&first);
        assert_eq!((step.from, step.to), (Some(Time(10)), Some(Time(20))));
        assert_eq!((step.received, step.lost_by_system, step.lost_by_interface), (Some(50), Some(3), None));
        assert_eq!(step.lost(), 3);
    }

    #[test]
    fn losses_add_up_without_overflow() {
        let drops = Drops {
            lost_by_interface: Some(u64::MAX),
            lost_by_system: Some(1),
            delivered: Some(9),
            ..Drops::default()
        };
        assert_eq!(drops.lost(), u64::MAX);
    }
}
