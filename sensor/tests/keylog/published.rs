//! The published handshake of RFC 8448, section 3, in packets, and its key log.

use crate::rfc8448::{CLIENT_HELLO, CLIENT_RANDOM, SERVER_FLIGHT, SERVER_HELLO, hex};

/// The SHA-256 of the certificate that it prints.
pub(crate) const CERTIFICATE: &str = "a7ef15cef43e4b67bdb158fcc13cceef9041c8a6cef762046e825543a92bdc83";

/// A key log of the session with this secret.
pub(crate) fn key_log(secret: &str) -> String {
    format!("SERVER_HANDSHAKE_TRAFFIC_SECRET {CLIENT_RANDOM} {secret}\n")
}

/// The handshake as IPv4 packets, completed by records that nobody opens.
pub(crate) fn frames() -> [Vec<u8>; 6] {
    let hello = hex(CLIENT_HELLO);
    let server = [hex(SERVER_HELLO), hex(SERVER_FLIGHT)].concat();
    let finished = [&[23, 3, 3, 0, 53][..], &[0x5a; 53]].concat();
    let sent = u32::try_from(hello.len()).unwrap() + 1;
    let answered = u32::try_from(server.len()).unwrap() + 1;
    let (first, second) = server.split_at(400);
    [
        segment(false, 0x02, [0, 0], &[]),
        segment(true, 0x12, [0, 1], &[]),
        segment(false, 0x18, [1, 1], &hello),
        segment(true, 0x18, [1, sent], first),
        segment(true, 0x18, [401, sent], second),
        segment(false, 0x18, [sent, answered], &finished),
    ]
}

/// A segment in IPv4, without checksums; `server` sends it or is sent it.
fn segment(server: bool, flags: u8, [seq, ack]: [u32; 2], payload: &[u8]) -> Vec<u8> {
    let (client_end, server_end) = (([192, 0, 2, 1], 40_000_u16), ([198, 51, 100, 1], 443_u16));
    let (source, dest) = if server { (server_end, client_end) } else { (client_end, server_end) };
    let length = u16::try_from(40 + payload.len()).unwrap().to_be_bytes();
    let ip = [&[0x45, 0][..], &length, &[0, 0, 0x40, 0, 64, 6, 0, 0], &source.0, &dest.0].concat();
    let ports = [source.1.to_be_bytes(), dest.1.to_be_bytes()].concat();
    let numbers = [seq.to_be_bytes(), ack.to_be_bytes()].concat();
    [&ip[..], &ports, &numbers, &[0x50, flags, 0xff, 0xff, 0, 0, 0, 0], payload].concat()
}
