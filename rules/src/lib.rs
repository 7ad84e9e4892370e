//! Opinions: detectors over facts, blocklists, verdicts. Sans-IO: it is handed bytes and facts, and opens no file.
//!
//! [`judge::Judge`] puts them together: facts and the capture's quality go in, an outcome and findings come out.

pub mod blocklist;
pub mod csv;
pub mod detectors;
pub mod evidence;
pub mod finding;
pub mod fingerprint;
pub mod judge;
pub mod limits;
mod names;
pub mod notice;
pub mod outcome;
pub mod quality;
pub mod reset;
pub mod revision;
pub mod rulebook;
pub mod settings;
pub mod signature;
#[cfg(test)]
mod testing;
pub mod vantage;
