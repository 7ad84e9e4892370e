//! TLS as a passive observer sees it: valid hellos, flights and chains, and seeded random bytes of the right length
//! wherever a real connection would be encrypted or signed. No key is ever computed.

pub mod browsers;
pub mod certificate;
pub mod chains;
mod client_hello;
mod conversation;
pub mod der;
mod server;

use crate::bytes::Put;
use crate::random::Random;

pub use client_hello::ClientHello;
pub use conversation::{
    answer, client_flight_tls12, completes_tls12, completes_tls13, converses, finishes_tls12, finishes_tls13,
    last_flight_tls12,
};
pub use server::{
    Answer, certificate, hello_retry_request, server_hello_done, server_hello_tls12, server_hello_tls13,
    server_key_exchange,
};

/// Record content types (RFC 8446, section 5.1).
const CHANGE_CIPHER_SPEC: u8 = 20;
const ALERT: u8 = 21;
const HANDSHAKE: u8 = 22;
const APPLICATION_DATA: u8 = 23;

/// The version that records carry since TLS 1.2.
const RECORD_VERSION: u16 = 0x0303;

/// A record of this type, version and content.
fn record(kind: u8, version: u16, content: &[u8]) -> Vec<u8> {
    let mut out = vec![kind];
    out.put_u16(version).put_prefixed(2, content);
    out
}

/// A handshake message in a record of its own.
pub fn handshake_record(message: &[u8]) -> Vec<u8> {
    record(HANDSHAKE, RECORD_VERSION, message)
}

/// Handshake messages cut into records of at most `size` bytes.
pub fn handshake_records(messages: &[u8], size: usize) -> Vec<u8> {
    messages.chunks(size).flat_map(handshake_record).collect()
}

/// A first hello in records of at most `size` bytes, of version 0x0301.
pub fn hello_records(message: &[u8], size: usize) -> Vec<u8> {
    message.chunks(size.max(1)).flat_map(|piece| record(HANDSHAKE, 0x0301, piece)).collect()
}

/// A handshake message: type, 24-bit length, body.
fn handshake(kind: u8, body: &[u8]) -> Vec<u8> {
    let mut out = vec![kind];
    out.put_prefixed(3, body);
    out
}

/// ChangeCipherSpec.
pub fn change_cipher_spec() -> Vec<u8> {
    record(CHANGE_CIPHER_SPEC, RECORD_VERSION, &[1])
}

/// An alert in clear: level (1 warning, 2 fatal) and description (RFC 8446, section 6).
pub fn alert(level: u8, description: u8) -> Vec<u8> {
    record(ALERT, RECORD_VERSION, &[level, description])
}

/// An encrypted record of the type that is seen outside, with `length` bytes of content.
fn sealed(kind: u8, label: &str, length: usize) -> Vec<u8> {
    record(kind, RECORD_VERSION, &Random::named(label).bytes(length))
}

/// An encrypted record of type 23 with `length` bytes of content.
pub fn application_data(label: &str, length: usize) -> Vec<u8> {
    sealed(APPLICATION_DATA, label, length)
}

/// A record of type 23 around content that is sealed already.
pub fn record_of_application_data(sealed: &[u8]) -> Vec<u8> {
    record(APPLICATION_DATA, RECORD_VERSION, sealed)
}

/// An encrypted handshake record of TLS 1.2: a Finished under AES-GCM is 40 bytes.
pub fn sealed_handshake(label: &str, length: usize) -> Vec<u8> {
    sealed(HANDSHAKE, label, length)
}

/// A close_notify of TLS 1.2 under AES-GCM: 26 bytes of type 21.
pub fn sealed_alert(label: &str) -> Vec<u8> {
    sealed(ALERT, label, 26)
}
