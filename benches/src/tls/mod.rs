//! TLS as it is on the wire: hellos of today's clients, servers' flights, and certificates that parse. Keys, shares and
//! signatures are random bytes: no passive reader can tell.

pub mod certificates;
pub mod server;

pub use pcaps::tls::browsers as hello;

use pcaps::bytes::Put;

/// Record content types (RFC 8446, section 5.1).
const CHANGE_CIPHER_SPEC: u8 = 20;
const ALERT: u8 = 21;
const HANDSHAKE: u8 = 22;
const APPLICATION_DATA: u8 = 23;

/// A record as it is written since TLS 1.2.
fn record(kind: u8, content: &[u8]) -> Vec<u8> {
    let mut out = vec![kind];
    out.put_u16(0x0303).put_prefixed(2, content);
    out
}

/// A record of a handshake message, or of a part of one.
pub fn in_record(part: &[u8]) -> Vec<u8> {
    record(HANDSHAKE, part)
}

/// A handshake message: type, 24-bit length, body.
fn message(kind: u8, body: &[u8]) -> Vec<u8> {
    let mut out = vec![kind];
    out.put_prefixed(3, body);
    out
}

/// A record of encrypted application data, or of what TLS 1.3 hides as such.
pub fn application_data(sealed: &[u8]) -> Vec<u8> {
    record(APPLICATION_DATA, sealed)
}

/// ChangeCipherSpec.
pub fn change_cipher_spec() -> Vec<u8> {
    record(CHANGE_CIPHER_SPEC, &[1])
}

/// An encrypted Finished of TLS 1.2.
pub fn finished(sealed: &[u8]) -> Vec<u8> {
    record(HANDSHAKE, sealed)
}

/// The fatal alert `handshake_failure` in clear.
pub fn handshake_failure() -> Vec<u8> {
    record(ALERT, &[2, 40])
}
