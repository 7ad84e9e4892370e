//! The rules in force, from a file of the operator's beside those built in.
//!
//! The file is TOML: a table `detectors` with a table for each detector that is changed, a table `numbers`, and a list
//! `injectors` of files in the format of the built-in list. Anything in it that cannot be followed refuses it as a whole.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};

use rules::fingerprint::{self, Fingerprint};
use rules::revision;
use rules::rulebook::{RuleError, Rulebook};
use serde::Deserialize;
use toml::Spanned;

/// The rules in force, and where they come from.
#[derive(Clone, Debug, Default)]
pub struct LoadedRules {
    /// The rules.
    pub book: Rulebook,
    /// The files that changed them: none, or the file of rules and the lists of injectors that it names.
    pub files: Vec<RuleFile>,
}

/// A file that rules come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleFile {
    /// Where it is.
    pub path: PathBuf,
    /// The beginning of its content's SHA-256.
    pub revision: String,
}

/// Why a file of rules was refused.
#[derive(Debug)]
pub enum RulebookError {
    /// A file cannot be read.
    Read(PathBuf, io::Error),
    /// It is no TOML, or has something in it that is not known.
    Syntax(PathBuf, usize, String),
    /// The rules cannot be changed so.
    Rule(PathBuf, usize, RuleError),
    /// A list of injectors is wrong.
    Injectors(PathBuf, fingerprint::Error),
}

impl fmt::Display for RulebookError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Read(path, error) => write!(f, "{}: {error}", path.display()),
            Self::Syntax(path, line, words) => write!(f, "{}:{line}: {words}", path.display()),
            Self::Rule(path, line, error) => write!(f, "{}:{line}: {error}", path.display()),
            Self::Injectors(path, error) => write!(f, "{}:{}: {}", path.display(), error.line, error.why),
        }
    }
}

impl std::error::Error for RulebookError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Read(_, error) => Some(error),
            Self::Syntax(..) => None,
            Self::Rule(_, _, error) => Some(error),
            Self::Injectors(_, error) => Some(error),
        }
    }
}

/// What may stand in the file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Content {
    #[serde(default)]
    detectors: BTreeMap<String, Spanned<Detector>>,
    #[serde(default)]
    numbers: BTreeMap<String, Spanned<i64>>,
    #[serde(default)]
    injectors: Vec<PathBuf>,
}

/// What may be said of a detector.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Detector {
    enabled: Option<bool>,
    severity: Option<Spanned<i64>>,
}

/// A file that is being read.
struct Reading<'a> {
    path: &'a Path,
    text: &'a str,
}

/// The rules that are built in, as the file at `path` changes them.
///
/// # Errors
///
/// Where the file, or a list that it names, cannot be read or followed.
pub fn load(path: Option<&Path>) -> Result<LoadedRules, RulebookError> {
    let mut loaded = LoadedRules::default();
    if let Some(path) = path {
        let text = fs::read_to_string(path).map_err(|error| RulebookError::Read(path.to_owned(), error))?;
        loaded.add(path, text.as_bytes());
        let content = Reading { path, text: &text }.change(&mut loaded.book)?;
        let folder = path.parent().unwrap_or(Path::new(""));
        content.injectors.iter().try_for_each(|list| loaded.injectors(&folder.join(list)))?;
    }
    Ok(loaded)
}

impl LoadedRules {
    fn add(&mut self, path: &Path, content: &[u8]) {
        self.files.push(RuleFile { path: path.to_owned(), revision: revision::of(content) });
    }

    fn injectors(&mut self, path: &Path) -> Result<(), RulebookError> {
        let content = fs::read(path).map_err(|error| RulebookError::Read(path.to_owned(), error))?;
        self.add(path, &content);
        let list = Fingerprint::read(&content).map_err(|error| RulebookError::Injectors(path.to_owned(), error))?;
        self.book.add_injectors(list);
        Ok(())
    }
}

impl Reading<'_> {
    /// Makes the changes that the file states.
    fn change(&self, book: &mut Rulebook) -> Result<Content, RulebookError> {
        let content: Content = toml::from_str(self.text).map_err(|error| {
            let line = self.line(error.span().unwrap_or_default());
            RulebookError::Syntax(self.path.to_owned(), line, error.message().trim_end().replace('\n', ", "))
        })?;
        for (name, detector) in &content.detectors {
            self.detector(name, detector, book)?;
        }
        for (name, value) in &content.numbers {
            book.set_number(name, *value.get_ref()).map_err(|error| self.error(value.span(), error))?;
        }
        let last = content.numbers.values().map(Spanned::span).max_by_key(|span| span.start);
        book.check().map_err(|error| self.error(last.unwrap_or_default(), error))?;
        Ok(content)
    }

    fn detector(&self, name: &str, detector: &Spanned<Detector>, book: &mut Rulebook) -> Result<(), RulebookError> {
        let Detector { enabled, severity } = detector.get_ref();
        book.switch(name, enabled.unwrap_or(true)).map_err(|error| self.error(detector.span(), error))?;
        match severity {
            Some(severity) => {
                book.set_severity(name, *severity.get_ref()).map_err(|error| self.error(severity.span(), error))
            }
            None => Ok(()),
        }
    }

    fn error(&self, at: Range<usize>, error: RuleError) -> RulebookError {
        RulebookError::Rule(self.path.to_owned(), self.line(at), error)
    }

    /// The line, from 1, in which a span begins.
    fn line(&self, span: Range<usize>) -> usize {
        let before = self.text.as_bytes().get(..span.start).unwrap_or(self.text.as_bytes());
        before.iter().filter(|byte| **byte == b'\n').count() + 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rules::detectors;

    /// What a file with this content, beside a list of injectors, comes to.
    fn loaded(test: &str, content: &str) -> Result<LoadedRules, String> {
        let folder = std::env::temp_dir().join(format!("hushwire-rules-{test}-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("good.csv"), "# ours\nours,RST,*,*,*,*,*,*,*,yes,a laboratory\n").unwrap();
        fs::write(folder.join("bad.csv"), "# ours\nours,FIN,*,*,*,*,*,*,*,yes,a laboratory\n").unwrap();
        fs::write(folder.join("rules.toml"), content).unwrap();
        let result = load(Some(&folder.join("rules.toml"))).map_err(|error| error.to_string());
        fs::remove_dir_all(&folder).unwrap();
        result.map_err(|words| words.replace(&format!("{}/", folder.display()), ""))
    }

    #[test]
    fn a_file_changes_what_it_names() {
        let content = "injectors = ['good.csv']\n[detectors.silence_after_hello]\nenabled = false\n\
                       [detectors.closed_after_hello]\nseverity = 1\n[numbers]\nhard-seconds = 30\n";
        let LoadedRules { book, files } = loaded("good", content).unwrap();
        let of = |name: &str| detectors::rules().find(|rule| rule.name == name).unwrap();
        assert!(!book.is_on(of("silence_after_hello")) && book.is_on(of("closed_after_hello")));
        assert_eq!(book.severity(of("closed_after_hello")), Some(1));
        assert_eq!(book.settings.limits.hard.as_secs(), 30);
        assert_eq!(book.settings.fingerprints.last().unwrap().name, "ours");
        let names: Vec<_> = files.iter().map(|file| file.path.file_name().unwrap()).collect();
        assert_eq!((names, files[0].revision.len()), (vec!["rules.toml".as_ref(), "good.csv".as_ref()], 12));
    }

    /// The sample states what is built in, and nothing else.
    #[test]
    fn the_sample_names_every_detector_and_number_with_what_is_built_in() {
        let text = include_str!("../dist/rules.toml");
        let on = |line: &str| line.strip_prefix('#').filter(|line| !line.starts_with(' ')).unwrap_or(line).to_owned();
        let all: Vec<String> = text.lines().map(on).collect();
        let content: Content = toml::from_str(&all.join("\n")).unwrap();
        let (names, usual) = (content.detectors.keys(), Rulebook::default());
        assert!(names.eq(detectors::rules().map(|rule| rule.name).collect::<std::collections::BTreeSet<_>>()));
        let numbers = content.numbers.iter().map(|(name, value)| (name.as_str(), *value.get_ref()));
        let mut expected: Vec<_> = usual.numbers().map(|(knob, number)| (knob.name, i64::from(number))).collect();
        expected.sort_unstable();
        assert!(numbers.eq(expected));
        let mut book = Rulebook::default();
        Reading { path: Path::new("rules.toml"), text }.change(&mut book).unwrap();
        assert_eq!(book.changed_numbers().count(), 0);
    }

    #[test]
    fn nothing_and_an_empty_file_change_nothing() {
        assert!(load(None).unwrap().files.is_empty());
        let book = loaded("empty", "# all as it is\n").unwrap().book;
        assert_eq!(book.settings.limits, Rulebook::default().settings.limits);
    }

    #[test]
    fn what_is_wrong_is_named_with_its_line() {
        let cases = [
            ("[numbers]\nhard-seconds = ", "rules.toml:2: "),
            ("[detectors.silence]\nenabled = false", "rules.toml:1: there is no detector `silence`"),
            ("\n[detectors.silence_after_hello]\nlevel = 2", "rules.toml:3: unknown field `level`"),
            ("[detectors.silence_after_hello]\nenabled = 'no'", "rules.toml:2: invalid type: string"),
            ("[detectors.silence_after_hello]\n\nseverity = 9", "rules.toml:3: a severity is 1 to 4, not 9"),
            ("[numbers]\nhard = 20", "rules.toml:2: there is no number `hard`"),
            ("[numbers]\nhard-seconds = 5", "rules.toml:2: `hard-seconds` may be 10 to 110, not 5"),
            ("[numbers]\nsoft-seconds = 20\n", "rules.toml:2: `hard-seconds` is less than `soft-seconds`"),
            ("injectors = ['bad.csv']", "bad.csv:2: column `flags` does not hold a value that it may"),
            ("injectors = ['none.csv']", "none.csv: No such file"),
            ("switch = 'off'", "rules.toml:1: unknown field `switch`"),
        ];
        for (content, expected) in cases {
            let words = loaded("wrong", content).unwrap_err();
            assert!(words.starts_with(expected), "{content}: {words}");
            assert!(!words.contains('\n'), "{words}");
        }
    }
}
