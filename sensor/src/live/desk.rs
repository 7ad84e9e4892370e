//! The desk of a capture without an end: beside judging and writing, it keeps the files in order, writes statistics when
//! asked, and reads rules and blocklists again.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Receiver;
use std::time::Duration;

use dissectors::flow::Losses;
use dissectors::time::Time;

use super::keys::{News, What};
use crate::desk;
use crate::engine::{Batch, Told};
use crate::output::{FileSummary, Summary};
use crate::pipeline::{self, Report};
use crate::settings::Settings;
use crate::tally;

/// How long a line may wait to be written, in the capture's time.
const TENDED_EVERY: Duration = Duration::from_secs(1);

/// Hears how a live capture goes on. Neither kind of message ever holds an address.
pub trait Watcher {
    /// Something happened that the operator wants to know.
    fn note(&mut self, note: &dyn fmt::Display);
    /// Something went wrong; the capture goes on.
    fn problem(&mut self, problem: &dyn fmt::Display);
}

/// A desk.
pub(super) struct Desk<'a> {
    pub(super) desk: desk::Desk<'a>,
    pub(super) watcher: &'a mut dyn Watcher,
    pub(super) settings: &'a Settings,
    pub(super) reload: &'a AtomicBool,
    /// What happens to the key log, if there is one.
    pub(super) key_news: Option<&'a Receiver<News>>,
    /// What the capture is called.
    pub(super) name: String,
    /// The capture's time.
    pub(super) now: Time,
    /// When the files were looked after last.
    pub(super) tended: Time,
    pub(super) problems: u64,
}

impl Desk<'_> {
    /// What there was to tell of the run as it stands. It is not the office's own: that one is added to at the end.
    pub(super) fn summary(&mut self, report: &Report) -> Summary {
        let (dropped, forgotten) = (self.desk.dropped(), self.desk.forgotten_clients());
        let office = self.desk.office();
        let mut summary = office.summary.clone();
        tally::add_desk(&office.judge, &office.outputs, &mut summary);
        summary.capture.dropped += dropped;
        tally::add_forgotten_clients(forgotten, &mut summary);
        report.add_to(&mut summary);
        report.add_workers_to(&mut summary.caches);
        let (packets, bytes) = (report.totals.frames, report.totals.bytes);
        let error = report.error.as_ref().map(ToString::to_string);
        summary.files.push(FileSummary { name: self.name.clone(), packets, bytes, error });
        summary
    }

    pub(super) fn problem(&mut self, problem: &dyn fmt::Display) {
        self.problems += 1;
        self.watcher.problem(problem);
    }

    /// Looks after the files, now and then.
    fn tend(&mut self) {
        let now = self.now;
        if now >= self.tended && now.since(self.tended) < TENDED_EVERY {
            return;
        }
        self.tended = now;
        if let Err(error) = self.desk.office().outputs.tend(now) {
            self.problem(&error);
        }
    }

    fn tell_of_keys(&mut self) {
        for news in self.key_news.into_iter().flat_map(Receiver::try_iter) {
            match news.what {
                What::Unreadable(_) => self.watcher.problem(&news),
                _ => self.watcher.note(&news),
            }
        }
    }

    /// Reads rules and blocklists again. If any of them cannot be understood, all stay as they are.
    fn reload(&mut self) {
        match self.settings.opinions() {
            Ok(opinions) => {
                let entries = opinions.entries();
                opinions.apply(self.desk.office());
                self.watcher.note(&format_args!("rules and blocklists were read again: {entries} entries"));
            }
            Err(error) => self.watcher.problem(&format_args!("rules and blocklists stay as they were: {error}")),
        }
    }
}

impl pipeline::Desk for Desk<'_> {
    fn batch(&mut self, batch: &Batch, told: &[Told], losses: &Losses, position: u64) {
        self.desk.batch(batch, told, losses, position);
        if let Some(error) = self.desk.take_failure() {
            self.problem(&error);
        }
        if let Some(part) = batch.parts.last() {
            self.now = part.now;
            self.tend();
        }
        self.tell_of_keys();
        if self.reload.swap(false, Ordering::Relaxed) {
            self.reload();
        }
    }

    fn standing(&mut self, report: &Report) {
        let (now, summary) = (self.now, self.summary(report));
        let outputs = &mut self.desk.office().outputs;
        let written = outputs.stats(now, &summary).and(outputs.tend(now)).and(outputs.tables(&summary));
        if let Err(error) = written {
            self.problem(&error);
        }
    }
}
