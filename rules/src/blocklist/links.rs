//! Verified links between certificates and keys: each pair is tried once and remembered.

use dissectors::time::Time;
use dissectors::x509::{Certificate, PublicKey, Verification};

use super::budget::VerifyBudget;
use super::memo::Memo;

/// How many signatures are tried for one chain at most. A real one needs as many as it has certificates, and one for
/// each root that shares its issuer's name (seven, of those known).
pub const MAX_TRIES: usize = 64;

/// A certificate's SHA-256 and the SHA-256 of the key it was tried with.
type Pair = ([u8; 32], [u8; 32]);

/// Tries signatures within its budgets.
#[derive(Debug)]
pub(super) struct Links {
    tried: Memo<Pair, Verification>,
    budget: VerifyBudget,
    now: Time,
    left: usize,
    refused: bool,
    verifications: u64,
}

impl Links {
    pub(super) fn new(capacity: usize, budget: VerifyBudget) -> Self {
        let now = Time::default();
        Self { tried: Memo::new(capacity), budget, now, left: 0, refused: false, verifications: 0 }
    }

    /// Begins a chain that was sent at `now`.
    pub(super) fn begin(&mut self, now: Time) {
        self.now = now;
        self.left = MAX_TRIES;
        self.refused = false;
    }

    /// Whether `key` signed `certificate`; `None` if that was not tried, because a budget was spent.
    pub(super) fn verify(&mut self, certificate: &Certificate, key: &PublicKey) -> Option<Verification> {
        let pair = (certificate.sha256, key.spki_sha256);
        if let Some(known) = self.tried.recall(&pair) {
            return Some(known);
        }
        if self.left == 0 || !self.budget.take(self.now) {
            self.refused = true;
            return None;
        }
        self.left -= 1;
        self.verifications += 1;
        let verification = certificate.signed_by(key);
        self.tried.remember(pair, verification);
        Some(verification)
    }

    /// Whether something was not tried since the chain began: then its result is not final.
    pub(super) fn refused(&self) -> bool {
        self.refused
    }

    /// How many pairs were forgotten to make room.
    pub(super) fn forgotten(&self) -> u64 {
        self.tried.forgotten()
    }

    pub(super) fn verifications(&self) -> u64 {
        self.verifications
    }

    pub(super) fn over_budget(&self) -> u64 {
        self.budget.refused()
    }
}
