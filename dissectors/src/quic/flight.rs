//! The server's Handshake packets, opened as far as its certificates where its secret was given.

use super::Side;
use super::assembler::Inserted;
use super::facts::{Event, QuicFacts};
use super::frame::Frame;
use super::frames::{Dialect, Frames};
use super::handshake::Handshake;
use super::header::LongPacket;
use super::held::Held;
use super::initials::{Arrival, count};
use super::protection::Keys;
use super::scratch::Scratch;
use crate::tls::secret::TrafficSecret;
use crate::tls::{CertificateList, Decryption, HandshakeType, Secret};

/// Handshake packets of one server that are opened. A chain of 64 kB, which is as much as is put together, takes 60.
const MAX_OPENED: u32 = 128;

/// What the server says behind its ServerHello.
#[derive(Clone, Debug, Default)]
pub(super) struct Flight {
    key: Key,
    stream: Handshake,
    opened: u32,
    held: Held,
}

/// What is known of the server's secret.
#[derive(Clone, Debug, Default)]
enum Key {
    /// Nothing: the ClientHello, which tells the session, is not there yet.
    #[default]
    Awaited,
    /// It.
    Given(Secret),
    /// It is not to be had, or not needed any more.
    Unwanted,
}

impl Flight {
    /// The session is known, and with it the server's secret, if there is one.
    pub(super) fn give(&mut self, secret: Option<Secret>) {
        match secret {
            Some(secret) => self.key = Key::Given(secret),
            None => *self = Self { key: Key::Unwanted, ..Self::default() },
        }
    }

    /// Bytes held.
    pub(super) fn held(&self) -> usize {
        self.stream.held() + self.held.bytes()
    }

    /// Opens a Handshake packet of the server and reads it, or keeps it for when its keys are known.
    pub(super) fn take(
        &mut self,
        packet: &LongPacket<'_>,
        arrival: &mut Arrival<'_>,
        facts: &mut QuicFacts,
        scratch: &mut Scratch,
    ) {
        match (&self.key, facts.cipher) {
            _ if packet.missing > 0 => {}
            (Key::Given(_), Some(cipher)) => self.open(packet, cipher, arrival, facts, scratch),
            (Key::Unwanted, _) => {}
            _ if self.held.keep(packet, arrival.time) => {}
            _ => count(&mut facts.damage.not_held),
        }
    }

    /// Reads what was kept, if the keys are known by now.
    pub(super) fn resume(&mut self, arrival: &mut Arrival<'_>, facts: &mut QuicFacts, scratch: &mut Scratch) {
        let (Key::Given(_), Some(cipher)) = (&self.key, facts.cipher) else { return };
        std::mem::take(&mut self.held).release(|time, packet| {
            let mut arrival = Arrival { sender: Side::Server, time, on: &mut *arrival.on };
            self.open(packet, cipher, &mut arrival, facts, scratch);
        });
    }

    fn open(
        &mut self,
        packet: &LongPacket<'_>,
        cipher: u16,
        arrival: &mut Arrival<'_>,
        facts: &mut QuicFacts,
        scratch: &mut Scratch,
    ) {
        let Key::Given(secret) = &self.key else { return };
        if self.opened >= MAX_OPENED {
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
            *self = Self { key: Key::Unwanted, ..Self::default() };
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
    keys.is_some_and(|keys| keys.open(packet, &mut scratch.opened).is_ok())
}
