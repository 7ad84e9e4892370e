//! The ClientHello (RFC 8446, section 4.1.2; RFC 5246, section 7.4.1.2): a view over one handshake message's body.

use super::extension::{self, ENCRYPTED_CLIENT_HELLO, Extension, Extensions, Read};
use super::name;
use super::wire::{Cursor, Opaques, U16s};
use tls_parser::TlsExtensionType;

/// What a client offers. It borrows the message; copying a list out of it is the caller's choice.
///
/// Where an extension stands twice the first one counts, and the second one is counted as malformed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ClientHello<'a> {
    /// The message's body, the four bytes before it not counted.
    pub body: &'a [u8],
    /// `legacy_version`; what is really offered stands in `supported_versions`.
    pub version: u16,
    /// The client's 32 random bytes.
    pub random: &'a [u8],
    /// The session to resume (up to TLS 1.2), or arbitrary bytes for the sake of middleboxes (TLS 1.3). Lengths over the
    /// 32 bytes that are allowed are tolerated.
    pub session_id: &'a [u8],
    /// The cipher suites in the client's order, GREASE included.
    pub ciphers: U16s<'a>,
    /// The compression methods.
    pub compression: &'a [u8],
    /// All extensions.
    pub extensions: Extensions<'a>,
    /// `supported_versions`, GREASE included; empty if not sent.
    pub supported_versions: U16s<'a>,
    /// `supported_groups`, GREASE included.
    pub groups: U16s<'a>,
    /// `ec_point_formats`.
    pub point_formats: &'a [u8],
    /// `signature_algorithms`, GREASE included.
    pub signature_algorithms: U16s<'a>,
    /// The protocols in `application_layer_protocol_negotiation`.
    pub alpn: Opaques<'a>,
    /// The first non-empty `host_name` in `server_name` as sent; see [`ClientHello::server_name`].
    pub host_name: Option<&'a [u8]>,
    /// Whether the `server_name` extension is there, with a name or without.
    pub names_server: bool,
    /// The content of `session_ticket`: empty asks for a ticket, anything else is one (RFC 5077, section 3.2).
    pub session_ticket: Option<&'a [u8]>,
    /// Whether `pre_shared_key` is there, so that a session is offered for resumption (RFC 8446, section 4.2.11).
    pub pre_shared_key: bool,
    /// Whether `early_data` is there, so that application data may follow at once.
    pub early_data: bool,
    /// Whether a form of encrypted hello is there. Most are GREASE, so this does not mean that the name is hidden.
    pub encrypted: Option<EncryptedHello>,
    /// How many things were malformed: a list or extension whose lengths do not fit, one that stands twice, bytes left
    /// over.
    pub malformed: u32,
    key_shares: &'a [u8],
}

/// The form of an encrypted hello.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EncryptedHello {
    /// `encrypted_client_hello` (RFC 9849).
    Ech,
    /// `encrypted_server_name`, its predecessor (draft-ietf-tls-esni up to 06).
    Esni,
}

impl<'a> ClientHello<'a> {
    /// Reads a ClientHello's body, the bytes after the handshake header of four bytes.
    ///
    /// `None` if it ends before its list of compression methods does. Whatever else is wrong is counted in `malformed`.
    pub fn parse(body: &'a [u8]) -> Option<Self> {
        let mut cursor = Cursor::new(body);
        let version = cursor.u16()?;
        let random = cursor.take(32)?;
        let session_id = cursor.vector8()?;
        let ciphers = cursor.vector16()?;
        let compression = cursor.vector8()?;
        let mut hello = Self { body, version, random, session_id, compression, ..Self::default() };
        hello.ciphers = hello.note(extension::u16s((ciphers, true)));
        // Before TLS 1.2 the message could end here.
        if !cursor.is_empty() {
            let extensions = hello.note(extension::vector16(cursor.rest()));
            hello.read_extensions(Extensions::new(extensions));
        }
        Some(hello)
    }

    /// The server name: lower case, without trailing dots, hostile bytes escaped ([`name::server_name`]). `None` if no
    /// name is sent.
    pub fn server_name(&self) -> Option<String> {
        self.host_name.and_then(name::server_name)
    }

    /// The groups for which a key share is sent, GREASE included.
    pub fn key_share_groups(&self) -> impl Iterator<Item = u16> + Clone + 'a {
        // A key share entry is a group and a vector, as an extension is a type and a vector.
        Extensions::new(self.key_shares).kinds()
    }

    /// Whether a session is offered for resumption by ticket or pre-shared key. Resumption by session id shows only when
    /// the server echoes a non-empty `session_id` in TLS 1.2 or below.
    pub fn offers_resumption(&self) -> bool {
        self.pre_shared_key || self.session_ticket.is_some_and(|ticket| !ticket.is_empty())
    }

    /// Whether a cipher suite or an extension is a GREASE value.
    pub fn has_grease(&self) -> bool {
        self.ciphers.iter().chain(self.extensions.kinds()).any(super::is_grease)
    }

    fn read_extensions(&mut self, extensions: Extensions<'a>) {
        self.extensions = extensions;
        let mut seen = Seen::default();
        let mut walk = extensions;
        for extension in &mut walk {
            let first = seen.first(extension.kind);
            self.note(((), first && extension.whole));
            if first {
                self.read_extension(extension);
            }
        }
        self.note(((), walk.rest().is_empty()));
    }

    fn read_extension(&mut self, Extension { kind, data, .. }: Extension<'a>) {
        match TlsExtensionType(kind) {
            TlsExtensionType::ServerName => self.read_server_name(data),
            TlsExtensionType::SupportedGroups => self.groups = self.note(extension::u16s(extension::vector16(data))),
            TlsExtensionType::EcPointFormats => self.point_formats = self.note(extension::vector8(data)),
            TlsExtensionType::SignatureAlgorithms => {
                self.signature_algorithms = self.note(extension::u16s(extension::vector16(data)));
            }
            TlsExtensionType::ApplicationLayerProtocolNegotiation => self.read_alpn(data),
            TlsExtensionType::SupportedVersions => {
                self.supported_versions = self.note(extension::u16s(extension::vector8(data)));
            }
            TlsExtensionType::KeyShare | TlsExtensionType::KeyShareOld => self.read_key_shares(data),
            TlsExtensionType::SessionTicketTLS => self.session_ticket = Some(data),
            TlsExtensionType::PreSharedKey => self.pre_shared_key = true,
            TlsExtensionType::EarlyData => self.early_data = true,
            TlsExtensionType::EncryptedServerName => self.encrypted = Some(EncryptedHello::Esni),
            ENCRYPTED_CLIENT_HELLO => self.encrypted = Some(EncryptedHello::Ech),
            _ => {}
        }
    }

    /// RFC 6066, section 3: a list of names of which only `host_name` (0) was ever defined.
    fn read_server_name(&mut self, data: &'a [u8]) {
        self.names_server = true;
        let mut list = Cursor::new(self.note(extension::vector16(data)));
        while let Some((name_type, (name, whole))) = list.u8().zip(list.vector16_or_rest()) {
            self.note(((), whole && !name.is_empty()));
            if name_type == 0 && !name.is_empty() {
                self.host_name = self.host_name.or(Some(name));
            }
        }
        self.note(((), list.is_empty() && self.host_name.is_some()));
    }

    fn read_alpn(&mut self, data: &'a [u8]) {
        self.alpn = Opaques::new(self.note(extension::vector16(data)));
        self.note(((), self.alpn.is_whole()));
    }

    fn read_key_shares(&mut self, data: &'a [u8]) {
        self.key_shares = self.note(extension::vector16(data));
        let mut entries = Extensions::new(self.key_shares);
        let whole = entries.by_ref().all(|entry| entry.whole);
        self.note(((), whole && entries.rest().is_empty()));
    }

    fn note<T>(&mut self, (value, whole): Read<T>) -> T {
        self.malformed = self.malformed.saturating_add(u32::from(!whole));
        value
    }
}

/// Which of the extensions that are read stood in the list already. Their types are below 64 but for the encrypted
/// hello's, which says nothing more when it comes again.
#[derive(Default)]
struct Seen(u64);

impl Seen {
    fn first(&mut self, kind: u16) -> bool {
        let bit = 1u64.checked_shl(u32::from(kind)).unwrap_or(0);
        let first = self.0 & bit == 0;
        self.0 |= bit;
        first
    }
}
