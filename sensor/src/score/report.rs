//! A score as text: one line a row, and tables for a person.

use std::collections::BTreeSet;
use std::fmt;

use super::{Mark, Row, Score, Share};

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.ratio() {
            Some(ratio) => write!(f, "{}/{} {:.1} %", self.part, self.whole, ratio * 100.0),
            None => f.write_str("-"),
        }
    }
}

impl Score {
    /// The labels with what was told, as CSV: the columns of `header`, then `outcome`, `reason`, `alerts`, `mark`.
    pub fn csv(&self, header: &str) -> String {
        let mut out = format!("{header},told_outcome,told_reason,told_alerts,mark\n");
        for Row { label, told, mark } in &self.rows {
            let (outcome, reason, alerts) = told.as_ref().map_or_else(Default::default, |told| {
                (told.outcome.clone(), told.reason.clone().unwrap_or_default(), told.alerts.join("|"))
            });
            out.push_str(&format!("{},{outcome},{reason},{alerts},{}\n", label.line, mark.as_str()));
        }
        out
    }

    /// The confusion matrix: what was done down the side, what was told across the top.
    pub fn matrix(&self) -> String {
        let confusion = self.confusion();
        let told: BTreeSet<&str> = confusion.keys().map(|(_, told)| told.as_str()).collect();
        let done: BTreeSet<&str> = confusion.keys().map(|(done, _)| done.as_str()).collect();
        let widths: Vec<usize> = told.iter().map(|word| word.len().max(5)).collect();
        let first = done.iter().map(|word| word.len()).max().unwrap_or(0).max(4);
        let mut out = format!("{:first$}", "done");
        for (word, width) in told.iter().zip(&widths) {
            out.push_str(&format!("  {word:>width$}"));
        }
        for action in done {
            out.push_str(&format!("\n{action:first$}"));
            for (word, width) in told.iter().zip(&widths) {
                let count = confusion.get(&(action.to_owned(), (*word).to_owned()));
                out.push_str(&format!("  {:>width$}", count.map_or("-".to_owned(), u64::to_string)));
            }
        }
        out.push('\n');
        out
    }

    /// The rates and what stands behind them, in a few lines.
    pub fn rates(&self) -> String {
        let counts = Mark::ALL.iter().map(|mark| format!("{} {}", mark.as_str(), self.count(*mark)));
        let counts: Vec<_> = counts.filter(|text| !text.ends_with(" 0")).collect();
        format!(
            "detected   {}\naccused    {}\nmarks      {}\nunlabelled {}\n",
            self.detected(),
            self.falsely_accused(),
            counts.join(", "),
            self.unlabelled
        )
    }
}
