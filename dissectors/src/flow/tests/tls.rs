//! TLS bytes for stories.

fn record(content_type: u8, content: &[u8]) -> Vec<u8> {
    [&[content_type, 3, 3][..], &(content.len() as u16).to_be_bytes(), content].concat()
}

fn message(kind: u8, body: &[u8]) -> Vec<u8> {
    [&[kind][..], &(body.len() as u32).to_be_bytes()[1..], body].concat()
}

fn extension(kind: u16, data: &[u8]) -> Vec<u8> {
    [&kind.to_be_bytes()[..], &(data.len() as u16).to_be_bytes(), data].concat()
}

fn hello_message(name: &str) -> Vec<u8> {
    let entry = [&[0][..], &(name.len() as u16).to_be_bytes(), name.as_bytes()].concat();
    let list = [&(entry.len() as u16).to_be_bytes()[..], &entry].concat();
    let extensions = [extension(0, &list), extension(43, &[4, 3, 4, 3, 3]), extension(21, &[0; 200])].concat();
    let body = [
        &[3, 3][..],
        &[7; 32],
        &[4, 1, 2, 3, 4],
        &[0, 4, 0x13, 0x01, 0xc0, 0x2f],
        &[1, 0],
        &(extensions.len() as u16).to_be_bytes(),
        &extensions,
    ];
    message(1, &body.concat())
}

/// A ClientHello in one record, of the same length for names of the same length.
pub(super) fn hello(name: &str) -> Vec<u8> {
    record(22, &hello_message(name))
}

/// The same, in records of at most `len` bytes.
pub(super) fn hello_in_records(name: &str, len: usize) -> Vec<u8> {
    hello_message(name).chunks(len).flat_map(|chunk| record(22, chunk)).collect()
}

fn server_hello(version: u16, random: [u8; 32]) -> Vec<u8> {
    let versions = if version == 0x0304 { extension(43, &version.to_be_bytes()) } else { extension(23, &[]) };
    let len = (versions.len() as u16).to_be_bytes();
    let cipher: [u8; 2] = if version == 0x0304 { [0x13, 0x01] } else { [0xc0, 0x2f] };
    record(22, &message(2, &[&[3, 3][..], &random, &[0], &cipher, &[0], &len, &versions].concat()))
}

/// SHA-256 of "HelloRetryRequest", the random of one (RFC 8446 section 4.1.3).
const RETRY: [u8; 32] = [
    0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91, 0xc2, 0xa2, 0x11,
    0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c,
];

pub(super) fn retry_request() -> Vec<u8> {
    server_hello(0x0304, RETRY)
}

/// A server's flight of TLS 1.3: its hello, and records of which nothing can be read.
pub(super) fn flight13() -> Vec<u8> {
    [server_hello(0x0304, [9; 32]), record(20, &[1]), record(23, &[0xaa; 900])].concat()
}

/// A client's last flight of TLS 1.3.
pub(super) fn finished13() -> Vec<u8> {
    [record(20, &[1]), record(23, &[0xbb; 53])].concat()
}

/// A server's flight of TLS 1.2 with a chain of two certificates that are none.
pub(super) fn flight12() -> Vec<u8> {
    let certificates: Vec<u8> = [[0x31; 700], [0x32; 700]]
        .iter()
        .flat_map(|der| [&(der.len() as u32).to_be_bytes()[1..], &der[..]].concat())
        .collect();
    let chain = message(11, &[&(certificates.len() as u32).to_be_bytes()[1..], &certificates].concat());
    [server_hello(0x0303, [9; 32]), record(22, &chain), record(22, &message(14, &[]))].concat()
}

/// The last flight of either side in TLS 1.2.
pub(super) fn finished12() -> Vec<u8> {
    [record(20, &[1]), record(22, &[0xcc; 40])].concat()
}

pub(super) fn fatal_alert() -> Vec<u8> {
    record(21, &[2, 40])
}

/// Encrypted data, as early data is.
pub(super) fn data(len: usize) -> Vec<u8> {
    record(23, &vec![0xdd; len])
}
