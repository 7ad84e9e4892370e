//! What begins a connection and what does not.

use super::make::{Header, client_hello, crypto, short};
use crate::quic::Side::{Client, Server};
use crate::quic::{Probe, Scratch, Side, Version, initiator, probe};

fn first(version: Version) -> Vec<u8> {
    let hello = client_hello("example.net", 0);
    Header::new(b"original", b"me").version(version).initial(Client, b"original", 0, &crypto(&hello, 0, hello.len()))
}

#[test]
fn known_versions_are_quic() {
    let versions = [1, 0x6b33_43cf, 0x709a_50c4, 0xff00_001d, 0xface_b002, 0x5430_3530, 0xfafa_fafa];
    for version in versions.map(Version) {
        assert!(matches!(probe(&first(version)), Probe::Quic(header) if header.version == version), "{version}");
    }
}

/// The fixed bit stands where header protection does not reach, so that a packet may be greased behind its sealing but for
/// its authentication, which the probe does not look at.
#[test]
fn a_first_packet_with_a_token_may_lack_its_fixed_bit() {
    let greased = |token: &[u8]| {
        let mut packet = Header::new(b"original", b"me").token(token).initial(Client, b"original", 0, &[1, 0, 0, 0]);
        packet[0] &= !0x40;
        packet
    };
    assert!(matches!(probe(&greased(b"token")), Probe::Quic(_)));
    assert_eq!(probe(&greased(b"")), Probe::NotQuic);
}

#[test]
fn named_but_not_read() {
    let google = [&[0x0d][..], &[1; 8], b"Q043", &[0; 30]].concat();
    assert_eq!(probe(&google), Probe::GoogleQuic(Version(0x5130_3433)));
    let with_nonce = [&[0x09][..], &[1; 8], b"Q035", &[0; 30]].concat();
    assert_eq!(probe(&with_nonce), Probe::GoogleQuic(Version(0x5130_3335)));
    let long_header = [&[0xc3][..], b"Q046", &[0x50], &[1; 8]].concat();
    assert_eq!(probe(&long_header), Probe::GoogleQuic(Version(0x5130_3436)));
}

#[test]
fn version_negotiation_offers_a_known_version() {
    let header = Header::new(b"me", b"original");
    let good = header.version_negotiation(&[Version(0x1234_5678), Version::V1]);
    assert!(matches!(probe(&good), Probe::VersionNegotiation(_)));
    assert_eq!(probe(&header.version_negotiation(&[Version(0x1234_5678)])), Probe::NotQuic);
    assert_eq!(probe(&good[..good.len() - 1]), Probe::NotQuic);
    assert_eq!(probe(&Header::new(b"me", b"tiny").version_negotiation(&[Version::V1])), Probe::NotQuic);
}

#[test]
fn other_protocols_are_not() {
    let cases: [(&str, &[u8]); 7] = [
        ("nothing", &[]),
        ("DNS", &[0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 7, b'e', b'x', b'a', b'm', b'p', b'l', b'e', 0, 0]),
        ("DNS, id over 0x8000", &[0x92, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 7, b'e', b'x', b'a', b'm', b'p', b'l']),
        ("RTP", &[0x80, 0x60, 0x1b, 0x2c, 0, 0, 0, 1, 0, 0, 0, 2, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9]),
        ("STUN", &[0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 0, 0, 0]),
        ("a short one", &[0x40, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19]),
        ("a header without its fixed bit", &[0x80, 0, 0, 0, 1, 2, 1, 2, 0, 0, 0x40, 20]),
    ];
    for (name, bytes) in cases {
        assert_eq!(probe(bytes), Probe::NotQuic, "{name}");
    }
    assert_eq!(probe(&short(b"some one")), Probe::Unsure);
}

#[test]
fn who_began() {
    let header = Header::new(b"original", b"me");
    let answer = Header::new(b"me", b"server").initial(Server, b"original", 0, &[2, 0, 0, 0, 0, 0]);
    let to_nobody = Header::new(b"", b"server").initial(Server, b"original", 0, &[2, 0, 0, 0, 0, 0]);
    let with_token = Header::new(b"server", b"me").token(b"token").initial(Client, b"original", 1, &[1, 0, 0, 0]);
    let reserved = first(Version(0x2a3a_4a5a));
    let cases: [(&str, Vec<u8>, Option<Side>); 9] = [
        ("a first packet", first(Version::V1), Some(Client)),
        ("a first packet of a reserved version", reserved, Some(Client)),
        ("a token", with_token, Some(Client)),
        ("early data", header.zero_rtt(), Some(Client)),
        ("an answer to an empty name", to_nobody, Some(Server)),
        ("a Retry", header.retry(), Some(Server)),
        ("Version Negotiation", header.version_negotiation(&[Version::V1]), Some(Server)),
        ("an answer that could be from either", answer, None),
        ("a Handshake packet", header.handshake(), None),
    ];
    for (name, datagram, side) in cases {
        assert_eq!(initiator(&datagram, &mut Scratch::default()), side, "{name}");
    }
}
