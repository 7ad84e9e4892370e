//! The rules in force: those that the program brings, as an operator's file changes them. Knows no file and no format.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::RangeInclusive;

use crate::detectors;
use crate::finding::Rule;
use crate::fingerprint::Fingerprint;
use crate::limits::{KNOBS, Knob};
use crate::settings::Settings;

/// The severities of alerts, as in Suricata: 1 is the highest.
pub const SEVERITIES: RangeInclusive<u8> = 1..=4;

/// The rules in force.
#[derive(Clone, Debug, Default)]
pub struct Rulebook {
    /// What outcomes are decided by.
    pub settings: Settings,
    changes: BTreeMap<u32, Change>,
}

/// What is changed of a detector.
#[derive(Clone, Copy, Debug, Default)]
struct Change {
    off: bool,
    severity: Option<u8>,
}

/// Why the rules cannot be changed so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RuleError {
    /// No detector is called so.
    NoDetector(String),
    /// No number is called so.
    NoNumber(String),
    /// The severity is none.
    Severity(i64),
    /// A number may be no less and no more than that.
    Range(&'static Knob, i64),
    /// A silence would be hard before it is soft.
    HardBeforeSoft,
}

impl fmt::Display for RuleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoDetector(name) => write!(f, "there is no detector `{name}`"),
            Self::NoNumber(name) => write!(f, "there is no number `{name}`"),
            Self::Severity(value) => {
                write!(f, "a severity is {} to {}, not {value}", SEVERITIES.start(), SEVERITIES.end())
            }
            Self::Range(knob, value) => {
                write!(f, "`{}` may be {} to {}, not {value}", knob.name, knob.range.start(), knob.range.end())
            }
            Self::HardBeforeSoft => f.write_str("`hard-seconds` is less than `soft-seconds`"),
        }
    }
}

impl std::error::Error for RuleError {}

impl Rulebook {
    /// Switches a detector on or off.
    ///
    /// # Errors
    ///
    /// Where there is none of that name.
    pub fn switch(&mut self, detector: &str, on: bool) -> Result<(), RuleError> {
        self.change(detector)?.off = !on;
        Ok(())
    }

    /// Gives all findings of a detector this severity.
    ///
    /// # Errors
    ///
    /// Where there is no such detector or severity.
    pub fn set_severity(&mut self, detector: &str, severity: i64) -> Result<(), RuleError> {
        let known = u8::try_from(severity).ok().filter(|severity| SEVERITIES.contains(severity));
        self.change(detector)?.severity = Some(known.ok_or(RuleError::Severity(severity))?);
        Ok(())
    }

    /// Sets a number.
    ///
    /// # Errors
    ///
    /// Where there is no such number, or it may not be that.
    pub fn set_number(&mut self, name: &str, value: i64) -> Result<(), RuleError> {
        let knob = KNOBS.iter().find(|knob| knob.name == name).ok_or_else(|| RuleError::NoNumber(name.to_owned()))?;
        let known = u32::try_from(value).ok().filter(|value| knob.range.contains(value));
        (knob.set)(&mut self.settings.limits, known.ok_or(RuleError::Range(knob, value))?);
        Ok(())
    }

    /// Adds injectors. One that is called like another takes its place.
    pub fn add_injectors(&mut self, injectors: Vec<Fingerprint>) {
        let known = &mut self.settings.fingerprints;
        known.retain(|old| !injectors.iter().any(|new| new.name == old.name));
        known.extend(injectors);
    }

    /// Looks at what no single change can show.
    ///
    /// # Errors
    ///
    /// Where two numbers contradict each other.
    pub fn check(&self) -> Result<(), RuleError> {
        let limits = &self.settings.limits;
        if limits.hard < limits.soft { Err(RuleError::HardBeforeSoft) } else { Ok(()) }
    }

    /// Whether the detector of a rule is on.
    pub fn is_on(&self, rule: &Rule) -> bool {
        !self.changes.get(&rule.id).is_some_and(|change| change.off)
    }

    /// The severity of a rule's findings, where it is set.
    pub fn severity(&self, rule: &Rule) -> Option<u8> {
        self.changes.get(&rule.id)?.severity
    }

    /// The numbers, by name.
    pub fn numbers(&self) -> impl Iterator<Item = (&'static Knob, u32)> {
        KNOBS.iter().map(|knob| (knob, (knob.get)(&self.settings.limits)))
    }

    /// The numbers that are not what they usually are.
    pub fn changed_numbers(&self) -> impl Iterator<Item = (&'static Knob, u32)> {
        let usual = Self::default().settings.limits;
        self.numbers().filter(move |(knob, number)| (knob.get)(&usual) != *number)
    }

    fn change(&mut self, detector: &str) -> Result<&mut Change, RuleError> {
        let rule = detectors::rules().find(|rule| rule.name == detector);
        let rule = rule.ok_or_else(|| RuleError::NoDetector(detector.to_owned()))?;
        Ok(self.changes.entry(rule.id).or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detectors::BLOCKLISTED_CHAIN;

    #[test]
    fn what_is_changed_is_in_force_and_the_rest_as_it_was() {
        let mut book = Rulebook::default();
        assert!(detectors::rules().all(|rule| book.is_on(rule) && book.severity(rule).is_none()));
        book.switch("blocklisted_chain", false).unwrap();
        book.set_severity("blocklisted_chain", 4).unwrap();
        book.set_number("hard-seconds", 20).unwrap();
        assert_eq!((book.is_on(&BLOCKLISTED_CHAIN), book.severity(&BLOCKLISTED_CHAIN)), (false, Some(4)));
        assert_eq!(detectors::rules().filter(|rule| !book.is_on(rule)).count(), 1);
        assert_eq!(book.settings.limits.hard.as_secs(), 20);
        assert_eq!(
            book.changed_numbers().map(|(knob, number)| (knob.name, number)).collect::<Vec<_>>(),
            [("hard-seconds", 20)]
        );
        assert_eq!(book.check(), Ok(()));
        book.switch("blocklisted_chain", true).unwrap();
        assert!(book.is_on(&BLOCKLISTED_CHAIN));
    }

    #[test]
    fn what_cannot_be_is_refused_and_changes_nothing() {
        let mut book = Rulebook::default();
        assert_eq!(book.switch("silence", false), Err(RuleError::NoDetector("silence".into())));
        assert_eq!(book.set_severity("blocklisted_chain", 5), Err(RuleError::Severity(5)));
        assert_eq!(book.set_number("hard", 20), Err(RuleError::NoNumber("hard".into())));
        for value in [-1, 9, 111, i64::MAX] {
            assert!(matches!(book.set_number("hard-seconds", value), Err(RuleError::Range(..))), "{value}");
        }
        assert!(detectors::rules().all(|rule| book.is_on(rule) && book.severity(rule).is_none()));
        assert_eq!(book.settings.limits, Rulebook::default().settings.limits);
        book.set_number("soft-seconds", 12).unwrap();
        assert_eq!(book.check(), Err(RuleError::HardBeforeSoft));
    }

    #[test]
    fn every_number_can_be_set_within_its_range_and_begins_in_it() {
        for knob in KNOBS {
            let mut book = Rulebook::default();
            let initial = book.numbers().find(|(other, _)| other.name == knob.name).unwrap().1;
            assert!(knob.range.contains(&initial), "{}", knob.name);
            for value in [*knob.range.start(), *knob.range.end()] {
                book.set_number(knob.name, i64::from(value)).unwrap();
                let others = KNOBS.iter().filter(|other| other.name != knob.name);
                let untouched = Rulebook::default().settings.limits;
                assert_eq!((knob.get)(&book.settings.limits), value, "{}", knob.name);
                others.for_each(|other| assert_eq!((other.get)(&book.settings.limits), (other.get)(&untouched)));
            }
        }
    }

    #[test]
    fn an_injector_takes_the_place_of_its_namesake() {
        let mut book = Rulebook::default();
        let before = book.settings.fingerprints.len();
        let list = "henan,RST,*,*,*,*,*,*,*,yes,here\nours,RST,*,*,*,*,*,*,*,no,there\n";
        book.add_injectors(Fingerprint::read(list.as_bytes()).unwrap());
        let named = |name: &str| book.settings.fingerprints.iter().filter(|one| one.name == name).collect::<Vec<_>>();
        assert_eq!(book.settings.fingerprints.len(), before + 1);
        assert_eq!((named("henan").len(), named("henan")[0].source.as_str()), (1, "here"));
    }
}
