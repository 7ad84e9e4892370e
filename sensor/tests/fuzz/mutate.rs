//! Mutations of inputs, from a small deterministic generator.

/// Values at which lengths and counters go wrong.
const INTERESTING: [u32; 14] =
    [0, 1, 0x7f, 0x80, 0xff, 0x100, 0x3fff, 0x4000, 0x7fff, 0x8000, 0xffff, 0x0100_0000, 0x7fff_ffff, u32::MAX];
/// Inputs do not grow beyond this.
const MAX_BYTES: usize = 64 << 10;
/// Most changes of one input.
const MAX_CHANGES: usize = 8;

/// Makes inputs from seeds.
pub(crate) struct Mutator {
    random: SplitMix64,
}

impl Mutator {
    pub(crate) fn new(seed: u64) -> Self {
        Self { random: SplitMix64(seed) }
    }

    /// One of `seeds`, changed in one to [`MAX_CHANGES`] places.
    pub(crate) fn mutate(&mut self, seeds: &[Vec<u8>]) -> Vec<u8> {
        let mut input = self.pick(seeds).clone();
        for _ in 0..=self.random.below(MAX_CHANGES) {
            self.change(&mut input, seeds);
            input.truncate(MAX_BYTES);
        }
        input
    }

    fn change(&mut self, input: &mut Vec<u8>, seeds: &[Vec<u8>]) {
        let at = self.random.below(input.len() + 1);
        match self.random.below(8) {
            0 | 1 => flip(input, at, 1 << self.random.below(8)),
            2 => flip(input, at, self.random.next() as u8 | 1),
            3 | 4 => self.number(input, at),
            5 => input.truncate(at),
            6 => self.splice(input, at, seeds),
            _ => self.repeat_or_remove(input, at),
        }
    }

    /// Overwrites one, two or four bytes with a number, in either byte order.
    fn number(&mut self, input: &mut [u8], at: usize) {
        let value = INTERESTING[self.random.below(INTERESTING.len())];
        let little = self.random.below(2) == 0;
        let width = 1 << self.random.below(3);
        let bytes = if little { value.to_le_bytes() } else { (value << (32 - 8 * width)).to_be_bytes() };
        for (byte, new) in input.iter_mut().skip(at).zip(bytes.into_iter().take(width)) {
            *byte = new;
        }
    }

    /// Goes on as another seed does.
    fn splice(&mut self, input: &mut Vec<u8>, at: usize, seeds: &[Vec<u8>]) {
        let other = self.pick(seeds);
        let from = self.random.below(other.len() + 1);
        input.truncate(at);
        input.extend_from_slice(&other[from..]);
    }

    fn repeat_or_remove(&mut self, input: &mut Vec<u8>, at: usize) {
        let end = at + self.random.below(input.len() - at + 1);
        if self.random.below(2) == 0 {
            input.drain(at..end);
        } else {
            let part = input[at..end].to_vec();
            input.splice(at..at, part);
        }
    }

    fn pick<'a>(&mut self, seeds: &'a [Vec<u8>]) -> &'a Vec<u8> {
        &seeds[self.random.below(seeds.len())]
    }
}

fn flip(input: &mut [u8], at: usize, bits: u8) {
    if let Some(byte) = input.get_mut(at) {
        *byte ^= bits;
    }
}

/// Sebastiano Vigna's generator (<https://prng.di.unimi.it/splitmix64.c>).
struct SplitMix64(u64);

impl SplitMix64 {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `bound`, which is not 0.
    fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound as u64) as usize
    }
}
