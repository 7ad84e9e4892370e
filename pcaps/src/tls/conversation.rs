//! The usual course of a handshake, for stories whose point lies elsewhere.

use super::server::{
    Answer, certificate, server_hello_done, server_hello_tls12, server_hello_tls13, server_key_exchange,
};
use super::{
    ClientHello, application_data, change_cipher_spec, handshake, handshake_record, sealed_alert, sealed_handshake,
};
use crate::bytes::Put;
use crate::net::Side::{Client, Server};
use crate::random::Random;
use crate::story::Connection;

/// Encrypted extensions, Certificate, CertificateVerify and Finished of a usual chain, in one record.
const TLS13_FLIGHT: usize = 2_890;
/// Encrypted extensions and Finished only, where a key is shared already.
const TLS13_RESUMED_FLIGHT: usize = 90;
/// Finished under SHA-256: 4 + 32 bytes, content type, tag.
const TLS13_FINISHED: usize = 53;
/// Finished of TLS 1.2 under AES-GCM: explicit nonce, 16 bytes, tag.
const TLS12_FINISHED: usize = 40;

/// The server's first flight: of TLS 1.3 if the hello offers it, otherwise of 1.2 with this chain.
pub fn answer(hello: &ClientHello, chain: &[Vec<u8>], how: Answer) -> Vec<u8> {
    if hello.offers_tls13 { tls13_flight(hello, how) } else { tls12_flight(hello, chain) }
}

/// From the answer to the end of a TLS 1.2 connection with this chain.
pub fn completes_tls12(connection: &mut Connection, hello: &ClientHello, chain: &[Vec<u8>]) {
    connection.sends(Server, &tls12_flight(hello, chain)).acks(Client);
    finishes_tls12(connection, hello);
}

/// The client's second flight in TLS 1.2: ClientKeyExchange, ChangeCipherSpec, Finished.
pub fn client_flight_tls12(seed: &str) -> Vec<u8> {
    let finished = sealed_handshake("client finished", TLS12_FINISHED);
    [handshake_record(&client_key_exchange(seed)), change_cipher_spec(), finished].concat()
}

/// The server's last flight in TLS 1.2: a ticket, ChangeCipherSpec, Finished.
pub fn last_flight_tls12(seed: &str) -> Vec<u8> {
    let finished = sealed_handshake("server finished", TLS12_FINISHED);
    [handshake_record(&new_session_ticket(seed)), change_cipher_spec(), finished].concat()
}

/// What follows the server's first flight in TLS 1.2.
pub fn finishes_tls12(connection: &mut Connection, hello: &ClientHello) {
    connection.sends(Client, &client_flight_tls12(&hello.seed));
    connection.sends(Server, &last_flight_tls12(&hello.seed));
    converses(connection);
    connection.sends(Client, &sealed_alert("close_notify"));
    connection.closes(Client);
}

/// From the answer to the end of a TLS 1.3 connection.
pub fn completes_tls13(connection: &mut Connection, hello: &ClientHello, how: Answer) {
    connection.sends(Server, &tls13_flight(hello, how)).acks(Client);
    finishes_tls13(connection);
}

/// What follows the server's first flight in TLS 1.3.
pub fn finishes_tls13(connection: &mut Connection) {
    let finished = application_data("client finished", TLS13_FINISHED);
    connection.sends(Client, &[change_cipher_spec(), finished].concat());
    converses(connection);
    connection.sends(Client, &application_data("close_notify", 19));
    connection.closes(Client);
}

/// A request and its answer.
pub fn converses(connection: &mut Connection) {
    connection.sends(Client, &application_data("request", 168));
    connection.sends(Server, &application_data("response", 940)).acks(Client);
}

fn tls12_flight(hello: &ClientHello, chain: &[Vec<u8>]) -> Vec<u8> {
    let messages =
        [server_hello_tls12(hello, Answer::Full), certificate(chain), server_key_exchange(hello), server_hello_done()];
    messages.iter().flat_map(|message| handshake_record(message)).collect()
}

fn tls13_flight(hello: &ClientHello, how: Answer) -> Vec<u8> {
    let sealed = match how {
        Answer::Full => TLS13_FLIGHT,
        Answer::Resumed => TLS13_RESUMED_FLIGHT,
    };
    let hello = handshake_record(&server_hello_tls13(hello, how));
    [hello, change_cipher_spec(), application_data("server flight", sealed)].concat()
}

fn client_key_exchange(seed: &str) -> Vec<u8> {
    let mut body = Vec::new();
    body.put_prefixed(1, &Random::named(&format!("client key {seed}")).bytes(32));
    handshake(16, &body)
}

/// NewSessionTicket of TLS 1.2 (RFC 5077): lifetime hint and opaque ticket.
fn new_session_ticket(seed: &str) -> Vec<u8> {
    let mut body = Vec::new();
    body.put_u32(7_200).put_prefixed(2, &Random::named(&format!("ticket {seed}")).bytes(176));
    handshake(4, &body)
}
