//! Certificate authorities of the lab: a public one that signs for the servers, and an interceptor's that forges.
//!
//! Their Ed25519 keys follow from the scenario's seed, so that the same scenario gives the same chains; they guard
//! nothing. A leaf's key is a number that nobody has the private half of, unless it is handed one ([`Authority::holding`]): no simulated
//! handshake computes a secret.

use std::cell::RefCell;
use std::collections::HashMap;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use dissectors::time::Time;
use ring::error::KeyRejected;
use ring::signature::{Ed25519KeyPair, KeyPair};

use super::scenario::{Date, Interceptor, Period};
use crate::random::Random;
use crate::tls::certificate::{
    Body, Validity, alternative_names, authority, distinguished, ed25519, ed25519_key, oid, rsa_key, signed,
};

/// Organisation of the public authority, by which simulated browsers know it.
pub const PUBLIC: &str = "Hushwire Lab Public Trust";
/// Organisation of interceptors' authorities.
const INTERCEPTION: &str = "Hushwire Lab";

const DAY: Duration = Duration::from_secs(86_400);
const HOUR: i64 = 3_600_000_000_000;
/// For how long a true leaf was and will be valid when the scenario begins.
const LEAF_AGE: u32 = 30;
const LEAF_LIFE: u32 = 90;
/// The same of authorities.
const AUTHORITY_AGE: u32 = 800;
const AUTHORITY_LIFE: u32 = 3_650;
/// Bytes of an RSA-2048 modulus.
const RSA_BYTES: usize = 256;

/// Certificates in the order in which they are sent.
type Chain = Vec<Vec<u8>>;

/// An authority: a root, and intermediates that sign leaves.
pub struct Authority {
    organisation: &'static str,
    root_certificate: Vec<u8>,
    intermediates: Vec<Intermediate>,
    leaf: Leaf,
    leaf_key: Option<Vec<u8>>,
    begins: Time,
    seed: String,
    /// Those that were asked for, by server name and intermediate.
    chains: RefCell<HashMap<(String, usize), Chain>>,
}

struct Signer {
    key: Ed25519KeyPair,
    name: Vec<u8>,
}

struct Intermediate {
    signer: Signer,
    valid: Period,
    certificate: Vec<u8>,
}

/// What its leaves look like.
#[derive(Clone, Copy)]
struct Leaf {
    exponent: u32,
    bare: bool,
    shift: i64,
}

impl Authority {
    /// The public one of a scenario.
    ///
    /// # Errors
    ///
    /// None in practice: every seed of 32 bytes is a key.
    pub fn public(seed: &str, begins: Time) -> Result<Self, KeyRejected> {
        let leaf = Leaf { exponent: 65_537, bare: false, shift: 0 };
        Self::new(PUBLIC, PUBLIC, &[], leaf, &format!("{seed} public"), begins)
    }

    /// An interceptor's.
    ///
    /// # Errors
    ///
    /// As [`Authority::public`].
    pub fn interception(interceptor: &Interceptor, seed: &str, begins: Time) -> Result<Self, KeyRejected> {
        let Interceptor { rsa_exponent, bare_leaf, shift_hours, .. } = interceptor;
        let leaf = Leaf { exponent: *rsa_exponent, bare: *bare_leaf, shift: shift_hours * HOUR };
        let seed = format!("{seed} interception");
        Self::new(INTERCEPTION, &interceptor.authority, &interceptor.intermediates, leaf, &seed, begins)
    }

    fn new(
        organisation: &'static str,
        name: &str,
        periods: &[Period],
        leaf: Leaf,
        seed: &str,
        begins: Time,
    ) -> Result<Self, KeyRejected> {
        let root = Signer::new(organisation, &format!("{name} Root"), seed)?;
        let own = period(begins, AUTHORITY_AGE, AUTHORITY_LIFE);
        let root_certificate = root.certify(&root.name, &root.public_key(), own, &authority(), seed);
        let periods = if periods.is_empty() { &[own] } else { periods };
        let intermediate = |(number, valid): (usize, &Period)| {
            let seed = format!("{seed} intermediate {number}");
            let signer = Signer::new(organisation, &format!("{name} CA {}", number + 1), &seed)?;
            let certificate = root.certify(&signer.name, &signer.public_key(), *valid, &authority(), &seed);
            Ok(Intermediate { signer, valid: *valid, certificate })
        };
        let intermediates = periods.iter().enumerate().map(intermediate).collect::<Result<_, KeyRejected>>()?;
        let (seed, chains) = (seed.to_owned(), RefCell::default());
        Ok(Self { organisation, root_certificate, intermediates, leaf, leaf_key: None, begins, seed, chains })
    }

    /// The same with this SubjectPublicKeyInfo in its leaves, of which somebody has the private half.
    pub fn holding(self, key: Vec<u8>) -> Self {
        Self { leaf_key: Some(key), ..self }
    }

    /// Leaf and intermediate for a server name, without the root, as servers send them. The intermediate is the one
    /// that became valid last by `now`; whether it is still valid is nobody's concern here.
    pub fn chain(&self, name: &str, now: Time) -> Chain {
        let begun = self.intermediates.iter().enumerate().filter(|(_, one)| one.valid.from.0 <= now);
        let newest = begun.max_by_key(|(_, one)| one.valid.from).map_or(0, |(number, _)| number);
        let Some(issuer) = self.intermediates.get(newest) else { return Vec::new() };
        let mut chains = self.chains.borrow_mut();
        let chain = chains.entry((name.to_owned(), newest)).or_insert_with(|| self.issue(name, issuer));
        chain.clone()
    }

    fn issue(&self, name: &str, issuer: &Intermediate) -> Chain {
        let seed = format!("{} leaf {name}", self.seed);
        let exponent: Vec<u8> = self.leaf.exponent.to_be_bytes().into_iter().skip_while(|byte| *byte == 0).collect();
        let nobodys = || rsa_key(&mut Random::named(&seed), RSA_BYTES, &exponent);
        let key = self.leaf_key.clone().unwrap_or_else(nobodys);
        let subject = distinguished(&[(oid::COMMON_NAME, name)]);
        let mut extensions = vec![alternative_names(&[name])];
        if !self.leaf.bare {
            extensions.extend(crate::tls::certificate::server_extensions(&seed));
        }
        let mut valid = period(self.begins, LEAF_AGE, LEAF_LIFE);
        valid.from.0.0 += self.leaf.shift;
        valid.until.0.0 += self.leaf.shift;
        vec![issuer.signer.certify(&subject, &key, valid, &extensions, &seed), issuer.certificate.clone()]
    }

    /// Its root in PEM, with a comment that says what it is: a blocklist for whoever judges.
    pub fn root_pem(&self) -> String {
        let label = format!("# label: root of {}, of a lab and trusted by nobody", self.organisation);
        format!("{label}\n{}", pem(&self.root_certificate))
    }

    /// What [`Authority::chain`] gives, in PEM.
    pub fn chain_pem(&self, name: &str, now: Time) -> String {
        self.chain(name, now).iter().map(|certificate| pem(certificate)).collect()
    }
}

impl Signer {
    fn new(organisation: &str, name: &str, seed: &str) -> Result<Self, KeyRejected> {
        let key = Ed25519KeyPair::from_seed_unchecked(&Random::named(&format!("key {seed}")).bytes(32))?;
        let name = distinguished(&[(oid::COUNTRY, "ZZ"), (oid::ORGANISATION, organisation), (oid::COMMON_NAME, name)]);
        Ok(Self { key, name })
    }

    fn public_key(&self) -> Vec<u8> {
        ed25519_key(self.key.public_key().as_ref())
    }

    fn certify(&self, subject: &[u8], key: &[u8], valid: Period, extensions: &[Vec<u8>], seed: &str) -> Vec<u8> {
        let mut serial = Random::named(&format!("serial {seed}")).bytes(16);
        serial.iter_mut().take(1).for_each(|first| *first = *first & 0x7f | 1);
        let validity = Validity { from: valid.from.utc_time(), until: valid.until.utc_time() };
        let body = Body { serial: &serial, issuer: &self.name, validity, subject, key, extensions };
        signed(&body, &ed25519(), |bytes| self.key.sign(bytes).as_ref().to_vec())
    }
}

/// A certificate in PEM (RFC 7468).
fn pem(certificate: &[u8]) -> String {
    let base64 = STANDARD.encode(certificate);
    let lines: Vec<_> = base64.as_bytes().chunks(64).map(String::from_utf8_lossy).collect();
    format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", lines.join("\n"))
}

/// From so many days before a moment until so many days after it began.
fn period(begins: Time, age: u32, life: u32) -> Period {
    let from = Time(begins.0.saturating_sub((DAY * age).as_nanos() as i64));
    Period { from: Date(from), until: Date(from.after(DAY * life)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use dissectors::x509::{Certificate, Verification};

    fn interceptor(text: &str) -> Interceptor {
        toml::from_str(&format!("authority = \"Lab\"\n{text}")).unwrap()
    }

    fn root(authority: &Authority) -> Certificate {
        let pem = authority.root_pem();
        Certificate::new(&x509_parser::pem::parse_x509_pem(pem.as_bytes()).unwrap().1.contents)
    }

    #[test]
    fn chains_verify_up_to_the_root() {
        let now = Time::new(1_700_000_000, 0);
        let forger = interceptor("rsa-exponent = 3\nbare-leaf = true\nshift-hours = -6");
        for (authority, exponent, extensions) in [
            (Authority::public("test", now).unwrap(), 65_537, true),
            (Authority::interception(&forger, "test", now).unwrap(), 3, false),
        ] {
            let chain: Vec<_> = authority.chain("a.example", now).iter().map(|der| Certificate::new(der)).collect();
            let [leaf, intermediate] = chain.as_slice() else { panic!("two certificates") };
            let (facts, key) = (leaf.facts().unwrap(), &intermediate.facts().unwrap().key);
            assert_eq!(leaf.signed_by(key), Verification::Valid);
            assert_eq!(intermediate.signed_by(&root(&authority).facts().unwrap().key), Verification::Valid);
            assert_eq!(facts.key.rsa_exponent, Some(exponent));
            assert_eq!(facts.extensions.sct, extensions);
            assert_eq!(authority.chain("a.example", now), authority.chain("a.example", now));
        }
    }

    #[test]
    fn an_intermediate_is_used_until_the_next_begins() {
        let periods =
            "intermediates = [{ from = 2023-08-09, until = 2023-10-23 }, { from = 2023-11-28, until = 2024-02-11 }]";
        let begins = Time::new(1_690_000_000, 0);
        let authority = Authority::interception(&interceptor(periods), "test", begins).unwrap();
        let issuer = |seconds| {
            let leaf = authority.chain("a.example", Time::new(seconds, 0)).swap_remove(1);
            Certificate::new(&leaf).facts().unwrap().subject.text.clone()
        };
        assert!(issuer(1_699_000_000).contains("CA 1"), "expired, in the gap");
        assert!(issuer(1_701_900_000).contains("CA 2"));
    }
}
