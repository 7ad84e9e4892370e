//! Certificate messages that were sent compressed (RFC 8879), unpacked into memory that is limited beforehand.
//!
//! Only encrypted handshakes have them. What is in the message is `certificate`'s.

use std::io::Read;

use brotli_decompressor::Decompressor;
use flate2::read::ZlibDecoder;
use ruzstd::decoding::{FrameDecoder, StreamingDecoder};

use super::extension::exactly;
use super::{HandshakeType, MAX_CERTIFICATE_MESSAGE};

/// `compressed_certificate` (RFC 8879, section 4).
pub(super) const COMPRESSED_CERTIFICATE: HandshakeType = HandshakeType(25);

/// The window that a Zstandard frame may ask for, in bytes: what RFC 8878, section 3.1.1.1.2, tells every decoder to take,
/// and no more. Brotli's is 16 MB at most (RFC 7932, section 9.1), zlib's 32 kB.
const ZSTD_WINDOW: u64 = 8 << 20;

/// What brotli's decoder reads at a time.
const PIECE: usize = 4096;

/// Why a chain that was sent compressed is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Failure {
    /// By a method that has no number in RFC 8879.
    Unknown,
    /// It would be longer than [`MAX_CERTIFICATE_MESSAGE`].
    Oversized,
    /// It is damaged, or is not as long as it says.
    Broken,
}

/// The body of the Certificate message in a CompressedCertificate's body.
pub(super) fn unpack(body: &[u8]) -> Result<Vec<u8>, Failure> {
    let fields = exactly(body, |cursor| Some((cursor.u16()?, cursor.u24()?, cursor.vector24()?)));
    let (method, length, packed) = fields.ok_or(Failure::Broken)?;
    if length > MAX_CERTIFICATE_MESSAGE {
        return Err(Failure::Oversized);
    }
    match method {
        1 => read(ZlibDecoder::new(packed), length),
        2 => read(Decompressor::new(packed, PIECE), length),
        3 => read(zstd(packed)?, length),
        _ => Err(Failure::Unknown),
    }
}

fn zstd(packed: &[u8]) -> Result<StreamingDecoder<&[u8], FrameDecoder>, Failure> {
    StreamingDecoder::new_with_max_window_size(packed, ZSTD_WINDOW).map_err(|_| Failure::Broken)
}

/// Reads what must be `length` bytes; one more is enough to see that it is not.
fn read(decoder: impl Read, length: usize) -> Result<Vec<u8>, Failure> {
    let mut message = Vec::new();
    let limit = u64::try_from(length).unwrap_or(u64::MAX).saturating_add(1);
    decoder.take(limit).read_to_end(&mut message).map_err(|_| Failure::Broken)?;
    if message.len() == length { Ok(message) } else { Err(Failure::Broken) }
}

/// The entry for fuzzing: any bytes as a message's body.
///
/// # Panics
///
/// If what comes out is longer than the limit: a defect in this module.
pub fn fuzz_compressed(data: &[u8]) {
    assert!(unpack(data).map_or(0, |message| message.len()) <= MAX_CERTIFICATE_MESSAGE);
}

#[cfg(test)]
pub(crate) mod tests {
    use super::{Failure, unpack};
    use crate::tls::{CertificateFormat, CertificateList, MAX_CERTIFICATE_MESSAGE};

    /// A message with two certificates, of 500 and 256 bytes: as it is, and packed by zlib 1.3, Google's brotli 1.2, and
    /// zstd 1.5.
    const LENGTH: usize = 770;
    const ZLIB: &str = "78da636060fac7c0f8c560148c38c0c0c0c008444ccc2cac6cec1c9c5cdc3cbc7cfc028242c222a262e2129252d232b272f20a8a\
                        4aca2aaa6aea1a9a5ada3aba7afa068646c626a666e6169656d636b676f6435e3f0300b0857f37";
    const BROTLI: &str = "1b0103e845c16dfb5373c1a4d442061c727a603a34cf8c02a25a09e1c6e9b402f407f96aa004d8152f7bbfefdd1917526963\
                          9d0f31e5525b1fd3bcacdb7e9cd7fdbc6300";
    const ZSTD: &str = "28b52ffd0468d50200e404000002fe0001f4300000000100000102030405060708090a0b0c0d0e0f10111213141516171819\
                        1a1b1c1d1e1f202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f000200856f0854845701178980e539";

    /// The body of a message that says `length`.
    fn body(method: u16, length: usize, packed: &[u8]) -> Vec<u8> {
        let u24 = |value: usize| u32::try_from(value).unwrap().to_be_bytes()[1..].to_vec();
        [&method.to_be_bytes()[..], &u24(length), &u24(packed.len()), packed].concat()
    }

    fn hex(text: &str) -> Vec<u8> {
        (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
    }

    /// The two certificates under each method.
    pub(crate) fn samples() -> Vec<Vec<u8>> {
        [ZLIB, BROTLI, ZSTD].into_iter().zip(1..).map(|(packed, method)| body(method, LENGTH, &hex(packed))).collect()
    }

    #[test]
    fn every_method_of_the_standard() {
        for sample in samples() {
            let message = unpack(&sample).unwrap();
            let list = CertificateList::parse(&message, CertificateFormat::Tls13);
            assert_eq!(list.iter().map(<[u8]>::len).collect::<Vec<_>>(), [500, 256]);
            assert!(!list.is_malformed());
        }
    }

    #[test]
    fn what_does_not_unpack_to_what_it_says() {
        for (packed, method) in [ZLIB, BROTLI, ZSTD].into_iter().zip(1..) {
            let packed = hex(packed);
            for length in [0, LENGTH - 1, LENGTH + 1, MAX_CERTIFICATE_MESSAGE] {
                assert_eq!(unpack(&body(method, length, &packed)), Err(Failure::Broken), "{method} {length}");
            }
            assert_eq!(unpack(&body(method, MAX_CERTIFICATE_MESSAGE + 1, &packed)), Err(Failure::Oversized));
            for cut in [0, 1, packed.len() / 2] {
                assert_eq!(unpack(&body(method, LENGTH, &packed[..cut])), Err(Failure::Broken), "{method} {cut}");
            }
            let whole = body(method, LENGTH, &packed);
            assert_eq!(unpack(&whole[..whole.len() - 1]), Err(Failure::Broken));
        }
        assert_eq!(unpack(&body(4, LENGTH, &hex(ZLIB))), Err(Failure::Unknown));
        assert_eq!(unpack(&[]), Err(Failure::Broken));
    }

    /// A frame header that asks for a window of 16 MB.
    #[test]
    fn a_window_beyond_the_limit_is_not_given() {
        let greedy = hex("28b52ffd0070010000");
        assert_eq!(unpack(&body(3, LENGTH, &greedy)), Err(Failure::Broken));
    }
}
