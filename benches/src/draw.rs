//! Draws from the deterministic generator of the test captures.

use pcaps::random::Random;

/// What scenarios ask of chance.
pub trait Draw {
    /// A number below `bound`; 0 where nothing lies below.
    fn below(&mut self, bound: usize) -> usize;

    /// A number from `low` to below `high`.
    fn between(&mut self, low: u64, high: u64) -> u64;

    /// One of `items`, which are not empty.
    fn one_of<T: Copy + Default>(&mut self, items: &[T]) -> T {
        items.get(self.below(items.len())).copied().unwrap_or_default()
    }

    /// Puts `items` into any order (Fisher and Yates).
    fn shuffle<T>(&mut self, items: &mut [T]) {
        for at in (1..items.len()).rev() {
            items.swap(at, self.below(at + 1));
        }
    }
}

impl Draw for Random {
    fn below(&mut self, bound: usize) -> usize {
        // Lemire's multiplication; its bias is below 2^-32 here.
        ((u64::from(self.next_u32()) * bound as u64) >> 32) as usize
    }

    fn between(&mut self, low: u64, high: u64) -> u64 {
        low + self.next_u64() % high.saturating_sub(low).max(1)
    }
}

/// Bytes that look encrypted, taken from one long run of them.
#[derive(Debug)]
pub struct Noise(Vec<u8>);

/// Bytes of noise; a power of two times the longest record would repeat too soon for a compressor, not for a dissector.
const NOISE: usize = 1 << 20;

impl Noise {
    /// The run that every capture is cut from.
    pub fn new() -> Self {
        let mut random = Random::named("noise");
        Self((0..NOISE / 8).flat_map(|_| random.next_u64().to_le_bytes()).collect())
    }

    /// `length` of its bytes, from anywhere.
    pub fn take(&self, random: &mut Random, length: usize) -> &[u8] {
        let start = random.below(self.0.len().saturating_sub(length));
        self.0.get(start..start + length).unwrap_or_default()
    }
}

impl Default for Noise {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_stay_within_their_bounds() {
        let mut random = Random::named("draws");
        let mut seen = [0; 5];
        for _ in 0..1000 {
            seen[random.below(5)] += 1;
            assert!((7..9).contains(&random.between(7, 9)));
        }
        assert!(seen.iter().all(|count| *count > 150), "{seen:?}");
        assert_eq!(random.below(0), 0);
        assert_eq!(random.between(3, 3), 3);
    }

    #[test]
    fn noise_has_the_length_asked_for() {
        let noise = Noise::new();
        assert_eq!(noise.take(&mut Random::named("a"), 16_384).len(), 16_384);
        assert_ne!(noise.take(&mut Random::named("a"), 64), noise.take(&mut Random::named("b"), 64));
    }
}
