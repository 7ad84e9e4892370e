//! From the leaf to what is listed.
//!
//! The search begins at the first certificate, the one whose key the server used, and goes on to those that signed it.
//! Only what is reached counts: anybody can append a certificate to a chain. It goes twice, first over verified links
//! alone and then over those that could not be verified either way, so that a proof is never hidden by a weaker path.

use std::sync::Arc;

use dissectors::x509::{Certificate, Facts, PublicKey, Verification};

use super::entry::Entry;
use super::found::{By, Level, Match, Signature};
use super::index::Place;
use super::links::Links;
use super::list::Blocklist;

/// How many certificates of a chain are looked at. Clients accept far fewer.
pub const MAX_CHAIN: usize = 32;

/// The entries that `chain` leads to, in order of rank, each once.
pub(super) fn search(list: &Blocklist, chain: &[Arc<Certificate>], links: &mut Links) -> Vec<Match> {
    let mut search = Search { list, chain, links, reached: Vec::new(), found: Vec::new() };
    search.reached.push(Reached { at: 0, from: None, signature: Signature::Verified });
    search.extend(|signature| signature == Signature::Verified);
    search.extend(|_| true);
    for place in 0..search.reached.len() {
        search.look(place);
    }
    search.found.sort_by_key(Match::rank);
    search.found
}

struct Search<'a> {
    list: &'a Blocklist,
    chain: &'a [Arc<Certificate>],
    links: &'a mut Links,
    reached: Vec<Reached>,
    found: Vec<Match>,
}

/// A certificate that the leaf leads to.
#[derive(Clone, Copy)]
struct Reached {
    /// Its place in the chain.
    at: usize,
    /// The place, among those reached, of the one that it signed.
    from: Option<usize>,
    /// The worst of the signatures from the leaf to here.
    signature: Signature,
}

impl<'a> Search<'a> {
    /// Reaches whatever signed something reached, over links that `accept` takes.
    fn extend(&mut self, accept: fn(Signature) -> bool) {
        let mut next = 0;
        while let Some(&from) = self.reached.get(next) {
            for at in 0..self.chain.len() {
                if self.reached.iter().all(|reached| reached.at != at)
                    && let Some(link) = self.link(from.at, at).filter(|&link| accept(link))
                {
                    self.reached.push(Reached { at, from: Some(next), signature: from.signature.max(link) });
                }
            }
            next += 1;
        }
    }

    /// What is known of the link between two certificates; `None` if there is none.
    fn link(&mut self, signed: usize, signer: usize) -> Option<Signature> {
        let certificate = self.chain.get(signed)?;
        let signer = self.chain.get(signer)?.facts()?;
        names(certificate.facts()?, signer).then(|| try_key(self.links, certificate, &signer.key))?
    }

    /// Everything that is listed about one reached certificate.
    fn look(&mut self, place: usize) {
        let Some(&reached) = self.reached.get(place) else { return };
        let Some(certificate) = self.certificate(reached) else { return };
        let signature = if self.is_authority_with_company(reached) { Signature::NoKey } else { reached.signature };
        for (entry, by) in self.list.index().listed(certificate) {
            self.push(place, entry, by, signature, 1);
        }
        let Some(facts) = certificate.facts() else { return };
        self.look_at_signers(place, reached.signature, certificate, facts);
        for (entry, by) in self.list.index().named(facts) {
            self.push(place, entry, by, Signature::NoKey, 1);
        }
    }

    /// Tries the listed keys that may have signed a reached certificate.
    fn look_at_signers(&mut self, place: usize, so_far: Signature, certificate: &Certificate, facts: &Facts) {
        let candidates: Vec<(Place, &PublicKey)> = self.signers(facts).collect();
        let mut best = Signature::Fails;
        let mut signer = None;
        for &(entry, key) in &candidates {
            if signer.is_some_and(|signer| signer != key.spki_sha256) {
                continue;
            }
            let Some(signature) = try_key(self.links, certificate, key) else { continue };
            best = best.min(signature);
            if signature == Signature::Verified {
                signer = Some(key.spki_sha256);
                self.push(place, entry, By::Signer, so_far, candidates.len());
            }
        }
        if let (None, Some(&(entry, _))) = (signer, candidates.first()) {
            self.push(place, entry, By::Signer, so_far.max(best), candidates.len());
        }
    }

    /// The listed keys that may have signed it, without its own: a certificate signed by itself leads nowhere.
    fn signers(&self, facts: &Facts) -> impl Iterator<Item = (Place, &'a PublicKey)> {
        let list = self.list;
        let own = facts.key.spki_sha256;
        let places = list.index().signers(facts).into_iter();
        let keys = places.filter_map(|place| Some((place, list.entries().get(place)?.marks.key.as_ref()?)));
        keys.filter(move |(_, key)| key.spki_sha256 != own)
    }

    /// An authority's certificate in the leaf's place, with others behind it: whose chain this is, is not clear, so it
    /// proves nothing by itself. Sent alone, it is what the server uses.
    fn is_authority_with_company(&self, reached: Reached) -> bool {
        let ca = self.certificate(reached).and_then(|certificate| certificate.facts()).map(|facts| facts.extensions.ca);
        reached.at == 0 && self.chain.len() > 1 && ca == Some(true)
    }

    fn certificate(&self, reached: Reached) -> Option<&'a Arc<Certificate>> {
        self.chain.get(reached.at)
    }

    /// Adds a match, unless the entry has a better one.
    fn push(&mut self, place: usize, entry: Place, by: By, signature: Signature, candidates: usize) {
        let Some(entry) = self.list.entries().get(entry) else { return };
        let proven = by.proves() && signature == Signature::Verified;
        let level = if proven { Level::Proven } else { Level::Claimed };
        let path = self.path(place);
        let found = Match { entry: Arc::clone(entry), level, signature, by, candidates, path };
        match self.found.iter_mut().find(|other| same(&other.entry, entry)) {
            Some(other) if found.rank() < other.rank() => *other = found,
            Some(_) => {}
            None => self.found.push(found),
        }
    }

    fn path(&self, place: usize) -> Vec<Arc<Certificate>> {
        let step = |reached: &Reached| reached.from.and_then(|from| self.reached.get(from).copied());
        let back = std::iter::successors(self.reached.get(place).copied(), step);
        let mut path: Vec<_> = back.filter_map(|reached| self.certificate(reached).cloned()).collect();
        path.reverse();
        path
    }
}

fn same(one: &Arc<Entry>, other: &Arc<Entry>) -> bool {
    Arc::ptr_eq(one, other)
}

/// Whether `signed` names `signer` as its issuer, by name or by key identifier.
fn names(signed: &Facts, signer: &Facts) -> bool {
    let id = &signed.extensions.authority_key_id;
    signed.issuer.der == signer.subject.der || (id.is_some() && *id == signer.extensions.subject_key_id)
}

/// The signature between them; `None` where the key did not make it.
fn try_key(links: &mut Links, certificate: &Certificate, key: &PublicKey) -> Option<Signature> {
    match links.verify(certificate, key) {
        Some(Verification::Valid) => Some(Signature::Verified),
        Some(Verification::Fails) => None,
        Some(Verification::Unsupported) => Some(Signature::Unsupported),
        Some(Verification::WeakKey) => Some(Signature::WeakKey),
        None => Some(Signature::NotTried),
    }
}
