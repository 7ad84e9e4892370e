//! The judge: what hushwire said of flows, held against what is known to have been done to them.
//!
//! Labels say what a box did to each flow ([`labels`]), `eve.json` what was told of it ([`told`]). [`Score::of`] joins both,
//! and every row gets a [`Mark`]; [`expect`] decides whether the marks are good enough. Pure: texts go in.

pub mod expect;
pub mod labels;
mod report;
pub mod told;

use std::collections::{BTreeMap, HashMap};

use dissectors::time::Time;

use self::labels::{Key, Label};
use self::told::Told;

/// How much earlier than its label an attempt may seem to begin, in nanoseconds: two clocks made them.
const SLACK: i64 = 1_000_000_000;

/// How what was told of a flow compares with its label.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mark {
    /// Disturbed, and told as what it was.
    Named,
    /// Disturbed, and told as a disturbance of another kind.
    Misnamed,
    /// Disturbed, and told as undisturbed.
    Missed,
    /// Disturbed, and left undecided.
    Undecided,
    /// Disturbed, and nothing was told of it.
    Unseen,
    /// Disturbed in a way that no detector looks for yet.
    Waiting,
    /// Undisturbed, and told as that, or left undecided.
    Clean,
    /// Undisturbed, and told as what happened to it without a box: a server that never answered, a hole in the path.
    Innocent,
    /// Undisturbed, and told as disturbed.
    False,
}

impl Mark {
    /// Every mark.
    pub const ALL: [Self; 9] = [
        Self::Named,
        Self::Misnamed,
        Self::Missed,
        Self::Undecided,
        Self::Unseen,
        Self::Waiting,
        Self::Clean,
        Self::Innocent,
        Self::False,
    ];

    /// The word that outputs and conditions use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Named => "named",
            Self::Misnamed => "misnamed",
            Self::Missed => "missed",
            Self::Undecided => "undecided",
            Self::Unseen => "unseen",
            Self::Waiting => "waiting",
            Self::Clean => "clean",
            Self::Innocent => "innocent",
            Self::False => "false",
        }
    }
}

/// One label with what was told of its flow.
#[derive(Clone, Debug)]
pub struct Row {
    /// The label.
    pub label: Label,
    /// What was told, if anything.
    pub told: Option<Told>,
    /// How they compare.
    pub mark: Mark,
}

/// All labels with what was told of their flows.
#[derive(Clone, Debug, Default)]
pub struct Score {
    /// In the order of the labels.
    pub rows: Vec<Row>,
    /// Attempts that were told and that no label is about.
    pub unlabelled: u64,
}

impl Score {
    /// Joins labels with what was told. Flows of the same ends are told apart by their times.
    pub fn of(labels: Vec<Label>, told: Vec<Told>) -> Self {
        let places = places(&labels);
        let mut rows: Vec<Row> =
            labels.into_iter().map(|label| Row { label, told: None, mark: Mark::Unseen }).collect();
        let mut unlabelled = 0;
        for told in told {
            let found =
                Key::of(&told).iter().find_map(|key| places.get(key)).and_then(|at| place(at, &rows, told.time));
            match found.and_then(|at| rows.get_mut(at)) {
                Some(row) if row.told.is_none() => row.told = Some(told),
                Some(_) => {}
                None => unlabelled += 1,
            }
        }
        for row in &mut rows {
            row.mark = row.label.mark(row.told.as_ref());
        }
        Self { rows, unlabelled }
    }

    /// How many rows have a mark.
    pub fn count(&self, mark: Mark) -> usize {
        self.rows.iter().filter(|row| row.mark == mark).count()
    }

    /// Of the disturbed flows that some detector looks for, those that were told as what they were.
    pub fn detected(&self) -> Share {
        let looked_for = [Mark::Named, Mark::Misnamed, Mark::Missed, Mark::Undecided, Mark::Unseen];
        Share { part: self.count(Mark::Named), whole: looked_for.iter().map(|mark| self.count(*mark)).sum() }
    }

    /// Of the undisturbed flows, those that were told as disturbed.
    pub fn falsely_accused(&self) -> Share {
        let part = self.count(Mark::False);
        Share { part, whole: part + self.count(Mark::Clean) + self.count(Mark::Innocent) }
    }

    /// Of the flows that are expected to be told with a word, those that were.
    pub fn told_as(&self, word: &str) -> Share {
        let expected = self.rows.iter().filter(|row| row.label.expects(word));
        let (mut part, mut whole) = (0, 0);
        for row in expected {
            whole += 1;
            part += usize::from(row.told.as_ref().is_some_and(|told| told.has(word)));
        }
        Share { part, whole }
    }

    /// How often what was done was told as what.
    pub fn confusion(&self) -> BTreeMap<(String, String), u64> {
        let mut counts = BTreeMap::new();
        for row in &self.rows {
            let told = row.told.as_ref().map_or("unseen".to_owned(), Told::summary);
            *counts.entry((row.label.action.clone(), told)).or_default() += 1;
        }
        counts
    }
}

/// So many of so many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    /// Those that are meant.
    pub part: usize,
    /// All.
    pub whole: usize,
}

impl Share {
    /// From 0 to 1; nothing of nothing is no share.
    pub fn ratio(self) -> Option<f64> {
        (self.whole > 0).then(|| self.part as f64 / self.whole as f64)
    }
}

/// The rows of each flow, in the order of their times.
fn places(labels: &[Label]) -> HashMap<Key, Vec<usize>> {
    let mut places: HashMap<Key, Vec<usize>> = HashMap::new();
    for (at, label) in labels.iter().enumerate() {
        places.entry(label.key.clone()).or_default().push(at);
    }
    for at in places.values_mut() {
        at.sort_by_key(|at| labels.get(*at).and_then(|label| label.time));
    }
    places
}

/// The row that an attempt of this time belongs to: the last that had begun by then. Without times, the first that
/// nothing was told of yet.
fn place(at: &[usize], rows: &[Row], time: Time) -> Option<usize> {
    let begun = |at: &&usize| {
        let time_of = rows.get(**at).and_then(|row| row.label.time);
        time_of.is_some_and(|begins| begins.0 <= time.0.saturating_add(SLACK))
    };
    let free = |at: &&usize| rows.get(**at).is_some_and(|row| row.told.is_none());
    at.iter().rev().find(begun).or_else(|| at.iter().find(free)).or_else(|| at.first()).copied()
}

#[cfg(test)]
mod tests;
