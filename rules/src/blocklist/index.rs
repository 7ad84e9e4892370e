//! The entries by their marks, so that a certificate is looked up and not compared.

use std::collections::HashMap;
use std::sync::Arc;

use dissectors::x509::{Certificate, Facts};

use super::entry::{Entry, Kind};
use super::found::By;

/// The place of an entry in its list.
pub(super) type Place = usize;

/// Places by mark. Several entries may share one.
#[derive(Debug, Default)]
pub(super) struct Index {
    sha256: HashMap<[u8; 32], Vec<Place>>,
    sha1: HashMap<[u8; 20], Vec<Place>>,
    spki: HashMap<[u8; 32], Vec<Place>>,
    subject_spki: HashMap<[u8; 32], Vec<SubjectMark>>,
    issuer: HashMap<Box<[u8]>, Vec<IssuerMark>>,
    signer_ids: HashMap<Box<[u8]>, Vec<Place>>,
    signer_names: HashMap<Box<[u8]>, Vec<Place>>,
    patterns: Vec<(Arc<Entry>, Place)>,
}

/// An entry of a certificate with this subject and the key that it is filed under.
#[derive(Debug)]
struct SubjectMark {
    subject: Box<[u8]>,
    place: Place,
}

/// An entry of whatever the issuer that it is filed under signed, or of its one certificate with this serial.
#[derive(Debug)]
struct IssuerMark {
    serial: Option<Box<[u8]>>,
    place: Place,
}

impl Index {
    pub(super) fn add(&mut self, entry: &Arc<Entry>, place: Place) {
        match entry.kind {
            Kind::Leaf => self.add_hashes(entry, place),
            Kind::Intermediate | Kind::Root => {
                self.add_hashes(entry, place);
                self.add_key(entry, place);
            }
            Kind::Spki => self.add_key(entry, place),
            Kind::IssuerDn | Kind::IssuerSerial => self.add_issuer(entry, place),
            Kind::SubjectSpki => self.add_subject_spki(entry, place),
        }
    }

    fn add_hashes(&mut self, entry: &Arc<Entry>, place: Place) {
        let marks = &entry.marks;
        if let Some(hash) = marks.sha256 {
            self.sha256.entry(hash).or_default().push(place);
        }
        if let Some(hash) = marks.sha1 {
            self.sha1.entry(hash).or_default().push(place);
        }
        if marks.serial.is_some() {
            self.add_issuer(entry, place);
        }
    }

    fn add_key(&mut self, entry: &Arc<Entry>, place: Place) {
        let marks = &entry.marks;
        if let Some(hash) = marks.spki_sha256 {
            self.spki.entry(hash).or_default().push(place);
        }
        let Some(key) = &marks.key else { return };
        let computed: Box<[u8]> = key.key_id().into();
        let stated = marks.key_id.clone().filter(|stated| *stated != computed);
        for id in [Some(computed), stated].into_iter().flatten() {
            self.signer_ids.entry(id).or_default().push(place);
        }
        if let Some(subject) = &marks.subject {
            self.signer_names.entry(subject.clone()).or_default().push(place);
        }
    }

    fn add_issuer(&mut self, entry: &Arc<Entry>, place: Place) {
        let marks = &entry.marks;
        if let Some(issuer) = &marks.issuer {
            let mark = IssuerMark { serial: marks.serial.clone(), place };
            self.issuer.entry(issuer.clone()).or_default().push(mark);
        }
        if marks.issuer_cn.is_some() || marks.issuer_o.is_some() {
            self.patterns.push((Arc::clone(entry), place));
        }
    }

    fn add_subject_spki(&mut self, entry: &Arc<Entry>, place: Place) {
        if let (Some(subject), Some(spki)) = (&entry.marks.subject, entry.marks.spki_sha256) {
            let mark = SubjectMark { subject: subject.clone(), place };
            self.subject_spki.entry(spki).or_default().push(mark);
        }
    }

    /// Whether anything listed has to do with this certificate: if with none of a chain, the chain needs no search.
    pub(super) fn touches(&self, certificate: &Certificate) -> bool {
        !self.listed(certificate).is_empty()
            || certificate.facts().is_some_and(|facts| !self.named(facts).is_empty() || !self.signers(facts).is_empty())
    }

    /// The entries that list this certificate or its key by hash.
    pub(super) fn listed(&self, certificate: &Certificate) -> Vec<(Place, By)> {
        let mut found = Vec::new();
        push(&mut found, self.sha256.get(&certificate.sha256), By::Sha256);
        push(&mut found, self.sha1.get(certificate.sha1()), By::Sha1);
        if let Some(facts) = certificate.facts() {
            push(&mut found, self.spki.get(&facts.key.spki_sha256), By::Spki);
            let marks = self.subject_spki.get(&facts.key.spki_sha256).into_iter().flatten();
            let same = marks.filter(|mark| *mark.subject == *facts.subject.der);
            found.extend(same.map(|mark| (mark.place, By::SubjectSpki)));
        }
        found
    }

    /// The entries that list its issuer by name, or it by its issuer's name and its serial.
    pub(super) fn named(&self, facts: &Facts) -> Vec<(Place, By)> {
        let marks = self.issuer.get(&*facts.issuer.der).into_iter().flatten();
        let by_der = marks.filter_map(|mark| match &mark.serial {
            None => Some((mark.place, By::IssuerDn)),
            Some(serial) => (**serial == *facts.serial).then_some((mark.place, By::IssuerSerial)),
        });
        let (common_name, organization) = match self.patterns.is_empty() {
            true => (None, None),
            false => facts.issuer.common_name_and_organization(),
        };
        let fits = |entry: &Entry| fits(entry, common_name.as_deref(), organization.as_deref());
        let fitting = self.patterns.iter().filter(|(entry, _)| fits(entry));
        by_der.chain(fitting.map(|(_, place)| (*place, By::IssuerPattern))).collect()
    }

    /// The listed keys that may have signed it: those with the key identifier it refers to, then those of its issuer's
    /// name. Several roots may share one name.
    pub(super) fn signers(&self, facts: &Facts) -> Vec<Place> {
        let by_id = facts.extensions.authority_key_id.as_ref().and_then(|id| self.signer_ids.get(&**id));
        let by_name = self.signer_names.get(&*facts.issuer.der);
        let mut places = by_id.cloned().unwrap_or_default();
        for &place in by_name.into_iter().flatten() {
            if !places.contains(&place) {
                places.push(place);
            }
        }
        places
    }
}

fn push(found: &mut Vec<(Place, By)>, places: Option<&Vec<Place>>, by: By) {
    found.extend(places.into_iter().flatten().map(|&place| (place, by)));
}

fn fits(entry: &Entry, common_name: Option<&str>, organization: Option<&str>) -> bool {
    let one = |pattern: &Option<super::Pattern>, value: Option<&str>| {
        pattern.as_ref().is_none_or(|pattern| value.is_some_and(|value| pattern.matches(value)))
    };
    one(&entry.marks.issuer_cn, common_name) && one(&entry.marks.issuer_o, organization)
}
