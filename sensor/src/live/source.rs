//! Several interfaces as one capture, in blocks of bounded size and age.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use dissectors::flow::Key;
use dissectors::time::Time;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

use super::clock;
use super::counters::Counters;
use super::error::LiveError;
use super::hold::Hold;
use super::keys::{KeyFile, PATIENCE};
use super::signals::Signals;
use super::tap::{Options, Tap, lag};
use crate::capture::{BLOCK_BYTES, Block, CaptureError, Progress, Source};
use crate::secret;

/// A block is passed on when it is this old, however little is in it: what is seen is told soon.
const BLOCK_AGE: Duration = Duration::from_millis(100);

/// How many times as many bytes are held where frames wait for keys, which is longer. Beyond that some keys come too late.
const FOR_KEYS: usize = 4;

/// Frames of one interface may be out of order by less than that: they are stamped on several processors.
const SLACK: Duration = Duration::from_millis(10);

/// How old the counters of lost frames may be.
const COUNTERS_AGE: Duration = Duration::from_millis(100);

/// How long the kernel's buffers are emptied after the stop, should their frames bear no time that ends it.
const MAX_DRAIN: Duration = Duration::from_secs(10);

/// Later than any frame.
const FOREVER: Time = Time(i64::MAX);

/// Frames from network interfaces.
///
/// A block has what came in, at the latest after a tenth of a second, and is empty where nothing came. After a stop,
/// everything that was captured until then is still delivered.
pub struct LiveSource {
    taps: Vec<Tap>,
    name: String,
    stop: Arc<AtomicBool>,
    /// Set where a report is wanted.
    report: Arc<AtomicBool>,
    /// How often one is wanted all the same, and when the next one is due.
    report_every: Option<Duration>,
    report_due: Option<Time>,
    /// Whether a block said that the capture begins.
    announced: bool,
    state: State,
    hold: Hold,
    /// How many bytes it holds at most.
    max_held: usize,
    lag: Duration,
    /// Where keys for decryption are read from.
    keys: Option<KeyFile>,
    /// How long frames wait for keys.
    patience: Duration,
    /// Up to which time all frames were taken from the kernel, and up to which they were passed on.
    taken: Time,
    seen: Time,
    key: Key,
    /// Frames and bytes passed on.
    frames: u64,
    bytes: u64,
}

/// How far a source is.
enum State {
    /// It captures.
    Running,
    /// It was told to stop then, and delivers what came before.
    Stopping(Time),
    /// An interface can no longer be read, and this is to be said.
    Failed(CaptureError),
    /// All is said.
    Ended,
}

/// What a gathering came to: the time up to which every frame was seen, if the kernel had nothing more to show.
type Seen = Option<Time>;

impl LiveSource {
    /// Opens the interfaces; frames are kept by the kernel from now on. The source hears the signals to stop and to
    /// report.
    ///
    /// # Errors
    ///
    /// The first interface that cannot be opened, or that the filter cannot be applied to.
    pub fn open(interfaces: &[String], options: &Options, signals: &Signals) -> Result<Self, LiveError> {
        if interfaces.is_empty() {
            return Err(LiveError::NoInterface);
        }
        let taps: Result<Vec<Tap>, LiveError> = interfaces.iter().map(|name| Tap::open(name, options)).collect();
        Ok(Self::of(taps?, options, signals))
    }

    /// Leaves to another reader of the same capture what is said once: that it begins, and reports.
    pub(super) fn join(&mut self, key: Key) {
        self.key = key;
        self.announced = true;
        self.report = Arc::default();
    }

    /// Forgets the frames up to `start`.
    pub(super) fn begin_at(&mut self, start: Time) -> Result<(), CaptureError> {
        self.taps.iter_mut().try_for_each(|tap| tap.begin_at(start))
    }

    /// Reads what is open already.
    pub(super) fn of(taps: Vec<Tap>, options: &Options, signals: &Signals) -> Self {
        let names: Vec<&str> = taps.iter().map(Tap::name).collect();
        Self {
            name: names.join(" "),
            taps,
            stop: Arc::clone(&signals.stop),
            report: Arc::clone(&signals.report),
            report_every: None,
            report_due: None,
            announced: false,
            state: State::Running,
            hold: Hold::default(),
            max_held: options.held,
            lag: lag(options),
            keys: None,
            patience: Duration::ZERO,
            taken: Time(i64::MIN),
            seen: Time(i64::MIN),
            key: Key(secret::key()),
            frames: 0,
            bytes: 0,
        }
    }

    /// Asks for a report as often as that; never, if nothing is said and no signal asks.
    pub fn report_every(&mut self, span: Option<Duration>) {
        (self.report_every, self.report_due) = (span, span.map(|span| clock::now().after(span)));
    }

    /// Reads keys from a log that grows. Frames wait for theirs from now on.
    pub(super) fn follow_keys(&mut self, keys: KeyFile) {
        self.keys = Some(keys);
        self.wait_for_keys();
    }

    /// Lets frames wait for keys that another reader of the same capture reads.
    pub(super) fn wait_for_keys(&mut self) {
        self.patience = PATIENCE;
    }

    /// The key of the hashes of flows.
    pub(super) fn flow_key(&self) -> Key {
        self.key
    }

    /// Every frame up to this time was passed on.
    pub(super) fn seen(&self) -> Time {
        self.seen
    }

    /// The interfaces, separated by spaces.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What the kernel counted of each interface.
    pub fn counters(&self) -> impl Iterator<Item = (&str, Counters)> {
        self.taps.iter().map(|tap| (tap.name(), tap.counters()))
    }

    /// Gathers frames until there are enough of them, or it lasted long enough, or those up to `end` were seen.
    fn gather(&mut self, end: Option<Time>) -> Result<Seen, CaptureError> {
        let begun = clock::now();
        loop {
            // The clock is read before the taking: a frame that comes in between is younger than what is said of it.
            let now = clock::now();
            let seen = before(now, self.lag);
            let taken = self.take(seen)?;
            // A clock that was set back must not make the block wait for it.
            let is_old = now < begun || now.since(begun) >= BLOCK_AGE;
            match taken {
                0 if is_old || end.is_some_and(|end| seen >= end) => return Ok(Some(seen)),
                0 => self.wait(BLOCK_AGE.saturating_sub(now.since(begun))),
                _ if is_old || self.is_full() => return Ok(None),
                _ => {}
            }
        }
    }

    /// Gives each interface a turn. One that has nothing to show has shown everything up to `seen`.
    fn take(&mut self, seen: Time) -> Result<usize, CaptureError> {
        let mut frames = 0;
        self.taken = FOREVER;
        for (tap, interface) in self.taps.iter_mut().zip(0..) {
            let turn = tap.take(interface, &mut self.hold)?;
            let shown = tap.latest().filter(|_| turn > 0).map_or(seen, |latest| before(latest, SLACK));
            self.taken = self.taken.min(shown);
            frames += turn;
        }
        Ok(frames)
    }

    fn is_full(&self) -> bool {
        let limit = match self.taps.len() {
            _ if !self.patience.is_zero() => self.max_held.saturating_mul(FOR_KEYS),
            1 => BLOCK_BYTES,
            _ => self.max_held,
        };
        self.hold.bytes() >= limit
    }

    /// Sleeps until an interface has something, or for `time`. A signal ends the sleep; so may an error, which the next
    /// reading finds.
    fn wait(&self, time: Duration) {
        let mut fds: Vec<PollFd<'_>> = self.taps.iter().map(|tap| PollFd::new(tap.fd(), PollFlags::POLLIN)).collect();
        let timeout = PollTimeout::try_from(time).unwrap_or(PollTimeout::ZERO);
        let _ = poll(&mut fds, timeout);
    }

    /// Whether all frames up to the stop were seen: the kernel has no others, or every interface shows later ones.
    fn is_over(&self, end: Time, seen: Seen) -> bool {
        let now = clock::now();
        let past = || self.taps.iter().all(|tap| tap.latest().is_some_and(|latest| latest > end));
        seen.is_some_and(|seen| seen >= end) || past() || now < end || now.since(end) >= MAX_DRAIN
    }

    /// Passes on what need not wait: for other interfaces, or for keys.
    fn release(&mut self, seen: Seen, block: &mut Block) {
        block.tick = seen.map(|seen| before(seen, self.patience));
        self.seen = self.taken;
        if self.taps.len() == 1 && self.patience.is_zero() {
            self.hold.release_all(block);
        } else if self.is_full() {
            block.crowded = true;
            self.hold.release_until(FOREVER, block);
        } else {
            let horizon = block.tick.unwrap_or_else(|| before(clock::now(), self.lag + self.patience));
            self.hold.release_until(horizon, block);
            self.seen = self.seen.min(horizon);
        }
    }

    /// Numbers the frames of a block.
    fn number(&mut self, block: &mut Block) {
        for frame in &mut block.frames {
            self.frames += 1;
            self.bytes += u64::from(frame.len);
            frame.number = self.frames;
        }
    }

    /// Whether a report is due.
    fn wants_report(&mut self) -> bool {
        let asked = self.report.swap(false, Ordering::Relaxed);
        let now = clock::now();
        let is_due = self.report_due.is_some_and(|due| now >= due);
        if is_due {
            self.report_due = self.report_every.map(|span| now.after(span));
        }
        asked || is_due
    }

    /// Adds the keys that were written down, at the end all of them.
    fn read_keys(&mut self, block: &mut Block) {
        let is_last = !matches!(self.state, State::Running);
        if let Some(keys) = &mut self.keys {
            keys.look(clock::now(), is_last, &mut block.key_log);
        }
    }

    /// Adds what the counters say, if that was not asked a moment ago or if it is the last time. An interface that is
    /// gone has none any more; that it is gone comes out when its frames are read.
    fn count_drops(&mut self, block: &mut Block) {
        let (now, is_last) = (clock::now(), !matches!(self.state, State::Running | State::Stopping(_)));
        for (tap, interface) in self.taps.iter_mut().zip(0..) {
            let counted = tap.counted_at();
            if is_last || now < counted || now.since(counted) >= COUNTERS_AGE {
                block.drops.extend(tap.drops(interface));
            }
        }
    }
}

impl Source for LiveSource {
    fn read(&mut self, block: &mut Block) -> Result<Progress, CaptureError> {
        block.frames.clear();
        block.drops.clear();
        block.key_log.clear();
        block.begins = (!std::mem::replace(&mut self.announced, true)).then(|| (1, self.name.clone()));
        let end = match std::mem::replace(&mut self.state, State::Ended) {
            State::Running => self.stop.load(Ordering::Relaxed).then(clock::now),
            State::Stopping(end) => Some(end),
            State::Failed(error) => return Err(error),
            State::Ended => return Ok(Progress::End),
        };
        self.state = match (self.gather(end), end) {
            (Ok(seen), Some(end)) if self.is_over(end, seen) => {
                self.hold.release_until(FOREVER, block);
                block.tick = Some(end);
                State::Ended
            }
            (Ok(seen), end) => {
                self.release(seen, block);
                end.map_or(State::Running, State::Stopping)
            }
            (Err(error), _) => {
                self.hold.release_until(FOREVER, block);
                State::Failed(error)
            }
        };
        self.number(block);
        self.read_keys(block);
        self.count_drops(block);
        block.wants_report = self.wants_report();
        Ok(Progress::More)
    }

    fn position(&self) -> u64 {
        self.bytes
    }

    fn key(&self) -> Option<Key> {
        Some(self.key)
    }
}

fn before(time: Time, span: Duration) -> Time {
    Time(time.0.saturating_sub(i64::try_from(span.as_nanos()).unwrap_or(i64::MAX)))
}
