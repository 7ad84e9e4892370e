//! DTLS: recognised and named, no more. Its handshake travels in datagrams with fragments of its own, and a server name
//! in it is rare.

/// A ClientHello over DTLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DtlsHello {
    /// `legacy_version`: 0xfeff for DTLS 1.0, 0xfefd for 1.2 and, with an extension, 1.3. Before the standard it was
    /// 0x0100, which AnyConnect still speaks (OpenSSL, `DTLS1_BAD_VER`).
    pub version: u16,
}

/// Bytes of a record header (RFC 9147, section 4): type, version, epoch, sequence number, length.
const RECORD_HEADER: usize = 13;
/// Bytes of a handshake header (RFC 9147, section 5.2): type, length, message number, fragment offset and length.
const HANDSHAKE_HEADER: usize = 12;
/// The record type of handshake messages.
const HANDSHAKE: u8 = 22;
/// The handshake type of a ClientHello.
const CLIENT_HELLO: u8 = 1;

/// Whether `datagram` begins with the first fragment of a ClientHello: a record in clear (epoch 0) with a handshake
/// message that begins in it, and a version of DTLS in both.
pub fn probe(datagram: &[u8]) -> Option<DtlsHello> {
    let &[HANDSHAKE, major, minor, 0, 0, ..] = datagram else { return None };
    let (handshake, hello) = datagram.get(RECORD_HEADER..)?.split_at_checked(HANDSHAKE_HEADER)?;
    let &[CLIENT_HELLO, _, _, _, _, _, 0, 0, 0, ..] = handshake else { return None };
    let &version = hello.first_chunk::<2>()?;
    let known = is_version([major, minor]) && is_version(version);
    known.then_some(DtlsHello { version: u16::from_be_bytes(version) })
}

fn is_version(bytes: [u8; 2]) -> bool {
    matches!(bytes, [0xfe, 0xfd..=0xff] | [0x01, 0x00])
}

#[cfg(test)]
mod tests {
    use super::{DtlsHello, probe};

    const HELLO: [u8; 27] = [
        22, 0xfe, 0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0, 14, // record
        1, 0, 0, 200, 0, 0, 0, 0, 0, 0, 0, 2, // handshake
        0xfe, 0xfd,
    ];

    #[test]
    fn a_hello_is_named() {
        assert_eq!(probe(&HELLO), Some(DtlsHello { version: 0xfefd }));
        let mut old = HELLO;
        [old[1], old[2], old[25], old[26]] = [1, 0, 1, 0];
        assert_eq!(probe(&old), Some(DtlsHello { version: 0x0100 }));
    }

    #[test]
    fn everything_else_is_not() {
        for (at, byte) in [(0, 23), (1, 3), (4, 1), (13, 2), (19, 1), (25, 3), (26, 0)] {
            let mut other = HELLO;
            other[at] = byte;
            assert_eq!(probe(&other), None, "byte {at}");
        }
        for end in 0..HELLO.len() {
            assert_eq!(probe(&HELLO[..end]), None, "cut at {end}");
        }
    }
}
