//! One direction of a stream: what it begins with, and then its records.

use super::handshake::Pending;
use super::item::Item;
use super::plaintext::Plaintext;
use super::sslv2::{self, First, Gather, Sslv2Hello};
use super::{CertificateFormat, CertificateList};

/// Reads one direction of a TLS stream, given contiguous bytes from its beginning on, cut anywhere.
///
/// The same bytes give the same items, however they are cut. Nothing is buffered but a handshake message that does not
/// lie whole in the bytes of one call, up to [`MAX_HELLO`](super::MAX_HELLO) or
/// [`MAX_CERTIFICATE_MESSAGE`](super::MAX_CERTIFICATE_MESSAGE), and the buffer goes with the message.
#[derive(Debug, Default)]
pub struct Reader {
    stage: Stage,
    plaintext: Plaintext,
}

#[derive(Debug, Default)]
enum Stage {
    /// Nothing is read yet.
    #[default]
    Start,
    /// The first byte may begin an SSLv2 record.
    Sslv2(Gather),
    /// An SSLv2 hello is read; SSLv2 or TLS may follow.
    AfterSslv2,
    /// TLS records.
    Tls,
    /// Nothing more is read.
    Ended,
}

impl Reader {
    /// Reads `bytes`, the next of the stream, and calls `on` with each item in order.
    pub fn read(&mut self, mut bytes: &[u8], mut on: impl FnMut(Item<'_>)) {
        while !bytes.is_empty() && !matches!(self.stage, Stage::Tls | Stage::Ended) {
            self.read_first(&mut bytes, &mut on);
        }
        if let Stage::Tls = self.stage {
            self.plaintext.read(bytes, &mut on);
        }
    }

    /// Whether a record or a handshake message was begun and is not whole.
    pub fn is_open(&self) -> bool {
        self.plaintext.is_open() || self.pending().is_some()
    }

    /// How much is missing of the handshake message that was begun, not counting the headers of records to come.
    pub fn pending(&self) -> Option<Pending> {
        match &self.stage {
            Stage::Sslv2(gather) => Some(gather.pending()),
            _ => self.plaintext.pending(),
        }
    }

    /// How many bytes are buffered.
    pub fn buffered(&self) -> usize {
        match &self.stage {
            Stage::Sslv2(gather) => gather.record().len(),
            _ => self.plaintext.buffered(),
        }
    }

    /// The first byte tells SSLv2, whose records set its highest bit, from TLS.
    fn read_first(&mut self, bytes: &mut &[u8], on: &mut impl FnMut(Item<'_>)) {
        let sslv2 = bytes.first().is_some_and(|first| first & 0x80 != 0);
        let next = match &mut self.stage {
            Stage::Start if sslv2 => Some(Stage::Sslv2(Gather::default())),
            Stage::AfterSslv2 if sslv2 => Some(Stage::Ended),
            Stage::Sslv2(gather) => {
                let next = after_sslv2(gather.read(bytes), gather.record(), on);
                if next.is_some() {
                    self.plaintext.pass(gather.record().len() as u64);
                }
                next
            }
            _ => Some(Stage::Tls),
        };
        if let Some(next) = next {
            self.stage = next;
        }
    }
}

/// Hands on what `record` turned out to be, and says what comes after it; `None` if more bytes are needed.
fn after_sslv2(first: First, record: &[u8], on: &mut impl FnMut(Item<'_>)) -> Option<Stage> {
    match first {
        First::Unsure => return None,
        First::ClientHello { .. } => {
            if let Some(hello) = Sslv2Hello::parse(record) {
                on(Item::Sslv2Hello(hello));
                return Some(if hello.version == 2 { Stage::Ended } else { Stage::AfterSslv2 });
            }
        }
        First::ServerHello { .. } => {
            on(Item::Sslv2Answer);
            let certificate = sslv2::server_certificate(record).unwrap_or_default();
            on(Item::Certificate(CertificateList::parse(certificate, CertificateFormat::Sslv2)));
        }
        First::Error => on(Item::Sslv2Answer),
        First::Other => on(Item::NotTls { offset: 0 }),
    }
    Some(Stage::Ended)
}
