//! Bytes that look encrypted.

use pcaps::random::Random;

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
    fn noise_has_the_length_asked_for() {
        let noise = Noise::new();
        assert_eq!(noise.take(&mut Random::named("a"), 16_384).len(), 16_384);
        assert_ne!(noise.take(&mut Random::named("a"), 64), noise.take(&mut Random::named("b"), 64));
    }
}
