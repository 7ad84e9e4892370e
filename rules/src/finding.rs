//! A rule's opinion about one attempt, and what rules are.

use crate::evidence::Evidence;
use crate::names::named;

named! {
    /// How sure a finding is, in the words of its rule.
    pub enum Level {
        /// A silence witnessed for 10 s or longer.
        Hard = "hard",
        /// A shorter silence, or a close that the server itself may have sent.
        Soft = "soft",
        /// Two independent traits say that another sent the packet.
        Injected = "injected",
        /// Every link of the chain verified up to what is listed.
        Proven = "proven",
        /// A name or a link that could not be verified.
        Claimed = "claimed",
    }
}

impl Level {
    /// Whether it is written without being asked for.
    pub fn is_default(self) -> bool {
        self != Self::Soft
    }
}

/// What a rule is, apart from what it looks at. Ids and names never change their meaning; a change of what a rule fires
/// on raises its revision.
#[derive(Debug, PartialEq, Eq)]
pub struct Rule {
    /// Its number, in the range [`RULE_IDS`].
    pub id: u32,
    /// Its revision.
    pub revision: u16,
    /// Its name, as outputs have it.
    pub name: &'static str,
    /// What was observed, as an alert's signature.
    pub message: &'static str,
    /// What it fires on and on what not.
    pub description: &'static str,
    /// The family of what was observed.
    pub category: &'static str,
    /// The levels that its findings have.
    pub levels: &'static [Level],
    /// Whether it speaks at the witness already, before the attempt closes.
    pub early: bool,
}

/// The rules' ids. A range of their own, so that they can be told from the signatures of an IDS in the same pipeline.
pub const RULE_IDS: std::ops::Range<u32> = 7_000_000..7_001_000;

/// A rule's opinion about one attempt.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// The rule.
    pub rule: &'static Rule,
    /// How sure it is.
    pub level: Level,
    /// How serious, as in Suricata: 1 is the highest.
    pub severity: u8,
    /// What was observed, in a sentence. It names no address and no server.
    pub message: String,
    /// What it rests on.
    pub evidence: Vec<Evidence>,
}
