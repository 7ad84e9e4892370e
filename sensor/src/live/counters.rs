//! The kernel's counters of a capture, which are 32 bits wide and start over.

use dissectors::time::Time;
use pcap::Stat;

use crate::capture::Drops;

/// What became of an interface's frames since the capture began.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Frames that passed the filter, with those that were then lost for want of room.
    pub received: u64,
    /// Frames lost since the buffer was full.
    pub lost_by_system: u64,
    /// Frames lost by the interface or its driver.
    pub lost_by_interface: u64,
}

impl Counters {
    /// Adds those of another tap of the same interface.
    pub(super) fn add(&mut self, other: Self) {
        self.received += other.received;
        self.lost_by_system += other.lost_by_system;
        self.lost_by_interface += other.lost_by_interface;
    }
}

/// Follows the counters of one interface.
#[derive(Debug)]
pub(super) struct Meter {
    last: Stat,
    at: Time,
    total: Counters,
}

impl Meter {
    /// A capture begins, and with it its counters.
    pub(super) fn new(at: Time) -> Self {
        Self { last: Stat { received: 0, dropped: 0, if_dropped: 0 }, at, total: Counters::default() }
    }

    /// What happened from the last reading to this one; `delivered` is how many frames were read in between.
    pub(super) fn step(&mut self, interface: u32, stat: Stat, delivered: u64, at: Time) -> Drops {
        let last = std::mem::replace(&mut self.last, stat);
        let grown = |now: u32, then: u32| u64::from(now.wrapping_sub(then));
        let step = Counters {
            received: grown(stat.received, last.received),
            lost_by_system: grown(stat.dropped, last.dropped),
            lost_by_interface: grown(stat.if_dropped, last.if_dropped),
        };
        self.total.received += step.received;
        self.total.lost_by_system += step.lost_by_system;
        self.total.lost_by_interface += step.lost_by_interface;
        Drops {
            interface,
            from: Some(std::mem::replace(&mut self.at, at)),
            to: Some(at),
            received: Some(step.received),
            lost_by_interface: Some(step.lost_by_interface),
            lost_by_system: Some(step.lost_by_system),
            delivered: Some(delivered),
            lost_before_frame: None,
        }
    }

    /// The capture begins only now.
    pub(super) fn restart(&mut self) {
        self.total = Counters::default();
    }

    /// When the counters were read last.
    pub(super) fn at(&self) -> Time {
        self.at
    }

    /// The sums since the capture began.
    pub(super) fn total(&self) -> Counters {
        self.total
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_that_start_over_go_on() {
        let stat = |received, dropped, if_dropped| Stat { received, dropped, if_dropped };
        let mut meter = Meter::new(Time(5));
        let first = meter.step(1, stat(u32::MAX, 7, 0), 100, Time(10));
        assert_eq!((first.from, first.to, first.interface), (Some(Time(5)), Some(Time(10)), 1));
        assert_eq!((first.received, first.lost(), first.delivered), (Some(u64::from(u32::MAX)), 7, Some(100)));
        let second = meter.step(1, stat(9, 6, 2), 3, Time(20));
        assert_eq!((second.from, second.received), (Some(Time(10)), Some(10)));
        assert_eq!((second.lost_by_system, second.lost_by_interface), (Some(u64::from(u32::MAX)), Some(2)));
        let all = u64::from(u32::MAX);
        let total = Counters { received: all + 10, lost_by_system: all + 7, lost_by_interface: 2 };
        assert_eq!((meter.total(), meter.at()), (total, Time(20)));
    }
}
