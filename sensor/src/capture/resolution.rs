//! What one tick of a capture's clock is worth.

use dissectors::time::Time;

/// Nanoseconds in a second.
const SECOND: i128 = 1_000_000_000;

/// How the ticks of one interface become time. Whatever the ticks, the result saturates and nothing overflows.
#[derive(Clone, Copy, Debug)]
pub(super) struct Resolution {
    tick: Tick,
    /// Nanoseconds to add to every time.
    offset: i64,
}

#[derive(Clone, Copy, Debug)]
enum Tick {
    /// This many nanoseconds a tick.
    Nanoseconds(u32),
    /// This many ticks a nanosecond.
    PerNanosecond(u128),
    /// 2 to this power ticks a second.
    PerSecondShift(u32),
}

impl Resolution {
    /// The resolution in the option `if_tsresol` of pcapng (draft-ietf-opsawg-pcapng, section 4.2): seconds to a negative
    /// power of ten, or of two where the top bit is set; and the whole seconds of `if_tsoffset`.
    pub(super) fn pcapng(tsresol: u8, offset_seconds: i64) -> Self {
        let power = u32::from(tsresol & 0x7f);
        let tick = match tsresol & 0x80 {
            0 if power <= 9 => Tick::Nanoseconds(10_u32.pow(9 - power)),
            0 => Tick::PerNanosecond(10_u128.checked_pow(power - 9).unwrap_or(u128::MAX)),
            _ => Tick::PerSecondShift(power),
        };
        Self { tick, offset: offset_seconds.saturating_mul(SECOND as i64) }
    }

    /// The time at `ticks`.
    #[inline]
    pub(super) fn time(self, ticks: u64) -> Time {
        let nanoseconds = match self.tick {
            Tick::Nanoseconds(each) => i128::from(ticks) * i128::from(each),
            Tick::PerNanosecond(each) => (u128::from(ticks) / each) as i128,
            Tick::PerSecondShift(power) => (i128::from(ticks) * SECOND) >> power,
        };
        Time((nanoseconds + i128::from(self.offset)).clamp(i64::MIN.into(), i64::MAX.into()) as i64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_power_gives_its_time() {
        for (tsresol, offset, ticks, expected) in [
            (6, 0, 1_500_000, 1_500_000_000),
            (9, 0, 1_500_000_000, 1_500_000_000),
            (0, 0, 3, 3_000_000_000),
            (3, -1, 1_500, 500_000_000),
            (12, 0, 1_500_000_999_999, 1_500_000_999),
            (19, 0, u64::MAX, 1_844_674_407),
            (0x80, 0, 3, 3_000_000_000),
            (0x8a, 10, 1_536, 11_500_000_000),
            (0x80 | 63, 0, 3 << 62, 1_500_000_000),
            (127, 0, u64::MAX, 0),
            (0xff, 0, u64::MAX, 0),
            (0, 0, u64::MAX, i64::MAX),
            (6, i64::MIN, 0, i64::MIN),
            (0, i64::MAX, u64::MAX, i64::MAX),
        ] {
            let time = Resolution::pcapng(tsresol, offset).time(ticks);
            assert_eq!(time, Time(expected), "{tsresol:#x} {offset} {ticks}");
        }
    }
}
