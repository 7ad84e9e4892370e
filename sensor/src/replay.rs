//! `hushwire replay`: captures in, outputs out. Each capture file is a capture of its own, unless all are the files of one
//! ring buffer.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use dissectors::tls::KeyLog;

use crate::capture::{
    self, BLOCK_BYTES, CaptureError, Drops, FileSource, FilterError, FilterSet, Input, Series, Source,
};
use crate::desk::{Desk, Office};
use crate::engine::{Embedded, LossRecord};
use crate::keylog::{self, KeyLogError};
use crate::output::{FileSummary, Names, Outputs, Rotation, Summary};
use crate::pipeline::{self, Report};
use crate::settings::{Settings, SettingsError};
use crate::tally;

/// What to replay, and how.
#[derive(Clone, Debug, Default)]
pub struct Config {
    /// Files, folders, or `-` for standard input.
    pub inputs: Vec<PathBuf>,
    /// All inputs are the files of one ring buffer: one capture, in the order of their first frames.
    pub continuous: bool,
    /// A filter expression as of tcpdump; what it does not match is as if it had not been captured.
    pub filter: Option<String>,
    /// A TLS key log: what it has keys for is decrypted as far as the server's certificates.
    pub keylog: Option<PathBuf>,
    /// Whether the key logs inside captures are used likewise.
    pub embedded_keys: Embedded,
    /// How attempts are followed, judged and written.
    pub settings: Settings,
}

/// Hears how a run goes on.
pub trait Watcher {
    /// `read` bytes of `total`, if that is known, hold `packets` packets.
    fn progress(&mut self, read: u64, total: Option<u64>, packets: u64);
    /// Something went wrong or is unwise; the run goes on.
    fn problem(&mut self, problem: &dyn fmt::Display);
}

/// What a run came to.
#[derive(Debug)]
pub struct Finished {
    /// The run in numbers.
    pub summary: Summary,
    /// The outputs, for the statistics by name.
    outputs: Outputs,
    /// Things that went wrong.
    pub problems: u64,
}

impl Finished {
    /// The statistics by server name.
    pub fn names(&self) -> &Names {
        self.outputs.names()
    }

    /// Alerts that stand.
    pub fn findings(&self) -> u64 {
        self.summary.standing()
    }
}

/// Why a run could not begin.
#[derive(Debug)]
pub enum ReplayError {
    /// The filter is no filter.
    Filter(FilterError),
    /// The key log was refused.
    KeyLog(KeyLogError),
    /// A file that is named, or the folder for outputs, cannot be used.
    Settings(SettingsError),
}

impl fmt::Display for ReplayError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Filter(error) => error.fmt(f),
            Self::KeyLog(error) => write!(f, "key log {error}"),
            Self::Settings(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for ReplayError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Filter(error) => Some(error),
            Self::KeyLog(error) => Some(error),
            Self::Settings(error) => Some(error),
        }
    }
}

/// Replays what `config` names.
///
/// # Errors
///
/// Where nothing could be begun. What goes wrong with single captures is told to the watcher, and counted.
pub fn run(config: &Config, watcher: &mut dyn Watcher) -> Result<Finished, ReplayError> {
    let filter = config.filter.as_deref().map(FilterSet::new).transpose().map_err(ReplayError::Filter)?;
    let sessions = config.settings.limits.sessions;
    let keys =
        config.keylog.as_deref().map(|path| keylog::load(path, sessions)).transpose().map_err(ReplayError::KeyLog)?;
    let keys = keys.unwrap_or_else(|| KeyLog::new(sessions));
    let anonymizer = config.settings.anonymizer(&mut |warning| watcher.problem(warning));
    let office = anonymizer.and_then(|anonymizer| config.settings.office(anonymizer, Rotation::default()));
    let mut office = office.map_err(ReplayError::Settings)?;
    tally::add_key_lines(keys.lines(), &mut office.summary.keys);
    let mut replay = Replay { config, watcher, office, filter, keys: Arc::new(keys), problems: 0, read: 0 };
    replay.captures();
    replay.tell_refusals();
    let Replay { mut office, mut problems, watcher, .. } = replay;
    tally::add_desk(&office.judge, &office.outputs, &mut office.summary);
    if let Err(error) = office.outputs.finish(&office.summary) {
        watcher.problem(&error);
        problems += 1;
    }
    Ok(Finished { summary: office.summary, outputs: office.outputs, problems })
}

/// A run at work.
struct Replay<'a> {
    config: &'a Config,
    watcher: &'a mut dyn Watcher,
    office: Office,
    filter: Option<FilterSet>,
    /// Those that were given.
    keys: Arc<KeyLog>,
    problems: u64,
    /// Bytes of the captures that are done.
    read: u64,
}

impl Replay<'_> {
    fn captures(&mut self) {
        let mut inputs = Vec::new();
        for input in capture::expand(&self.config.inputs) {
            match input {
                Ok(input) => inputs.push(input),
                Err(error) => self.unreadable(&error),
            }
        }
        let total: Option<u64> = inputs.iter().map(|input| input.bytes).sum();
        if self.config.continuous {
            self.series(capture::by_first_frame(inputs), total);
        } else {
            inputs.iter().for_each(|input| self.file(input, total));
        }
    }

    /// Replays a file as a capture of its own.
    fn file(&mut self, input: &Input, total: Option<u64>) {
        match FileSource::open(input) {
            Ok(mut source) => {
                let name = input.name();
                let drops = input.path().map(capture::closing_drops).unwrap_or_default();
                let report = self.capture(&mut source, drops, self.workers(input.bytes), total);
                self.count_file(name, &report);
                self.read += source.position();
            }
            Err(error) if error.is_foreign() && !input.must_be_capture() => {
                *self.office.summary.skipped.entry("not_a_capture").or_default() += 1;
            }
            Err(error) => self.unreadable(&error),
        }
    }

    /// Replays the files of a ring buffer as one capture.
    fn series(&mut self, inputs: Vec<Input>, total: Option<u64>) {
        let name = inputs.iter().map(Input::name).next().unwrap_or_default();
        let drops = inputs.iter().filter_map(Input::path).flat_map(capture::closing_drops).collect();
        let mut source = Series::new(inputs);
        let report = self.capture(&mut source, drops, self.workers(total), total);
        self.count_file(name, &report);
        for error in source.into_errors() {
            self.unreadable(&error);
        }
    }

    /// Threads for a capture of so many bytes: where all of them are read at once, others would have nothing to do.
    fn workers(&self, bytes: Option<u64>) -> usize {
        if bytes.is_some_and(|bytes| bytes <= BLOCK_BYTES as u64) { 1 } else { self.config.settings.workers }
    }

    /// Follows a capture, which will say of itself that it lost `drops`, and adds what it came to.
    fn capture(&mut self, source: &mut dyn Source, drops: Vec<Drops>, workers: usize, total: Option<u64>) -> Report {
        let (before, frames) = (self.read, self.office.summary.packets);
        let watcher = &mut *self.watcher;
        let mut progress = |read: u64, packets: u64| watcher.progress(before + read, total, frames + packets);
        let loss = LossRecord::foreseeing(drops).remembering(self.config.settings.limits.clients);
        let mut desk = Desk::new(&mut self.office, loss, &mut progress);
        let options = pipeline::Options {
            keys: Arc::clone(&self.keys),
            embedded_keys: self.config.embedded_keys,
            workers,
            ..self.config.settings.pipeline()
        };
        let report = pipeline::run(source, self.filter.as_mut(), &options, &mut desk);
        let forgotten = desk.forgotten_clients();
        let (dropped, failure) = desk.close();
        self.office.summary.capture.dropped += dropped;
        tally::add_forgotten_clients(forgotten, &mut self.office.summary);
        if let Some(error) = failure {
            self.problem(&error);
        }
        report.add_to(&mut self.office.summary);
        tally::add_file_counts(source.counts(), &mut self.office.summary);
        report
    }

    /// Tells of the link types that take no such filter: their frames were skipped.
    fn tell_refusals(&mut self) {
        for (refused, frames) in self.filter.iter().flat_map(FilterSet::refused) {
            self.watcher.problem(&format_args!("{refused}: {frames} frames skipped"));
            self.problems += 1;
            *self.office.summary.skipped.entry("filter_refused").or_default() += frames;
        }
    }

    fn count_file(&mut self, name: String, report: &Report) {
        let error = report.error.as_ref().map(ToString::to_string);
        let totals = report.totals;
        self.office.summary.files.push(FileSummary { name, packets: totals.frames, bytes: totals.bytes, error });
        if let Some(error) = &report.error {
            self.problem(error);
        }
    }

    /// A capture of which nothing could be read.
    fn unreadable(&mut self, error: &CaptureError) {
        let file = FileSummary { name: error.name.clone(), error: Some(error.to_string()), ..FileSummary::default() };
        self.office.summary.files.push(file);
        self.problem(error);
    }

    fn problem(&mut self, problem: &dyn fmt::Display) {
        self.watcher.problem(problem);
        self.problems += 1;
    }
}
