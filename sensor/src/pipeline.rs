//! Runs the engine over a source of frames, on one thread or on several.
//!
//! One thread reads and decodes, `workers` threads follow flows, and the caller's thread merges and hears of everything
//! in order. With one worker all of it happens on the caller's thread, by the same code. Several may read ([`Feed`]).

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::thread;

use crossbeam_channel::{Receiver, Sender, bounded};
use dissectors::decode;
use dissectors::flow::{Config, Key, Losses};
use dissectors::tls::{KeyLog, Lines};

use crate::capture::{Block, CaptureError, FilterSet, Progress, Source};
use crate::engine::{Batch, Embedded, Intake, Keys, ShardReport, Shards, Shedding, Standing, Told, Totals, in_order};

/// Batches on their way between two threads; more would only hold memory.
pub const DEFAULT_BATCHES: NonZeroUsize = NonZeroUsize::new(4).unwrap();

/// How to run.
#[derive(Clone, Debug)]
pub struct Options {
    /// Threads that follow flows; none is taken for one.
    pub workers: usize,
    /// What the decoder does.
    pub decode: decode::Options,
    /// Limits of each shard. The hash key is taken from the capture.
    pub flows: Config,
    /// Whether fewer flows are followed while the kernel loses frames. Never of a file, which can wait.
    pub shed: bool,
    /// Keys that were given for decryption.
    pub keys: Arc<KeyLog>,
    /// Whether those are used that the capture brings.
    pub embedded_keys: Embedded,
    /// Batches on their way between two threads at once. Where there are as many, whoever makes them waits.
    pub batches: NonZeroUsize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            workers: 0,
            decode: decode::Options::default(),
            flows: Config::default(),
            shed: false,
            keys: Arc::default(),
            embedded_keys: Embedded::default(),
            batches: DEFAULT_BATCHES,
        }
    }
}

/// Hears of a capture in the order in which things happened.
pub trait Desk {
    /// A batch was followed: what it said about lost frames, and what there is to tell of it, in order. `position` is
    /// how many bytes of the input were read by then.
    fn batch(&mut self, batch: &Batch, told: &[Told], losses: &Losses, position: u64);

    /// Where things stand after the batch that was just heard of, if the source asked.
    fn standing(&mut self, _report: &Report) {}
}

/// What a run over a capture came to.
#[derive(Debug)]
pub struct Report {
    /// Frames and times.
    pub totals: Totals,
    /// What the decoder skipped and doubted.
    pub decode: decode::Counts,
    /// What the shards counted.
    pub shards: ShardReport,
    /// What the lines were of the key logs that the capture brought.
    pub key_lines: Lines,
    /// What ended the reading, if it was no good end.
    pub error: Option<CaptureError>,
}

impl Report {
    /// What a run has come to.
    fn new(standing: Standing, shards: ShardReport, error: Option<CaptureError>) -> Self {
        let Standing { totals, decode, key_lines } = standing;
        Self { totals, decode, shards, key_lines, error }
    }
}

/// The reading side: batches in the order of the capture.
pub trait Feed: Send {
    /// Makes `batch` anew of what comes next. There may be no packets in it although more follow.
    ///
    /// # Errors
    ///
    /// What ended the reading; the packets before it were delivered.
    fn next(&mut self, batch: &mut Batch) -> Result<Progress, CaptureError>;

    /// Bytes fetched from the input so far, before decompression.
    fn position(&self) -> u64;

    /// What was read so far.
    fn standing(&self) -> Standing;
}

/// Follows a capture to its end, or to where it can no longer be read.
pub fn run(source: &mut dyn Source, filter: Option<&mut FilterSet>, options: &Options, desk: &mut dyn Desk) -> Report {
    let (mut reader, key) = Reader::start(source, filter, options);
    follow(&mut reader, key, options, desk)
}

/// Follows what is read, with `key` for all hashes.
pub fn follow(feed: &mut dyn Feed, key: Key, options: &Options, desk: &mut dyn Desk) -> Report {
    let mut thinned = Thinned { feed, shedding: options.shed.then(Shedding::default) };
    let flows = Config { key, ..options.flows };
    match options.workers {
        0 | 1 => on_one_thread(&mut thinned, flows, desk),
        _ => on_threads(&mut thinned, flows, options, desk),
    }
}

/// A feed out of which flows are left while frames are lost.
struct Thinned<'a> {
    feed: &'a mut dyn Feed,
    /// None, where all is to be followed.
    shedding: Option<Shedding>,
}

impl Feed for Thinned<'_> {
    fn next(&mut self, batch: &mut Batch) -> Result<Progress, CaptureError> {
        let read = self.feed.next(batch)?;
        if let Some(shedding) = &mut self.shedding {
            shedding.apply(batch);
        }
        Ok(read)
    }

    fn position(&self) -> u64 {
        self.feed.position()
    }

    fn standing(&self) -> Standing {
        let mut standing = self.feed.standing();
        standing.totals.shed = self.shedding.map_or(0, |shedding| shedding.left_out());
        standing
    }
}

/// The only reader of a source.
struct Reader<'a> {
    source: &'a mut dyn Source,
    filter: Option<&'a mut FilterSet>,
    block: Block,
    intake: Intake,
    /// What came of the first read, which was made for the key.
    ahead: Option<Result<Progress, CaptureError>>,
}

/// A batch with how far the reading was.
type Read = (Arc<Batch>, u64);

impl<'a> Reader<'a> {
    /// Reads the first block, since a file's key of all hashes comes from it.
    fn start(source: &'a mut dyn Source, filter: Option<&'a mut FilterSet>, options: &Options) -> (Self, Key) {
        let mut block = Block::default();
        let first = source.read(&mut block);
        let key = source.key().unwrap_or_else(|| Key::of_capture(&block.bytes));
        let keys = Keys::new(Arc::clone(&options.keys), options.embedded_keys);
        let intake = Intake::new(options.decode, key).with_keys(keys);
        (Self { source, filter, block, intake, ahead: Some(first) }, key)
    }
}

impl Feed for Reader<'_> {
    fn next(&mut self, batch: &mut Batch) -> Result<Progress, CaptureError> {
        let read = self.ahead.take().unwrap_or_else(|| self.source.read(&mut self.block))?;
        if let Some(filter) = &mut self.filter {
            filter.retain(&mut self.block);
        }
        self.intake.take(&mut self.block, batch);
        Ok(read)
    }

    fn position(&self) -> u64 {
        self.source.position()
    }

    fn standing(&self) -> Standing {
        self.intake.standing()
    }
}

fn on_one_thread(feed: &mut dyn Feed, flows: Config, desk: &mut dyn Desk) -> Report {
    let (mut shards, mut batch, mut told) = (Shards::new(flows, 0, 1), Batch::default(), Vec::new());
    let error = loop {
        match feed.next(&mut batch) {
            Ok(Progress::More) => {
                let losses = shards.batch(&batch, &mut told);
                in_order(&mut told);
                desk.batch(&batch, &told, &losses, feed.position());
                told.clear();
                if let Some(standing) = &batch.standing {
                    desk.standing(&Report::new(Standing::clone(standing), shards.report(), None));
                }
            }
            Ok(Progress::End) => break None,
            Err(error) => break Some(error),
        }
    };
    // Its memory, too, is free for what is left to be told.
    batch = Batch::default();
    let (losses, report) = shards.finish(&mut told);
    in_order(&mut told);
    desk.batch(&batch, &told, &losses, feed.position());
    Report::new(feed.standing(), report, error)
}

fn on_threads(feed: &mut dyn Feed, flows: Config, options: &Options, desk: &mut dyn Desk) -> Report {
    let (workers, batches) = (options.workers, options.batches.get());
    thread::scope(|scope| {
        let (to_merge, read) = bounded::<Read>(batches);
        let (recycle, recycled) = bounded::<Batch>(batches);
        let (mut to_workers, mut results, mut threads) = (Vec::new(), Vec::new(), Vec::new());
        for worker in 0..workers {
            let (work, inbox) = bounded::<Arc<Batch>>(batches);
            let (outbox, result) = bounded::<Followed>(batches);
            to_workers.push(work);
            results.push(result);
            threads.push(scope.spawn(move || work_on(Shards::new(flows, worker, workers), &inbox, &outbox)));
        }
        let reading = scope.spawn(move || {
            let error = read_on(feed, &to_workers, &to_merge, &recycled);
            (feed.standing(), error)
        });
        let mut position = 0;
        for (batch, at) in &read {
            position = at;
            merge(&batch, &results, position, desk);
            // Where a worker still holds the batch it is simply made anew; a full channel needs none.
            if let Ok(batch) = Arc::try_unwrap(batch) {
                let _ = recycle.try_send(batch);
            }
        }
        merge(&Batch::default(), &results, position, desk);
        let mut shards = ShardReport::default();
        threads.into_iter().map(joined).for_each(|report| shards.add(&report));
        let (standing, error) = joined(reading);
        Report::new(standing, shards, error)
    })
}

/// What a thread returned. Where it panicked, so does whoever waits for it: nothing may be missing without a word.
fn joined<T>(thread: thread::ScopedJoinHandle<'_, T>) -> T {
    thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

/// The reader's thread.
fn read_on(
    feed: &mut dyn Feed,
    workers: &[Sender<Arc<Batch>>],
    merge: &Sender<Read>,
    recycled: &Receiver<Batch>,
) -> Option<CaptureError> {
    loop {
        let mut batch = recycled.try_recv().unwrap_or_default();
        match feed.next(&mut batch) {
            Ok(Progress::More) => {}
            Ok(Progress::End) => return None,
            Err(error) => return Some(error),
        }
        let batch = Arc::new(batch);
        let sent = workers.iter().all(|worker| worker.send(Arc::clone(&batch)).is_ok());
        if !sent || merge.send((batch, feed.position())).is_err() {
            return None;
        }
    }
}

/// What a worker says of a batch.
struct Followed {
    told: Vec<Told>,
    losses: Losses,
    /// What its shards counted so far, where that is asked.
    report: Option<ShardReport>,
}

/// A worker's thread.
fn work_on(mut shards: Shards, inbox: &Receiver<Arc<Batch>>, outbox: &Sender<Followed>) -> ShardReport {
    for batch in inbox {
        let mut told = Vec::new();
        let losses = shards.batch(&batch, &mut told);
        let report = batch.standing.is_some().then(|| shards.report());
        drop(batch);
        if outbox.send(Followed { told, losses, report }).is_err() {
            return shards.report();
        }
    }
    let mut told = Vec::new();
    let (losses, report) = shards.finish(&mut told);
    // Nobody listens where the merging side is gone, and then nothing is to be told.
    let _ = outbox.send(Followed { told, losses, report: None });
    report
}

/// Takes from every worker what it told of one batch.
fn merge(batch: &Batch, results: &[Receiver<Followed>], position: u64, desk: &mut dyn Desk) {
    let (mut told, mut losses, mut shards) = (Vec::new(), Losses::default(), ShardReport::default());
    for mut followed in results.iter().filter_map(|result| result.recv().ok()) {
        told.extend(followed.told);
        losses.append(&mut followed.losses);
        followed.report.iter().for_each(|report| shards.add(report));
    }
    in_order(&mut told);
    desk.batch(batch, &told, &losses, position);
    if let Some(standing) = &batch.standing {
        desk.standing(&Report::new(Standing::clone(standing), shards, None));
    }
}
