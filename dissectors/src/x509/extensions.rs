//! The few extensions that tell certificates apart. Each is read by itself: one that is broken is counted and skipped.

use std::sync::Arc;

use x509_parser::asn1_rs::{FromDer, Oid};
use x509_parser::extensions::{
    AuthorityKeyIdentifier, BasicConstraints, GeneralName, KeyIdentifier, SubjectAlternativeName, X509Extension,
};
use x509_parser::oid_registry::{
    OID_CT_LIST_SCT, OID_X509_EXT_AUTHORITY_KEY_IDENTIFIER, OID_X509_EXT_BASIC_CONSTRAINTS,
    OID_X509_EXT_SUBJECT_ALT_NAME, OID_X509_EXT_SUBJECT_KEY_IDENTIFIER,
};

use super::name::escaped;
use super::part::Part;

/// How many DNS names are told of a certificate; all are counted. Names for a person to read: more are of no use.
pub const MAX_DNS_NAMES: usize = 64;

/// The longest DNS name told, in bytes of its escaped text (a legal one has at most 253, RFC 1035, section 2.3.4).
const MAX_DNS_NAME_TEXT: usize = 256;

/// The facts of a certificate's extensions (RFC 5280, section 4.2).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Extensions {
    /// How many extensions there are, of whatever kind.
    pub count: usize,
    /// How many of those read here could not be parsed.
    pub malformed: usize,
    /// The key identifier of the signer, as the certificate states it.
    pub authority_key_id: Option<Part>,
    /// The key identifier of the subject, as the certificate states it.
    pub subject_key_id: Option<Part>,
    /// Basic constraints say that it may sign certificates. Absent means no, as in version 1 roots.
    pub ca: bool,
    /// A list of signed certificate timestamps is embedded (RFC 6962, section 3.3).
    pub sct: bool,
    /// How many DNS names there are.
    pub dns_name_count: usize,
    /// The extensions that they are in: one, but for certificates that break the rules.
    alternative_names: Vec<Part>,
}

impl Extensions {
    /// What those that stand in `der` say.
    pub(super) fn new(der: &Arc<[u8]>, extensions: &[X509Extension<'_>]) -> Self {
        let mut facts = Self { count: extensions.len(), ..Self::default() };
        for extension in extensions {
            let read = facts.read(der, &extension.oid, extension.value);
            facts.malformed += usize::from(read.is_none());
        }
        facts
    }

    /// The first [`MAX_DNS_NAMES`] DNS names of the subject, read now, hostile bytes escaped.
    pub fn dns_names(&self) -> Vec<Box<str>> {
        let lists = self.alternative_names.iter().filter_map(|list| SubjectAlternativeName::from_der(list).ok());
        let mut names = Vec::new();
        for (_, list) in lists {
            let room = MAX_DNS_NAMES.saturating_sub(names.len());
            names.extend(dns_names(&list).take(room).map(|name| escaped(name, MAX_DNS_NAME_TEXT)));
        }
        names
    }

    /// Reads one extension; `None` if it is one of ours and broken.
    fn read(&mut self, der: &Arc<[u8]>, oid: &Oid<'_>, value: &[u8]) -> Option<()> {
        if *oid == OID_X509_EXT_SUBJECT_KEY_IDENTIFIER {
            self.subject_key_id = Some(Part::of(der, KeyIdentifier::from_der(value).ok()?.1.0));
        } else if *oid == OID_X509_EXT_AUTHORITY_KEY_IDENTIFIER {
            let (_, authority) = AuthorityKeyIdentifier::from_der(value).ok()?;
            self.authority_key_id = authority.key_identifier.map(|id| Part::of(der, id.0));
        } else if *oid == OID_X509_EXT_BASIC_CONSTRAINTS {
            self.ca = BasicConstraints::from_der(value).ok()?.1.ca;
        } else if *oid == OID_X509_EXT_SUBJECT_ALT_NAME {
            self.read_names(der, value)?;
        } else if *oid == OID_CT_LIST_SCT {
            self.sct = true;
        }
        Some(())
    }

    fn read_names(&mut self, der: &Arc<[u8]>, value: &[u8]) -> Option<()> {
        let (_, names) = SubjectAlternativeName::from_der(value).ok()?;
        self.dns_name_count += dns_names(&names).count();
        // Nearly always it is the only one.
        self.alternative_names.reserve_exact(usize::from(self.alternative_names.is_empty()));
        self.alternative_names.push(Part::of(der, value));
        Some(())
    }
}

fn dns_names<'a>(names: &SubjectAlternativeName<'a>) -> impl Iterator<Item = &'a str> {
    names.general_names.iter().filter_map(|name| match name {
        GeneralName::DNSName(name) => Some(*name),
        _ => None,
    })
}
