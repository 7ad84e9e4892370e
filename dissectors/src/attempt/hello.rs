//! The hellos of an attempt, owned: what outlives the bytes that they were read from.

use crate::tls::{
    self, ClientHello, Downgrade, EncryptedHello, Framing, Ja3, Ja4, Ja4Cache, Opaques, Sslv2Hello, packed,
};

/// A client's first hello.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientFacts {
    /// The server name: lower case, no trailing dot, hostile bytes escaped.
    pub server_name: Option<String>,
    /// How it was sent.
    pub form: Form,
    /// JA3, not defined for SSLv2's form.
    pub ja3: Option<Ja3>,
    /// JA4, likewise.
    pub ja4: Option<Ja4>,
    /// Whether a form of encrypted hello is in it.
    pub encrypted: Option<EncryptedHello>,
    /// What else is asked for of it, one behind the other: the list of protocols, the random, the session id and the text
    /// under JA3, packed. Of a hello of 1,800 bytes, most of them key shares, 200 are kept. Empty in SSLv2's form.
    kept: Box<[u8]>,
    /// Where in it the random begins.
    random: u32,
    /// Where in it the text begins.
    text: u32,
}

/// Bytes that the text under JA3 has room for while it is written: that of a browser's hello is some 200 long.
const TEXT: usize = 256;

/// The form of a hello.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// In TLS records.
    Records(Framing),
    /// In the CRYPTO frames of QUIC.
    Quic,
    /// In SSLv2's format, with the highest version offered.
    Sslv2 {
        /// `0x0002`, or that of SSLv3 or TLS.
        version: u16,
    },
}

impl ClientFacts {
    /// The facts of a hello in TLS records.
    pub fn of_records(hello: &ClientHello<'_>, framing: Framing, cache: &mut Ja4Cache) -> Self {
        Self::new(hello, Form::Records(framing), tls::Transport::Tcp, cache)
    }

    /// The facts of a hello in QUIC.
    pub fn of_quic(hello: &ClientHello<'_>, cache: &mut Ja4Cache) -> Self {
        Self::new(hello, Form::Quic, tls::Transport::Quic, cache)
    }

    /// The facts of a hello in SSLv2's format: it has no name, no extensions and no fingerprint.
    pub fn of_sslv2(hello: &Sslv2Hello<'_>) -> Self {
        let form = Form::Sslv2 { version: hello.version };
        Self {
            server_name: None,
            form,
            ja3: None,
            ja4: None,
            encrypted: None,
            kept: Box::default(),
            random: 0,
            text: 0,
        }
    }

    /// The protocols that it offers.
    pub fn alpn(&self) -> Opaques<'_> {
        Opaques::new(self.kept.get(..self.random as usize).unwrap_or(&[]))
    }

    /// The text under the JA3 hash; `None` in SSLv2's form.
    pub fn ja3_text(&self) -> Option<String> {
        self.ja3?;
        self.kept.get(self.text as usize..).map(packed::unpack)
    }

    /// The client's random bytes; `None` in SSLv2's form.
    pub fn random(&self) -> Option<&[u8; 32]> {
        self.kept.get(self.random as usize..)?.first_chunk()
    }

    /// Bytes that are kept of the message.
    pub(crate) fn held(&self) -> usize {
        self.kept.len()
    }

    fn session_id(&self) -> &[u8] {
        self.kept.get(self.random as usize + 32..self.text as usize).unwrap_or(&[])
    }

    fn new(hello: &ClientHello<'_>, form: Form, transport: tls::Transport, cache: &mut Ja4Cache) -> Self {
        let (alpn, random, session_id) = (hello.alpn.bytes(), hello.random, hello.session_id);
        let mut text = Vec::with_capacity(TEXT);
        let ja3 = hello.write_ja3(&mut text);
        let whole = [alpn, random, session_id];
        let before = whole.iter().map(|part| part.len()).sum::<usize>();
        let mut kept = Vec::with_capacity(before + packed::len(&text));
        whole.iter().for_each(|part| kept.extend_from_slice(part));
        packed::pack(&text, &mut kept);
        Self {
            server_name: hello.server_name(),
            form,
            ja3: Some(ja3),
            ja4: Some(cache.ja4(hello, transport)),
            encrypted: hello.encrypted,
            kept: kept.into(),
            random: alpn.len() as u32,
            text: before as u32,
        }
    }
}

/// A server's final hello.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ServerFacts {
    /// The negotiated version as on the wire; drafts of TLS 1.3 are `0x7fnn`.
    pub version: u16,
    /// The cipher suite.
    pub cipher: u16,
    /// The protocol chosen, in TLS 1.2 and below, hostile bytes escaped.
    pub alpn: Option<String>,
    /// The group of the key share.
    pub group: Option<u16>,
    /// A session is resumed: a pre-shared key was chosen, or the client's session id comes back (in TLS 1.3 it always
    /// does, and means nothing).
    pub resumed: bool,
    /// The server knows a higher version than it chose.
    pub downgrade: Option<Downgrade>,
    /// JA3S; `None` of SSLv2.
    pub ja3s: Option<Ja3>,
}

impl ServerFacts {
    /// The facts of `hello`, which answers `client`.
    pub fn new(hello: &tls::ServerHello<'_>, client: Option<&ClientFacts>) -> Self {
        let version = hello.negotiated();
        let echoes = || client.is_some_and(|client| client.session_id() == hello.session_id);
        Self {
            version,
            cipher: hello.cipher,
            alpn: hello.alpn.map(tls::escape),
            group: hello.key_share_group,
            resumed: hello.pre_shared_key || (!is_tls13(version) && !hello.session_id.is_empty() && echoes()),
            downgrade: hello.downgrade(),
            ja3s: Some(hello.ja3s()),
        }
    }

    /// The facts of an answer in SSLv2.
    pub fn sslv2() -> Self {
        Self { version: 2, ..Self::default() }
    }
}

/// Whether a negotiated version is TLS 1.3 or a draft of it (`0x7fnn`, RFC 8446 section 4.2.1 and its drafts).
pub fn is_tls13(version: u16) -> bool {
    version == 0x0304 || version >> 8 == 0x7f
}
