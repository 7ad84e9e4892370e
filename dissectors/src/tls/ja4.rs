//! JA4 (github.com/FoxIO-LLC/ja4, technical_details/JA4.md; BSD 3-Clause): the client's fingerprint only, none of the
//! others of its family, whose licence forbids it.

use super::{ClientHello, is_grease};
use ring::digest::{SHA256, digest};
use std::collections::HashMap;
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

/// What a JA4 is made of: sorted, and free of GREASE, so that hellos that browsers shuffle are equal again.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Ja4Input {
    prefix: [u8; 10],
    ciphers: Vec<u16>,
    extensions: Vec<u16>,
    signature_algorithms: Vec<u16>,
}

impl Ja4Input {
    /// Becomes the input for `hello`, reusing what it has allocated.
    pub fn read(&mut self, hello: &ClientHello<'_>, transport: Transport) {
        refill(&mut self.ciphers, hello.ciphers.iter());
        refill(&mut self.extensions, hello.extensions.kinds());
        refill(&mut self.signature_algorithms, hello.signature_algorithms.iter());
        self.prefix = prefix(hello, transport, self.ciphers.len(), self.extensions.len());
        let in_prefix = |&kind: &u16| {
            kind == TlsExtensionType::ServerName.0 || kind == TlsExtensionType::ApplicationLayerProtocolNegotiation.0
        };
        self.extensions.retain(|kind| !in_prefix(kind));
        self.ciphers.sort_unstable();
        self.extensions.sort_unstable();
    }

    /// The fingerprint.
    pub fn fingerprint(&self) -> Ja4 {
        let ciphers = hex_list(&self.ciphers);
        let mut extensions = hex_list(&self.extensions);
        if !extensions.is_empty() && !self.signature_algorithms.is_empty() {
            extensions.push(b'_');
            extensions.append(&mut hex_list(&self.signature_algorithms));
        }
        let mut text = [b'_'; 36];
        let parts = [(0, &self.prefix[..]), (11, &short_hash(&ciphers)), (24, &short_hash(&extensions))];
        for (at, part) in parts {
            text.iter_mut().skip(at).zip(part).for_each(|(to, from)| *to = *from);
        }
        Ja4(text)
    }
}

impl ClientHello<'_> {
    /// The JA4 fingerprint. Where many hellos pass, a [`Ja4Cache`] gives the same for less.
    pub fn ja4(&self, transport: Transport) -> Ja4 {
        let mut input = Ja4Input::default();
        input.read(self, transport);
        input.fingerprint()
    }
}

/// Remembers fingerprints by their input: a network has few distinct clients (5 in 20,000 hellos), and two SHA-256 over
/// long lists cost more than finding one.
#[derive(Debug)]
pub struct Ja4Cache {
    known: HashMap<Ja4Input, Ja4>,
    scratch: Ja4Input,
    limit: usize,
    emptied: u64,
}

impl Default for Ja4Cache {
    fn default() -> Self {
        Self::new(Self::DEFAULT_LIMIT)
    }
}

impl Ja4Cache {
    /// How many inputs a cache keeps unless told: at about 150 bytes each, 150 kB.
    pub const DEFAULT_LIMIT: usize = 1024;

    /// A cache of at most `limit` inputs. When they are that many, it forgets all and begins anew, so that a flood of
    /// random hellos costs no more than having no cache.
    pub fn new(limit: usize) -> Self {
        Self { known: HashMap::new(), scratch: Ja4Input::default(), limit, emptied: 0 }
    }

    /// The JA4 fingerprint of `hello`.
    pub fn ja4(&mut self, hello: &ClientHello<'_>, transport: Transport) -> Ja4 {
        self.scratch.read(hello, transport);
        if let Some(known) = self.known.get(&self.scratch) {
            return *known;
        }
        let fingerprint = self.scratch.fingerprint();
        self.remember(fingerprint);
        fingerprint
    }

    /// How many times the limit was reached and everything forgotten.
    pub fn emptied(&self) -> u64 {
        self.emptied
    }

    fn remember(&mut self, fingerprint: Ja4) {
        if self.known.len() >= self.limit {
            self.known.clear();
            self.emptied = self.emptied.saturating_add(1);
        }
        // A list of 30,000 values is hostile and would make the limit mean nothing.
        if self.scratch.ciphers.len().max(self.scratch.extensions.len()) <= 99 && self.limit > 0 {
            self.known.insert(self.scratch.clone(), fingerprint);
        }
    }
}

fn refill(list: &mut Vec<u16>, values: impl Iterator<Item = u16>) {
    list.clear();
    list.extend(values.filter(|&value| !is_grease(value)));
}

/// The readable part: transport, version, whether a name is sent, counts, ends of the first protocol.
fn prefix(hello: &ClientHello<'_>, transport: Transport, ciphers: usize, extensions: usize) -> [u8; 10] {
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
