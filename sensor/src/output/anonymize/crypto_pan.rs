//! Crypto-PAn: pseudonyms of addresses that preserve prefixes.
//!
//! J. Xu, J. Fan, M. H. Ammar and S. B. Moon, "Prefix-Preserving IP Address Anonymization: Measurement-Based Security
//! Evaluation and a New Cryptography-Based Scheme", ICNP 2002: each bit is flipped or not as a pseudorandom function of
//! the bits before it says, so that two addresses that agree in exactly their first n bits have pseudonyms that do. The
//! function is that of the authors' program, AES-128, so that a key gives the pseudonyms that other tools give with it.
//!
//! A pseudonym hides an address from whoever lacks the key. It does not hide structure, which is its purpose: who knows
//! the real address behind one pseudonym knows the common prefixes of all others with it.

use std::array;
use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};

use aes::cipher::{BlockEncrypt as _, KeyInit as _};
use aes::{Aes128, Block};

use super::key::Key;

/// The bit of a cipher block that decides.
const FIRST: u128 = 1 << 127;

/// A key, made ready.
#[derive(Clone)]
pub(super) struct CryptoPan {
    cipher: Aes128,
    /// What follows the bits of an address in the cipher's input.
    pad: u128,
}

impl CryptoPan {
    /// The first half of the key is the cipher's, the second becomes the padding, enciphered.
    pub(super) fn new(key: &Key) -> Self {
        let cipher = Aes128::new(&key.cipher().into());
        let mut pad = Block::from(key.pad());
        cipher.encrypt_block(&mut pad);
        Self { cipher, pad: number(pad) }
    }

    pub(super) fn v4(&self, address: Ipv4Addr) -> Ipv4Addr {
        const BELOW: u32 = u128::BITS - u32::BITS;
        // The bits below are not flipped: of 32 bits, 32 flips are asked for.
        let flips = self.flips::<{ u32::BITS as usize }>(u128::from(address.to_bits()) << BELOW) >> BELOW;
        Ipv4Addr::from_bits(address.to_bits() ^ flips as u32)
    }

    pub(super) fn v6(&self, address: Ipv6Addr) -> Ipv6Addr {
        let flips = self.flips::<{ u128::BITS as usize }>(address.to_bits());
        Ipv6Addr::from_bits(address.to_bits() ^ flips)
    }

    /// Which of the first `BITS` bits of `address` are flipped. All of them are enciphered at once, which processors do
    /// several times faster than one after the other.
    fn flips<const BITS: usize>(&self, address: u128) -> u128 {
        let mut blocks: [Block; BITS] = array::from_fn(|bit| Block::from(self.input(address, bit).to_be_bytes()));
        self.cipher.encrypt_blocks(&mut blocks);
        blocks.into_iter().enumerate().fold(0, |flips, (bit, block)| flips | ((number(block) & FIRST) >> bit))
    }

    /// The cipher's input for one bit: the bits before it, then the padding's.
    fn input(&self, address: u128, bit: usize) -> u128 {
        let behind = u128::MAX >> bit;
        (address & !behind) | (self.pad & behind)
    }
}

/// Shows nothing of the key.
impl fmt::Debug for CryptoPan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CryptoPan").finish_non_exhaustive()
    }
}

fn number(block: Block) -> u128 {
    u128::from_be_bytes(block.into())
}
