//! What an opinion rests on, in a form that any output can print.

use std::borrow::Cow;
use std::time::Duration;

use dissectors::time::Time;

/// One line of evidence.
#[derive(Clone, Debug, PartialEq)]
pub struct Evidence {
    /// What was looked at, in snake case.
    pub name: &'static str,
    /// What was seen.
    pub value: Value,
    /// What it weighs.
    pub weight: Weight,
}

/// What a line of evidence weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Weight {
    /// Stated, for whoever reads it: decides nothing.
    Context,
    /// One of the independent traits that a finding needs two of.
    Trait,
    /// What the finding says.
    Observation,
}

impl Weight {
    /// The weight as a number, for outputs: 0, 1 or 2.
    pub fn value(self) -> u8 {
        match self {
            Self::Context => 0,
            Self::Trait => 1,
            Self::Observation => 2,
        }
    }
}

/// The value of a line of evidence.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A word or a name.
    Text(Cow<'static, str>),
    /// A count, a difference or a header field.
    Number(i64),
    /// A span of time.
    Span(Duration),
    /// Moments.
    Times(Vec<Time>),
}

impl Evidence {
    /// Something stated.
    pub fn context(name: &'static str, value: impl Into<Value>) -> Self {
        Self { name, value: value.into(), weight: Weight::Context }
    }

    /// One of the traits that count.
    pub fn counted(name: &'static str, value: impl Into<Value>) -> Self {
        Self { name, value: value.into(), weight: Weight::Trait }
    }

    /// What the finding says.
    pub fn observed(name: &'static str, value: impl Into<Value>) -> Self {
        Self { name, value: value.into(), weight: Weight::Observation }
    }
}

impl From<&'static str> for Value {
    fn from(text: &'static str) -> Self {
        Self::Text(Cow::Borrowed(text))
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(Cow::Owned(text))
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

impl From<u32> for Value {
    fn from(number: u32) -> Self {
        Self::Number(i64::from(number))
    }
}

impl From<Duration> for Value {
    fn from(span: Duration) -> Self {
        Self::Span(span)
    }
}

impl From<Vec<Time>> for Value {
    fn from(times: Vec<Time>) -> Self {
        Self::Times(times)
    }
}
