//! Blocklists: which certificates and keys are listed and why, and whether a chain that was sent leads to one.
//!
//! It is handed bytes and facts. It opens no file, knows no flow and no server name, and decides no alert: a match
//! states its class, how it was reached and what the signatures said.

mod budget;
mod builtin;
mod entry;
mod found;
mod healthy;
mod index;
mod links;
mod list;
pub mod load;
mod matcher;
mod memo;
mod pattern;
mod search;
mod source;
#[cfg(test)]
mod tests;
mod traits;

pub use budget::VerifyBudget;
pub use entry::{Class, Entry, Kind, Marks};
pub use found::{By, Level, Match, Signature};
pub use links::MAX_TRIES;
pub use list::Blocklist;
pub use load::{Format, LoadError, Loaded, detect_format, load};
pub use matcher::{Matcher, MatcherCounts, MatcherLimits};
pub use pattern::Pattern;
pub use search::MAX_CHAIN;
pub use source::Source;
pub use traits::{Trait, traits};

use std::sync::{Arc, LazyLock};

use dissectors::time::Time;
use dissectors::x509::Certificate;

/// Fuzz entry: any bytes as a blocklist file of the format they look like.
pub fn fuzz_blocklist(data: &[u8]) {
    let loaded = load("fuzz", data, None);
    assert!(loaded.errors.len() <= load::MAX_ERRORS, "errors are bounded");
    let mut list = Blocklist::default();
    list.add(loaded);
    assert_eq!(list.sources().iter().map(|source| source.entries).sum::<usize>(), list.entries().len());
}

/// Fuzz entry: any bytes as a chain of certificates, each behind its length in two bytes, against the built-in lists.
pub fn fuzz_chain(data: &[u8]) {
    let mut chain = Vec::new();
    let mut rest = data;
    while let Some((length, behind)) = rest.split_first_chunk::<2>() {
        let length = usize::from(u16::from_be_bytes(*length)).min(behind.len());
        let (der, next) = behind.split_at(length);
        chain.push(Arc::new(Certificate::new(der)));
        rest = next;
    }
    static LIST: LazyLock<Arc<Blocklist>> = LazyLock::new(|| Arc::new(Blocklist::builtin()));
    let mut matcher = Matcher::new(Arc::clone(&LIST), MatcherLimits::default());
    let first = matcher.match_chain(&chain, Time::default());
    let again = matcher.match_chain(&chain, Time::default());
    assert_eq!(first.len(), again.len(), "what is remembered is what was found");
}
