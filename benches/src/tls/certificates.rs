//! A pool of chains, each a leaf and its intermediate: DER that parses, as long as a web server's chain is.

use pcaps::random::Random;
use pcaps::tls::certificate::{
    Body, Validity, distinguished, extension, oid, rsa_key, sha256_with_rsa, signed, timestamps,
};
use pcaps::tls::der::{BIT_STRING, BOOLEAN, OCTET_STRING, OID, positive, sequence, value};

use crate::names::Names;

/// Leafs that share an intermediate.
const LEAFS_OF_AN_INTERMEDIATE: usize = 200;

/// A server's own certificate.
#[derive(Clone, Debug)]
pub struct Leaf {
    /// As it is sent.
    pub der: Vec<u8>,
    /// Its SHA-256.
    pub sha256: [u8; 32],
}

/// The pool: each certificate is made when it is first asked for, and is the same whatever was asked for before.
#[derive(Debug)]
pub struct Chains {
    leafs: Vec<Option<Leaf>>,
    intermediates: Vec<Option<Vec<u8>>>,
}

impl Chains {
    /// A pool of `count` leafs.
    pub fn new(count: usize) -> Self {
        Self { leafs: vec![None; count], intermediates: vec![None; count.div_ceil(LEAFS_OF_AN_INTERMEDIATE)] }
    }

    /// The leaf that serves the name of this rank, and its intermediate. Names beyond the pool's size share the leafs of
    /// others, as they do at a hoster.
    pub fn of(&mut self, rank: usize, names: &Names) -> Option<(&Leaf, &[u8])> {
        let number = rank % self.leafs.len().max(1);
        let issuer = number % self.intermediates.len().max(1);
        let leaf = self.leafs.get_mut(number)?.get_or_insert_with(|| Leaf::new(number, names.at(number), issuer));
        Some((leaf, self.intermediates.get_mut(issuer)?.get_or_insert_with(|| intermediate(issuer))))
    }
}

impl Leaf {
    fn new(number: usize, name: &str, issuer: usize) -> Self {
        let der = leaf(&mut Random::named(&format!("leaf {number}")), name, issuer);
        Self { sha256: dissectors::x509::sha256(&der), der }
    }
}

fn leaf(random: &mut Random, name: &str, issuer: usize) -> Vec<u8> {
    let names: Vec<Vec<u8>> =
        ["", "www.", "m."].iter().map(|host| value(0x82, &[format!("{host}{name}").as_bytes()])).collect();
    let names: Vec<&[u8]> = names.iter().map(Vec::as_slice).collect();
    let extensions = [
        extension(oid::KEY_USAGE, true, &value(BIT_STRING, &[&[5, 0xa0]])),
        extension(oid::EXTENDED_USAGE, false, &sequence(&[&value(OID, &[oid::SERVER_AUTH])])),
        extension(oid::BASIC_CONSTRAINTS, true, &sequence(&[])),
        extension(oid::SUBJECT_KEY, false, &value(OCTET_STRING, &[&random.bytes(20)])),
        authority_key(issuer),
        authority_access(issuer),
        extension(oid::SUBJECT_NAMES, false, &sequence(&names)),
        extension(oid::POLICIES, false, &sequence(&[&sequence(&[&value(OID, &[oid::DOMAIN_VALIDATED])])])),
        timestamps(random),
    ];
    let subject = distinguished(&[(oid::COMMON_NAME, name)]);
    certificate(random, &issuer_name(issuer), (b"260901000000Z", b"261130235959Z"), &subject, &extensions, 256)
}

fn intermediate(number: usize) -> Vec<u8> {
    let random = &mut Random::named(&format!("intermediate {number}"));
    let root = distinguished(&[(oid::COUNTRY, "ZZ"), (oid::ORGANISATION, "Bench Trust"), (oid::COMMON_NAME, "Root")]);
    let crl = value(0x86, &[format!("http://crl.bench-{number}.example/root.crl").as_bytes()]);
    let extensions = [
        extension(oid::KEY_USAGE, true, &value(BIT_STRING, &[&[1, 0x06]])),
        extension(oid::EXTENDED_USAGE, false, &sequence(&[&value(OID, &[oid::SERVER_AUTH])])),
        extension(oid::BASIC_CONSTRAINTS, true, &sequence(&[&value(BOOLEAN, &[&[0xff]]), &positive(&[0])])),
        extension(oid::SUBJECT_KEY, false, &value(OCTET_STRING, &[&key_id(number)])),
        authority_key(usize::MAX),
        authority_access(number),
        extension(oid::CRL_POINTS, false, &sequence(&[&sequence(&[&value(0xa0, &[&value(0xa0, &[&crl])])])])),
    ];
    certificate(random, &root, (b"240313000000Z", b"270312235959Z"), &issuer_name(number), &extensions, 512)
}

/// A certificate (RFC 5280, section 4.1) over an RSA key of 2,048 bits, with a signature of so many bytes.
fn certificate(
    random: &mut Random,
    issuer: &[u8],
    (from, until): (&[u8], &[u8]),
    subject: &[u8],
    extensions: &[Vec<u8>],
    signature: usize,
) -> Vec<u8> {
    let mut serial = random.bytes(16);
    serial.iter_mut().take(1).for_each(|first| *first = *first & 0x7f | 1);
    let validity = Validity { from: from.to_vec(), until: until.to_vec() };
    let key = rsa_key(random, 256, &[1, 0, 1]);
    let body = Body { serial: &serial, issuer, validity, subject, key: &key, extensions };
    signed(&body, &sha256_with_rsa(), |_| random.bytes(signature))
}

fn authority_key(number: usize) -> Vec<u8> {
    extension(oid::AUTHORITY_KEY, false, &sequence(&[&value(0x80, &[&key_id(number)])]))
}

fn authority_access(number: usize) -> Vec<u8> {
    let access = |method: &[u8], url: String| sequence(&[&value(OID, &[method]), &value(0x86, &[url.as_bytes()])]);
    let ocsp = access(oid::OCSP, format!("http://ocsp.bench-{number}.example"));
    let issuer = access(oid::CA_ISSUERS, format!("http://ca.bench-{number}.example/ca.der"));
    extension(oid::AUTHORITY_ACCESS, false, &sequence(&[&ocsp, &issuer]))
}

fn issuer_name(number: usize) -> Vec<u8> {
    let name = format!("Bench TLS RSA {number}");
    distinguished(&[(oid::COUNTRY, "ZZ"), (oid::ORGANISATION, "Bench Trust"), (oid::COMMON_NAME, &name)])
}

fn key_id(number: usize) -> Vec<u8> {
    Random::named(&format!("key {number}")).bytes(20)
}

#[cfg(test)]
mod tests {
    use super::*;
    use dissectors::x509::CertificateCache;
    use std::collections::HashSet;

    #[test]
    fn every_certificate_parses_and_chains_are_as_long_as_those_of_the_web() {
        let names = Names::new(300);
        let mut chains = Chains::new(250);
        let mut cache = CertificateCache::new(1, [0, 0]);
        let mut hashes = HashSet::new();
        for rank in 0..250 {
            let (leaf, intermediate) = chains.of(rank, &names).unwrap();
            assert!((2_500..3_200).contains(&(leaf.der.len() + intermediate.len())));
            hashes.insert(leaf.sha256);
            let leaf = cache.certificate(&leaf.der);
            let facts = leaf.facts().unwrap();
            assert!(facts.extensions.dns_names().iter().any(|name| **name == *names.at(rank)));
            let intermediate = cache.certificate(intermediate);
            assert_eq!(facts.issuer.text, intermediate.facts().unwrap().subject.text);
        }
        assert_eq!(hashes.len(), 250);
        let shared = chains.of(250, &names).unwrap().0.sha256;
        assert_eq!(Chains::new(250).of(0, &names).unwrap().0.sha256, shared, "names share chains");
    }
}
