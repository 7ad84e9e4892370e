use std::fs;
use std::net::IpAddr;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};

use super::*;

/// The key with which the authors of Crypto-PAn published their sample.
const SAMPLE_KEY: [u8; 32] = [
    21, 34, 23, 141, 51, 164, 207, 128, 19, 10, 91, 22, 73, 144, 125, 16, 216, 152, 143, 131, 121, 121, 101, 39, 98,
    87, 76, 45, 42, 132, 34, 2,
];

fn keyed(key: [u8; 32]) -> Anonymizer {
    Anonymizer::keyed(&key.into())
}

fn check(anonymizer: &Anonymizer, cases: &[(&str, &str)]) {
    for (address, expected) in cases {
        assert_eq!(anonymizer.address(address.parse().unwrap()).to_string(), *expected, "{address}");
    }
}

/// SplitMix64.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn wide(&mut self) -> u128 {
        u128::from(self.next()) << 64 | u128::from(self.next())
    }

    /// An address that agrees with `address` in some number of bits, of which all are equally likely.
    fn relative(&mut self, address: u128, bits: u32) -> u128 {
        let different = self.wide() >> (128 - bits);
        address ^ (different >> (self.next() % u64::from(bits)))
    }
}

#[test]
fn truncation_keeps_networks() {
    let cases = [
        ("192.0.2.255", "192.0.2.0"),
        ("0.0.0.1", "0.0.0.0"),
        ("255.255.255.255", "255.255.255.0"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1::"),
        ("fe80::1", "fe80::"),
        ("::1", "::"),
        ("64:ff9b::192.0.2.1", "64:ff9b::"),
        // An IPv4 address in an IPv6 address loses what it would lose alone.
        ("::ffff:192.0.2.255", "::ffff:192.0.2.0"),
        ("2002:c000:2ff:1::1", "2002:c000:200::"),
    ];
    check(&Anonymizer(Method::Truncate), &cases);
}

/// From the sample trace that is distributed with the authors' program.
#[test]
fn pseudonyms_are_those_of_the_authors() {
    let cases = [
        ("128.11.68.132", "135.242.180.132"),
        ("129.118.74.4", "134.136.186.123"),
        ("130.132.252.244", "133.68.164.234"),
        ("141.223.7.43", "141.167.8.160"),
        ("141.233.145.108", "141.129.237.235"),
        ("152.163.225.39", "151.140.114.167"),
        ("156.29.3.236", "147.225.12.42"),
        ("165.247.96.84", "162.9.99.234"),
        ("166.107.77.190", "160.132.178.185"),
        ("192.102.249.13", "252.138.62.131"),
    ];
    check(&keyed(SAMPLE_KEY), &cases);
}

/// The authors wrote for IPv4 alone. These are what other programs that go on to 128 bits publish for the same key.
#[test]
fn long_pseudonyms_are_those_of_others() {
    let cases = [
        ("::1", "78ff:f001:9fc0:20df:8380:b1f1:704:ed"),
        ("::2", "78ff:f001:9fc0:20df:8380:b1f1:704:ef"),
        ("2001:db8::1", "4401:2bc:603f:d91d:27f:ff8e:e6f1:dc1e"),
        ("2001:db8::2", "4401:2bc:603f:d91d:27f:ff8e:e6f1:dc1c"),
    ];
    check(&keyed(SAMPLE_KEY), &cases);
}

#[test]
fn a_mapped_address_has_the_pseudonym_of_what_it_maps() {
    check(&keyed(SAMPLE_KEY), &[("::ffff:128.11.68.132", "::ffff:135.242.180.132")]);
}

/// Exactly as many bits in common as before: so that no two addresses become one, either.
#[test]
fn common_prefixes_keep_their_lengths() {
    let (mut random, anonymizer) = (Random(1), keyed(SAMPLE_KEY));
    for _ in 0..300 {
        let one = random.wide();
        let other = random.relative(one, 128);
        let [a, b] = [one, other].map(Ipv6Addr::from_bits);
        let [x, y] = [a, b].map(|address| anonymizer.v6(address).to_bits());
        assert_eq!((x ^ y).leading_zeros(), (one ^ other).leading_zeros(), "{a} {b}");
    }
    for _ in 0..1000 {
        let one = random.next() as u32;
        let other = random.relative(one.into(), 32) as u32;
        let [a, b] = [one, other].map(Ipv4Addr::from_bits);
        let [x, y] = [a, b].map(|address| anonymizer.v4(address).to_bits());
        assert_eq!((x ^ y).leading_zeros(), (one ^ other).leading_zeros(), "{a} {b}");
    }
}

#[test]
fn a_key_gives_the_same_pseudonyms_every_time_and_another_key_others() {
    let address: IpAddr = "192.0.2.1".parse().unwrap();
    assert_eq!(keyed(SAMPLE_KEY).address(address), keyed(SAMPLE_KEY).address(address));
    // Each half of the key counts.
    for place in [0, 31] {
        let mut key = SAMPLE_KEY;
        key[place] ^= 1;
        assert_ne!(keyed(SAMPLE_KEY).address(address), keyed(key).address(address), "byte {place}");
    }
}

#[test]
fn ports_stay() {
    let end = |addr: &str, port| Endpoint { addr: addr.parse().unwrap(), port };
    let ends = Ends { source: end("192.0.2.1", 40_000), dest: end("198.51.100.2", 443) };
    let shown = Ends { source: end("192.0.2.0", 40_000), dest: end("198.51.100.0", 443) };
    assert_eq!(Anonymizer(Method::Truncate).ends(ends), shown);
}

#[test]
fn no_key_is_shown_by_mistake() {
    let shown = format!("{:?} {:?}", keyed(SAMPLE_KEY), key::Key::from(SAMPLE_KEY));
    assert_eq!(shown, "Anonymizer(Keyed(CryptoPan { .. })) Key { .. }");
}

/// A file of this content, opened as a key: the pseudonym of 128.11.68.132 or the error, and the warnings.
fn opened(content: &[u8], mode: u32) -> (Result<String, String>, Vec<String>) {
    static OPENED: AtomicU32 = AtomicU32::new(0);
    let name = format!("hushwire-key-{}-{}", std::process::id(), OPENED.fetch_add(1, Ordering::Relaxed));
    let path = std::env::temp_dir().join(name);
    fs::write(&path, content).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
    let mut warnings = Vec::new();
    let opened = Anonymize::Keyed(path.clone()).open(&mut |warning| warnings.push(warning.to_string()));
    fs::remove_file(&path).unwrap();
    let place = format!("{}: ", path.display());
    let shown = opened.map(|anonymizer| anonymizer.address("128.11.68.132".parse().unwrap()).to_string());
    let shown = shown.map_err(|error| error.to_string().replace(&place, ""));
    (shown, warnings.into_iter().map(|warning| warning.replace(&place, "")).collect())
}

#[test]
fn a_key_is_bytes_or_digits() {
    let digits: String = SAMPLE_KEY.iter().map(|byte| format!("{byte:02x}")).collect();
    let forms = [SAMPLE_KEY.to_vec(), digits.clone().into(), format!("{}\r\n", digits.to_uppercase()).into()];
    for content in forms {
        assert_eq!(opened(&content, 0o600), (Ok("135.242.180.132".to_owned()), vec![]), "{content:x?}");
    }
}

#[test]
fn what_is_no_key_is_refused() {
    let short = |bytes: usize| format!("the key is too short: {bytes} bytes, where 32 are needed");
    let foreign = || "this is no key: 32 bytes or 64 hexadecimal digits are".to_owned();
    let cases: [(&[u8], String); 9] = [
        (b"", short(0)),
        (b"secret\n", short(7)),
        (&[0xff; 31], short(31)),
        (&[0xff; 33], foreign()),
        (&[b'a'; 32], short(16)),
        (&[b'a'; 63], short(31)),
        (&[b'a'; 65], foreign()),
        (&[0; 5000], foreign()),
        (b"-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIA==", foreign()),
    ];
    for (content, expected) in cases {
        assert_eq!(opened(content, 0o600), (Err(expected), vec![]), "{content:?}");
    }
}

#[test]
fn a_key_that_everybody_may_read_is_warned_of() {
    let warning = "warning: everybody on this machine may read the key".to_owned();
    for (mode, warnings) in [(0o600, vec![]), (0o640, vec![]), (0o644, vec![warning])] {
        assert_eq!(opened(&SAMPLE_KEY, mode).1, warnings, "{mode:o}");
    }
}

#[test]
fn a_key_that_is_not_there_is_named() {
    let missing = Anonymize::Keyed(Path::new("/there/is/no/key").to_owned());
    let error = missing.open(&mut |_| panic!("there is nothing to warn of")).unwrap_err();
    let expected = "/there/is/no/key: the key cannot be read: No such file or directory (os error 2)";
    assert_eq!(error.to_string(), expected);
}
