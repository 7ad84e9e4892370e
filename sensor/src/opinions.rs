//! What attempts are judged by: read together, put into force together, and named in the summary.

use std::sync::Arc;

use rules::blocklist::{Blocklist, Source};
use rules::detectors;
use rules::finding::Rule;
use rules::rulebook::Rulebook;

use crate::desk::Office;
use crate::output::{BlocklistSummary, RuleFileSummary, RuleSummary, Summary};
use crate::rulebook::{LoadedRules, RuleFile};

/// What attempts are judged by: rules and blocklists, as their files were when they were read.
#[derive(Clone, Debug)]
pub(crate) struct Opinions {
    rules: LoadedRules,
    blocklist: Arc<Blocklist>,
}

impl Opinions {
    pub(crate) fn new(rules: LoadedRules, blocklist: Blocklist) -> Self {
        Self { rules, blocklist: Arc::new(blocklist) }
    }

    /// Puts them into force: judges by them, and names them in the summary.
    pub(crate) fn apply(self, office: &mut Office) {
        self.describe(&mut office.summary);
        office.judge.set_rules(self.rules.book);
        office.judge.set_blocklist(self.blocklist);
    }

    /// Entries of the blocklists.
    pub(crate) fn entries(&self) -> usize {
        self.blocklist.sources().iter().map(|source| source.entries).sum()
    }

    /// Names the rules and the blocklists.
    fn describe(&self, summary: &mut Summary) {
        let book = &self.rules.book;
        summary.rules = detectors::rules().map(|rule| of_rule(rule, book)).collect();
        summary.rule_files = self.rules.files.iter().map(of_file).collect();
        summary.numbers = self.rules.book.changed_numbers().map(|(knob, number)| (knob.name, number.into())).collect();
        summary.blocklists = self.blocklist.sources().iter().map(of_blocklist).collect();
    }
}

fn of_rule(rule: &Rule, book: &Rulebook) -> RuleSummary {
    let (enabled, severity) = (book.is_on(rule), book.severity(rule));
    RuleSummary { id: rule.id, name: rule.name, revision: rule.revision, enabled, severity }
}

fn of_file(file: &RuleFile) -> RuleFileSummary {
    RuleFileSummary { name: file.path.to_string_lossy().into_owned(), revision: file.revision.clone() }
}

fn of_blocklist(source: &Source) -> BlocklistSummary {
    BlocklistSummary {
        name: source.name.to_string(),
        revision: source.revision.clone(),
        entries: source.entries,
        errors: source.errors,
    }
}
