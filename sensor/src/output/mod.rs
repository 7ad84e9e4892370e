//! Outputs: `eve.json` as it happens, `sni.csv`, `sni.json` and `summary.json` at the end.
//!
//! It stands behind the merge, in one thread, and hears of every attempt in order: memories and names here may look at
//! more than one attempt. It decides nothing, reads no clock, and lets no order of a hash table through, so that the same
//! events give the same bytes.

mod anonymize;
mod community_id;
mod error;
mod eve;
mod journal;
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

pub use self::anonymize::{Anonymize, Anonymizer, KeyError};
pub use self::community_id::community_id;
pub use self::error::OutputError;
use self::eve::Eve;
use self::journal::Journal;
pub use self::journal::Rotation;
pub use self::names::{Names, Row};
use self::sink::Sink;
pub use self::summary::{
    BlocklistSummary, CaptureSummary, ConnectSummary, Counts, FileSummary, RuleFileSummary, RuleSummary, Summary,
};
pub use self::text::{time_of, timestamp};

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
#[derive(Clone, Debug)]
pub struct Options {
    /// Write everything of every attempt, healthy ones included.
    pub full: bool,
    /// Seed of the community ID; all sensors of a network must have the same.
    pub community_id_seed: u16,
    /// Server names that have a row of their own; those that come later share `(other)`.
    pub max_names: NonZeroUsize,
    /// Certificates remembered as shown; beyond that, all are forgotten and shown once more.
    pub shown_certificates: usize,
    /// Certificates of servers of which it is remembered what lines say of them.
    pub leaves: usize,
    /// When `eve.json` is closed and begun anew.
    pub rotation: Rotation,
    /// Changes every address before it is written; without it, the real ones are.
    pub anonymizer: Option<Anonymizer>,
}

/// Names with a row of their own by default: some 200 bytes each with the answer times they had, and at most 1 kB or so on the
/// average, however long the run.
pub const DEFAULT_NAMES: NonZeroUsize = NonZeroUsize::new(100_000).unwrap();

/// Certificates remembered as shown by default: some 2 MB.
pub const DEFAULT_SHOWN: usize = 65_536;

/// Certificates of servers of which it is remembered by default what lines say of them: some 1.5 MB.
pub const DEFAULT_LEAVES: usize = 4096;

impl Default for Options {
    fn default() -> Self {
        Self {
            full: false,
            community_id_seed: 0,
            max_names: DEFAULT_NAMES,
            shown_certificates: DEFAULT_SHOWN,
            leaves: DEFAULT_LEAVES,
            rotation: Rotation::default(),
            anonymizer: None,
        }
    }
}

/// All outputs of a run.
#[derive(Debug)]
pub struct Outputs {
    eve: Eve,
    lines: Journal,
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
        let lines = Journal::new(lines, options.rotation);
        let names = Names::new(options.max_names);
        Self { eve: Eve::new(options), lines, tables, names }
    }

    /// Takes events: their lines, and their places in the statistics.
    ///
    /// # Errors
    ///
    /// Once, when `eve.json` cannot be written. Later lines are counted ([`Outputs::unwritten`]), and the statistics go
    /// on.
    pub fn events(&mut self, events: &[Event<'_>]) -> Result<(), OutputError> {
        self.names.count(events);
        let (sink, eve) = (self.lines.sink(), &mut self.eve);
        let written = events.iter().map(|event| sink.lines(|buffer| eve.event(event, buffer)));
        written.fold(Ok(()), Result::and)
    }

    /// Writes a line of statistics.
    ///
    /// # Errors
    ///
    /// As [`Outputs::events`].
    pub fn stats(&mut self, at: Time, summary: &Summary) -> Result<(), OutputError> {
        self.lines.sink().lines(|buffer| self.eve.stats(at, summary, buffer))
    }

    /// Writes what was gathered of `eve.json`, the tables, and `summary` with what could not be written.
    ///
    /// # Errors
    ///
    /// The first one; the other files are written all the same.
    pub fn finish(&mut self, summary: &Summary) -> Result<(), OutputError> {
        self.lines.sink().flush().and(self.tables(summary))
    }

    /// Writes the tables and `summary` as they stand; each takes the place of the one before at once, and whole.
    ///
    /// # Errors
    ///
    /// As [`Outputs::finish`].
    pub fn tables(&mut self, summary: &Summary) -> Result<(), OutputError> {
        let rows = self.names.rows();
        let [csv, json, _] = &mut self.tables;
        let csv = rewritten(csv, |sink| names::csv::write(&rows, sink));
        let json = rewritten(json, |sink| names::json::write(&rows, sink));
        let unwritten = self.unwritten();
        let [.., last] = &mut self.tables;
        csv.and(json).and(rewritten(last, |sink| summary::write(summary, unwritten, sink)))
    }

    /// Time has come to `now`, in a run without an end: writes what was gathered of `eve.json`, closes the file if its
    /// time has come, and begins it again where it broke or vanished.
    ///
    /// # Errors
    ///
    /// Once for each breach: it is tried again at later times.
    pub fn tend(&mut self, now: Time) -> Result<(), OutputError> {
        self.lines.tend(now)
    }

    /// The statistics by server name.
    pub fn names(&self) -> &Names {
        &self.names
    }

    /// The limits that were reached here, with how often, for [`Summary::limits`].
    pub fn limits(&self) -> impl Iterator<Item = (&'static str, u64)> {
        let reached = [
            ("server_names", self.names.overflowed()),
            ("time_buckets", self.names.coarsened()),
            ("shown_certificates", self.eve.forgotten_shown()),
        ];
        reached.into_iter().filter(|(_, count)| *count > 0)
    }

    /// Certificates of which it was forgotten what lines say of them, for want of room.
    pub fn forgotten_leaves(&self) -> u64 {
        self.eve.forgotten_leaves()
    }

    /// Lines that could not be written, by file.
    pub fn unwritten(&self) -> BTreeMap<String, u64> {
        let tables = self.tables.iter().map(|sink| (sink.path(), sink.lost()));
        let lost = std::iter::once(self.lines.lost()).chain(tables).filter(|(_, lost)| *lost > 0);
        lost.map(|(path, lost)| (path.display().to_string(), lost)).collect()
    }
}

/// Gives the file of `sink` new content.
fn rewritten(sink: &mut Sink, write: impl FnOnce(&mut Sink) -> Result<(), OutputError>) -> Result<(), OutputError> {
    sink.rewrite()?;
    write(sink)?;
    sink.settle()
}
