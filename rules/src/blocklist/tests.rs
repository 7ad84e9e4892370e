use std::collections::HashSet;
use std::sync::Arc;

use dissectors::time::Time;
use dissectors::x509::{Certificate, Hex, ValidityAt};

use super::*;

macro_rules! real {
    ($name:literal) => {
        certificate(include_bytes!(concat!("../../../dissectors/src/x509/testdata/", $name, ".pem")))
    };
}

macro_rules! made {
    ($name:literal) => {
        certificate(include_bytes!(concat!("testdata/", $name, ".pem")))
    };
}

fn certificate(pem: &[u8]) -> Arc<Certificate> {
    Arc::new(Certificate::new(&x509_parser::pem::parse_x509_pem(pem).unwrap().1.contents))
}

/// July 2019, when the chain was recorded.
const JULY_2019: Time = Time(1_563_900_000 * 1_000_000_000);

const LAB_ROOT: &[u8] = include_bytes!("testdata/lab-root.pem");

fn matcher_with(extra: &[(&str, &[u8])]) -> Matcher {
    let mut list = Blocklist::builtin();
    for (name, bytes) in extra {
        let loaded = load(name, bytes, None);
        assert_eq!(loaded.errors, []);
        list.add(loaded);
    }
    Matcher::new(Arc::new(list), MatcherLimits::default())
}

fn matches(chain: &[Arc<Certificate>], extra: &[(&str, &[u8])]) -> Vec<Match> {
    matcher_with(extra).match_chain(chain, JULY_2019).to_vec()
}

/// Class, level, signature, mark, and length of the path of each match.
fn outline(found: &[Match]) -> Vec<(Class, Level, Signature, By, usize)> {
    found.iter().map(|found| (found.class(), found.level, found.signature, found.by, found.path.len())).collect()
}

const PROVEN_BY_SIGNER: (Class, Level, Signature, By) =
    (Class::Interception, Level::Proven, Signature::Verified, By::Signer);

fn assert_proven_by_signer(found: &[Match], path: usize) {
    let (class, level, signature, by) = PROVEN_BY_SIGNER;
    assert_eq!(outline(found), [(class, level, signature, by, path)]);
}

#[test]
fn the_chain_of_2019_is_proven_without_its_root() {
    let chain = [real!("injected-leaf"), real!("injected-intermediate")];
    let found = matches(&chain, &[]);
    assert_proven_by_signer(&found, 2);
    assert_eq!(found[0].entry.label, "Kazakhstan: Qaznet Trust Network");
    assert_eq!(found[0].entry.id, "kazakhstan-roots/00309c736dd661da");
    assert_eq!(found[0].entry.kind, Kind::Root);
    assert_eq!(found[0].path[1].sha256, chain[1].sha256);
    assert_eq!(traits(&found[0].path[0]), [Trait::RsaExponent3, Trait::NoEmbeddedSct, Trait::FewExtensions(6)]);
    assert_eq!(traits(&found[0].path[1]), []);
}

#[test]
fn with_its_root_it_is_the_same_match() {
    let chain = [real!("injected-leaf"), real!("injected-intermediate"), real!("qaznet-root")];
    assert_proven_by_signer(&matches(&chain, &[]), 2);
}

#[test]
fn an_expired_intermediate_is_stated_and_suppresses_nothing() {
    let chain = [real!("injected-leaf"), real!("injected-intermediate")];
    let later = Time::new(1_613_111_816 + 10 * 86_400, 0);
    let found = matcher_with(&[]).match_chain(&chain, later);
    assert_proven_by_signer(&found, 2);
    let validity = |place: usize| found[0].path[place].facts().unwrap().validity.at(later);
    assert_eq!((validity(0), validity(1)), (ValidityAt::Valid, ValidityAt::Expired(10)));
}

#[test]
fn the_servers_own_chain_matches_nothing() {
    let chain = [real!("genuine-leaf"), real!("genuine-intermediate")];
    let mut matcher = matcher_with(&[]);
    assert!(matcher.match_chain(&chain, JULY_2019).is_empty());
    assert_eq!((matcher.counts().searched, matcher.counts().verifications), (0, 0), "healthy chains cost no signature");
}

#[test]
fn a_look_alike_is_claimed_and_never_proven() {
    for chain in [
        vec![made!("alike-leaf"), made!("alike-sub")],
        vec![made!("alike-leaf"), made!("alike-sub"), made!("alike-root")],
        vec![made!("alike-leaf"), made!("alike-root"), made!("alike-sub")],
    ] {
        let found = matches(&chain, &[]);
        assert_eq!(outline(&found), [(Class::Interception, Level::Claimed, Signature::Fails, By::Signer, 2)]);
        assert_eq!(found[0].candidates, 7, "so many roots share the name");
    }
}

#[test]
fn what_the_leaf_does_not_lead_to_is_no_match() {
    let genuine = [real!("genuine-leaf"), real!("genuine-intermediate")];
    for junk in [real!("qaznet-root"), real!("injected-intermediate"), made!("alike-sub")] {
        for place in 1..=2 {
            let mut chain = genuine.to_vec();
            chain.insert(place, Arc::clone(&junk));
            assert_eq!(outline(&matches(&chain, &[])), [], "junk at {place}");
        }
    }
}

#[test]
fn order_does_not_matter_behind_the_leaf() {
    let rest = [made!("lab-lower"), made!("lab-upper"), made!("alike-root"), real!("genuine-intermediate")];
    for rotation in 0..rest.len() {
        let mut chain = vec![made!("lab-leaf")];
        chain.extend(rest.iter().cycle().skip(rotation).take(rest.len()).cloned());
        assert_proven_by_signer(&matches(&chain, &[("lab.pem", LAB_ROOT)]), 3);
        chain[1..].reverse();
        assert_proven_by_signer(&matches(&chain, &[("lab.pem", LAB_ROOT)]), 3);
    }
}

#[test]
fn a_missing_link_ends_the_path() {
    let chain = [made!("lab-leaf"), made!("lab-upper")];
    assert_eq!(outline(&matches(&chain, &[("lab.pem", LAB_ROOT)])), []);
}

#[test]
fn a_leaf_is_listed_by_its_hash() {
    let leaf = made!("lab-leaf");
    let sslbl =
        format!("# comment\nListingdate,SHA1,Listingreason\n2024-05-01 10:00:00,{},Some C&C\n", Hex(leaf.sha1()));
    let own = format!("kind,class,label,sha256\nleaf,interception,A leaf,{}\n", Hex(&leaf.sha256));
    let alone = [leaf];
    let proven = |class, by| (class, Level::Proven, Signature::Verified, by, 1);
    let found = matches(&alone, &[("sslblacklist.csv", sslbl.as_bytes())]);
    assert_eq!(outline(&found), [proven(Class::Compromised, By::Sha1)]);
    assert_eq!((found[0].entry.label.as_str(), found[0].entry.line), ("Some C&C", 3));
    assert_eq!(outline(&matches(&alone, &[("own.csv", own.as_bytes())])), [proven(Class::Interception, By::Sha256)]);
}

#[test]
fn an_authority_sent_alone_is_what_the_server_uses() {
    let root = real!("qaznet-root");
    let by_hash = (Class::Interception, Level::Proven, Signature::Verified, By::Sha256, 1);
    assert_eq!(outline(&matches(&[Arc::clone(&root)], &[])), [by_hash]);
    assert_proven_by_signer(&matches(&[real!("injected-intermediate")], &[]), 1);
    let before_others = [root, real!("genuine-leaf"), real!("genuine-intermediate")];
    let found = matches(&before_others, &[]);
    assert_eq!(outline(&found), [(Class::Interception, Level::Claimed, Signature::NoKey, By::Sha256, 1)]);
}

#[test]
fn a_listed_intermediate_is_reached_by_signature_or_not_at_all() {
    let sub = made!("lab-lower");
    let own = format!("kind,sha1\nintermediate,{}\n", Hex(sub.sha1()));
    let found = matches(&[made!("lab-leaf"), Arc::clone(&sub)], &[("own.csv", own.as_bytes())]);
    assert_eq!(outline(&found), [(Class::Interception, Level::Proven, Signature::Verified, By::Sha1, 2)]);
    let junk = [real!("genuine-leaf"), real!("genuine-intermediate"), sub];
    assert_eq!(outline(&matches(&junk, &[("own.csv", own.as_bytes())])), []);
}

#[test]
fn a_listed_key_is_enough() {
    let root = made!("lab-upper");
    let key = &root.facts().unwrap().key;
    let hash = format!("kind,spki_sha256\nspki,{}\n", Hex(&key.spki_sha256));
    let chain = [made!("lab-leaf"), made!("lab-lower"), made!("lab-upper")];
    let found = matches(&chain, &[("own.csv", hash.as_bytes())]);
    assert_eq!(outline(&found), [(Class::Interception, Level::Proven, Signature::Verified, By::Spki, 3)]);
    assert_eq!(outline(&matches(&chain[..2], &[("own.csv", hash.as_bytes())])), [], "a hash verifies nothing");
    let pem = format!(
        "-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n",
        base64::Engine::encode(&base64::engine::general_purpose::STANDARD, key.spki())
    );
    assert_proven_by_signer(&matches(&chain[..2], &[("key.pem", pem.as_bytes())]), 2);
}

#[test]
fn what_onecrl_lists_is_recorded_as_revoked() {
    let chain = [real!("genuine-leaf"), real!("genuine-intermediate")];
    let facts = chain[1].facts().unwrap();
    let base64 = |bytes: &[u8]| base64::Engine::encode(&base64::engine::general_purpose::STANDARD, bytes);
    let by_serial = format!(
        r#"{{"data":[{{"id":"x","enabled":false,"issuerName":"{}","serialNumber":"{}"}}]}}"#,
        base64(&facts.issuer.der),
        base64(&[&[0], &*facts.serial].concat()),
    );
    let found = matches(&chain, &[("onecrl.json", by_serial.as_bytes())]);
    assert_eq!(outline(&found), [(Class::Revoked, Level::Claimed, Signature::NoKey, By::IssuerSerial, 2)]);
    assert!(!found[0].class().alerts());
    let by_key = format!(
        r#"{{"data":[{{"subject":"{}","pubKeyHash":"{}"}}]}}"#,
        base64(&facts.subject.der),
        base64(&facts.key.spki_sha256),
    );
    let found = matches(&chain, &[("onecrl.json", by_key.as_bytes())]);
    assert_eq!(outline(&found), [(Class::Revoked, Level::Proven, Signature::Verified, By::SubjectSpki, 2)]);
}

#[test]
fn signatures_that_nobody_can_verify_prove_nothing() {
    let cases: [(_, _, &[u8], _); 2] = [
        (made!("weak-leaf"), made!("weak-root"), include_bytes!("testdata/weak-root.pem"), Signature::WeakKey),
        (made!("odd-leaf"), made!("odd-root"), include_bytes!("testdata/odd-root.pem"), Signature::Unsupported),
    ];
    for (leaf, root, pem, signature) in cases {
        let found = matches(&[Arc::clone(&leaf)], &[("roots.pem", pem)]);
        assert_eq!(outline(&found), [(Class::Interception, Level::Claimed, signature, By::Signer, 1)]);
        let found = matches(&[leaf, root], &[("roots.pem", pem)]);
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].level, found[0].signature), (Level::Claimed, signature));
    }
}

#[test]
fn products_are_known_by_name_and_only_claimed() {
    let found = matches(&[made!("office-leaf")], &[]);
    assert_eq!(outline(&found), [(Class::Product, Level::Claimed, Signature::NoKey, By::IssuerPattern, 1)]);
    assert_eq!(found[0].entry.label, "Zscaler");
}

#[test]
fn an_issuers_name_as_der_is_claimed() {
    let leaf = made!("lab-leaf");
    let own = format!("kind,issuer_der\nissuer_dn,{}\n", Hex(&leaf.facts().unwrap().issuer.der));
    let found = matches(&[leaf], &[("own.csv", own.as_bytes())]);
    assert_eq!(outline(&found), [(Class::Interception, Level::Claimed, Signature::NoKey, By::IssuerDn, 1)]);
}

#[test]
fn the_heaviest_and_surest_match_comes_first() {
    let chain = [real!("injected-leaf"), real!("injected-intermediate")];
    let leaf = format!("kind,class,sha256\nleaf,revoked,{}\n", Hex(&chain[0].sha256));
    let name = format!("kind,issuer_der\nissuer_dn,{}\n", Hex(&chain[0].facts().unwrap().issuer.der));
    let found = matches(&chain, &[("a.csv", leaf.as_bytes()), ("b.csv", name.as_bytes())]);
    let order: Vec<_> = found.iter().map(|found| (found.class(), found.level)).collect();
    assert_eq!(
        order,
        [(Class::Interception, Level::Proven), (Class::Interception, Level::Claimed), (Class::Revoked, Level::Proven)]
    );
}

#[test]
fn a_chain_is_searched_once() {
    let chain = [made!("alike-leaf"), made!("alike-sub")];
    let mut matcher = matcher_with(&[]);
    let first = matcher.match_chain(&chain, JULY_2019);
    let tried = matcher.counts().verifications;
    let again = matcher.match_chain(&chain, JULY_2019);
    assert!(Arc::ptr_eq(&first, &again));
    assert_eq!((matcher.counts().verifications, matcher.counts().remembered), (tried, 1));
    assert_eq!(tried, 8, "one link and seven roots");
}

#[test]
fn a_spent_budget_is_stated_and_not_remembered() {
    let limits = MatcherLimits { verifications_per_second: 0, ..MatcherLimits::default() };
    let mut matcher = Matcher::new(Arc::new(Blocklist::builtin()), limits);
    let chain = [real!("injected-leaf"), real!("injected-intermediate")];
    let found = matcher.match_chain(&chain, JULY_2019);
    assert_eq!(outline(&found), [(Class::Interception, Level::Claimed, Signature::NotTried, By::Signer, 2)]);
    assert!(matcher.counts().over_budget > 0);
    matcher.match_chain(&chain, JULY_2019);
    assert_eq!(matcher.counts().remembered, 0);
}

#[test]
fn endless_chains_are_cut_and_cost_a_bounded_number_of_signatures() {
    let mut chain = vec![real!("injected-leaf")];
    chain.extend(std::iter::repeat_n(made!("alike-sub"), 200));
    let mut matcher = matcher_with(&[]);
    matcher.match_chain(&chain, JULY_2019);
    let counts = matcher.counts();
    assert_eq!(counts.cut, 1);
    assert!(counts.verifications <= MAX_TRIES as u64);
    assert!(matcher.match_chain(&[], JULY_2019).is_empty());
}

#[test]
fn the_built_in_lists_are_whole() {
    let list = Blocklist::builtin();
    assert!(list.sources().iter().all(|source| source.errors == 0 && source.entries > 0), "{:?}", list.sources());
    let count = |class| list.entries().iter().filter(|entry| entry.class == class).count();
    assert_eq!(Class::ALL.map(count), [10 + 7 + 3 + 3, 24, 22 + 1, 70]);
    let ids: HashSet<_> = list.entries().iter().map(|entry| entry.id.as_str()).collect();
    assert_eq!(ids.len(), list.entries().len(), "ids are unique");
    assert!(list.entries().iter().all(|entry| !entry.label.is_empty() && !entry.reason.is_empty()));
    let roots = list.entries().iter().filter(|entry| &*entry.source == "kazakhstan-roots.pem");
    assert_eq!(roots.filter(|entry| entry.kind == Kind::Root && entry.marks.key.is_some()).count(), 10);
}

#[test]
fn the_listed_intermediates_are_found_by_issuer_and_serial() {
    let list = Blocklist::builtin();
    let listed = list.entries().iter().filter(|entry| &*entry.source == "kazakhstan-intermediates.csv");
    let look_alike = made!("alike-sub");
    let issuer = &*look_alike.facts().unwrap().issuer.der;
    assert_eq!(listed.filter(|entry| entry.marks.issuer.as_deref() == Some(issuer)).count(), 7);
}

#[test]
fn the_files_that_browsers_ship_load_without_error() {
    let folder = std::env::var_os("HUSHWIRE_BLOCKLIST").map_or_else(
        || std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/blocklist"),
        std::path::PathBuf::from,
    );
    let Ok(onecrl) = std::fs::read(folder.join("onecrl.json")) else {
        return eprintln!("skipped: no blocklist files in {}", folder.display());
    };
    let loaded = load("onecrl.json", &onecrl, None);
    assert_eq!((loaded.format, loaded.error_count), (Format::OneCrl, 0));
    let records = String::from_utf8_lossy(&onecrl).matches("\"schema\"").count();
    assert_eq!(loaded.entries.len(), records);
    let certificates = std::fs::read_dir(folder.join("chromium")).unwrap().map(|file| file.unwrap().path());
    for path in certificates.filter(|path| path.extension().is_some_and(|ending| ending == "pem")) {
        let loaded = load(&path.to_string_lossy(), &std::fs::read(&path).unwrap(), None);
        assert_eq!((loaded.entries.len(), loaded.error_count), (1, 0), "{}", path.display());
    }
}

struct SplitMix64(u64);

impl SplitMix64 {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % end as u64).unwrap()
    }
}

/// Whatever stands behind the leaf, in whatever order and number: an innocent leaf stays innocent, and a forged one is
/// proven exactly if the certificate that leads to the root is there.
#[test]
fn what_is_appended_decides_nothing() {
    let pool = [
        real!("genuine-intermediate"),
        real!("injected-intermediate"),
        real!("qaznet-root"),
        made!("alike-sub"),
        made!("alike-root"),
        made!("lab-root"),
        made!("office-root"),
    ];
    let mut random = SplitMix64(42);
    let mut matcher = matcher_with(&[("lab.pem", LAB_ROOT)]);
    for _ in 0..300 {
        let tail: Vec<_> = (0..random.below(9)).map(|_| Arc::clone(&pool[random.below(pool.len())])).collect();
        let behind = |leaf: Arc<Certificate>| [&[leaf], tail.as_slice()].concat();
        assert!(matcher.match_chain(&behind(real!("genuine-leaf")), JULY_2019).is_empty());
        let found = matcher.match_chain(&behind(real!("injected-leaf")), JULY_2019);
        let led = tail.iter().any(|certificate| certificate.sha256 == pool[1].sha256);
        assert_eq!(found.iter().filter(|found| found.level == Level::Proven).count(), usize::from(led));
        assert_eq!(found.len(), usize::from(led));
    }
}

#[test]
fn mutated_chains_never_panic() {
    let mut data = Vec::new();
    for certificate in [real!("injected-leaf"), real!("injected-intermediate"), made!("alike-sub")] {
        data.extend(u16::try_from(certificate.der().len()).unwrap().to_be_bytes());
        data.extend(certificate.der());
    }
    fuzz_chain(&data);
    let mut random = SplitMix64(7);
    for _ in 0..100 {
        let mut mutated = data.clone();
        for _ in 0..3 {
            let at = random.below(mutated.len());
            mutated[at] ^= 1 << random.below(8);
        }
        fuzz_chain(&mutated);
    }
}
