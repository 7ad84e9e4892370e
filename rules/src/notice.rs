//! Which findings are written, and which taken back: never the same twice for one attempt.
//!
//! Detectors know nothing of this. A finding that is written before its attempt closes stands until the attempt closes
//! with the same finding, or is withdrawn. What stands is bounded: beyond that, findings wait for the close.

use std::collections::HashMap;
use std::num::NonZeroUsize;

use dissectors::attempt::{Attempt, Moment};

use crate::evidence::Evidence;
use crate::finding::{Finding, Level, Rule};
use crate::names::named;
use crate::outcome::Decision;

named! {
    /// What an alert does.
    pub enum Action {
        /// It stands. Suricata's word for an alert that let the packet pass.
        Allowed = "allowed",
        /// It takes an earlier one back.
        Withdrawn = "withdrawn",
    }
}

/// A finding to be written.
#[derive(Clone, Debug, PartialEq)]
pub struct Notice {
    /// Whether it stands.
    pub action: Action,
    /// The finding.
    pub finding: Finding,
}

/// Standing alerts kept by default: 65,536, about 4 MB.
pub const DEFAULT_STANDING: NonZeroUsize = NonZeroUsize::new(65_536).unwrap();

/// A flow. It may hold several attempts, but one after the other; and the frame that an attempt is known by may change
/// while it is open, where a decoy came before the hello.
type Key = u64;

/// What was written early and still stands.
#[derive(Debug)]
pub struct Notices {
    standing: HashMap<Key, Vec<(&'static Rule, Level)>>,
    limit: NonZeroUsize,
    deferred: u64,
}

impl Notices {
    /// Nothing stands; at most `limit` attempts will.
    pub fn new(limit: NonZeroUsize) -> Self {
        Self { standing: HashMap::new(), limit, deferred: 0 }
    }

    /// What to write of an attempt that is told at `moment` with these findings.
    pub fn tell(
        &mut self,
        moment: Moment,
        attempt: &Attempt,
        decision: &Decision,
        findings: Vec<Finding>,
    ) -> Vec<Notice> {
        let key = attempt.flow_id;
        match moment {
            Moment::Unanswered => self.early(key, findings),
            Moment::Answered => self.settle(key, decision, Vec::new()),
            Moment::Closed => self.settle(key, decision, findings),
        }
    }

    /// Attempts whose early findings had to wait for the close, because the limit was reached.
    pub fn deferred(&self) -> u64 {
        self.deferred
    }

    /// Attempts of which something stands.
    pub fn standing(&self) -> usize {
        self.standing.len()
    }

    fn early(&mut self, key: Key, findings: Vec<Finding>) -> Vec<Notice> {
        let early: Vec<_> = findings.into_iter().filter(|finding| finding.rule.early).collect();
        if early.is_empty() {
            return Vec::new();
        }
        if self.standing.len() >= self.limit.get() && !self.standing.contains_key(&key) {
            self.deferred = self.deferred.saturating_add(1);
            return Vec::new();
        }
        let standing = self.standing.entry(key).or_default();
        let new: Vec<_> = early.into_iter().filter(|finding| !stands(standing, finding)).collect();
        standing.extend(new.iter().map(|finding| (finding.rule, finding.level)));
        new.into_iter().map(allowed).collect()
    }

    /// Takes back what stands and was not found again, and adds what was found and does not stand; nothing stands
    /// afterwards.
    fn settle(&mut self, key: Key, decision: &Decision, findings: Vec<Finding>) -> Vec<Notice> {
        let standing = self.take(key);
        let gone = standing.iter().filter(|(rule, _)| !findings.iter().any(|finding| finding.rule.id == rule.id));
        let mut notices: Vec<_> = gone.map(|(rule, level)| withdrawn(rule, *level, decision)).collect();
        notices.extend(findings.into_iter().filter(|finding| !stands(&standing, finding)).map(allowed));
        notices
    }

    /// What stands of an attempt, and no longer does. Mostly nothing stands of any.
    fn take(&mut self, key: Key) -> Vec<(&'static Rule, Level)> {
        if self.standing.is_empty() { Vec::new() } else { self.standing.remove(&key).unwrap_or_default() }
    }
}

fn stands(standing: &[(&'static Rule, Level)], finding: &Finding) -> bool {
    standing.iter().any(|(rule, _)| rule.id == finding.rule.id)
}

fn allowed(finding: Finding) -> Notice {
    Notice { action: Action::Allowed, finding }
}

/// The withdrawal states what the attempt came to instead.
fn withdrawn(rule: &'static Rule, level: Level, decision: &Decision) -> Notice {
    let mut evidence = vec![Evidence::observed("outcome", decision.outcome.as_str())];
    evidence.extend(decision.reason.map(|reason| Evidence::observed("reason", reason.as_str())));
    evidence.extend(decision.hello_to_answer.map(|span| Evidence::observed("hello_to_answer", span)));
    let message = format!("Withdrawn: {}", rule.message);
    Notice { action: Action::Withdrawn, finding: Finding { rule, level, severity: 3, message, evidence } }
}
