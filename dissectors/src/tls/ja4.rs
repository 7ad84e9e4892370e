//! JA4 (github.com/FoxIO-LLC/ja4, technical_details/JA4.md; BSD 3-Clause): the client's fingerprint only, none of the
//! others of its family, whose licence forbids it.

use super::{ClientHello, is_grease};
use ring::digest::{SHA256, digest};
use std::fmt;
use tls_parser::TlsExtensionType;

/// What carries the hello.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    /// TLS over TCP.
    Tcp,
    /// QUIC.
    Quic,
    /// DTLS.
    Dtls,
}

/// A JA4 fingerprint.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Ja4([u8; 36]);

impl Ja4 {
    /// Its 36 characters as bytes of ASCII.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Its 36 characters.
    pub fn as_str(&self) -> &str {
        // Made of ASCII only.
        str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl fmt::Display for Ja4 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Ja4 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl ClientHello<'_> {
    /// The JA4 fingerprint. Where many hellos pass, a [`Ja4Cache`](super::Ja4Cache) gives the same for less.
    pub fn ja4(&self, transport: Transport) -> Ja4 {
        let (mut ciphers, mut extensions) =
            (without_grease(self.ciphers.iter()), without_grease(self.extensions.kinds()));
        let prefix = prefix(self, transport, ciphers.len(), extensions.len());
        extensions.retain(|&kind| !is_in_prefix(kind));
        ciphers.sort_unstable();
        extensions.sort_unstable();
        let ciphers = hex_list(&ciphers);
        let mut extensions = hex_list(&extensions);
        let signature_algorithms = hex_list(&without_grease(self.signature_algorithms.iter()));
        if !extensions.is_empty() && !signature_algorithms.is_empty() {
            extensions.push(b'_');
            extensions.extend(signature_algorithms);
        }
        let mut text = [b'_'; 36];
        let parts = [(0, &prefix[..]), (11, &short_hash(&ciphers)), (24, &short_hash(&extensions))];
        for (at, part) in parts {
            text.iter_mut().skip(at).zip(part).for_each(|(to, from)| *to = *from);
        }
        Ja4(text)
    }
}

fn without_grease(values: impl Iterator<Item = u16>) -> Vec<u16> {
    values.filter(|&value| !is_grease(value)).collect()
}

/// Whether the readable part tells of this extension, so that it is not among those hashed.
fn is_in_prefix(kind: u16) -> bool {
    kind == TlsExtensionType::ServerName.0 || kind == TlsExtensionType::ApplicationLayerProtocolNegotiation.0
}

/// The readable part: transport, version, whether a name is sent, counts, ends of the first protocol.
pub(super) fn prefix(hello: &ClientHello<'_>, transport: Transport, ciphers: usize, extensions: usize) -> [u8; 10] {
    let transport = match transport {
        Transport::Tcp => b't',
        Transport::Quic => b'q',
        Transport::Dtls => b'd',
    };
    let [v0, v1] = version_code(highest_version(hello));
    let name = if hello.names_server { b'd' } else { b'i' };
    let [c0, c1] = two_digits(ciphers);
    let [e0, e1] = two_digits(extensions);
    let [a0, a1] = protocol_ends(hello.alpn.clone().next().unwrap_or_default());
    [transport, v0, v1, name, c0, c1, e0, e1, a0, a1]
}

fn highest_version(hello: &ClientHello<'_>) -> u16 {
    hello.supported_versions.iter().filter(|&version| !is_grease(version)).max().unwrap_or(hello.version)
}

fn version_code(version: u16) -> [u8; 2] {
    *match version {
        0x0304 => b"13",
        0x0303 => b"12",
        0x0302 => b"11",
        0x0301 => b"10",
        0x0300 => b"s3",
        0x0002 => b"s2",
        0xfeff => b"d1",
        0xfefd => b"d2",
        0xfefc => b"d3",
        _ => b"00",
    }
}

fn two_digits(count: usize) -> [u8; 2] {
    let count = u8::try_from(count).unwrap_or(u8::MAX).min(99);
    [b'0' + count / 10, b'0' + count % 10]
}

/// First and last character, or of the hexadecimal form if either is no ASCII letter or digit.
fn protocol_ends(protocol: &[u8]) -> [u8; 2] {
    match (protocol.first(), protocol.last()) {
        (Some(&first), Some(&last)) if first.is_ascii_alphanumeric() && last.is_ascii_alphanumeric() => [first, last],
        (Some(&first), Some(&last)) => [hex_digit(first >> 4), hex_digit(last)],
        _ => *b"00",
    }
}

fn hex_list(values: &[u16]) -> Vec<u8> {
    let mut text = Vec::with_capacity(values.len().saturating_mul(5));
    for &value in values {
        if !text.is_empty() {
            text.push(b',');
        }
        text.extend([12, 8, 4, 0].map(|shift| hex_digit((value >> shift) as u8)));
    }
    text
}

/// The first twelve digits of SHA-256, or zeros for nothing.
fn short_hash(text: &[u8]) -> [u8; 12] {
    let mut digits = [b'0'; 12];
    if !text.is_empty() {
        let hash = digest(&SHA256, text);
        let nibbles = hash.as_ref().iter().flat_map(|&byte| [hex_digit(byte >> 4), hex_digit(byte)]);
        digits.iter_mut().zip(nibbles).for_each(|(to, from)| *to = from);
    }
    digits
}

/// The digit for the lower four bits.
fn hex_digit(value: u8) -> u8 {
    match value & 0x0f {
        digit @ 0..=9 => b'0' + digit,
        letter => b'a' + (letter - 10),
    }
}
