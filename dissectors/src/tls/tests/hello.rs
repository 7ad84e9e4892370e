//! What is read from hellos.

use super::build::{alpn, chrome, client_hello, extension, server_hello, server_name, u16s, vector8, vector16};
use crate::tls::{ClientHello, Downgrade, EncryptedHello, ServerHello, Transport, escape, is_grease};

#[test]
fn a_browsers_hello() {
    let body = chrome();
    let hello = ClientHello::parse(&body).unwrap();
    assert_eq!(hello.malformed, 0);
    assert_eq!(hello.body, body);
    assert_eq!(hello.server_name().as_deref(), Some("example.com"));
    assert_eq!(hello.alpn.map(escape).collect::<Vec<_>>(), ["h2", "http/1.1"]);
    assert_eq!(hello.supported_versions.iter().collect::<Vec<_>>(), [0x4a4a, 0x0304, 0x0303]);
    assert_eq!(hello.groups.iter().collect::<Vec<_>>(), [0x3a3a, 0x001d, 0x0017]);
    assert_eq!(hello.key_share_groups().collect::<Vec<_>>(), [0x3a3a, 0x001d]);
    assert_eq!(hello.signature_algorithms.len(), 8);
    assert_eq!(hello.point_formats, [0]);
    assert_eq!(hello.extensions.count(), 18);
    assert_eq!(hello.session_ticket, Some(&b"ticket"[..]));
    assert!(hello.offers_resumption() && hello.has_grease() && !hello.early_data);
    assert_eq!(hello.encrypted, None);
}

/// The example of FoxIO's specification, and its sorted input without signature algorithms.
#[test]
fn ja4_of_the_specification() {
    let body = chrome();
    let hello = ClientHello::parse(&body).unwrap();
    assert_eq!(hello.ja4(Transport::Tcp).as_str(), "t13d1516h2_8daaf6152771_e5627efa2ab1");
    assert_eq!(hello.ja4(Transport::Quic).as_str(), "q13d1516h2_8daaf6152771_e5627efa2ab1");
    let kinds = [5, 10, 11, 13, 0x12, 0x15, 0x17, 0x1b, 0x23, 0x2b, 0x2d, 0x33, 0x4469, 0xff01];
    let extensions = kinds.map(|kind| extension(kind, &[]));
    let body = client_hello(0x0303, &[], Some(&extensions));
    let hello = ClientHello::parse(&body).unwrap();
    assert_eq!(hello.ja4(Transport::Tcp).as_str(), "t12i001400_000000000000_6d807ffa2a79");
}

#[test]
fn ja4_ends_of_the_first_protocol() {
    let cases: [(&[&[u8]], &str); 10] = [
        (&[b"http/1.1"], "h1"),
        (&[b"x"], "xx"),
        (&[], "00"),
        (&[b"", b"h2"], "00"),
        (&[b"\xab"], "ab"),
        (&[b"\xab\xcd"], "ad"),
        (&[b"\x30\xab"], "3b"),
        (&[b"\x30\x31\xab\xcd"], "3d"),
        (&[b"\x30\xab\xcd\x31"], "01"),
        (&[b"H2", b"h2"], "H2"),
    ];
    for (protocols, ends) in cases {
        let body = client_hello(0x0301, &[1], Some(&[alpn(protocols)]));
        let ja4 = ClientHello::parse(&body).unwrap().ja4(Transport::Dtls);
        assert_eq!(&ja4.as_str()[..10], format!("d10i0101{ends}"), "{protocols:?}");
    }
}

#[test]
fn ja4_versions_and_counts() {
    let versions = [
        (0x0304, "13"),
        (0x0300, "s3"),
        (0x0002, "s2"),
        (0xfefd, "d2"),
        (0xfeff, "d1"),
        (0xfefc, "d3"),
        (0x7f1c, "00"),
    ];
    for (version, code) in versions {
        let body = client_hello(version, &[1; 120], None);
        assert_eq!(
            ClientHello::parse(&body).unwrap().ja4(Transport::Tcp).as_str()[..10],
            format!("t{code}i990000"),
            "{version:#06x}"
        );
    }
}

/// The client vectors of salesforce/ja3's README, with GREASE added; the server's by md5sum.
#[test]
fn ja3_and_ja3s() {
    let extensions =
        [server_name("a"), extension(10, &vector16(&u16s(&[23, 24, 0xdada, 25]))), extension(11, &vector8(&[0]))];
    let ciphers = [0x1a1a, 47, 53, 5, 10, 49161, 49162, 49171, 49172, 50, 56, 19, 4];
    let body = client_hello(769, &ciphers, Some(&extensions));
    let hello = ClientHello::parse(&body).unwrap();
    assert_eq!(hello.ja3_text(), "769,47-53-5-10-49161-49162-49171-49172-50-56-19-4,0-10-11,23-24-25,0");
    assert_eq!(hello.ja3().to_string(), "ada70206e40642a3e4461f35503241d5");
    let body = client_hello(769, &[4, 5, 10, 9, 100, 98, 3, 6, 19, 18, 99], None);
    let hello = ClientHello::parse(&body).unwrap();
    assert_eq!(hello.ja3_text(), "769,4-5-10-9-100-98-3-6-19-18-99,,,");
    assert_eq!(hello.ja3().to_string(), "de350869b8c85de67a350c8d186f11e6");
    let extensions = [65281, 0, 11, 35, 5, 16].map(|kind| extension(kind, &[]));
    let body = server_hello(769, &[1; 32], 47, &extensions);
    let hello = ServerHello::parse(&body).unwrap();
    assert_eq!(hello.ja3s_text(), "769,47,65281-0-11-35-5-16");
    assert_eq!(hello.ja3s().to_string(), "836ce314215654b5b1f85f97c73e506f");
}

/// A text is hashed in blocks, wherever their borders fall in it.
#[test]
fn ja3_is_the_hash_of_its_text() {
    use md5::{Digest, Md5};
    for count in 0..190 {
        let ciphers: Vec<u16> = (0..count).map(|number| number * 331).collect();
        let body = client_hello(0x0303, &ciphers, Some(&[server_name("a")]));
        let hello = ClientHello::parse(&body).unwrap();
        let text = hello.ja3_text();
        let listed: Vec<String> = ciphers.iter().filter(|&&one| !is_grease(one)).map(u16::to_string).collect();
        assert_eq!(text, format!("771,{},0,,", listed.join("-")));
        assert_eq!(hello.ja3().0, Md5::digest(&text)[..], "{count} cipher suites");
        let mut written = b"before".to_vec();
        assert_eq!(hello.write_ja3(&mut written), hello.ja3());
        assert_eq!(written, ["before", &text].concat().into_bytes());
    }
}

/// An extension that lies about its length must not hide the name behind it.
#[test]
fn a_name_behind_malformed_extensions() {
    let before = [
        extension(10, &[0xff, 0xff, 0, 23]),
        extension(13, &[]),
        extension(16, &[0, 9, 200, b'h']),
        extension(43, &[3, 3, 4, 3]),
        extension(51, &vector16(&[0, 29, 0, 99, 1])),
        extension(11, &[9]),
    ];
    let body = client_hello(0x0303, &[1], Some(&[before.concat(), server_name("a.example")]));
    let hello = ClientHello::parse(&body).unwrap();
    assert_eq!(hello.server_name().as_deref(), Some("a.example"));
    assert_eq!(hello.groups.iter().collect::<Vec<_>>(), [23], "what is there is kept");
    assert_eq!(hello.supported_versions.iter().collect::<Vec<_>>(), [0x0304]);
    assert_eq!(hello.malformed, 7, "each extension once, ALPN for its list and for its protocol");
}

#[test]
fn odd_server_names() {
    let entry = |name_type: u8, name: &[u8]| [&[name_type], &vector16(name)[..]].concat();
    let cases = [
        (vector16(&[entry(1, b"x"), entry(0, b"first"), entry(0, b"second")].concat()), Some("first"), 0),
        (vector16(&[entry(0, b""), entry(0, b"second")].concat()), Some("second"), 1),
        (vector16(&entry(0, b"")), None, 2),
        (vec![], None, 2),
        (vec![0, 0], None, 1),
        (vec![0, 9, 0, 0, 4, b'n', b'a', b'm', b'e'], Some("name"), 1),
        (vec![0, 7, 0, 0, 9, b'n', b'a', b'm', b'e'], Some("name"), 1),
        (vector16(&entry(0, b"...")), None, 0),
    ];
    for (data, name, malformed) in cases {
        let body = client_hello(0x0303, &[1], Some(&[extension(0, &data)]));
        let hello = ClientHello::parse(&body).unwrap();
        assert_eq!((hello.server_name().as_deref(), hello.malformed), (name, malformed), "{data:?}");
        assert!(hello.names_server);
    }
    let body = client_hello(0x0303, &[1], Some(&[server_name("first"), server_name("second")]));
    let hello = ClientHello::parse(&body).unwrap();
    assert_eq!((hello.server_name().as_deref(), hello.malformed), (Some("first"), 1));
}

#[test]
fn tolerated_and_refused_hellos() {
    let fixed = |session_id: usize| [&[3, 3][..], &[7; 32], &vector8(&vec![1; session_id])].concat();
    let tail = [0, 2, 0x13, 1, 1, 0];
    let body = [&fixed(255)[..], &tail].concat();
    let hello = ClientHello::parse(&body).unwrap();
    assert_eq!((hello.session_id.len(), hello.malformed), (255, 0));
    for len in 0..body.len() {
        assert_eq!(ClientHello::parse(&body[..len]), None, "cut at {len}");
    }
    let malformed = |rest: &[u8]| {
        let body = [&fixed(0)[..], rest].concat();
        ClientHello::parse(&body).map(|hello| hello.malformed)
    };
    assert_eq!(malformed(&[0, 3, 0x13, 1, 9, 1, 0]), Some(1), "an odd list of ciphers");
    assert_eq!(malformed(&[&tail[..], &[0, 0]].concat()), Some(0));
    assert_eq!(malformed(&[&tail[..], &[0, 0, 9]].concat()), Some(1), "a byte left over");
    assert_eq!(malformed(&[&tail[..], &[0, 9, 0, 23, 0, 0]].concat()), Some(1), "a list cut short");
    assert_eq!(malformed(&[&tail[..], &[0, 5, 0, 23, 0, 9, 1]].concat()), Some(1), "an extension cut short");
    assert_eq!(malformed(&[&tail[..], &[0]].concat()), Some(1));
}

#[test]
fn what_else_a_client_offers() {
    let offers = |extensions: &[Vec<u8>]| {
        let body = client_hello(0x0303, &[1], Some(extensions));
        let hello = ClientHello::parse(&body).unwrap();
        (hello.offers_resumption(), hello.early_data, hello.encrypted, hello.has_grease())
    };
    assert_eq!(offers(&[extension(35, &[])]), (false, false, None, false), "asks for a ticket, has none");
    assert_eq!(offers(&[extension(35, &[1])]), (true, false, None, false));
    assert_eq!(offers(&[extension(42, &[]), extension(41, &[0])]), (true, true, None, false));
    assert_eq!(offers(&[extension(0xfe0d, &[0])]), (false, false, Some(EncryptedHello::Ech), false));
    assert_eq!(offers(&[extension(0xffce, &[0])]), (false, false, Some(EncryptedHello::Esni), false));
    assert_eq!(offers(&[extension(0x1a1a, &[])]), (false, false, None, true));
    assert_eq!(offers(&[extension(0x1a2a, &[])]), (false, false, None, false));
}

#[test]
fn server_hellos() {
    let mut random = [1; 32];
    random[24..].copy_from_slice(b"DOWNGRD\x01");
    let body = server_hello(0x0303, &random, 0xc02f, &[alpn(&[b"h2"]), extension(23, &[])]);
    let hello = ServerHello::parse(&body).unwrap();
    assert_eq!((hello.negotiated(), hello.cipher, hello.session_id), (0x0303, 0xc02f, &[5; 32][..]));
    assert_eq!((hello.alpn, hello.malformed, hello.is_retry()), (Some(&b"h2"[..]), 0, false));
    assert_eq!(hello.downgrade(), Some(Downgrade::ToTls12));
    random[31] = 0;
    let share = extension(51, &[0, 29, 0, 1, 9]);
    let body = server_hello(0x0303, &random, 0x1301, &[extension(43, &[3, 4]), share, extension(41, &[0, 0])]);
    let hello = ServerHello::parse(&body).unwrap();
    assert_eq!((hello.negotiated(), hello.version, hello.key_share_group), (0x0304, 0x0303, Some(29)));
    assert!(hello.pre_shared_key);
    assert_eq!(hello.downgrade(), Some(Downgrade::ToTls11));
    let fixed = 2 + 32 + 33 + 2 + 1;
    for len in 0..body.len() {
        let parsed = ServerHello::parse(&body[..len]);
        assert_eq!(parsed.is_some(), len >= fixed, "cut at {len}");
        assert_eq!(parsed.is_some_and(|hello| hello.malformed > 0), len > fixed, "cut at {len}");
    }
}

#[test]
fn a_retry_and_a_draft() {
    let random = ring::digest::digest(&ring::digest::SHA256, b"HelloRetryRequest");
    let random = random.as_ref().try_into().unwrap();
    let body = server_hello(0x0303, &random, 0x1301, &[extension(43, &[3, 4]), extension(51, &[0, 24])]);
    let hello = ServerHello::parse(&body).unwrap();
    assert_eq!((hello.is_retry(), hello.key_share_group, hello.malformed), (true, Some(24), 0));
    for (version, text) in [([0x7f, 0x12], "32530,4865,40"), ([3, 4], "772,4865,40")] {
        let draft = [&version[..], &[1; 32], &[0x13, 1], &vector16(&extension(40, &[0, 29, 0, 0]))].concat();
        let hello = ServerHello::parse(&draft).unwrap();
        assert_eq!((hello.negotiated(), hello.cipher), (u16::from_be_bytes(version), 0x1301));
        assert_eq!((hello.key_share_group, hello.ja3s_text().as_str(), hello.malformed), (Some(29), text, 0));
    }
}

/// tls-parser as a second opinion on hellos that are well formed.
#[test]
fn tls_parser_reads_the_same() {
    let body = chrome();
    let ours = ClientHello::parse(&body).unwrap();
    let (_, theirs) = tls_parser::parse_tls_handshake_client_hello(&body).unwrap();
    assert_eq!(ours.ciphers.iter().collect::<Vec<_>>(), theirs.ciphers.iter().map(|c| c.0).collect::<Vec<_>>());
    let (rest, extensions) = tls_parser::parse_tls_client_hello_extensions(theirs.ext.unwrap()).unwrap();
    assert!(rest.is_empty());
    let kinds: Vec<u16> = extensions.iter().map(|e| tls_parser::TlsExtensionType::from(e).0).collect();
    // It gives every GREASE extension one type.
    let same: Vec<u16> =
        ours.extensions.kinds().map(|kind| if crate::tls::is_grease(kind) { 0xfafa } else { kind }).collect();
    assert_eq!(kinds, same);
    for theirs in extensions {
        match theirs {
            tls_parser::TlsExtension::SNI(names) => assert_eq!(ours.host_name, Some(names[0].1)),
            tls_parser::TlsExtension::ALPN(protocols) => assert_eq!(ours.alpn.collect::<Vec<_>>(), protocols),
            tls_parser::TlsExtension::EllipticCurves(groups) => {
                assert_eq!(ours.groups.iter().collect::<Vec<_>>(), groups.iter().map(|g| g.0).collect::<Vec<_>>());
            }
            tls_parser::TlsExtension::SignatureAlgorithms(schemes) => {
                assert_eq!(ours.signature_algorithms.iter().collect::<Vec<_>>(), schemes);
            }
            _ => {}
        }
    }
}
