//! QUIC version 1 packets (RFC 9000): Initials under their real protection (RFC 9001, section 5), the rest as noise.

use ring::aead::quic::{AES_128, HeaderProtectionKey};
use ring::aead::{AES_128_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::error::Unspecified;
use ring::hkdf::{HKDF_SHA256, KeyType, Prk, Salt};

use crate::bytes::Put;
use crate::net::Side;

/// RFC 9001, section 5.2.
const SALT: [u8; 20] = [
    0x38, 0x76, 0x2c, 0xf7, 0xf5, 0x59, 0x34, 0xb3, 0x4d, 0x17, 0x9a, 0xe6, 0xa4, 0xc8, 0x0c, 0xad, 0xcc, 0xbb, 0x7f,
    0x0a,
];
const TAG: usize = 16;
/// A packet number is written in this many bytes.
const NUMBER: usize = 2;
/// Where header protection takes its sample, from the packet number on, and how long that is.
const SAMPLE: (usize, usize) = (4, 16);
/// A datagram with an Initial packet is at least this long (RFC 9000, section 14.1).
const DATAGRAM: usize = 1200;

/// The Initial keys of one side.
pub struct Keys {
    packet: LessSafeKey,
    iv: [u8; NONCE_LEN],
    header: HeaderProtectionKey,
}

/// The connection IDs of a long header.
#[derive(Clone, Copy, Debug)]
pub struct Ids<'a> {
    /// The receiver's.
    pub dest: &'a [u8],
    /// The sender's.
    pub source: &'a [u8],
}

struct IvLength;

impl KeyType for IvLength {
    fn len(&self) -> usize {
        NONCE_LEN
    }
}

impl Keys {
    /// The keys of `sender` in a connection whose client first named the server `first`.
    pub fn derive(first: &[u8], sender: Side) -> Result<Self, Unspecified> {
        let label: &[u8] = match sender {
            Side::Client => b"\x00\x20\x0ftls13 client in\x00",
            Side::Server => b"\x00\x20\x0ftls13 server in\x00",
        };
        let initial = Salt::new(HKDF_SHA256, &SALT).extract(first);
        let secret = Prk::from(initial.expand(&[label], HKDF_SHA256)?);
        let mut iv = [0; NONCE_LEN];
        secret.expand(&[b"\x00\x0c\x0dtls13 quic iv\x00"], IvLength)?.fill(&mut iv)?;
        let key = UnboundKey::from(secret.expand(&[b"\x00\x10\x0etls13 quic key\x00"], &AES_128_GCM)?);
        let header = HeaderProtectionKey::from(secret.expand(&[b"\x00\x10\x0dtls13 quic hp\x00"], &AES_128)?);
        Ok(Self { packet: LessSafeKey::new(key), iv, header })
    }

    /// An Initial packet with these frames, padded to fill its datagram.
    pub fn initial(&self, ids: Ids<'_>, number: u16, frames: &[u8]) -> Result<Vec<u8>, Unspecified> {
        let mut packet = long_header(0xc0 | (NUMBER as u8 - 1), ids);
        packet.put_u8(0);
        let room = DATAGRAM.saturating_sub(packet.len() + 2 + NUMBER + TAG);
        let mut payload = frames.to_vec();
        payload.resize(payload.len().max(room), 0);
        packet.put_u16(0x4000 | (NUMBER + payload.len() + TAG) as u16).put_u16(number);
        let mut nonce = self.iv;
        nonce.iter_mut().rev().zip(number.to_le_bytes()).for_each(|(byte, number)| *byte ^= number);
        let nonce = Nonce::assume_unique_for_key(nonce);
        self.packet.seal_in_place_append_tag(nonce, Aad::from(&packet), &mut payload)?;
        let number_at = packet.len() - NUMBER;
        packet.put(&payload);
        self.mask(&mut packet, number_at)?;
        Ok(packet)
    }

    fn mask(&self, packet: &mut [u8], number_at: usize) -> Result<(), Unspecified> {
        let start = number_at + SAMPLE.0;
        let mask = self.header.new_mask(packet.get(start..start + SAMPLE.1).ok_or(Unspecified)?)?;
        let [first, number @ ..] = mask;
        packet.iter_mut().take(1).for_each(|byte| *byte ^= first & 0x0f);
        packet.iter_mut().skip(number_at).take(NUMBER).zip(number).for_each(|(byte, mask)| *byte ^= mask);
        Ok(())
    }
}

/// A CRYPTO frame: `bytes` of the handshake from `offset` on.
pub fn crypto(offset: usize, bytes: &[u8]) -> Vec<u8> {
    let mut out = vec![6];
    out.put_u16(0x4000 | offset as u16).put_u16(0x4000 | bytes.len() as u16).put(bytes);
    out
}

/// An ACK frame of the packet numbers up to `largest`.
pub fn ack(largest: u8) -> Vec<u8> {
    vec![2, largest, 0, 0, largest]
}

/// A Handshake packet around sealed bytes.
pub fn handshake(ids: Ids<'_>, sealed: &[u8]) -> Vec<u8> {
    let mut out = long_header(0xe1, ids);
    out.put_u16(0x4000 | sealed.len() as u16).put(sealed);
    out
}

/// A packet of the connection's own keys, for the receiver's ID.
pub fn short(dest: &[u8], sealed: &[u8]) -> Vec<u8> {
    let mut out = vec![0x41];
    out.put(dest).put(sealed);
    out
}

fn long_header(first: u8, ids: Ids<'_>) -> Vec<u8> {
    let mut out = Vec::with_capacity(DATAGRAM + 300);
    out.put_u8(first).put_u32(1).put_prefixed(1, ids.dest).put_prefixed(1, ids.source);
    out
}
