//! Numbers that an injector fills in by a law of its own: fixed, drawn from a range, copied from what triggered it.

use std::time::Duration;

use serde::Deserialize;

use crate::random::Random;

/// A share of all, or a probability: from 0 to 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd, Deserialize)]
#[serde(try_from = "f64")]
pub struct Share(f64);

impl Share {
    /// Everything, always.
    pub const ALL: Self = Self(1.0);

    /// As a number.
    pub fn value(self) -> f64 {
        self.0
    }
}

impl TryFrom<f64> for Share {
    type Error = String;

    fn try_from(share: f64) -> Result<Self, Self::Error> {
        if (0.0..=1.0).contains(&share) { Ok(Self(share)) } else { Err(format!("{share} is no share: from 0 to 1")) }
    }
}

/// A header field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged, expecting = "a number, a range [low, high], \"copied\" or \"random\"")]
pub enum FieldLaw {
    /// Always this value.
    Fixed(u16),
    /// Drawn anew from this range, both ends included.
    Range([u16; 2]),
    /// Said in a word.
    Word(FieldWord),
}

/// A law that is no number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FieldWord {
    /// That of the packet which triggered it.
    Copied,
    /// Drawn from all values.
    Random,
}

impl FieldLaw {
    /// A value, where the trigger has `copied` in this field.
    pub fn draw(self, copied: u16, random: &mut Random) -> u16 {
        match self {
            Self::Fixed(value) => value,
            Self::Range([low, high]) => {
                u16::try_from(random.between(low.into(), u64::from(high) + 1)).unwrap_or(u16::MAX)
            }
            Self::Word(FieldWord::Copied) => copied,
            Self::Word(FieldWord::Random) => random.next_u16(),
        }
    }

    /// The same for a field of one byte.
    pub fn draw_u8(self, copied: u8, random: &mut Random) -> u8 {
        u8::try_from(self.draw(copied.into(), random)).unwrap_or(u8::MAX)
    }
}

/// How many packets or bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged, expecting = "a number or a range [low, high]")]
pub enum CountLaw {
    /// Always so many.
    Fixed(u64),
    /// Drawn from this range for each flow, both ends included.
    Range([u64; 2]),
}

impl CountLaw {
    /// A count.
    pub fn draw(self, random: &mut Random) -> u64 {
        match self {
            Self::Fixed(count) => count,
            Self::Range([low, high]) => random.between(low, high.saturating_add(1)),
        }
    }
}

/// A span of time, in milliseconds.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(untagged, expecting = "milliseconds, a range [low, high], or quantiles [[share, milliseconds], …]")]
pub enum TimeLaw {
    /// Always as long.
    Fixed(f64),
    /// Drawn evenly from this range.
    Range([f64; 2]),
    /// Drawn from a measured distribution: pairs of the share of all that is below, rising, and the value there.
    /// Values between two pairs are interpolated.
    Quantiles(Vec<[f64; 2]>),
}

impl Default for TimeLaw {
    fn default() -> Self {
        Self::Fixed(0.0)
    }
}

impl TimeLaw {
    /// A span.
    pub fn draw(&self, random: &mut Random) -> Duration {
        let ms = match self {
            Self::Fixed(ms) => *ms,
            Self::Range([low, high]) => low + (high - low) * random.fraction(),
            Self::Quantiles(pairs) => quantile(pairs, random.fraction()),
        };
        milliseconds(ms)
    }
}

/// A span of so many milliseconds; nothing that is none becomes zero.
pub fn milliseconds(ms: f64) -> Duration {
    Duration::try_from_secs_f64(ms / 1e3).unwrap_or_default()
}

fn quantile(pairs: &[[f64; 2]], share: f64) -> f64 {
    let after = pairs.partition_point(|[below, _]| *below < share);
    match (after.checked_sub(1).and_then(|before| pairs.get(before)), pairs.get(after)) {
        (Some([from, low]), Some([to, high])) => low + (high - low) * (share - from) / (to - from),
        (Some([_, value]), None) | (None, Some([_, value])) => *value,
        (None, None) => 0.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_follow_their_laws() {
        let random = &mut Random::named("laws");
        for _ in 0..200 {
            assert!((100..=102).contains(&FieldLaw::Range([100, 102]).draw(7, random)));
            assert!((5..=8).contains(&CountLaw::Range([5, 8]).draw(random)));
            let span = TimeLaw::Quantiles(vec![[0.1, 10.0], [0.5, 20.0], [0.9, 100.0]]).draw(random);
            assert!((milliseconds(10.0)..=milliseconds(100.0)).contains(&span));
        }
        assert_eq!(FieldLaw::Fixed(9).draw(7, random), 9);
        assert_eq!(FieldLaw::Word(FieldWord::Copied).draw_u8(7, random), 7);
        assert_eq!(TimeLaw::Fixed(1.5).draw(random), Duration::from_micros(1500));
        assert_eq!(milliseconds(-1.0), Duration::ZERO);
    }

    #[test]
    fn quantiles_are_interpolated() {
        let pairs = [[0.1, 10.0], [0.5, 20.0], [0.9, 100.0]];
        for (share, expected) in [(0.0, 10.0), (0.1, 10.0), (0.3, 15.0), (0.7, 60.0), (0.99, 100.0)] {
            assert!((quantile(&pairs, share) - expected).abs() < 1e-9, "{share}");
        }
        assert_eq!(quantile(&[], 0.5), 0.0);
    }
}
