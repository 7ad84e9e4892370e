//! Makes QUIC packets: the other way round of what the module under test reads.

use ring::aead::Aad;

use crate::quic::Side;
use crate::quic::cid::ConnectionId;
use crate::quic::facts::Event;
use crate::quic::keyring::Keyring;
use crate::quic::protection::Keys;
use crate::quic::scratch::Scratch;
use crate::quic::version::{Scheme, Version};
use crate::quic::{Connection, Datagram, Taken};
use crate::time::Time;
use crate::tls::secret::TrafficSecret;
use crate::tls::{Secret, ServerHello};

pub(super) fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    digits.chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}

pub(super) fn id(bytes: &[u8]) -> ConnectionId {
    ConnectionId::new(bytes).unwrap()
}

/// What a long header says, apart from its length and packet number.
#[derive(Clone, Debug)]
pub(super) struct Header {
    pub(super) version: Version,
    pub(super) dcid: Vec<u8>,
    pub(super) scid: Vec<u8>,
    pub(super) token: Vec<u8>,
}

impl Header {
    pub(super) fn new(dcid: &[u8], scid: &[u8]) -> Self {
        Self { version: Version::V1, dcid: dcid.to_vec(), scid: scid.to_vec(), token: Vec::new() }
    }

    pub(super) fn version(self, version: Version) -> Self {
        Self { version, ..self }
    }

    pub(super) fn token(self, token: &[u8]) -> Self {
        Self { token: token.to_vec(), ..self }
    }

    /// The header's first bytes for a packet type as version 1 numbers them.
    fn start(&self, kind: u8, low: u8) -> Vec<u8> {
        let kind = if self.version == Version::V2 { (kind + 1) & 3 } else { kind };
        let mut bytes = vec![0xc0 | kind << 4 | low];
        bytes.extend(self.version.0.to_be_bytes());
        for id in [&self.dcid, &self.scid] {
            bytes.push(u8::try_from(id.len()).unwrap());
            bytes.extend(id);
        }
        bytes
    }

    /// An Initial packet of `sender`, protected under the keys of `keyed`.
    pub(super) fn initial(&self, sender: Side, keyed: &[u8], number: u32, frames: &[u8]) -> Vec<u8> {
        let mut header = self.start(0, 1);
        header.extend(varint(self.token.len()));
        header.extend(&self.token);
        header.extend(varint(2 + frames.len() + 16));
        header.extend(u16::try_from(number).unwrap().to_be_bytes());
        let scheme = &self.version.schemes()[0];
        seal(scheme, sender, keyed, number, &header, 2, frames)
    }

    /// A Handshake packet under keys from `secret` as the suite `cipher` uses it.
    pub(super) fn sealed_handshake(&self, secret: &Secret, cipher: u16, number: u16, frames: &[u8]) -> Vec<u8> {
        let mut header = self.start(2, 1);
        header.extend(varint(2 + frames.len() + 16));
        header.extend(number.to_be_bytes());
        let secret = TrafficSecret::new(secret, cipher).unwrap();
        let keys = Keys::of(&secret, self.version.labels().unwrap()).unwrap();
        seal_with(&keys, number.into(), &header, 2, frames)
    }

    pub(super) fn handshake(&self) -> Vec<u8> {
        [self.start(2, 0), varint(50), vec![0xa5; 50]].concat()
    }

    pub(super) fn zero_rtt(&self) -> Vec<u8> {
        [self.start(1, 0), varint(60), vec![0x5a; 60]].concat()
    }

    pub(super) fn retry(&self) -> Vec<u8> {
        [self.start(3, 0), self.token.clone(), vec![0x77; 16]].concat()
    }

    pub(super) fn version_negotiation(&self, versions: &[Version]) -> Vec<u8> {
        let mut bytes = self.clone().version(Version(0)).start(0, 0);
        bytes.extend(versions.iter().flat_map(|version| version.0.to_be_bytes()));
        bytes
    }
}

/// Seals a packet whose header ends with a packet number of `number_length` bytes.
pub(super) fn seal(
    scheme: &'static Scheme,
    sender: Side,
    keyed: &[u8],
    number: u32,
    header: &[u8],
    number_length: usize,
    frames: &[u8],
) -> Vec<u8> {
    let mut keyring = Keyring::new(1);
    let keys = keyring.keys(scheme, &id(keyed), sender).unwrap();
    seal_with(keys, number, header, number_length, frames)
}

/// The same with any keys.
fn seal_with(keys: &Keys, number: u32, header: &[u8], number_length: usize, frames: &[u8]) -> Vec<u8> {
    let mut payload = frames.to_vec();
    keys.packet.seal_in_place_append_tag(keys.nonce(number), Aad::from(header), &mut payload).unwrap();
    let mut packet = [header, &payload].concat();
    let number_at = header.len() - number_length;
    let mask = keys.header.new_mask(&packet[number_at + 4..number_at + 20]).unwrap();
    packet[0] ^= mask[0] & 0x0f;
    for (byte, mask) in packet[number_at..number_at + number_length].iter_mut().zip(&mask[1..]) {
        *byte ^= mask;
    }
    packet
}

/// The shortest form of a variable-length integer, in two bytes or more, as lengths are mostly written.
pub(super) fn varint(value: usize) -> Vec<u8> {
    match value {
        0 => vec![0],
        1..0x4000 => u16::try_from(value | 0x4000).unwrap().to_be_bytes().to_vec(),
        _ => u32::try_from(value | 0x8000_0000).unwrap().to_be_bytes().to_vec(),
    }
}

/// A CRYPTO frame with `message[from..to]`.
pub(super) fn crypto(message: &[u8], from: usize, to: usize) -> Vec<u8> {
    [vec![6], varint(from), varint(to - from), message[from..to].to_vec()].concat()
}

pub(super) fn close(code: usize) -> Vec<u8> {
    [vec![0x1c], varint(code), vec![0, 0], vec![0; 20]].concat()
}

pub(super) fn short(id: &[u8]) -> Vec<u8> {
    [&[0x41], id, &[0x99; 40]].concat()
}

/// A ClientHello for `name` with `length` bytes of padding in it, as a handshake message.
pub(super) fn client_hello(name: &str, length: usize) -> Vec<u8> {
    let host = [&[0][..], &be16(name.len()), name.as_bytes()].concat();
    let extensions = [
        extension(0, &[&be16(host.len())[..], &host].concat()),
        extension(16, &[0, 3, 2, b'h', b'3']),
        extension(43, &[2, 3, 4]),
        extension(21, &vec![0; length]),
    ]
    .concat();
    let body = [&[3, 3][..], &[7; 32], &[0, 0, 2, 0x13, 1, 1, 0], &be16(extensions.len()), &extensions].concat();
    message(1, &body)
}

/// A ServerHello; a HelloRetryRequest with the random of one.
pub(super) fn server_hello(random: &[u8]) -> Vec<u8> {
    server_hello_with(random, 0x1301)
}

/// A ServerHello that chooses `cipher`.
pub(super) fn server_hello_with(random: &[u8], cipher: u16) -> Vec<u8> {
    let extensions = extension(43, &[3, 4]);
    let [high, low] = cipher.to_be_bytes();
    message(2, &[&[3, 3][..], random, &[0, high, low, 0], &be16(extensions.len()), &extensions].concat())
}

/// SHA-256 of `HelloRetryRequest` (RFC 8446, section 4.1.3).
pub(super) fn retry_random() -> Vec<u8> {
    let random = ring::digest::digest(&ring::digest::SHA256, b"HelloRetryRequest").as_ref().to_vec();
    assert!(ServerHello::parse(&server_hello(&random)[4..]).unwrap().is_retry());
    random
}

pub(super) fn message(kind: u8, body: &[u8]) -> Vec<u8> {
    let [_, length @ ..] = u32::try_from(body.len()).unwrap().to_be_bytes();
    [&[kind][..], &length, body].concat()
}

fn extension(kind: usize, data: &[u8]) -> Vec<u8> {
    [&be16(kind)[..], &be16(data.len()), data].concat()
}

fn be16(value: usize) -> [u8; 2] {
    u16::try_from(value).unwrap().to_be_bytes()
}

/// What a connection reported, in words.
#[derive(Default)]
pub(super) struct Watched {
    pub(super) connection: Connection,
    pub(super) log: Vec<String>,
    scratch: Scratch,
    seconds: i64,
}

impl Watched {
    /// Feeds a datagram, one second after the one before.
    pub(super) fn feed(&mut self, sender: Side, datagram: &[u8]) -> Taken {
        self.feed_cut(sender, datagram, 0)
    }

    /// The same, of a datagram that lacks its last `missing` bytes.
    pub(super) fn feed_cut(&mut self, sender: Side, bytes: &[u8], missing: u32) -> Taken {
        self.seconds += 1;
        let log = &mut self.log;
        let datagram = Datagram { time: Time::new(self.seconds, 0), bytes, missing };
        self.connection.datagram(sender, datagram, &mut self.scratch, &mut |event| log.push(in_words(event)))
    }

    /// Says what the server's secret is.
    pub(super) fn decrypt_with(&mut self, secret: Option<Secret>) {
        let log = &mut self.log;
        self.connection.decrypt_with(secret, &mut self.scratch, &mut |event| log.push(in_words(event)));
    }

    /// Feeds datagrams that all belong to this connection, and takes what they reported.
    pub(super) fn all(&mut self, datagrams: &[(Side, Vec<u8>)]) -> Vec<String> {
        for (sender, datagram) in datagrams {
            assert_eq!(self.feed(*sender, datagram), Taken::Here);
        }
        std::mem::take(&mut self.log)
    }
}

fn in_words(event: Event<'_>) -> String {
    match event {
        Event::ClientHello(hello) => format!("hello {}", hello.server_name().unwrap_or_default()),
        Event::ServerHello(hello) if hello.is_retry() => "hello retry".into(),
        Event::ServerHello(hello) => format!("server hello {:#x}", hello.negotiated()),
        Event::VersionNegotiation(header) => format!("versions {}", header.offered().count()),
        Event::Certificates(list) => {
            format!("certificates {:?}", list.iter().map(<[u8]>::len).collect::<Vec<_>>())
        }
        Event::Close(close) => format!("close {:#x}", close.code),
        other => format!("{other:?}").to_lowercase(),
    }
}

/// A small deterministic generator (SplitMix64).
pub(super) struct Random(pub(super) u64);

impl Random {
    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut value = self.0;
        value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        value ^ (value >> 31)
    }

    pub(super) fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % bound as u64).unwrap()
    }

    pub(super) fn shuffle<T>(&mut self, items: &mut [T]) {
        for at in (1..items.len()).rev() {
            items.swap(at, self.below(at + 1));
        }
    }
}
