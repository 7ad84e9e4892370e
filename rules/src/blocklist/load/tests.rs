use super::*;

const LAB_ROOT: &str = include_str!("../testdata/lab-root.pem");
const LAB_LEAF: &str = include_str!("../testdata/lab-leaf.pem");
const SHA1: &str = "0123456789abcdef0123456789ABCDEF01234567";

fn load_text(text: &str) -> Loaded {
    load("lists/My List.txt", text.as_bytes(), None)
}

fn problems(text: &str) -> Vec<(u32, Problem)> {
    load_text(text).errors.into_iter().map(|error| (error.line, error.problem)).collect()
}

#[test]
fn formats_are_told_by_content() {
    let cases: &[(&[u8], Format)] = &[
        (b"\xef\xbb\xbf# note\n-----BEGIN CERTIFICATE-----", Format::Pem),
        (b"\x30\x82\x01\x02", Format::Der),
        (b" \n{\"data\": []}", Format::OneCrl),
        (b"# comment\n\"kind\",sha1\n", Format::Csv),
        (b"sha1, kind\n", Format::Csv),
        (b"2024-01-01,aa,bb", Format::Sslbl),
        (b"", Format::Sslbl),
    ];
    for (bytes, expected) in cases {
        assert_eq!(detect_format(bytes), *expected, "{:?}", String::from_utf8_lossy(bytes));
    }
}

#[test]
fn several_certificates_with_notes() {
    let text = format!("# class: compromised\n# label: First: the root\n{LAB_ROOT}\nany text\n{LAB_LEAF}");
    let loaded = load_text(&text);
    assert_eq!(loaded.errors, []);
    let [root, leaf] = loaded.entries.as_slice() else { panic!("{:?}", loaded.entries) };
    assert_eq!((root.class, root.kind, root.label.as_str()), (Class::Compromised, Kind::Root, "First: the root"));
    assert_eq!(root.line, 3);
    assert_eq!((leaf.class, leaf.kind, leaf.label.as_str()), (Class::Interception, Kind::Leaf, "CN=www.example.org"));
    let hash = Hex(&root.marks.sha256.unwrap()[..8]).to_string();
    assert_eq!(root.id, format!("My List/{hash}"));
}

#[test]
fn the_caller_may_set_the_class() {
    let loaded = load("x.pem", LAB_ROOT.as_bytes(), Some(Class::Revoked));
    assert_eq!(loaded.entries[0].class, Class::Revoked);
}

#[test]
fn der_is_one_certificate() {
    let der = x509_parser::pem::parse_x509_pem(LAB_ROOT.as_bytes()).unwrap().1.contents;
    let loaded = load("root.der", &der, None);
    assert_eq!((loaded.format, loaded.entries.len(), loaded.errors.len()), (Format::Der, 1, 0));
    let cut = load("root.der", &der[..der.len() - 1], None);
    assert_eq!(cut.errors[0].to_string(), "root.der:1: the certificate is no complete DER");
}

#[test]
fn errors_name_their_line_and_leave_the_rest() {
    let broken = "-----BEGIN CERTIFICATE-----\n!!!\n-----END CERTIFICATE-----\n";
    assert_eq!(problems(&format!("\n{broken}{LAB_ROOT}")), [(2, Problem::Base64)]);
    assert_eq!(load_text(&format!("{broken}{LAB_ROOT}")).entries.len(), 1);
    assert_eq!(
        problems(&format!("{LAB_ROOT}# class: evil\n")),
        [(LAB_ROOT.lines().count() as u32 + 1, Problem::Class("evil".into()))]
    );
    assert_eq!(problems("-----BEGIN CERTIFICATE-----\nAA==\n"), [(1, Problem::Unterminated)]);
    assert_eq!(
        problems("-----BEGIN PUBLIC KEY-----\nAA==\n-----END PUBLIC KEY-----"),
        [(1, Problem::Certificate(dissectors::x509::Malformed::Key))]
    );
    let private = "-----BEGIN PRIVATE KEY-----\nAA==\n-----END PRIVATE KEY-----";
    assert_eq!(problems(private), [(1, Problem::Empty)]);
}

#[test]
fn our_own_format() {
    let text = format!(
        "# a comment\nkind,class,label,sha1,serial,issuer_der,issuer_cn,reason\n\
         leaf,compromised,\"A \"\"quoted\"\", label\",{SHA1},,,,why\n\
         issuer_dn,product,P,,,,Proxy CA *,\n\
         intermediate,,,,00:0A:ff,3000,,\n"
    );
    let loaded = load_text(&text);
    assert_eq!(loaded.errors, []);
    let [leaf, product, intermediate] = loaded.entries.as_slice() else { panic!("{:?}", loaded.entries) };
    assert_eq!((leaf.label.as_str(), leaf.reason.as_str(), leaf.line), ("A \"quoted\", label", "why", 3));
    assert_eq!(leaf.id, "My List/0123456789abcdef");
    assert_eq!(product.class, Class::Product);
    assert_eq!((intermediate.class, intermediate.marks.serial.as_deref()), (Class::Interception, Some(&[10, 255][..])));
}

#[test]
fn our_own_formats_errors() {
    let cases = [
        ("kind,sha1\nleaf,xyz\n", (2, Problem::Hex("sha1", Some(20)))),
        ("kind,sha1\nleaf\n", (2, Problem::Fields(1, 2))),
        ("kind,sha1\nbranch,\n", (2, Problem::Kind("branch".into()))),
        ("kind,sha1\n,aa\n", (2, Problem::Hex("sha1", Some(20)))),
        ("kind,sha1\nleaf,\n", (2, Problem::NothingToMatch(Kind::Leaf))),
        ("kind,sha1\nroot,\"\n", (2, Problem::Quote)),
        ("kind,sha1\n,\n", (2, Problem::NoKind)),
        ("kind,sha3\n", (1, Problem::Column("sha3".into()))),
        ("kind,sha1\n", (1, Problem::Empty)),
        ("kind,serial\nleaf,0g\n", (2, Problem::Hex("serial", None))),
    ];
    for (text, expected) in cases {
        assert_eq!(problems(text), [expected], "{text:?}");
    }
}

#[test]
fn sslbl() {
    let text = format!("# SSLBL\r\nListingdate,SHA1,Listingreason\r\n2024-01-01 00:00:00,{SHA1},Evil C&C\r\n");
    let loaded = load_text(&text);
    assert_eq!((loaded.format, loaded.errors.len()), (Format::Sslbl, 0));
    let entry = &loaded.entries[0];
    assert_eq!(
        (entry.class, entry.kind, entry.label.as_str(), entry.line),
        (Class::Compromised, Kind::Leaf, "Evil C&C", 3)
    );
    assert_eq!(
        problems("2024,abc,x\nno list at all\n"),
        [(1, Problem::Hex("SHA-1", Some(20))), (2, Problem::Fields(1, 3))]
    );
}

#[test]
fn onecrl_names_the_broken_record() {
    let text =
        r#"{"data":[{"id":"a","issuerName":"MAA=","serialNumber":"AAE="},{"issuerName":"!"},{"subject":"MAA="}]}"#;
    let loaded = load_text(text);
    assert_eq!(loaded.entries.len(), 1);
    let entry = &loaded.entries[0];
    assert_eq!((entry.id.as_str(), entry.class, entry.kind), ("onecrl/a", Class::Revoked, Kind::IssuerSerial));
    assert_eq!(entry.marks.serial.as_deref(), Some(&[1][..]), "without leading zeros");
    assert_eq!(problems(text), [(2, Problem::Base64), (3, Problem::NothingToMatch(Kind::SubjectSpki))]);
    assert!(matches!(problems("{\n\"data\": 1}")[..], [(2, Problem::Json(_))]));
}

#[test]
fn errors_are_bounded_and_counted() {
    let loaded = load_text(&"x\n".repeat(1000));
    assert_eq!((loaded.errors.len(), loaded.error_count), (MAX_ERRORS, 1000));
}

#[test]
fn mutated_files_never_panic() {
    let own = format!("kind,class,label,sha1\nleaf,revoked,\"a, b\",{SHA1}\n");
    let onecrl = r#"{"data":[{"id":"a","issuerName":"MAA=","serialNumber":"AAE="}]}"#;
    let mut seed = 11_u64;
    for text in [LAB_ROOT, &own, onecrl] {
        for _ in 0..300 {
            let mut mutated = text.as_bytes().to_vec();
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let at = usize::try_from(seed >> 33).unwrap() % mutated.len();
            mutated[at] = seed.to_be_bytes()[5];
            mutated.truncate(mutated.len() - usize::try_from(seed >> 60).unwrap());
            crate::blocklist::fuzz_blocklist(&mutated);
        }
    }
}
