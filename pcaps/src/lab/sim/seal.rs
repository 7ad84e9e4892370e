//! What stands for encryption: simulated ends read it, and to anybody else it is noise.
//!
//! Eight bytes of nonce, and the message under the keystream that follows from it. It hides nothing from who knows this
//! file, and it is not meant to.

use crate::random::Random;

/// Bytes before the message.
const NONCE: usize = 8;

/// A message under a nonce, filled up to `length` bytes in all, or as long as it must be.
pub(super) fn seal(nonce: u64, message: &[u8], length: usize) -> Vec<u8> {
    let mut out = nonce.to_be_bytes().to_vec();
    let padded = message.len().max(length.saturating_sub(NONCE));
    let stream = keystream(nonce, padded);
    out.extend(message.iter().chain(std::iter::repeat(&0)).zip(stream).map(|(byte, mask)| byte ^ mask));
    out
}

/// The message with what fills it up.
pub(super) fn open(sealed: &[u8]) -> Option<Vec<u8>> {
    let (nonce, body) = sealed.split_first_chunk::<NONCE>()?;
    let stream = keystream(u64::from_be_bytes(*nonce), body.len());
    Some(body.iter().zip(stream).map(|(byte, mask)| byte ^ mask).collect())
}

fn keystream(nonce: u64, length: usize) -> Vec<u8> {
    Random::named(&nonce.to_string()).bytes(length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_opens_and_looks_like_noise() {
        let sealed = seal(7, b"message", 40);
        assert_eq!(sealed.len(), 40);
        assert!(open(&sealed).unwrap().starts_with(b"message\0\0"));
        assert_ne!(seal(8, b"message", 40)[8..], sealed[8..]);
        assert_eq!(open(b"short"), None);
    }
}
