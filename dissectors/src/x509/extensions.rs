//! The few extensions that tell certificates apart. Each is read by itself: one that is broken is counted and skipped.

use x509_parser::asn1_rs::{FromDer, Oid};
use x509_parser::extensions::{
    AuthorityKeyIdentifier, BasicConstraints, GeneralName, KeyIdentifier, SubjectAlternativeName, X509Extension,
};
use x509_parser::oid_registry::{
    OID_CT_LIST_SCT, OID_X509_EXT_AUTHORITY_KEY_IDENTIFIER, OID_X509_EXT_BASIC_CONSTRAINTS,
    OID_X509_EXT_SUBJECT_ALT_NAME, OID_X509_EXT_SUBJECT_KEY_IDENTIFIER,
};

use super::name::escaped;

/// How many DNS names are kept of a certificate; all are counted. Names for a person to read: more are of no use.
pub const MAX_DNS_NAMES: usize = 64;

/// The longest DNS name kept, in bytes of its escaped text (a legal one has at most 253, RFC 1035, section 2.3.4).
const MAX_DNS_NAME_TEXT: usize = 256;

/// The facts of a certificate's extensions (RFC 5280, section 4.2).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Extensions {
    /// How many extensions there are, of whatever kind.
    pub count: usize,
    /// How many of those read here could not be parsed.
    pub malformed: usize,
    /// The key identifier of the signer, as the certificate states it.
    pub authority_key_id: Option<Box<[u8]>>,
    /// The key identifier of the subject, as the certificate states it.
    pub subject_key_id: Option<Box<[u8]>>,
    /// Basic constraints say that it may sign certificates. Absent means no, as in version 1 roots.
    pub ca: bool,
    /// A list of signed certificate timestamps is embedded (RFC 6962, section 3.3).
    pub sct: bool,
    /// The first [`MAX_DNS_NAMES`] DNS names of the subject, hostile bytes escaped.
    pub dns_names: Vec<Box<str>>,
    /// How many DNS names there are.
    pub dns_name_count: usize,
}

impl Extensions {
    pub(super) fn new(extensions: &[X509Extension<'_>]) -> Self {
        let mut facts = Self { count: extensions.len(), ..Self::default() };
        for extension in extensions {
            let read = facts.read(&extension.oid, extension.value);
            facts.malformed += usize::from(read.is_none());
        }
        facts
    }

    /// Reads one extension; `None` if it is one of ours and broken.
    fn read(&mut self, oid: &Oid<'_>, value: &[u8]) -> Option<()> {
        if *oid == OID_X509_EXT_SUBJECT_KEY_IDENTIFIER {
            self.subject_key_id = Some(KeyIdentifier::from_der(value).ok()?.1.0.into());
        } else if *oid == OID_X509_EXT_AUTHORITY_KEY_IDENTIFIER {
            let (_, authority) = AuthorityKeyIdentifier::from_der(value).ok()?;
            self.authority_key_id = authority.key_identifier.map(|id| id.0.into());
        } else if *oid == OID_X509_EXT_BASIC_CONSTRAINTS {
            self.ca = BasicConstraints::from_der(value).ok()?.1.ca;
        } else if *oid == OID_X509_EXT_SUBJECT_ALT_NAME {
            self.read_names(value)?;
        } else if *oid == OID_CT_LIST_SCT {
            self.sct = true;
        }
        Some(())
    }

    fn read_names(&mut self, value: &[u8]) -> Option<()> {
        let (_, names) = SubjectAlternativeName::from_der(value).ok()?;
        let dns = names.general_names.iter().filter_map(|name| match name {
            GeneralName::DNSName(name) => Some(*name),
            _ => None,
        });
        for name in dns {
            self.dns_name_count += 1;
            if self.dns_names.len() < MAX_DNS_NAMES {
                self.dns_names.push(escaped(name, MAX_DNS_NAME_TEXT));
            }
        }
        Some(())
    }
}
