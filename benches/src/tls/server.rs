//! What servers say in the handshake.

use pcaps::bytes::Put;
use pcaps::random::Random;

use super::{HANDSHAKE, application_data, change_cipher_spec, message, record};
use crate::noise::Noise;

/// Encrypted extensions, a certificate chain, CertificateVerify and Finished of TLS 1.3, sealed.
const SEALED_FLIGHT: usize = 3_300;
/// Most content of a record in clear.
const MAX_RECORD: usize = 1 << 14;
/// A server's share of X25519MLKEM768: a ciphertext of ML-KEM-768 and a key.
const HYBRID_SHARE: usize = 1088 + 32;

/// The first flight of TLS 1.2 with a chain: ServerHello, Certificate, ServerKeyExchange, ServerHelloDone.
pub fn flight_tls12(chain: &[&[u8]], random: &mut Random) -> Vec<u8> {
    let mut list = Vec::new();
    for der in chain {
        list.put_prefixed(3, der);
    }
    let mut body = Vec::new();
    body.put_prefixed(3, &list);
    let hello = server_hello(random, 0xc02f, &[0xff, 1, 0, 1, 0, 0, 23, 0, 0, 0, 35, 0, 0]);
    let messages = [hello, message(11, &body), key_exchange(random), message(14, &[])];
    messages.iter().flat_map(|message| in_records(message)).collect()
}

/// A handshake message in as many records as it takes (RFC 8446, section 5.1).
pub fn in_records(message: &[u8]) -> Vec<u8> {
    message.chunks(MAX_RECORD).flat_map(|part| record(HANDSHAKE, part)).collect()
}

/// The last flight of TLS 1.2: a ticket, ChangeCipherSpec, Finished.
pub fn last_flight_tls12(random: &mut Random) -> Vec<u8> {
    let mut ticket = vec![0, 1, 0x51, 0x80];
    ticket.put_prefixed(2, &random.bytes(192));
    let finished = super::finished(&random.bytes(40));
    [record(HANDSHAKE, &message(4, &ticket)), change_cipher_spec(), finished].concat()
}

/// The second flight of a TLS 1.2 client: ClientKeyExchange, ChangeCipherSpec, Finished.
pub fn client_flight_tls12(random: &mut Random) -> Vec<u8> {
    let mut key = Vec::new();
    key.put_prefixed(1, &random.bytes(32));
    let finished = super::finished(&random.bytes(40));
    [record(HANDSHAKE, &message(16, &key)), change_cipher_spec(), finished].concat()
}

/// The flight of TLS 1.3: ServerHello in clear, the rest sealed.
pub fn flight_tls13(noise: &Noise, random: &mut Random) -> Vec<u8> {
    let hello = record(HANDSHAKE, &hello_tls13(random));
    [hello, change_cipher_spec(), application_data(noise.take(random, SEALED_FLIGHT))].concat()
}

/// The ServerHello message of TLS 1.3 with a hybrid share.
pub fn hello_tls13(random: &mut Random) -> Vec<u8> {
    let mut extensions = vec![0, 43, 0, 2, 3, 4, 0, 51];
    let mut share = vec![0x11, 0xec];
    share.put_prefixed(2, &random.bytes(HYBRID_SHARE));
    extensions.put_prefixed(2, &share);
    server_hello(random, 0x1301, &extensions)
}

fn server_hello(random: &mut Random, suite: u16, extensions: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    body.put_u16(0x0303).put(&random.bytes(32)).put_prefixed(1, &random.bytes(32));
    body.put_u16(suite).put_u8(0).put_prefixed(2, extensions);
    message(2, &body)
}

/// X25519, signed with RSA-PSS (RFC 8422, section 5.4).
fn key_exchange(random: &mut Random) -> Vec<u8> {
    let mut body = vec![3, 0, 0x1d];
    body.put_prefixed(1, &random.bytes(32)).put_u16(0x0804).put_prefixed(2, &random.bytes(256));
    message(12, &body)
}
