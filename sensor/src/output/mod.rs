//! Outputs: `eve.json` as it happens, `sni.csv`, `sni.json` and `summary.json` at the end.
//!
//! It stands behind the merge, in one thread, and hears of every attempt in order: memories and names here may look at
//! more than one attempt. It decides nothing, reads no clock, and lets no order of a hash table through, so that the same
//! events give the same bytes.

mod community_id;
mod error;
mod eve;
mod json;
pub mod names;
mod sink;
mod summary;
#[cfg(test)]
mod tests;
mod text;
mod words;

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::path::Path;

use dissectors::flow::Telling;
use dissectors::time::Time;
use rules::judge::Judgement;

pub use self::error::OutputError;
use self::eve::Eve;
pub use self::names::{Names, Row};
use self::sink::Sink;
pub use self::summary::{BlocklistSummary, CaptureSummary, ConnectSummary, Counts, FileSummary, RuleSummary, Summary};
pub use self::text::timestamp;

/// One telling, judged.
#[derive(Clone, Copy, Debug)]
pub struct Event<'a> {
    /// What was seen.
    pub telling: &'a Telling,
    /// What is thought of it.
    pub judgement: &'a Judgement,
    /// The capture, as it was named on the command line or found under a folder that was.
    pub capture: &'a str,
    /// Number of that capture's first frame: more than 1 where several files are read as one.
    pub first_frame: u64,
}

/// How much is written and remembered.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Write everything of every attempt, healthy ones included.
    pub full: bool,
    /// Seed of the community ID; all sensors of a network must have the same.
    pub community_id_seed: u16,
    /// Server names that have a row of their own; those that come later share `(other)`.
    pub max_names: NonZeroUsize,
    /// Certificates remembered as shown; beyond that, all are forgotten and shown once more.
    pub shown_certificates: usize,
}

/// Names with a row of their own by default: some 300 bytes each, and the answer times they had.
pub const DEFAULT_NAMES: NonZeroUsize = NonZeroUsize::new(100_000).unwrap();

/// Certificates remembered as shown by default: about 3 MB.
pub const DEFAULT_SHOWN: usize = 65_536;

impl Default for Options {
    fn default() -> Self {
        Self { full: false, community_id_seed: 0, max_names: DEFAULT_NAMES, shown_certificates: DEFAULT_SHOWN }
    }
}

/// All outputs of a run.
#[derive(Debug)]
pub struct Outputs {
    eve: Eve,
    lines: Sink,
    tables: [Sink; 3],
    names: Names,
}

impl Outputs {
    /// Makes the files in `dir`, so that a folder that cannot be written to is known at once. Without a folder
    /// everything is made and dropped, but for the statistics.
    ///
    /// # Errors
    ///
    /// If the folder or a file cannot be made.
    pub fn create(dir: Option<&Path>, options: Options) -> Result<Self, OutputError> {
        let sink = |name| Sink::create(dir, name);
        let tables = [sink("sni.csv")?, sink("sni.json")?, sink("summary.json")?];
        Ok(Self::new(sink("eve.json")?, tables, options))
    }

    fn new(lines: Sink, tables: [Sink; 3], options: Options) -> Self {
        Self { eve: Eve::new(&options), lines, tables, names: Names::new(options.max_names) }
    }

    /// Takes an event: its lines, and its place in the statistics.
    ///
    /// # Errors
    ///
    /// Once, when `eve.json` cannot be written. Later lines are counted ([`Outputs::unwritten`]), and the statistics go
    /// on.
    pub fn event(&mut self, event: &Event<'_>) -> Result<(), OutputError> {
        self.names.count(event);
        self.lines.lines(|buffer| self.eve.event(event, buffer))
    }

    /// Writes a line of statistics.
    ///
    /// # Errors
    ///
    /// As [`Outputs::event`].
    pub fn stats(&mut self, at: Time, summary: &Summary) -> Result<(), OutputError> {
        self.lines.lines(|buffer| self.eve.stats(at, summary, buffer))
    }

    /// Writes what was gathered of `eve.json`, the tables, and `summary` with what could not be written.
    ///
    /// # Errors
    ///
    /// The first one; the other files are written all the same.
    pub fn finish(&mut self, summary: &Summary) -> Result<(), OutputError> {
        let lines = self.lines.flush();
        let [csv, json, _] = &mut self.tables;
        let tables = names::csv::write(&self.names, csv).and(names::json::write(&self.names, json));
        let unwritten = self.unwritten();
        let [.., last] = &mut self.tables;
        lines.and(tables).and(summary::write(summary, unwritten, last))
    }

    /// The statistics by server name.
    pub fn names(&self) -> &Names {
        &self.names
    }

    /// The limits that were reached here, with how often, for [`Summary::limits`].
    pub fn limits(&self) -> impl Iterator<Item = (&'static str, u64)> {
        [("server_names", self.names.overflowed())].into_iter().filter(|(_, count)| *count > 0)
    }

    /// Lines that could not be written, by file.
    pub fn unwritten(&self) -> BTreeMap<String, u64> {
        let sinks = std::iter::once(&self.lines).chain(&self.tables).filter(|sink| sink.lost() > 0);
        sinks.map(|sink| (sink.path().display().to_string(), sink.lost())).collect()
    }
}
