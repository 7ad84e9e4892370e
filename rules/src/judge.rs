//! The opinions about one attempt together: outcome, signature, vantage, and the findings to be written.

use std::num::NonZeroUsize;
use std::sync::Arc;

use dissectors::attempt::{Attempt, Moment};

use crate::blocklist::{Blocklist, Match, Matcher, MatcherCounts, MatcherLimits};
use crate::detectors::{Case, DETECTORS};
use crate::finding::Finding;
use crate::notice::{DEFAULT_STANDING, Notice, Notices};
use crate::outcome::{self, Decision};
use crate::quality::Quality;
use crate::rulebook::Rulebook;
use crate::signature::{self, Signature};
use crate::vantage::{self, Vantage};

/// How to judge.
#[derive(Clone, Debug)]
pub struct Config {
    /// The rules in force.
    pub rules: Rulebook,
    /// Whether soft findings are written too.
    pub alert_soft: bool,
    /// The vantage, where the operator knows it.
    pub vantage: Option<Vantage>,
    /// Attempts of which something may stand before they close.
    pub max_standing: NonZeroUsize,
    /// What matching chains may cost.
    pub matching: MatcherLimits,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            rules: Rulebook::default(),
            alert_soft: false,
            vantage: None,
            max_standing: DEFAULT_STANDING,
            matching: MatcherLimits::default(),
        }
    }
}

/// What is thought of an attempt.
#[derive(Clone, Debug)]
pub struct Judgement {
    /// What became of it.
    pub decision: Decision,
    /// Its name in the published taxonomy.
    pub signature: Option<Signature>,
    /// Where on the path it was captured.
    pub vantage: Vantage,
    /// What the chain leads to, entries that never alert included.
    pub matches: Arc<[Match]>,
    /// The findings to be written now.
    pub notices: Vec<Notice>,
}

/// Judges attempts, one after the other. It remembers which alerts stand, and nothing that would change an opinion.
#[derive(Debug)]
pub struct Judge {
    config: Config,
    matcher: Option<Matcher>,
    /// What the matchers of earlier blocklists did.
    earlier: MatcherCounts,
    notices: Notices,
}

impl Judge {
    /// A judge; without a blocklist, no chain is looked at.
    pub fn new(config: Config) -> Self {
        let notices = Notices::new(config.max_standing);
        Self { config, matcher: None, earlier: MatcherCounts::default(), notices }
    }

    /// Judges an attempt that is told at `moment`.
    pub fn judge(&mut self, moment: Moment, attempt: &Attempt, quality: &Quality) -> Judgement {
        let settings = &self.config.rules.settings;
        let decision = outcome::decide(attempt, quality, settings);
        let vantage = self.config.vantage.unwrap_or_else(|| vantage::estimate(attempt, &settings.limits));
        let matches = self.matches(moment, attempt);
        let findings = self.findings(&Case { attempt, decision: &decision, matches: &matches });
        let notices = self.notices.tell(moment, attempt, &decision, findings);
        Judgement { signature: signature::of_attempt(attempt, &decision, vantage), vantage, matches, notices, decision }
    }

    /// Judges by other rules from now on. What stands, stands.
    pub fn set_rules(&mut self, rules: Rulebook) {
        self.config.rules = rules;
    }

    /// The alerts that stand.
    pub fn notices(&self) -> &Notices {
        &self.notices
    }

    /// Matches chains against `list` from now on. What stands, stands.
    pub fn set_blocklist(&mut self, list: Arc<Blocklist>) {
        self.earlier = self.matched();
        self.matcher = Some(Matcher::new(list, self.config.matching));
    }

    /// What matching chains came to, against this blocklist and those before it.
    pub fn matched(&self) -> MatcherCounts {
        let mut counts = self.earlier;
        self.matcher.iter().for_each(|matcher| counts.add(&matcher.counts()));
        counts
    }

    /// What the chain leads to, once it is as long as it will be.
    fn matches(&mut self, moment: Moment, attempt: &Attempt) -> Arc<[Match]> {
        match &mut self.matcher {
            Some(matcher) if moment == Moment::Closed && !attempt.chain.is_empty() => {
                matcher.match_chain(&attempt.chain, attempt.time)
            }
            _ => Arc::default(),
        }
    }

    /// What the detectors that are on find. Nearly always nothing, so that they are asked first.
    fn findings(&self, case: &Case<'_>) -> Vec<Finding> {
        let rules = &self.config.rules;
        let found = DETECTORS.iter().filter_map(|detector| (detector.detect)(case));
        let wanted = |found: &Finding| rules.is_on(found.rule) && (self.config.alert_soft || found.level.is_default());
        found
            .filter(wanted)
            .map(|found| Finding { severity: rules.severity(found.rule).unwrap_or(found.severity), ..found })
            .collect()
    }
}
