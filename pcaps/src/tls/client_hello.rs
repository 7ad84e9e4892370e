//! ClientHello messages (RFC 8446, section 4.1.2; RFC 5246, section 7.4.1.2).

use super::{HANDSHAKE, handshake, hello_records, record};
use crate::bytes::{Put, u16s};
use crate::random::Random;

/// Extension numbers (IANA) in use here.
mod extension {
    pub(super) const SERVER_NAME: u16 = 0;
    pub(super) const SUPPORTED_GROUPS: u16 = 10;
    pub(super) const EC_POINT_FORMATS: u16 = 11;
    pub(super) const SIGNATURE_ALGORITHMS: u16 = 13;
    pub(super) const ALPN: u16 = 16;
    pub(super) const EXTENDED_MASTER_SECRET: u16 = 23;
    pub(super) const SESSION_TICKET: u16 = 35;
    pub(super) const PRE_SHARED_KEY: u16 = 41;
    pub(super) const EARLY_DATA: u16 = 42;
    pub(super) const SUPPORTED_VERSIONS: u16 = 43;
    pub(super) const COOKIE: u16 = 44;
    pub(super) const PSK_KEY_EXCHANGE_MODES: u16 = 45;
    pub(super) const KEY_SHARE: u16 = 51;
    pub(super) const RENEGOTIATION_INFO: u16 = 0xff01;
}

/// Group numbers (IANA): X25519, P-256, and the hybrid of X25519 with ML-KEM-768.
pub(super) const X25519: u16 = 0x001d;
pub(super) const SECP256R1: u16 = 0x0017;
pub(super) const X25519_MLKEM768: u16 = 0x11ec;

/// ECDSA and RSA, with PSS and without.
const SIGNATURE_SCHEMES: [u16; 8] = [0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601];

/// A ClientHello, with everything in it that a story varies.
#[derive(Clone, Debug)]
pub struct ClientHello {
    /// Server name, if it has one.
    pub name: Option<String>,
    /// Whether TLS 1.3 is offered beside 1.2.
    pub offers_tls13: bool,
    /// Groups of the key shares.
    pub shares: Vec<u16>,
    /// Session id of TLS 1.2, or the compatibility id of 1.3.
    pub session_id: Vec<u8>,
    /// Session ticket of TLS 1.2; empty asks for one.
    pub ticket: Vec<u8>,
    /// Identity of a pre-shared key.
    pub psk: Option<Vec<u8>>,
    /// Whether early data follows.
    pub early_data: bool,
    /// Cookie of a HelloRetryRequest.
    pub cookie: Vec<u8>,
    /// Seeds what is random in it.
    pub seed: String,
}

impl ClientHello {
    /// A hello that offers TLS 1.2 at most.
    pub fn tls12(name: &str) -> Self {
        Self {
            name: Some(name.to_owned()),
            offers_tls13: false,
            shares: Vec::new(),
            session_id: Vec::new(),
            ticket: Vec::new(),
            psk: None,
            early_data: false,
            cookie: Vec::new(),
            seed: name.to_owned(),
        }
    }

    /// A hello that offers TLS 1.3 and 1.2, with one X25519 share.
    pub fn tls13(name: &str) -> Self {
        let session_id = Random::named(&format!("session id {name}")).bytes(32);
        Self { offers_tls13: true, shares: vec![X25519], session_id, ..Self::tls12(name) }
    }

    /// A hello of TLS 1.3 with a hybrid share of 1,216 bytes: two segments.
    pub fn post_quantum(name: &str) -> Self {
        Self { shares: vec![X25519_MLKEM768, X25519], ..Self::tls13(name) }
    }

    /// The same without a server name.
    pub fn nameless(self) -> Self {
        Self { name: None, ..self }
    }

    /// The second hello after a HelloRetryRequest: same random, the cookie, a share of P-256.
    pub fn retried(&self) -> Self {
        Self { shares: vec![SECP256R1], cookie: vec![0xc0; 16], ..self.clone() }
    }

    /// The handshake message.
    pub fn message(&self) -> Vec<u8> {
        let mut body = Vec::new();
        body.put_u16(0x0303).put(&Random::named(&self.seed).bytes(32));
        body.put_prefixed(1, &self.session_id);
        body.put_prefixed(2, &u16s(self.ciphers()));
        body.put_prefixed(1, &[0]);
        body.put_prefixed(2, &self.extensions());
        handshake(1, &body)
    }

    /// The message in one record, of version 0x0301 as every first hello.
    pub fn record(&self) -> Vec<u8> {
        record(HANDSHAKE, 0x0301, &self.message())
    }

    /// The message in records of at most `size` bytes of content.
    pub fn records(&self, size: usize) -> Vec<u8> {
        hello_records(&self.message(), size)
    }

    fn ciphers(&self) -> &'static [u16] {
        const TLS13_AND_TLS12: [u16; 9] = [0x1301, 0x1302, 0x1303, 0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9, 0xcca8];
        if self.offers_tls13 { &TLS13_AND_TLS12 } else { TLS13_AND_TLS12.get(3..).unwrap_or_default() }
    }

    fn extensions(&self) -> Vec<u8> {
        use extension::*;
        let mut out = Vec::new();
        if let Some(name) = &self.name {
            add(&mut out, SERVER_NAME, &server_name(name));
        }
        add(&mut out, EXTENDED_MASTER_SECRET, &[]);
        add(&mut out, RENEGOTIATION_INFO, &[0]);
        add(&mut out, SUPPORTED_GROUPS, &prefixed16(&u16s(&self.groups())));
        add(&mut out, EC_POINT_FORMATS, &[1, 0]);
        add(&mut out, SESSION_TICKET, &self.ticket);
        add(&mut out, ALPN, &prefixed16(b"\x02h2\x08http/1.1"));
        add(&mut out, SIGNATURE_ALGORITHMS, &prefixed16(&u16s(&SIGNATURE_SCHEMES)));
        if self.offers_tls13 {
            self.tls13_extensions(&mut out);
        }
        out
    }

    /// Those of TLS 1.3; the pre-shared key must stand last.
    fn tls13_extensions(&self, out: &mut Vec<u8>) {
        use extension::*;
        add(out, KEY_SHARE, &prefixed16(&self.key_shares()));
        add(out, PSK_KEY_EXCHANGE_MODES, &[1, 1]);
        add(out, SUPPORTED_VERSIONS, &[4, 3, 4, 3, 3]);
        if !self.cookie.is_empty() {
            add(out, COOKIE, &prefixed16(&self.cookie));
        }
        if self.early_data {
            add(out, EARLY_DATA, &[]);
        }
        if let Some(identity) = &self.psk {
            add(out, PRE_SHARED_KEY, &self.pre_shared_key(identity));
        }
    }

    fn groups(&self) -> Vec<u16> {
        let hybrid = self.shares.contains(&X25519_MLKEM768).then_some(X25519_MLKEM768);
        hybrid.into_iter().chain([X25519, SECP256R1, 0x0018]).collect()
    }

    fn key_shares(&self) -> Vec<u8> {
        let mut random = Random::named(&format!("share {}", self.seed));
        let mut out = Vec::new();
        for group in &self.shares {
            let mut share = random.bytes(share_length(*group));
            if let (SECP256R1, Some(first)) = (*group, share.first_mut()) {
                *first = 4; // uncompressed point
            }
            out.put_u16(*group).put_prefixed(2, &share);
        }
        out
    }

    fn pre_shared_key(&self, identity: &[u8]) -> Vec<u8> {
        let mut identities = Vec::new();
        identities.put_prefixed(2, identity).put_u32(0x0bad_cafe);
        let mut binders = Vec::new();
        binders.put_prefixed(1, &Random::named(&format!("binder {}", self.seed)).bytes(32));
        let mut out = prefixed16(&identities);
        out.put_prefixed(2, &binders);
        out
    }
}

/// Length of a client's share (RFC 8446, section 4.2.8.2; draft-ietf-tls-ecdhe-mlkem).
fn share_length(group: u16) -> usize {
    match group {
        X25519_MLKEM768 => 1_216,
        SECP256R1 => 65,
        _ => 32,
    }
}

fn server_name(name: &str) -> Vec<u8> {
    let mut entry = vec![0];
    entry.put_prefixed(2, name.as_bytes());
    prefixed16(&entry)
}

fn prefixed16(body: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    out.put_prefixed(2, body);
    out
}

/// Adds an extension to a list.
pub(super) fn add(list: &mut Vec<u8>, number: u16, body: &[u8]) {
    list.put_u16(number).put_prefixed(2, body);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_agree_with_what_follows() {
        let record = ClientHello::post_quantum("www.example").record();
        assert_eq!(usize::from(u16::from_be_bytes([record[3], record[4]])), record.len() - 5);
        assert_eq!(usize::from(u16::from_be_bytes([record[7], record[8]])), record.len() - 9);
    }

    #[test]
    fn the_same_story_has_the_same_hello() {
        assert_eq!(ClientHello::tls13("a.example").record(), ClientHello::tls13("a.example").record());
        assert_ne!(ClientHello::tls13("a.example").record(), ClientHello::tls13("b.example").record());
    }

    #[test]
    fn a_post_quantum_hello_fills_more_than_a_segment() {
        assert!(ClientHello::post_quantum("a.example").record().len() > 1_460);
    }
}
