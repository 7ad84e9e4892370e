//! Opinions: detectors over facts, blocklists, verdicts. Sans-IO: it is handed bytes and facts, and opens no file.

pub mod blocklist;
