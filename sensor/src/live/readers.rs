//! Several capture threads, each with a socket of its own on every interface, read and decode side by side; what they read
//! is merged before it is followed.

use std::sync::Arc;
use std::thread::{self, Scope};
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender, bounded};
use dissectors::time::Time;

use super::clock;
use super::counters::Counters;
use super::error::LiveError;
use super::keys::KeyFile;
use super::signals::Signals;
use super::source::LiveSource;
use super::tap::{Options, Tap};
use crate::capture::{Block, CaptureError, Progress, Source as _};
use crate::engine::{Batch, Intake, Keys, Merge, Standing};
use crate::pipeline::{self, Desk, Feed, Report};

/// Until then each socket has shown the frames that it kept before it had only its share.
const SETTLING: Duration = Duration::from_millis(150);

/// Everything that reads the interfaces of a capture: one source, or several that have their frames shared out.
pub(super) struct Readers {
    sources: Vec<LiveSource>,
}

impl Readers {
    /// Opens the interfaces for so many readers.
    ///
    /// # Errors
    ///
    /// The first interface that cannot be opened or shared, or that the filter cannot be applied to.
    pub(super) fn open(
        interfaces: &[String],
        options: &Options,
        signals: &Signals,
        readers: usize,
    ) -> Result<Self, LiveError> {
        if readers < 2 {
            return Ok(Self { sources: vec![LiveSource::open(interfaces, options, signals)?] });
        }
        let groups = interfaces.iter().map(|name| Ok(Tap::open_group(name, options, readers)?.into_iter()));
        let mut groups = groups.collect::<Result<Vec<_>, LiveError>>()?;
        let share = |_| LiveSource::of(groups.iter_mut().filter_map(Iterator::next).collect(), options, signals);
        let mut readers = Self { sources: (0..readers).map(share).collect() };
        readers.settle().map_err(LiveError::Begin)?;
        Ok(readers)
    }

    /// Lets all begin at once: before a socket joined its group, it saw all frames.
    fn settle(&mut self) -> Result<(), CaptureError> {
        if let Some((first, others)) = self.sources.split_first_mut() {
            others.iter_mut().for_each(|other| other.join(first.flow_key()));
        }
        let start = clock::now();
        thread::sleep(SETTLING);
        self.sources.iter_mut().try_for_each(|source| source.begin_at(start))
    }

    /// Asks for a report as often as that; never, if nothing is said and no signal asks.
    pub(super) fn report_every(&mut self, span: Option<Duration>) {
        self.sources.iter_mut().take(1).for_each(|first| first.report_every(span));
    }

    /// Reads keys from a log that grows.
    pub(super) fn follow_keys(&mut self, keys: KeyFile) {
        if let Some((first, others)) = self.sources.split_first_mut() {
            first.follow_keys(keys);
            others.iter_mut().for_each(LiveSource::wait_for_keys);
        }
    }

    /// The interfaces, separated by spaces.
    pub(super) fn name(&self) -> &str {
        self.sources.first().map_or("", LiveSource::name)
    }

    /// How many readers there are.
    pub(super) fn count(&self) -> usize {
        self.sources.len()
    }

    /// What the kernel counted of each interface.
    pub(super) fn counters(&self) -> Vec<(String, Counters)> {
        let mut sums: Vec<(String, Counters)> = Vec::new();
        for source in &self.sources {
            for (position, (name, counters)) in source.counters().enumerate() {
                match sums.get_mut(position) {
                    Some((_, sum)) => sum.add(counters),
                    None => sums.push((name.to_owned(), counters)),
                }
            }
        }
        sums
    }

    /// Follows the capture to its end.
    pub(super) fn run(&mut self, options: &pipeline::Options, desk: &mut dyn Desk) -> Report {
        match self.sources.as_mut_slice() {
            [source] => pipeline::run(source, None, options, desk),
            sources => merged(sources, options, desk),
        }
    }
}

/// Follows what all sources read, each on a thread of its own.
fn merged(sources: &mut [LiveSource], options: &pipeline::Options, desk: &mut dyn Desk) -> Report {
    let key = sources.first().map(LiveSource::flow_key).unwrap_or_default();
    thread::scope(|scope| {
        let threads: Vec<Thread> = sources.iter_mut().map(|source| start(scope, source, options)).collect();
        let mut merged = Merged { merge: Merge::new(threads.len()), threads, error: None };
        pipeline::follow(&mut merged, key, options, desk)
        // With `merged` the channels go, so that nobody waits for ever for room in one.
    })
}

/// What a capture thread read.
struct Read {
    batch: Batch,
    /// Everything older was read.
    seen: Time,
    standing: Standing,
    position: u64,
}

/// What a capture thread says: an error is the last.
type Said = Result<Read, CaptureError>;

/// The threads' readings, merged.
struct Merged {
    merge: Merge,
    threads: Vec<Thread>,
    /// The first error that ended a thread.
    error: Option<CaptureError>,
}

/// One capture thread, as the merge sees it.
struct Thread {
    read: Receiver<Said>,
    recycle: Sender<Batch>,
    position: u64,
}

/// Starts the thread of a source.
fn start<'scope>(
    scope: &'scope Scope<'scope, '_>,
    source: &'scope mut LiveSource,
    options: &'scope pipeline::Options,
) -> Thread {
    let (said, read) = bounded(options.batches.get());
    let (recycle, recycled) = bounded(options.batches.get());
    scope.spawn(move || read_on(source, options, &said, &recycled));
    Thread { read, recycle, position: 0 }
}

/// A capture thread.
fn read_on(source: &mut LiveSource, options: &pipeline::Options, said: &Sender<Said>, recycled: &Receiver<Batch>) {
    let keys = Keys::new(Arc::clone(&options.keys), options.embedded_keys);
    let mut intake = Intake::new(options.decode, source.flow_key()).with_keys(keys);
    let mut block = Block::default();
    loop {
        let read = match source.read(&mut block) {
            Ok(Progress::End) => return,
            Ok(Progress::More) => {
                let mut batch = recycled.try_recv().unwrap_or_default();
                intake.take(&mut block, &mut batch);
                let (seen, position) = (source.seen(), source.position());
                Ok(Read { batch, seen, standing: intake.standing(), position })
            }
            Err(error) => Err(error),
        };
        let is_last = read.is_err();
        if said.send(read).is_err() || is_last {
            return;
        }
    }
}

impl Feed for Merged {
    fn next(&mut self, merged: &mut Batch) -> Result<Progress, CaptureError> {
        let Some(slowest) = self.merge.slowest() else {
            return match self.error.take() {
                Some(error) => Err(error),
                None => Ok(Progress::End),
            };
        };
        let said = self.threads.get(slowest).map(|thread| thread.read.recv());
        match said {
            Some(Ok(Ok(Read { batch, seen, standing, position }))) => {
                self.threads.get_mut(slowest).into_iter().for_each(|thread| thread.position = position);
                self.merge.take(slowest, batch, seen, standing, merged);
            }
            Some(Ok(Err(error))) => {
                self.error.get_or_insert(error);
                self.merge.end(slowest, merged);
            }
            Some(Err(_)) | None => self.merge.end(slowest, merged),
        }
        self.recycle();
        Ok(Progress::More)
    }

    fn position(&self) -> u64 {
        self.threads.iter().map(|thread| thread.position).sum()
    }

    fn standing(&self) -> Standing {
        self.merge.standing()
    }
}

impl Merged {
    /// Gives emptied batches back to their threads. Where one has enough of them, it is let go.
    fn recycle(&mut self) {
        while let Some((number, batch)) = self.merge.emptied() {
            if let Some(thread) = self.threads.get(number) {
                let _ = thread.recycle.try_send(batch);
            }
        }
    }
}
