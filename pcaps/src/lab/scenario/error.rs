//! What is wrong with a scenario file.

use std::fmt;
use std::ops::Range;

/// Something that a scenario says and does not mean.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Problem {
    /// Where in the text, if it is in one place.
    pub(super) span: Option<Range<usize>>,
    /// What, in a sentence.
    pub(super) what: String,
}

/// A scenario that was refused.
#[derive(Debug, PartialEq, Eq)]
pub struct ScenarioError {
    /// The file.
    pub file: String,
    /// The line, from 1, if the error is in one.
    pub line: Option<usize>,
    /// What is wrong.
    pub what: String,
}

impl ScenarioError {
    pub(super) fn syntax(file: &str, text: &str, error: &toml::de::Error) -> Self {
        let span = error.span();
        Self::meaning(file, text, Problem { span, what: error.message().trim().replace('\n', ", ") })
    }

    pub(super) fn meaning(file: &str, text: &str, Problem { span, what }: Problem) -> Self {
        let line = span.map(|span| text.bytes().take(span.start).filter(|byte| *byte == b'\n').count() + 1);
        Self { file: file.to_owned(), line, what }
    }
}

impl fmt::Display for ScenarioError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, line, what } = self;
        match line {
            Some(line) => write!(f, "{file}:{line}: {what}"),
            None => write!(f, "{file}: {what}"),
        }
    }
}

impl std::error::Error for ScenarioError {}
