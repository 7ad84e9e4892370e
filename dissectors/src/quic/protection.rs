//! Takes the protection off packets with long headers (RFC 9001, section 5; RFC 9369, section 3.3). The keys of Initial
//! packets follow from a connection ID in clear, so whoever sees the first packet can read them: they are protected
//! against accidents, not against listeners. Those of Handshake packets follow from a secret that only the ends have.

use std::fmt;
use std::ops::Range;

use ring::aead::quic::HeaderProtectionKey;
use ring::aead::{Aad, LessSafeKey, NONCE_LEN, Nonce};
use ring::error::Unspecified;

use super::header::LongPacket;
use super::version::Labels;
use crate::tls::secret::TrafficSecret;

/// Behind the first byte of the packet number stand at most three more before the bytes that header protection
/// samples (RFC 9001, section 5.4.2).
const SAMPLE_AT: usize = 4;
const SAMPLE_LENGTH: usize = 16;
/// The bits of a long header's first byte that are protected: two reserved ones and the packet number's length.
const PROTECTED_BITS: u8 = 0x0f;

/// The keys of one sender's packets.
pub(super) struct Keys {
    pub(super) packet: LessSafeKey,
    iv: [u8; NONCE_LEN],
    pub(super) header: HeaderProtectionKey,
}

/// The buffer in which packets are opened.
#[derive(Debug, Default)]
pub(super) struct Opened {
    packet: Vec<u8>,
    frames: Range<usize>,
}

impl Opened {
    /// The frames of the packet that was opened last.
    pub(super) fn frames(&self) -> &[u8] {
        self.packet.get(self.frames.clone()).unwrap_or_default()
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keys").finish_non_exhaustive()
    }
}

impl Keys {
    /// The keys that follow from a sender's secret (RFC 9001, section 5.1).
    pub(super) fn of(secret: &TrafficSecret, labels: &Labels) -> Result<Self, Unspecified> {
        Ok(Self { packet: secret.key(labels.key)?, iv: secret.iv(labels.iv)?, header: secret.header(labels.header)? })
    }

    /// Opens a packet; its frames then stand in `opened`.
    pub(super) fn open(&self, packet: &LongPacket<'_>, opened: &mut Opened) -> Result<(), Unspecified> {
        let buffer = &mut opened.packet;
        buffer.clear();
        buffer.extend_from_slice(packet.bytes);
        let (header_length, number) = self.unmask(buffer, packet.number_at).ok_or(Unspecified)?;
        let (header, payload) = buffer.split_at_mut_checked(header_length).ok_or(Unspecified)?;
        let frames = self.packet.open_in_place(self.nonce(number), Aad::from(&*header), payload)?.len();
        opened.frames = header_length..header_length.saturating_add(frames);
        Ok(())
    }

    /// Takes header protection off (RFC 9001, section 5.4.1). Returns the header's length and the packet number.
    fn unmask(&self, packet: &mut [u8], number_at: usize) -> Option<(usize, u32)> {
        let sample = packet.get(number_at.checked_add(SAMPLE_AT)?..)?.get(..SAMPLE_LENGTH)?;
        let [first_mask, number_mask @ ..] = self.header.new_mask(sample).ok()?;
        let first = packet.first_mut()?;
        *first ^= first_mask & PROTECTED_BITS;
        let length = usize::from(*first & 3) + 1;
        let bytes = packet.get_mut(number_at..)?.get_mut(..length)?;
        let mut number = 0;
        for (byte, mask) in bytes.iter_mut().zip(number_mask) {
            *byte ^= mask;
            number = (number << 8) | u32::from(*byte);
        }
        Some((number_at.checked_add(length)?, number))
    }

    /// The nonce of a packet (RFC 9001, section 5.3). A packet number is sent short only after some of its 256 (or
    /// more) predecessors were acknowledged; no handshake has so many Initial packets, so what is sent is all of it.
    pub(super) fn nonce(&self, number: u32) -> Nonce {
        let mut nonce = self.iv;
        for (byte, number) in nonce.iter_mut().rev().zip(number.to_le_bytes()) {
            *byte ^= number;
        }
        Nonce::assume_unique_for_key(nonce)
    }
}
