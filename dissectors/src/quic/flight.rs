//! The server's Handshake packets, opened as far as its certificates where its secret was given.

use super::assembler::Inserted;
use super::facts::{Event, QuicFacts};
use super::frames::{Dialect, Frame, Frames};
use super::handshake::Handshake;
use super::header::LongPacket;
use super::initials::{Arrival, count};
use super::protection::{Keys, Scratch};
use crate::tls::secret::TrafficSecret;
use crate::tls::{CertificateList, Decryption, HandshakeType, Secret};

/// Handshake packets of one server that are opened. A chain of 64 kB, which is as much as is put together, takes 60.
const MAX_OPENED: u32 = 128;

/// What the server says behind its ServerHello.
#[derive(Clone, Debug, Default)]
pub(super) struct Flight {
    secret: Option<Secret>,
    stream: Handshake,
    opened: u32,
}

impl Flight {
    /// The server's secret is known.
    pub(super) fn give(&mut self, secret: Secret) {
        self.secret = Some(secret);
    }

    /// Opens a Handshake packet of the server and reads it.
    pub(super) fn take(
        &mut self,
        packet: &LongPacket<'_>,
        arrival: &mut Arrival<'_>,
        facts: &mut QuicFacts,
        scratch: &mut Scratch,
    ) {
        let (Some(secret), Some(cipher)) = (&self.secret, facts.cipher) else { return };
        if packet.missing > 0 || self.opened >= MAX_OPENED {
            return;
        }
        count(&mut self.opened);
        if open(packet, secret, cipher, scratch) {
            facts.decryption = Decryption::Begun;
            self.read(Frames::new(scratch.frames(), Dialect::of(packet.version)), arrival, facts);
        } else if facts.decryption == Decryption::None {
            facts.decryption = Decryption::WrongKey;
        }
        if !matches!(facts.decryption, Decryption::Begun | Decryption::WrongKey) {
            *self = Self::default();
        }
    }

    fn read(&mut self, frames: Frames<'_>, arrival: &mut Arrival<'_>, facts: &mut QuicFacts) {
        for frame in frames.flatten() {
            if let Frame::Crypto { offset, data } = frame
                && self.stream.insert(offset, data) == Inserted::Refused
            {
                count(&mut facts.damage.refused);
            }
        }
        while facts.decryption.goes_on()
            && let Some(message) = self.stream.message()
        {
            let mut on = |list: CertificateList<'_>| (arrival.on)(Event::Certificates(list));
            let read = Decryption::of_message(HandshakeType(message.kind), message.body, &mut on);
            facts.decryption = read.unwrap_or(Decryption::Begun);
            self.stream.pass();
        }
    }
}

/// Opens a packet in `scratch`.
fn open(packet: &LongPacket<'_>, secret: &Secret, cipher: u16, scratch: &mut Scratch) -> bool {
    let keys = TrafficSecret::new(secret, cipher).zip(packet.version.labels());
    let keys = keys.and_then(|(secret, labels)| Keys::of(&secret, labels).ok());
    keys.is_some_and(|keys| keys.open(packet, scratch).is_ok())
}
