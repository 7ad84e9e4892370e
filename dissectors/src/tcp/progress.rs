//! How far a handshake went: the items of both directions' TLS become the facts of one attempt.

use std::sync::Arc;

use crate::attempt::{Alert, ClientFacts, Hello, MAX_ALERTS, ServerFacts, Side, TlsProgress, is_tls13};
use crate::shared::Shared;
use crate::tcp::origin::Origin;
use crate::time::Time;
use crate::tls::{
    AlertSeverity, CertificateList, ClientHello, Decryption, Framing, HandshakeType, Item, Opener, ServerHello,
};
use crate::x509::Certificate;

/// A client's record of this size or more after the ServerHello carries more than an alert: the smallest Finished of
/// TLS 1.3 has 4 + 32 bytes, its content type and a tag of at least 8 (RFC 8446 sections 4.4.4 and 5.2, RFC 6655).
const MIN_FINISHED: u16 = 45;

/// The version of which records are decrypted; its drafts, which protect them otherwise, are not met with key logs.
const TLS13: u16 = 0x0304;

/// Content types (RFC 8446 section 5.1).
const HANDSHAKE: u8 = 22;
const APPLICATION_DATA: u8 = 23;

/// What is known of the handshake.
#[derive(Clone, Debug, Default)]
pub(crate) struct Progress {
    /// Which end is the client, once either end's hello was found.
    pub(crate) client: Option<Origin>,
    pub(crate) hello: Hello,
    pub(crate) server_hello: Option<ServerFacts>,
    pub(crate) chain: Vec<Arc<Certificate>>,
    pub(crate) tls: TlsProgress,
    /// The client's packet that is read now acknowledges nothing of the answer: what is encrypted in it is early data.
    pub(crate) unheard: bool,
    /// Where a key of this session was given, until the server's certificates are read with it.
    opener: Option<Box<Opener>>,
    /// Bytes of the hello and of the certificates that are kept to the attempt's end.
    held: usize,
}

impl Progress {
    /// Adds an item that `from` sent.
    pub(crate) fn item(&mut self, from: Origin, item: Item<'_>, time: Time, shared: &mut Shared) {
        if let Item::Ciphertext(bytes) = item {
            return self.ciphertext(from, bytes);
        }
        self.assign(from, &item);
        let side = if self.client == Some(from) { Side::Client } else { Side::Server };
        self.tls.server_began |= side == Side::Server && !matches!(item, Item::NotTls { .. });
        match item {
            Item::ClientHello(hello, framing) => self.client_hello(side, hello, framing, shared),
            Item::Sslv2Hello(hello) => {
                self.tls.history.push(side, 'c');
                self.first(side, || ClientFacts::of_sslv2(&hello));
            }
            Item::Sslv2Answer => {
                self.tls.history.push(side, 's');
                self.server_hello.get_or_insert_with(ServerFacts::sslv2);
            }
            Item::ServerHello(hello) => self.server_hello(side, hello, shared),
            Item::Certificate(list) => self.certificates(side, &list, shared),
            Item::Handshake(kind) => self.message(side, kind),
            Item::ChangeCipherSpec => self.change_cipher_spec(side),
            Item::Alert { level, description } => self.alert(side, level, description.0, time),
            Item::Encrypted { content_type, len } => {
                self.encrypted(side, content_type, len);
                self.decrypt(side, content_type, shared);
            }
            Item::Ciphertext(_) => {}
            Item::NotTls { offset } => self.tls.server_not_tls |= side == Side::Server && offset == 0,
            Item::Oversized { kind, .. } | Item::Malformed { kind } => {
                self.tls.chain_incomplete |= side == Side::Server && kind == HandshakeType::Certificate;
            }
        }
    }

    /// The first hello tells which end is which, whoever opened the connection.
    fn assign(&mut self, from: Origin, item: &Item<'_>) {
        let client = match item {
            Item::ClientHello(..) | Item::Sslv2Hello(_) => from,
            Item::ServerHello(_) | Item::Sslv2Answer => from.other(),
            _ => return,
        };
        self.client.get_or_insert(client);
    }

    /// Bytes that are kept to the attempt's end.
    pub(crate) fn held(&self) -> usize {
        self.held
    }

    fn client_hello(&mut self, side: Side, hello: &ClientHello<'_>, framing: Framing, shared: &mut Shared) {
        self.tls.history.push(side, 'c');
        self.first(side, || ClientFacts::of_records(hello, framing, &mut shared.ja4));
    }

    fn first(&mut self, side: Side, facts: impl FnOnce() -> ClientFacts) {
        if side == Side::Client {
            self.hello.count = self.hello.count.saturating_add(1);
            if self.hello.first.is_none() {
                let facts = Box::new(facts());
                self.held += facts.held();
                self.hello.first = Some(facts);
            }
        }
    }

    fn server_hello(&mut self, side: Side, hello: &ServerHello<'_>, shared: &Shared) {
        if side == Side::Client {
            return;
        }
        if hello.is_retry() {
            self.tls.history.push(side, 'j');
            self.tls.retry = true;
            self.tls.retry_version = Some(hello.negotiated());
        } else {
            self.tls.history.push(side, 's');
            let client = self.hello.first.as_deref();
            if self.server_hello.is_none() {
                self.server_hello = Some(ServerFacts::new(hello, client));
                self.use_key(hello, shared);
            }
        }
    }

    /// Begins to decrypt, where a key of this session is known.
    fn use_key(&mut self, hello: &ServerHello<'_>, shared: &Shared) {
        let random = self.hello.first.as_deref().and_then(ClientFacts::random);
        let Some(secret) = random.and_then(|random| shared.keys.server_handshake(random)) else { return };
        if hello.negotiated() == TLS13 {
            self.opener = Opener::new(secret, hello.cipher).map(Box::new);
            self.tls.decryption = if self.opener.is_some() { Decryption::Begun } else { Decryption::WrongKey };
        }
    }

    fn ciphertext(&mut self, from: Origin, bytes: &[u8]) {
        if self.client == Some(from.other())
            && let Some(opener) = &mut self.opener
        {
            opener.take(bytes);
        }
    }

    /// A record is whole: reads what the server says in it.
    fn decrypt(&mut self, side: Side, content_type: u8, shared: &mut Shared) {
        if side == Side::Client || content_type != APPLICATION_DATA {
            return;
        }
        let Some(mut opener) = self.opener.take() else { return };
        self.tls.decryption = opener.end(&mut |list| self.keep(&list, shared));
        if self.tls.decryption.goes_on() && opener.may_open() {
            self.opener = Some(opener);
        }
    }

    /// Only the server's certificates are kept: a client's own say nothing about who answered.
    fn certificates(&mut self, side: Side, list: &CertificateList<'_>, shared: &mut Shared) {
        self.tls.history.push(side, 'x');
        if side == Side::Server && self.chain.is_empty() {
            self.keep(list, shared);
        }
    }

    fn keep(&mut self, list: &CertificateList<'_>, shared: &mut Shared) {
        self.held += list.iter().map(<[u8]>::len).sum::<usize>();
        self.chain.extend(list.iter().map(|der| shared.certificates.certificate(der)));
        self.tls.chain_incomplete |= list.is_malformed() || list.omitted() > 0;
    }

    fn message(&mut self, side: Side, kind: HandshakeType) {
        self.tls.history.push(side, letter(kind));
        self.tls.client_flight |= side == Side::Client && self.server_hello.is_some();
    }

    fn change_cipher_spec(&mut self, side: Side) {
        self.tls.history.push(side, 'i');
        match side {
            Side::Client => {
                self.tls.client_ccs = true;
                self.tls.client_flight |= self.server_hello.is_some();
            }
            Side::Server => self.tls.server_ccs = true,
        }
    }

    fn alert(&mut self, from: Side, level: AlertSeverity, description: u8, time: Time) {
        self.tls.history.push(from, 'l');
        if self.tls.alerts.len() < MAX_ALERTS {
            self.tls.alerts.push(Alert { from, level: level.0, description, time });
        }
    }

    fn encrypted(&mut self, side: Side, content_type: u8, len: u16) {
        match (side, content_type) {
            (Side::Client, HANDSHAKE) => self.tls.client_finished |= self.tls.client_ccs,
            (Side::Server, HANDSHAKE) => self.tls.server_finished |= self.tls.server_ccs,
            (Side::Client, APPLICATION_DATA) if self.server_hello.is_some() && !self.unheard => {
                self.tls.client_flight = true;
                self.tls.client_encrypted = self.tls.client_encrypted.max(len);
                self.tls.client_encrypted_records = self.tls.client_encrypted_records.saturating_add(1);
            }
            (Side::Server, APPLICATION_DATA) => self.tls.server_encrypted = true,
            _ => {}
        }
        if matches!(content_type, HANDSHAKE | APPLICATION_DATA) {
            self.tls.history.push(side, if content_type == HANDSHAKE { 'f' } else { 'd' });
        }
    }

    /// Whether both sides got as far as encrypted application data.
    pub(crate) fn is_complete(&self) -> bool {
        let Some(hello) = &self.server_hello else { return false };
        let tls = &self.tls;
        if is_tls13(hello.version) {
            return self.hello.first.is_some() && tls.client_encrypted >= MIN_FINISHED;
        }
        tls.client_ccs && tls.client_finished && tls.server_ccs && tls.server_finished
    }
}

/// Zeek's letter for a message in clear that is none of those told apart above.
fn letter(kind: HandshakeType) -> char {
    match kind {
        HandshakeType::HelloRequest => 'h',
        HandshakeType::HelloVerifyRequest => 'v',
        HandshakeType::NewSessionTicket => 't',
        HandshakeType::ServerKeyExchange => 'k',
        HandshakeType::CertificateRequest => 'r',
        HandshakeType::ServerDone => 'n',
        HandshakeType::CertificateVerify => 'y',
        HandshakeType::ClientKeyExchange => 'g',
        HandshakeType::Finished => 'f',
        HandshakeType::CertificateStatus => 'u',
        _ => 'z',
    }
}
