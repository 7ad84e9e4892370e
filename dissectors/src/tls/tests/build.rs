//! Builds TLS bytes for the tests, and a small generator of random numbers to cut and spoil them with.

/// SplitMix64 (Steele, Lea, Flood 2014).
pub(in crate::tls) struct Random(pub(super) u64);

impl Random {
    pub(in crate::tls) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number from 0 to `end` - 1.
    pub(in crate::tls) fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }

    pub(in crate::tls) fn bytes(&mut self, len: usize) -> Vec<u8> {
        (0..len).map(|_| self.next() as u8).collect()
    }
}

pub(in crate::tls) fn u16s(values: &[u16]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_be_bytes()).collect()
}

pub(in crate::tls) fn vector8(content: &[u8]) -> Vec<u8> {
    [&[u8::try_from(content.len()).unwrap()], content].concat()
}

pub(in crate::tls) fn vector16(content: &[u8]) -> Vec<u8> {
    [&u16::try_from(content.len()).unwrap().to_be_bytes(), content].concat()
}

pub(in crate::tls) fn vector24(content: &[u8]) -> Vec<u8> {
    [&u32::try_from(content.len()).unwrap().to_be_bytes()[1..], content].concat()
}

pub(in crate::tls) fn message(kind: u8, body: &[u8]) -> Vec<u8> {
    [&[kind], &vector24(body)[..]].concat()
}

pub(in crate::tls) fn record(content_type: u8, content: &[u8]) -> Vec<u8> {
    [&[content_type, 3, 1], &vector16(content)[..]].concat()
}

/// `content` in records of at most `len` bytes.
pub(in crate::tls) fn records(content_type: u8, content: &[u8], len: usize) -> Vec<u8> {
    content.chunks(len).flat_map(|chunk| record(content_type, chunk)).collect()
}

pub(in crate::tls) fn extension(kind: u16, data: &[u8]) -> Vec<u8> {
    [&kind.to_be_bytes(), &vector16(data)[..]].concat()
}

pub(in crate::tls) fn server_name(name: &str) -> Vec<u8> {
    extension(0, &vector16(&[&[0], &vector16(name.as_bytes())[..]].concat()))
}

pub(in crate::tls) fn alpn(protocols: &[&[u8]]) -> Vec<u8> {
    extension(16, &vector16(&protocols.iter().flat_map(|protocol| vector8(protocol)).collect::<Vec<_>>()))
}

/// The body of a ClientHello; `None` leaves the extensions' length out as well.
pub(in crate::tls) fn client_hello(version: u16, ciphers: &[u16], extensions: Option<&[Vec<u8>]>) -> Vec<u8> {
    let extensions = extensions.map_or(Vec::new(), |extensions| vector16(&extensions.concat()));
    [&version.to_be_bytes(), &[7; 32][..], &[0], &vector16(&u16s(ciphers)), &[1, 0], &extensions].concat()
}

/// The example of the JA4 specification, with GREASE as Chrome sends it.
pub(in crate::tls) fn chrome() -> Vec<u8> {
    let ciphers = [
        0x2a2a, 0x1301, 0x1302, 0x1303, 0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9, 0xcca8, 0xc013, 0xc014, 0x009c, 0x009d,
        0x002f, 0x0035,
    ];
    let schemes = [0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601];
    let shares = [&u16s(&[0x3a3a, 1])[..], &[0], &u16s(&[0x001d, 32]), &[9; 32]].concat();
    let extensions = [
        extension(0xdada, &[]),
        extension(0x001b, &[2, 0, 2]),
        server_name("Example.COM."),
        extension(0x0033, &vector16(&shares)),
        alpn(&[b"h2", b"http/1.1"]),
        extension(0x4469, &[0, 3, 2, b'h', b'2']),
        extension(0x0017, &[]),
        extension(0x002d, &[1, 1]),
        extension(0x000d, &vector16(&u16s(&schemes))),
        extension(0x0005, &[1, 0, 0, 0, 0]),
        extension(0x0023, b"ticket"),
        extension(0x0012, &[]),
        extension(0x002b, &vector8(&u16s(&[0x4a4a, 0x0304, 0x0303]))),
        extension(0xff01, &[0]),
        extension(0x000b, &[1, 0]),
        extension(0x000a, &vector16(&u16s(&[0x3a3a, 0x001d, 0x0017]))),
        extension(0x0015, &[0; 20]),
        extension(0x8a8a, &[0]),
    ];
    client_hello(0x0303, &ciphers, Some(&extensions))
}

/// The body of a ServerHello.
pub(in crate::tls) fn server_hello(version: u16, random: &[u8; 32], cipher: u16, extensions: &[Vec<u8>]) -> Vec<u8> {
    let session_id = vector8(&[5; 32]);
    let extensions = vector16(&extensions.concat());
    [&version.to_be_bytes(), &random[..], &session_id, &cipher.to_be_bytes(), &[0], &extensions].concat()
}
