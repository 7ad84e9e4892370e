//! The server's messages in clear.

use super::client_hello::{SECP256R1, X25519, X25519_MLKEM768, add};
use super::{ClientHello, handshake};
use crate::bytes::Put;
use crate::random::Random;

/// Extension numbers (IANA) that a ServerHello uses here.
const EXTENDED_MASTER_SECRET: u16 = 23;
const SESSION_TICKET: u16 = 35;
const PRE_SHARED_KEY: u16 = 41;
const SUPPORTED_VERSIONS: u16 = 43;
const COOKIE: u16 = 44;
const KEY_SHARE: u16 = 51;
const RENEGOTIATION_INFO: u16 = 0xff01;

/// TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256 and TLS_AES_128_GCM_SHA256.
const TLS12_SUITE: u16 = 0xc02f;
const TLS13_SUITE: u16 = 0x1301;

/// The random that makes a ServerHello a HelloRetryRequest: SHA-256 of that word (RFC 8446, section 4.1.3).
const RETRY_RANDOM: [u8; 32] = [
    0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91, 0xc2, 0xa2, 0x11,
    0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c,
];

/// How a server takes up a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It begins a new one.
    Full,
    /// It resumes the one that the hello names.
    Resumed,
}

/// ServerHello of TLS 1.2.
pub fn server_hello_tls12(hello: &ClientHello, answer: Answer) -> Vec<u8> {
    let mut extensions = Vec::new();
    add(&mut extensions, RENEGOTIATION_INFO, &[0]);
    add(&mut extensions, EXTENDED_MASTER_SECRET, &[]);
    let new_id = Random::named(&format!("server session {}", hello.seed)).bytes(32);
    let session_id = match answer {
        Answer::Full => {
            add(&mut extensions, SESSION_TICKET, &[]);
            new_id
        }
        Answer::Resumed => hello.session_id.clone(),
    };
    server_hello(&random(hello), &session_id, TLS12_SUITE, &extensions)
}

/// ServerHello of TLS 1.3.
pub fn server_hello_tls13(hello: &ClientHello, answer: Answer) -> Vec<u8> {
    let mut share = Vec::new();
    let group = hello.shares.first().copied().unwrap_or(X25519);
    share.put_u16(group).put_prefixed(2, &server_share(group, &hello.seed));
    let mut extensions = Vec::new();
    add(&mut extensions, SUPPORTED_VERSIONS, &[3, 4]);
    add(&mut extensions, KEY_SHARE, &share);
    if answer == Answer::Resumed {
        add(&mut extensions, PRE_SHARED_KEY, &[0, 0]);
    }
    server_hello(&random(hello), &hello.session_id, TLS13_SUITE, &extensions)
}

/// HelloRetryRequest that asks for a share of P-256 and hands out a cookie.
pub fn hello_retry_request(hello: &ClientHello) -> Vec<u8> {
    let mut cookie = Vec::new();
    cookie.put_prefixed(2, &hello.retried().cookie);
    let mut extensions = Vec::new();
    add(&mut extensions, SUPPORTED_VERSIONS, &[3, 4]);
    add(&mut extensions, KEY_SHARE, &[0, 0x17]);
    add(&mut extensions, COOKIE, &cookie);
    server_hello(&RETRY_RANDOM, &hello.session_id, TLS13_SUITE, &extensions)
}

/// Certificate of TLS 1.2: the chain as sent, leaf first (RFC 5246, section 7.4.2).
pub fn certificate(chain: &[Vec<u8>]) -> Vec<u8> {
    let mut list = Vec::new();
    for der in chain {
        list.put_prefixed(3, der);
    }
    let mut body = Vec::new();
    body.put_prefixed(3, &list);
    handshake(11, &body)
}

/// ServerKeyExchange over X25519, signed with RSA-PSS (RFC 8422, section 5.4); the signature is random bytes.
pub fn server_key_exchange(hello: &ClientHello) -> Vec<u8> {
    let mut random = Random::named(&format!("key exchange {}", hello.seed));
    let mut body = vec![3];
    body.put_u16(X25519).put_prefixed(1, &random.bytes(32));
    body.put_u16(0x0804).put_prefixed(2, &random.bytes(256));
    handshake(12, &body)
}

/// ServerHelloDone.
pub fn server_hello_done() -> Vec<u8> {
    handshake(14, &[])
}

fn server_hello(random: &[u8], session_id: &[u8], suite: u16, extensions: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    body.put_u16(0x0303).put(random).put_prefixed(1, session_id);
    body.put_u16(suite).put_u8(0).put_prefixed(2, extensions);
    handshake(2, &body)
}

/// The server's share in the group of the client's first (RFC 8446, section 4.2.8.2; draft-ietf-tls-ecdhe-mlkem).
fn server_share(group: u16, seed: &str) -> Vec<u8> {
    let mut random = Random::named(&format!("server share {seed}"));
    match group {
        X25519_MLKEM768 => random.bytes(1_120),
        SECP256R1 => [vec![4], random.bytes(64)].concat(), // uncompressed point
        _ => random.bytes(32),
    }
}

fn random(hello: &ClientHello) -> Vec<u8> {
    Random::named(&format!("server random {}", hello.seed)).bytes(32)
}
