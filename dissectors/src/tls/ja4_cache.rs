//! A bounded memory of JA4 fingerprints: a network has few distinct clients (5 in 20,000 hellos), and two SHA-256 over
//! long lists cost more than finding one.

use super::ja4::prefix;
use super::{ClientHello, Ja4, Transport, U16s, is_grease};
use crate::memory::Memory;

/// Remembers fingerprints by what they are made of.
///
/// What decides is the comparison of the whole input, so that no hello is given another's fingerprint.
#[derive(Debug)]
pub struct Ja4Cache(Memory<Box<(Input, Ja4)>>);

impl Default for Ja4Cache {
    fn default() -> Self {
        Self::new(Self::DEFAULT_LIMIT)
    }
}

impl Ja4Cache {
    /// How many inputs a cache keeps unless told: at about 300 bytes each, 300 kB.
    pub const DEFAULT_LIMIT: usize = 1024;

    /// A cache of `limit` inputs.
    pub fn new(limit: usize) -> Self {
        Self(Memory::new(limit))
    }

    /// The JA4 fingerprint of `hello`.
    pub fn ja4(&mut self, hello: &ClientHello<'_>, transport: Transport) -> Ja4 {
        let Some(input) = Input::of(hello, transport) else { return hello.ja4(transport) };
        let hash = input.hash();
        if let Some(known) = self.0.recall(hash, |known| known.0 == input) {
            return known.1;
        }
        let fingerprint = hello.ja4(transport);
        self.0.remember(hash, Box::new((input, fingerprint)));
        fingerprint
    }

    /// How many inputs gave way to others.
    pub fn forgotten(&self) -> u64 {
        self.0.forgotten()
    }
}

/// Values that fit in an [`Input`]: more than twice as many as browsers have.
const VALUES: usize = 100;

/// What a JA4 is made of, free of GREASE. Extensions are taken as a set, so that hellos that browsers shuffle are equal
/// again; cipher suites as they stand, since nobody shuffles those.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Input {
    prefix: [u8; 10],
    /// The extensions below 64, a bit each.
    extensions: u64,
    /// The other extensions, sorted, then the cipher suites, then the signature algorithms.
    values: [u16; VALUES],
    /// How many values there are.
    len: usize,
    /// How many of them are cipher suites.
    ciphers: usize,
}

impl Input {
    /// `None` of a hello with too many values, or with an extension twice, of which a set knows nothing.
    fn of(hello: &ClientHello<'_>, transport: Transport) -> Option<Self> {
        let mut input = Self { prefix: [0; 10], extensions: 0, values: [0; VALUES], len: 0, ciphers: 0 };
        for kind in hello.extensions.kinds().filter(|&kind| !is_grease(kind)) {
            match 1_u64.checked_shl(u32::from(kind)) {
                Some(bit) if input.extensions & bit == 0 => input.extensions |= bit,
                Some(_) => return None,
                None => input.push(kind)?,
            }
        }
        let others = input.len;
        input.values.get_mut(..others)?.sort_unstable();
        input.extend(hello.ciphers)?;
        input.ciphers = input.len - others;
        input.extend(hello.signature_algorithms)?;
        input.prefix = prefix(hello, transport, input.ciphers, others + input.extensions.count_ones() as usize);
        Some(input)
    }

    fn extend(&mut self, values: U16s<'_>) -> Option<()> {
        values.iter().filter(|&value| !is_grease(value)).try_for_each(|value| self.push(value))
    }

    fn push(&mut self, value: u16) -> Option<()> {
        *self.values.get_mut(self.len)? = value;
        self.len += 1;
        Some(())
    }

    /// Spreads inputs over places, and needs to do no more (Fowler, Noll and Vo's way, with words for bytes).
    fn hash(&self) -> u64 {
        let words = self.values.as_chunks::<4>().0.iter().take(self.len.div_ceil(4));
        let values =
            words.map(|&[a, b, c, d]| u64::from(a) | u64::from(b) << 16 | u64::from(c) << 32 | u64::from(d) << 48);
        let mix = |hash: u64, word: u64| (hash ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29);
        values.fold(mix(self.extensions, self.len as u64), mix)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tls::tests::build::{client_hello, extension};

    fn both(cache: &mut Ja4Cache, body: &[u8]) -> (Ja4, Ja4) {
        let hello = ClientHello::parse(body).unwrap();
        (cache.ja4(&hello, Transport::Tcp), hello.ja4(Transport::Tcp))
    }

    #[test]
    fn it_gives_the_same_and_stays_bounded() {
        let mut cache = Ja4Cache::new(4);
        for round in 0..3 {
            for cipher in 0..60 {
                let (got, expected) = both(&mut cache, &client_hello(0x0303, &[cipher, 0x1a2a], None));
                assert_eq!(got, expected, "{round} {cipher}");
            }
        }
        assert!((60..=176).contains(&cache.forgotten()), "{}", cache.forgotten());
    }

    /// Values on either side of the borders between the parts of an input, of which some hellos of others differ by one.
    #[test]
    fn inputs_are_told_apart() {
        let kinds: [&[u16]; 9] =
            [&[], &[5], &[5, 5], &[64], &[64, 64], &[64, 5], &[63, 65], &[65, 63, 0x0a0a], &[0x1a1a, 0xff01, 51]];
        let ciphers: [&[u16]; 6] = [&[], &[64], &[65], &[64, 65], &[65, 64], &[0x2a2a, 64]];
        let algorithms: [&[u16]; 4] = [&[], &[64], &[65, 64], &[64, 65]];
        let mut cache = Ja4Cache::new(1 << 16);
        for _twice in 0..2 {
            for (kinds, (ciphers, algorithms)) in kinds
                .into_iter()
                .flat_map(|kinds| ciphers.into_iter().map(move |ciphers| (kinds, ciphers)))
                .flat_map(|(kinds, ciphers)| algorithms.into_iter().map(move |last| (kinds, (ciphers, last))))
            {
                let list: Vec<u8> = algorithms.iter().flat_map(|value| value.to_be_bytes()).collect();
                let algorithms = [&(list.len() as u16).to_be_bytes()[..], &list].concat();
                let mut extensions: Vec<Vec<u8>> = kinds.iter().map(|&kind| extension(kind, &[])).collect();
                extensions.push(extension(13, &algorithms));
                let (got, expected) = both(&mut cache, &client_hello(0x0303, ciphers, Some(&extensions)));
                assert_eq!(got, expected, "{kinds:?} {ciphers:?} {algorithms:?}");
            }
        }
    }

    #[test]
    fn shuffled_extensions_are_one_input() {
        let mut cache = Ja4Cache::default();
        let kinds: [u16; 7] = [0x0a0a, 51, 65281, 5, 17613, 10, 43];
        for turn in 0..kinds.len() {
            let mut shuffled = kinds;
            shuffled.rotate_left(turn);
            let extensions = shuffled.map(|kind| extension(kind, &[]));
            let (got, expected) = both(&mut cache, &client_hello(0x0303, &[1], Some(&extensions)));
            assert_eq!(got, expected);
        }
        assert_eq!(cache.0.len(), 1);
    }

    #[test]
    fn long_hellos_are_not_remembered() {
        let mut cache = Ja4Cache::default();
        for count in [99, 100, 101, 1000] {
            let ciphers: Vec<u16> = (0..count).map(|number| number * 4).collect();
            let (got, expected) = both(&mut cache, &client_hello(0x0303, &ciphers, None));
            assert_eq!(got, expected);
        }
        assert_eq!(cache.0.len(), 2);
    }
}
