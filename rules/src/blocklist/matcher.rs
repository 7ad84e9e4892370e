//! Chains against a blocklist, each chain once.

use std::sync::Arc;

use dissectors::time::Time;
use dissectors::x509::Certificate;

use super::budget::VerifyBudget;
use super::found::Match;
use super::healthy::Healthy;
use super::links::Links;
use super::list::Blocklist;
use super::memo::Memo;
use super::search::{MAX_CHAIN, search};

/// The limits of one matcher.
#[derive(Clone, Copy, Debug)]
pub struct MatcherLimits {
    /// Certificates that are remembered as having to do with nothing listed.
    pub healthy: usize,
    /// Chains whose result is remembered.
    pub chains: usize,
    /// Tried pairs of certificate and key that are remembered.
    pub links: usize,
    /// Signatures verified in one second of packet time.
    pub verifications_per_second: u32,
}

impl Default for MatcherLimits {
    /// 16,384 healthy certificates (800 kB where as many are met), 4,096 chains (about 1 MB), 4,096 links, and 200
    /// verifications: about 12 ms of a second.
    fn default() -> Self {
        Self { healthy: 16_384, chains: 4096, links: 4096, verifications_per_second: 200 }
    }
}

/// What a matcher did so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MatcherCounts {
    /// Chains asked about.
    pub chains: u64,
    /// Of those, searched before and answered from memory.
    pub remembered: u64,
    /// Of those, longer than [`MAX_CHAIN`]: the certificates beyond it were not looked at.
    pub cut: u64,
    /// Chains that were searched, because something listed has to do with one of their certificates.
    pub searched: u64,
    /// Signatures verified.
    pub verifications: u64,
    /// Signatures not verified, because the second's budget was spent.
    pub over_budget: u64,
    /// Certificates forgotten that have to do with nothing listed.
    pub forgotten_healthy: u64,
    /// Chains forgotten with their results.
    pub forgotten_chains: u64,
    /// Tried pairs of certificate and key forgotten.
    pub forgotten_links: u64,
}

impl MatcherCounts {
    /// Adds another's.
    pub fn add(&mut self, other: &Self) {
        self.chains += other.chains;
        self.remembered += other.remembered;
        self.cut += other.cut;
        self.searched += other.searched;
        self.verifications += other.verifications;
        self.over_budget += other.over_budget;
        self.forgotten_healthy += other.forgotten_healthy;
        self.forgotten_chains += other.forgotten_chains;
        self.forgotten_links += other.forgotten_links;
    }
}

/// Matches chains against one blocklist. Its answer depends on the chain alone, unless a budget is spent; such an
/// answer says so ([`Signature::NotTried`](super::Signature::NotTried)) and is not remembered.
#[derive(Debug)]
pub struct Matcher {
    list: Arc<Blocklist>,
    healthy: Healthy,
    chains: Memo<Box<[[u8; 32]]>, Arc<[Match]>>,
    links: Links,
    none: Arc<[Match]>,
    counts: MatcherCounts,
}

impl Matcher {
    /// A matcher against `list`.
    pub fn new(list: Arc<Blocklist>, limits: MatcherLimits) -> Self {
        Self {
            list,
            healthy: Healthy::new(limits.healthy),
            chains: Memo::new(limits.chains),
            links: Links::new(limits.links, VerifyBudget::new(limits.verifications_per_second)),
            none: Arc::default(),
            counts: MatcherCounts::default(),
        }
    }

    /// The entries that a server's chain leads to, as it was sent (the leaf first) at `now`: the heaviest class first,
    /// and in it the surest. Validity is not looked at: see [`Validity::at`](dissectors::x509::Validity::at).
    pub fn match_chain(&mut self, chain: &[Arc<Certificate>], now: Time) -> Arc<[Match]> {
        self.counts.chains += 1;
        self.counts.cut += u64::from(chain.len() > MAX_CHAIN);
        let chain = chain.get(..MAX_CHAIN).unwrap_or(chain);
        let Self { healthy, list, .. } = self;
        let is_healthy = |one: &Arc<Certificate>| healthy.knows(one, || !list.index().touches(one));
        if chain.iter().all(is_healthy) {
            return Arc::clone(&self.none);
        }
        let mut hashes = [[0; 32]; MAX_CHAIN];
        hashes.iter_mut().zip(chain).for_each(|(hash, certificate)| *hash = certificate.sha256);
        let key = hashes.get(..chain.len()).unwrap_or_default();
        if let Some(known) = self.chains.recall(key) {
            self.counts.remembered += 1;
            return known;
        }
        let found = self.find(chain, now);
        if !self.links.refused() {
            self.chains.remember(key.into(), Arc::clone(&found));
        }
        found
    }

    /// The list it matches against.
    pub fn list(&self) -> &Arc<Blocklist> {
        &self.list
    }

    /// What it did so far.
    pub fn counts(&self) -> MatcherCounts {
        MatcherCounts {
            verifications: self.links.verifications(),
            over_budget: self.links.over_budget(),
            forgotten_healthy: self.healthy.forgotten(),
            forgotten_chains: self.chains.forgotten(),
            forgotten_links: self.links.forgotten(),
            ..self.counts
        }
    }

    fn find(&mut self, chain: &[Arc<Certificate>], now: Time) -> Arc<[Match]> {
        self.links.begin(now);
        self.counts.searched += 1;
        search(&self.list, chain, &mut self.links).into()
    }
}
