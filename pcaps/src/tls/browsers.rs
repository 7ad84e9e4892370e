//! ClientHellos of today's clients: few JA4, any number of JA3, most of them two segments long.

use super::{HANDSHAKE, handshake, record};
use crate::bytes::{Put, u16s};
use crate::random::Random;

/// The hybrid of X25519 with ML-KEM-768 (draft-ietf-tls-ecdhe-mlkem), and its share's length.
const X25519_MLKEM768: (u16, usize) = (0x11ec, 1216);
const X25519: (u16, usize) = (0x001d, 32);

/// Stands for the value that the client draws anew for each hello (RFC 8701).
const GREASE: u16 = 0x0a0a;
/// A second one, which differs from the first.
const GREASE_LAST: u16 = 0x1a1a;

/// What a kind of client always sends.
#[derive(Debug)]
pub struct Client {
    ciphers: &'static [u16],
    /// Extensions in the order of the client.
    extensions: &'static [u16],
    groups: &'static [u16],
    signatures: &'static [u16],
    /// Whether it puts its extensions into another order each time.
    shuffles: bool,
}

const WEB_SIGNATURES: &[u16] = &[0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601];

/// As Chrome 131 and later over TCP.
pub static CHROME: Client = Client {
    ciphers: &[
        GREASE, 0x1301, 0x1302, 0x1303, 0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9, 0xcca8, 0xc013, 0xc014, 0x9c, 0x9d,
        0x2f, 0x35,
    ],
    extensions: &[GREASE, 0, 5, 10, 11, 13, 16, 18, 23, 27, 35, 43, 45, 51, 17613, 65037, 65281, GREASE_LAST],
    groups: &[GREASE, X25519_MLKEM768.0, X25519.0, 0x17, 0x18],
    signatures: WEB_SIGNATURES,
    shuffles: true,
};

/// As Firefox 135 and later.
pub static FIREFOX: Client = Client {
    ciphers: &[
        0x1301, 0x1303, 0x1302, 0xc02b, 0xc02f, 0xcca9, 0xcca8, 0xc02c, 0xc030, 0xc00a, 0xc009, 0xc013, 0xc014, 0x9c,
        0x9d, 0x2f, 0x35,
    ],
    extensions: &[0, 23, 65281, 10, 11, 35, 16, 5, 34, 18, 51, 43, 13, 45, 28, 27, 65037],
    groups: &[X25519_MLKEM768.0, X25519.0, 0x17, 0x18, 0x19, 0x100, 0x101],
    signatures: &[0x0403, 0x0503, 0x0603, 0x0804, 0x0805, 0x0806, 0x0401, 0x0501, 0x0601, 0x0203, 0x0201],
    shuffles: false,
};

/// As Safari 26.
pub static SAFARI: Client = Client {
    ciphers: &[
        GREASE, 0x1302, 0x1303, 0x1301, 0xc02c, 0xc02b, 0xcca9, 0xc030, 0xc02f, 0xcca8, 0xc00a, 0xc009, 0xc014, 0xc013,
        0x9d, 0x9c, 0x35, 0x2f,
    ],
    extensions: &[GREASE, 0, 23, 65281, 10, 11, 16, 5, 13, 18, 51, 45, 43, 27, GREASE_LAST],
    groups: &[GREASE, X25519_MLKEM768.0, X25519.0, 0x17, 0x18, 0x19],
    signatures: &[0x0403, 0x0804, 0x0401, 0x0503, 0x0203, 0x0805, 0x0501, 0x0806, 0x0601, 0x0201],
    shuffles: false,
};

/// As programs linked with OpenSSL 3.5.
pub static OPENSSL: Client = Client {
    ciphers: &[
        0x1302, 0x1303, 0x1301, 0xc02c, 0xc030, 0x9f, 0xcca9, 0xcca8, 0xccaa, 0xc02b, 0xc02f, 0x9e, 0xc024, 0xc028,
        0x6b, 0xc023, 0xc027, 0x67, 0x9d, 0x9c, 0x3d, 0x3c, 0x35, 0x2f,
    ],
    extensions: &[65281, 0, 11, 10, 35, 16, 22, 23, 13, 43, 45, 51],
    groups: &[X25519_MLKEM768.0, X25519.0, 0x17, 0x1e, 0x18, 0x19],
    signatures: &[0x0905, 0x0906, 0x0904, 0x0403, 0x0503, 0x0603, 0x0807, 0x0808, 0x0804, 0x0805, 0x0806, 0x0401],
    shuffles: false,
};

/// As programs written in Go 1.24.
pub static GO: Client = Client {
    ciphers: &[0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9, 0xcca8, 0xc009, 0xc013, 0xc00a, 0xc014, 0x1301, 0x1302, 0x1303],
    extensions: &[0, 5, 10, 11, 13, 65281, 23, 18, 16, 43, 51],
    groups: &[X25519_MLKEM768.0, X25519.0, 0x17, 0x18, 0x19],
    signatures: &[0x0804, 0x0403, 0x0807, 0x0805, 0x0806, 0x0401, 0x0501, 0x0601, 0x0503, 0x0603, 0x0201, 0x0203],
    shuffles: false,
};

/// As Chrome over QUIC.
pub static CHROME_QUIC: Client = Client {
    ciphers: &[0x1301, 0x1302, 0x1303],
    extensions: &[0, 10, 13, 16, 27, 43, 45, 51, 57, 17613, 65037],
    groups: &[X25519_MLKEM768.0, X25519.0, 0x17, 0x18],
    signatures: WEB_SIGNATURES,
    shuffles: true,
};

/// One of the clients that are met over TCP, Chrome most often.
pub fn any_client(random: &mut Random) -> &'static Client {
    match random.below(100) {
        0..66 => &CHROME,
        66..81 => &SAFARI,
        81..91 => &FIREFOX,
        91..97 => &OPENSSL,
        _ => &GO,
    }
}

impl Client {
    /// The message of a hello for `name`.
    pub fn message(&self, name: &str, random: &mut Random) -> Vec<u8> {
        self.offering(self.groups, name, random)
    }

    /// The same of a client that knows no hybrid group, and so sends one packet.
    pub fn classical(&self, name: &str, random: &mut Random) -> Vec<u8> {
        let groups: Vec<u16> = self.groups.iter().copied().filter(|group| *group != X25519_MLKEM768.0).collect();
        self.offering(&groups, name, random)
    }

    fn offering(&self, groups: &[u16], name: &str, random: &mut Random) -> Vec<u8> {
        let mut body = Vec::with_capacity(2048);
        // The highest of the sixteen is left for the second, which is the next.
        let grease = GREASE + 0x1010 * random.below(15) as u16;
        body.put_u16(0x0303).put(&random.bytes(32));
        body.put_prefixed(1, &random.bytes(if self.is_quic() { 0 } else { 32 }));
        body.put_prefixed(2, &u16s(&drawn(self.ciphers, grease)));
        body.put_prefixed(1, &[0]);
        body.put_prefixed(2, &self.extensions(groups, name, grease, random));
        handshake(1, &body)
    }

    /// The message in its record, of version 0x0301 as every first hello.
    pub fn record(&self, name: &str, random: &mut Random) -> Vec<u8> {
        record(HANDSHAKE, 0x0301, &self.message(name, random))
    }

    fn is_quic(&self) -> bool {
        self.extensions.contains(&57)
    }

    fn extensions(&self, groups: &[u16], name: &str, grease: u16, random: &mut Random) -> Vec<u8> {
        let mut order = self.extensions.to_vec();
        if self.shuffles {
            // GREASE stays first and last.
            let ends = usize::from(order.first() == Some(&GREASE));
            let inner = ends..order.len() - ends;
            random.shuffle(order.get_mut(inner).unwrap_or_default());
        }
        let mut out = Vec::with_capacity(1792);
        for number in order {
            let body = self.extension(number, groups, name, grease, random);
            out.put_u16(drawn(&[number], grease).first().copied().unwrap_or(number)).put_prefixed(2, &body);
        }
        out
    }

    /// The content of an extension.
    fn extension(&self, number: u16, groups: &[u16], name: &str, grease: u16, random: &mut Random) -> Vec<u8> {
        match number {
            0 => list(&[&[0][..], &(name.len() as u16).to_be_bytes(), name.as_bytes()].concat()),
            5 => vec![1, 0, 0, 0, 0],
            10 => list(&u16s(&drawn(groups, grease))),
            11 => vec![1, 0],
            13 => list(&u16s(self.signatures)),
            16 if self.is_quic() => list(b"\x02h3"),
            16 => list(b"\x02h2\x08http/1.1"),
            27 => vec![2, 0, 2],
            28 => vec![0x40, 1],
            34 => list(&u16s(&[0x0403, 0x0503, 0x0603, 0x0203])),
            43 => self.versions(grease),
            45 => vec![1, 1],
            51 => key_shares(groups, grease, random),
            57 => transport_parameters(random),
            17613 if self.is_quic() => list(b"\x02h3"),
            17613 => list(b"\x02h2"),
            65037 => ech_grease(random),
            65281 | GREASE_LAST => vec![0],
            _ => Vec::new(),
        }
    }

    fn versions(&self, grease: u16) -> Vec<u8> {
        let grease = (self.ciphers.first() == Some(&GREASE)).then_some(grease);
        let older = (!self.is_quic()).then_some(0x0303);
        let versions: Vec<u16> = grease.into_iter().chain([0x0304]).chain(older).collect();
        let mut out = Vec::new();
        out.put_prefixed(1, &u16s(&versions));
        out
    }
}

/// GREASE where the groups begin with it, and shares of the first groups.
fn key_shares(groups: &[u16], grease: u16, random: &mut Random) -> Vec<u8> {
    let mut out = Vec::with_capacity(1300);
    if groups.first() == Some(&GREASE) {
        out.put_u16(grease).put_prefixed(2, &[0]);
    }
    for (group, length) in [X25519_MLKEM768, X25519] {
        if groups.contains(&group) {
            out.put_u16(group).put_prefixed(2, &random.bytes(length));
        }
    }
    list(&out)
}

/// Values with what this hello draws for GREASE.
fn drawn(values: &[u16], grease: u16) -> Vec<u16> {
    let draw = |value: &u16| match *value {
        GREASE => grease,
        GREASE_LAST => grease + 0x1010,
        value => value,
    };
    values.iter().map(draw).collect()
}

fn list(body: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(body.len() + 2);
    out.put_prefixed(2, body);
    out
}

/// Idle timeout, initial_max_data, an empty connection ID, and a reserved one (RFC 9000, section 18).
fn transport_parameters(random: &mut Random) -> Vec<u8> {
    let mut out = b"\x01\x04\x80\x00\x75\x30\x04\x04\x80\xf0\x00\x00\x0f\x00\x1b".to_vec();
    out.put_prefixed(1, &random.bytes(28));
    out
}

/// A random "encrypted client hello" (draft-ietf-tls-esni, section 6.2).
fn ech_grease(random: &mut Random) -> Vec<u8> {
    let payload = 144 + 32 * random.below(4);
    let mut out = vec![0, 0, 1, 0, 1, random.next_u64() as u8];
    out.put_prefixed(2, &random.bytes(32)).put_prefixed(2, &random.bytes(payload));
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use dissectors::tls::ClientHello;
    use std::collections::HashSet;

    #[test]
    fn hellos_parse_and_fill_two_segments_and_have_few_ja4() {
        let mut random = Random::named("hellos");
        let mut ja4 = HashSet::new();
        for _ in 0..500 {
            let record = any_client(&mut random).record("www.a.example", &mut random);
            assert!((1_449..2_896).contains(&record.len()), "{}", record.len());
            let hello = ClientHello::parse(&record[9..]).unwrap();
            assert_eq!(hello.server_name().unwrap(), "www.a.example");
            ja4.insert(hello.ja4(dissectors::tls::Transport::Tcp).as_str().to_owned());
        }
        assert_eq!(ja4.len(), 5, "{ja4:?}");
    }
}
