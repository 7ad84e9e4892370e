//! Opinions: detectors over facts, blocklists, verdicts. Sans-IO: it is handed bytes and facts, and opens no file.

pub mod blocklist;
pub mod evidence;
pub mod fingerprint;
pub mod limits;
mod names;
pub mod outcome;
pub mod quality;
pub mod reset;
pub mod signature;
#[cfg(test)]
mod testing;
pub mod vantage;
