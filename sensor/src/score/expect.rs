//! Conditions on a score: `silence_after_hello>=0.99, false=0`.

use std::fmt;
use std::str::FromStr;

use super::{Mark, Score};

/// Two ratios that differ by less are equal.
const EPSILON: f64 = 1e-9;

/// Conditions, all of which must hold.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Conditions(Vec<Condition>);

/// One condition. What it is about is a mark (`false`, `missed`: how many rows have it), `detected` (the detection
/// rate), or an outcome or detector (of the flows that should be told so, which share was).
#[derive(Clone, Debug, PartialEq)]
pub struct Condition {
    about: String,
    relation: Relation,
    number: f64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Relation {
    Least,
    Most,
    Exactly,
}

/// A condition that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConditionError(String);

impl fmt::Display for ConditionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is no condition like silence_after_hello>=0.99 or false=0", self.0)
    }
}

impl std::error::Error for ConditionError {}

impl FromStr for Conditions {
    type Err = ConditionError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.split(',')
            .map(str::trim)
            .filter(|part| !part.is_empty())
            .map(str::parse)
            .collect::<Result<_, _>>()
            .map(Self)
    }
}

impl FromStr for Condition {
    type Err = ConditionError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const RELATIONS: [(&str, Relation); 3] =
            [(">=", Relation::Least), ("<=", Relation::Most), ("=", Relation::Exactly)];
        let wrong = || ConditionError(text.to_owned());
        let split = |(sign, relation): &(&str, Relation)| {
            text.split_once(sign).map(|(about, number)| (about.trim(), *relation, number.trim()))
        };
        let (about, relation, number) = RELATIONS.iter().find_map(split).ok_or_else(wrong)?;
        let is_word = !about.is_empty() && about.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
        let number = number.parse().map_err(|_| wrong())?;
        is_word.then_some(Self { about: about.to_owned(), relation, number }).ok_or_else(wrong)
    }
}

impl Conditions {
    /// The conditions that do not hold, each with what holds instead.
    pub fn broken(&self, score: &Score) -> Vec<String> {
        self.0.iter().filter_map(|condition| condition.broken(score)).collect()
    }
}

impl Condition {
    fn broken(&self, score: &Score) -> Option<String> {
        let Self { about, relation, number } = self;
        let Some(is) = self.measured(score) else { return Some(format!("{about}: no flow is expected to be told so")) };
        let (holds, sign) = match relation {
            Relation::Least => (is >= number - EPSILON, ">="),
            Relation::Most => (is <= number + EPSILON, "<="),
            Relation::Exactly => ((is - number).abs() < EPSILON, "="),
        };
        (!holds).then(|| format!("{about} is {is:.4}, not {sign}{number}"))
    }

    fn measured(&self, score: &Score) -> Option<f64> {
        if let Some(mark) = Mark::ALL.iter().find(|mark| mark.as_str() == self.about) {
            return Some(score.count(*mark) as f64);
        }
        match self.about.as_str() {
            "detected" => score.detected().ratio(),
            word => score.told_as(word).ratio(),
        }
    }
}
