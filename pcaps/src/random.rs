//! A small deterministic generator: the same story gives the same bytes, for ever and everywhere.

/// SplitMix64 (Steele, Lea, Flood 2014). No secret depends on it.
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    /// A generator for a thing with this name (FNV-1a of the name is the seed).
    pub fn named(name: &str) -> Self {
        Self(
            name.bytes()
                .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)),
        )
    }

    /// The next 64 bits.
    pub fn next_u64(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// The next 32 bits.
    pub fn next_u32(&mut self) -> u32 {
        (self.next_u64() >> 32) as u32
    }

    /// The next 16 bits.
    pub fn next_u16(&mut self) -> u16 {
        (self.next_u64() >> 48) as u16
    }

    /// `length` bytes.
    pub fn bytes(&mut self, length: usize) -> Vec<u8> {
        (0..length).map(|_| (self.next_u64() >> 56) as u8).collect()
    }

    /// A number below `bound`; 0 where nothing lies below.
    pub fn below(&mut self, bound: usize) -> usize {
        // Lemire's multiplication; its bias is below 2^-32 here.
        ((u64::from(self.next_u32()) * bound as u64) >> 32) as usize
    }

    /// A number from `low` to below `high`.
    pub fn between(&mut self, low: u64, high: u64) -> u64 {
        low + self.next_u64() % high.saturating_sub(low).max(1)
    }

    /// A number from 0 to below 1, of 53 bits.
    pub fn fraction(&mut self) -> f64 {
        (self.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Whether something of this probability happens.
    pub fn happens(&mut self, probability: f64) -> bool {
        self.fraction() < probability
    }

    /// One of `items`, which are not empty.
    pub fn one_of<T: Copy + Default>(&mut self, items: &[T]) -> T {
        items.get(self.below(items.len())).copied().unwrap_or_default()
    }

    /// Puts `items` into any order (Fisher and Yates).
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for at in (1..items.len()).rev() {
            items.swap(at, self.below(at + 1));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splitmix64_gives_its_reference_values() {
        // First outputs for seed 0 of the authors' C code.
        let mut random = Random(0);
        assert_eq!(random.next_u64(), 0xe220_a839_7b1d_cdaf);
        assert_eq!(random.next_u64(), 0x6e78_9e6a_a1b9_65f4);
    }

    #[test]
    fn a_name_is_a_seed() {
        assert_eq!(Random::named("a").bytes(9), Random::named("a").bytes(9));
        assert_ne!(Random::named("a").bytes(9), Random::named("b").bytes(9));
    }

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
        assert!((0..1000).all(|_| (0.0..1.0).contains(&random.fraction())));
        assert!(!random.happens(0.0) && random.happens(1.0));
    }
}
