//! SipHash-1-3 (Aumasson, Bernstein, "SipHash: a fast short-input PRF", 2012) over a few words that are laid out
//! beforehand. Every packet is hashed: without a buffer for bytes that come piece by piece this takes half as long.

/// The state after the key.
#[derive(Clone, Copy)]
pub(super) struct Sip([u64; 4]);

impl Sip {
    /// The paper's constants, "somepseudorandomlygeneratedbytes".
    #[inline]
    pub(super) fn new([k0, k1]: [u64; 2]) -> Self {
        Self([
            k0 ^ 0x736f_6d65_7073_6575,
            k1 ^ 0x646f_7261_6e64_6f6d,
            k0 ^ 0x6c79_6765_6e65_7261,
            k1 ^ 0x7465_6462_7974_6573,
        ])
    }

    /// The hash of a message of so many words, taken least significant byte first.
    #[inline(always)]
    pub(super) fn hash<const N: usize>(mut self, words: [u64; N]) -> u64 {
        for word in words {
            self.compress(word);
        }
        self.compress((8 * N as u64) << 56);
        self.0[2] ^= 0xff;
        for _ in 0..3 {
            self.round();
        }
        self.0[0] ^ self.0[1] ^ self.0[2] ^ self.0[3]
    }

    #[inline(always)]
    fn compress(&mut self, word: u64) {
        self.0[3] ^= word;
        self.round();
        self.0[0] ^= word;
    }

    #[inline(always)]
    fn round(&mut self) {
        let [a, b, c, d] = self.0;
        let (a, c) = (a.wrapping_add(b), c.wrapping_add(d));
        let (b, d) = (b.rotate_left(13) ^ a, d.rotate_left(16) ^ c);
        let (a, c) = (a.rotate_left(32).wrapping_add(d), c.wrapping_add(b));
        let (b, d) = (b.rotate_left(17) ^ c, d.rotate_left(21) ^ a);
        self.0 = [a, b, c.rotate_left(32), d];
    }
}

#[cfg(test)]
mod tests {
    use siphasher::sip::SipHasher13;

    use super::*;

    #[test]
    fn words_hash_as_their_bytes_do() {
        for seed in 0..1000u64 {
            let word = |i: u64| (seed * 8 + i + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(seed as u32);
            let (key, words) = ([word(0), word(1)], [2, 3, 4, 5, 6, 7].map(word));
            let bytes = words.map(u64::to_le_bytes);
            let reference = |words| SipHasher13::new_with_keys(key[0], key[1]).hash(bytes[..words].as_flattened());
            assert_eq!(Sip::new(key).hash([words[0], words[1]]), reference(2));
            assert_eq!(Sip::new(key).hash(words), reference(6));
        }
    }
}
