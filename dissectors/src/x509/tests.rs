use std::sync::Arc;

use super::*;
use crate::time::Time;

/// The chain that Censored Planet recorded in July 2019 for rcku.kz, its root, and the server's own chain.
const INJECTED_LEAF: &[u8] = include_bytes!("testdata/injected-leaf.pem");
const INJECTED_INTERMEDIATE: &[u8] = include_bytes!("testdata/injected-intermediate.pem");
const QAZNET_ROOT: &[u8] = include_bytes!("testdata/qaznet-root.pem");
const GENUINE_LEAF: &[u8] = include_bytes!("testdata/genuine-leaf.pem");
const GENUINE_INTERMEDIATE: &[u8] = include_bytes!("testdata/genuine-intermediate.pem");

fn der(pem: &[u8]) -> Vec<u8> {
    x509_parser::pem::parse_x509_pem(pem).unwrap().1.contents
}

fn certificate(pem: &[u8]) -> Certificate {
    Certificate::new(&der(pem))
}

fn facts(pem: &[u8]) -> Facts {
    certificate(pem).facts().unwrap().clone()
}

struct SplitMix64(u64);

impl SplitMix64 {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % end as u64).unwrap()
    }
}

#[test]
fn facts_of_the_forged_leaf() {
    let leaf = certificate(INJECTED_LEAF);
    let facts = leaf.facts().unwrap();
    assert_eq!(Hex(&leaf.sha256).to_string(), "2cf11ab305d222c9b2b9011736f22823a33d3dfd3911c3ab38c3049fb944de4c");
    assert_eq!(Hex(leaf.sha1()).to_string(), "f8f7248b2cf49efac54b1558bb3b2c81c5b0c690");
    assert_eq!(
        Hex(&facts.key.spki_sha256).to_string(),
        "12f43437b8fea4b7813e08a58329d4d1b2688fe5abcb80e66f4ebe611717d3c9"
    );
    assert_eq!((facts.key.kind, facts.key.bits, facts.key.rsa_exponent), (KeyKind::Rsa, 2048, Some(3)));
    assert_eq!(facts.serial_hex(), "0d04ed93debd7f87ad349e963333f23a");
    assert_eq!(&*facts.issuer.text, "CN=Security Certificate,C=KZ");
    assert!(
        facts.subject.text.starts_with("CN=rcku.kz,OU=IT DEPARTMENT,O=TOO Информ-Систем,"),
        "{}",
        facts.subject.text
    );
    assert_eq!(facts.subject.common_name_and_organization().0.as_deref(), Some("rcku.kz"));
    assert_eq!((facts.validity.not_before, facts.validity.not_after), (1_556_128_800, 1_618_552_800));
    assert_eq!(facts.signature_algorithm, "sha256WithRSAEncryption");
    assert!(!facts.self_issued());
    let extensions = &facts.extensions;
    assert_eq!((extensions.count, extensions.malformed, extensions.sct, extensions.ca), (6, 0, false, false));
    assert_eq!(
        extensions.authority_key_id.as_deref().map(|id| Hex(id).to_string()).as_deref(),
        Some("5e4d90827f86eb5af48315f4508eab3ae9724da9")
    );
    assert!(extensions.dns_names().iter().any(|name| &**name == "rcku.kz"));
    assert_eq!(extensions.dns_names().len(), extensions.dns_name_count);
}

#[test]
fn facts_that_tell_the_genuine_leaf_from_it() {
    let genuine = facts(GENUINE_LEAF);
    assert_eq!(genuine.key.rsa_exponent, Some(65537));
    assert!(genuine.extensions.sct);
    assert_eq!(genuine.extensions.count, 10);
    assert!(facts(QAZNET_ROOT).self_issued() && facts(QAZNET_ROOT).extensions.ca);
    assert_eq!(facts(QAZNET_ROOT).key.bits, 4096);
}

#[test]
fn signatures() {
    use Verification::{Fails, Valid};
    let cases = [
        (INJECTED_LEAF, INJECTED_INTERMEDIATE, Valid),
        (INJECTED_INTERMEDIATE, QAZNET_ROOT, Valid),
        (QAZNET_ROOT, QAZNET_ROOT, Valid),
        (GENUINE_LEAF, GENUINE_INTERMEDIATE, Valid),
        (GENUINE_LEAF, INJECTED_INTERMEDIATE, Fails),
        (INJECTED_LEAF, QAZNET_ROOT, Fails),
    ];
    for (child, issuer, expected) in cases {
        assert_eq!(certificate(child).signed_by(&facts(issuer).key), expected);
    }
}

#[test]
fn a_key_of_a_list_is_the_key_of_its_certificate() {
    let root = facts(QAZNET_ROOT);
    let listed = PublicKey::from_der(root.key.spki()).unwrap();
    assert_eq!(listed, root.key);
    assert_eq!(Some(&listed.key_id()[..]), root.extensions.subject_key_id.as_deref());
    let mut longer = root.key.spki().to_vec();
    longer.push(0);
    assert_eq!(PublicKey::from_der(&longer), Err(Malformed::Key));
}

#[test]
fn what_does_not_parse_keeps_its_hashes() {
    let whole = der(GENUINE_LEAF);
    let cut = Certificate::new(&whole[..whole.len() - 1]);
    assert_eq!(cut.facts().map(|_| ()), None);
    assert_eq!(cut.sha256, sha256(&whole[..whole.len() - 1]));
    assert_eq!(cut.signed_by(&facts(GENUINE_INTERMEDIATE).key), Verification::Fails);
    let long = Certificate::new(&vec![0x30; MAX_DER + 1]);
    assert!(matches!(long.read(), Err(Malformed::TooLong(length)) if length == MAX_DER + 1));
    assert!(long.der().is_empty());
}

#[test]
fn bytes_after_the_certificate_are_counted() {
    let mut longer = der(GENUINE_LEAF);
    longer.extend([0; 3]);
    assert_eq!(Certificate::new(&longer).facts().unwrap().trailing, 3);
}

#[test]
fn validity_is_told_in_days_and_saturates() {
    let validity = Validity { not_before: 1_000_000, not_after: 1_172_800 };
    let cases = [
        (1_000_000, ValidityAt::Valid),
        (1_172_800, ValidityAt::Valid),
        (999_999, ValidityAt::NotYet(1)),
        (1_172_801, ValidityAt::Expired(1)),
        (1_172_800 + 86_401, ValidityAt::Expired(2)),
    ];
    for (second, expected) in cases {
        assert_eq!(validity.at(Time::new(second, 0)), expected);
    }
    assert_eq!(validity.days(), 2);
    let endless = Validity { not_before: i64::MIN, not_after: 253_402_300_799 };
    assert_eq!(endless.not_after(), Time(i64::MAX));
    assert_eq!(endless.at(Time::new(0, 0)), ValidityAt::Valid);
    assert_eq!(Validity { not_before: 2, not_after: 1 }.days(), 0);
}

/// The OID's octets, the string's tag, the value.
type Attribute<'a> = (&'a [u8], u8, &'a [u8]);

/// A name as DER, one attribute a set.
fn name_der(attributes: &[Attribute]) -> Vec<u8> {
    fn wrap(tag: u8, content: &[u8]) -> Vec<u8> {
        let mut der = vec![tag, 0x82];
        der.extend(u16::try_from(content.len()).unwrap().to_be_bytes());
        der.extend(content);
        der
    }
    let sets: Vec<u8> = attributes
        .iter()
        .flat_map(|(oid, tag, value)| {
            let mut pair = vec![6, u8::try_from(oid.len()).unwrap()];
            pair.extend(*oid);
            pair.extend(wrap(*tag, value));
            wrap(0x31, &wrap(0x30, &pair))
        })
        .collect();
    wrap(0x30, &sets)
}

fn name(attributes: &[Attribute]) -> Name {
    use x509_parser::asn1_rs::FromDer;
    let der = name_der(attributes).into();
    Name::new(&der, &x509_parser::x509::X509Name::from_der(&der).unwrap().1)
}

#[test]
fn hostile_names_stay_one_readable_line() {
    const CN: &[u8] = &[0x55, 4, 3];
    const O: &[u8] = &[0x55, 4, 10];
    let cases: &[(&[Attribute], &str)] = &[
        (&[(O, 12, b"Evil"), (CN, 12, b"a")], "CN=a,O=Evil"),
        (&[(CN, 12, b"a,O=Good CA")], "CN=a\\,O=Good CA"),
        (&[(CN, 12, b"#x \"<>;+\\ ")], "CN=\\#x \\\"\\<\\>\\;\\+\\\\\\ "),
        (&[(CN, 12, b" a ")], "CN=\\ a\\ "),
        (&[(CN, 12, b"a\nb\0\x1b[31m")], "CN=a\\0ab\\00\\1b[31m"),
        (&[(CN, 12, "a\u{202e}b".as_bytes())], "CN=a\\e2\\80\\aeb"),
        (&[(CN, 12, b"\xff\xfe")], "CN=#0cfffe"),
        (&[(CN, 20, b"caf\xe9")], "CN=café"),
        (&[(CN, 30, b"\x04\x1a\x00Z")], "CN=КZ"),
        (&[(CN, 30, b"\x04")], "CN=#1e04"),
        (&[(CN, 28, b"\0\0\0A")], "CN=A"),
        (&[(&[0x2a, 3], 12, b"x")], "1.2.3=#0c78"),
    ];
    for (attributes, expected) in cases {
        assert_eq!(&*name(attributes).text, *expected);
    }
}

#[test]
fn endless_names_are_cut() {
    let long = vec![0xc3; 4000].into_iter().zip(vec![0xa9; 4000]).flat_map(|(a, b)| [a, b]).collect::<Vec<u8>>();
    let name = name(&[(&[0x55, 4, 3], 12, &long)]);
    assert!(name.text.len() <= MAX_NAME_TEXT && name.text.ends_with('…'));
    assert!(name.common_name_and_organization().0.unwrap().len() <= MAX_NAME_TEXT);
}

#[test]
fn names_are_told_of_every_list_up_to_the_limit() {
    use x509_parser::extensions::{ParsedExtension, X509Extension};
    use x509_parser::oid_registry::OID_X509_EXT_SUBJECT_ALT_NAME;
    let list = |names: &[&[u8]]| {
        let names: Vec<u8> = names.iter().flat_map(|name| [&[0x82, name.len() as u8], *name].concat()).collect();
        [&[0x30, names.len() as u8], &*names].concat()
    };
    let lists =
        [list(&[b"a.example"]), list(&[b"b\nb", b"c"]), list(&[b"d".as_slice(); 21]), list(&[b"e".as_slice(); 42])];
    let der: Arc<[u8]> = lists.concat().into();
    let mut rest = &*der;
    let extensions: Vec<_> = lists
        .iter()
        .map(|list| {
            let value = rest.split_off(..list.len()).unwrap();
            X509Extension::new(OID_X509_EXT_SUBJECT_ALT_NAME, false, value, ParsedExtension::Unparsed)
        })
        .collect();
    let facts = Extensions::new(&der, &extensions);
    let names = facts.dns_names();
    assert_eq!(names.iter().map(|name| &**name).take(4).collect::<Vec<_>>(), ["a.example", "b\\0ab", "c", "d"]);
    assert_eq!((names.len(), facts.dns_name_count, facts.malformed), (MAX_DNS_NAMES, 66, 0));
}

#[test]
fn the_cache_reads_once() {
    let mut cache = CertificateCache::new(64, [3, 4]);
    let leaf = der(GENUINE_LEAF);
    let first = cache.certificate(&leaf);
    let again = cache.certificate(&leaf);
    assert!(Arc::ptr_eq(&first, &again));
    assert_eq!(cache.counts(), CacheCounts { hits: 1, misses: 1, ..CacheCounts::default() });
}

#[test]
fn the_cache_never_mistakes_one_certificate_for_another() {
    let mut cache = CertificateCache::new(8, [3, 4]);
    let leaf = der(GENUINE_LEAF);
    for position in (0..leaf.len()).step_by(7) {
        let mut other = leaf.clone();
        other[position] ^= 1;
        assert_eq!(cache.certificate(&other).sha256, sha256(&other));
        assert_eq!(cache.certificate(&leaf).sha256, sha256(&leaf));
    }
}

#[test]
fn the_cache_hashes_once_what_it_could_not_keep() {
    let mut cache = CertificateCache::new(4, [3, 4]);
    let leaf = der(GENUINE_LEAF);
    let others: Vec<Vec<u8>> = (0..16).map(|at| [&leaf[..at], &[leaf[at] ^ 1], &leaf[at + 1..]].concat()).collect();
    for _twice in 0..2 {
        others.iter().for_each(|other| assert_eq!(cache.certificate(other).sha256, sha256(other)));
    }
    let counts = cache.counts();
    assert_eq!((counts.hits, counts.misses, counts.hashed_before), (0, 32, 16));
}

#[test]
fn what_is_used_again_and_again_stays() {
    let mut cache = CertificateCache::new(8, [3, 4]);
    let leaf = der(GENUINE_LEAF);
    for number in 0..200_u32 {
        cache.certificate(&leaf);
        cache.certificate(&number.to_be_bytes());
    }
    let counts = cache.counts();
    assert_eq!((counts.hits, counts.misses), (199, 201), "{counts:?}");
}

#[test]
fn the_cache_is_bounded() {
    let mut cache = CertificateCache::new(16, [3, 4]);
    for number in 0..1000_u32 {
        cache.certificate(&number.to_be_bytes());
    }
    let counts = cache.counts();
    assert_eq!((counts.hits, counts.misses, counts.hashed_before), (0, 1000, 0));
    assert_eq!(counts.evicted, 1000 - 16);
    let long = vec![7; MAX_REMEMBERED + 1];
    cache.certificate(&long);
    cache.certificate(&long);
    assert_eq!((cache.counts().oversized, cache.counts().misses), (2, 1002));
}

#[test]
fn mutations_never_panic() {
    let mut random = SplitMix64(2019);
    for pem in [INJECTED_LEAF, GENUINE_LEAF, QAZNET_ROOT] {
        let original = der(pem);
        for _ in 0..400 {
            let mut mutated = original.clone();
            for _ in 0..=random.below(4) {
                let at = random.below(mutated.len());
                mutated[at] = u8::try_from(random.below(256)).unwrap();
            }
            mutated.truncate(mutated.len() - random.below(3) * random.below(100));
            fuzz_certificate(&mutated);
        }
    }
}
