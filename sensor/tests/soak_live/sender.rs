//! The other end of the wire: sends what the generator makes, each frame when its time has come.

use std::fmt;
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

use benches::scenario::{Kind, play};
use pcap::{Active, Capture};

use crate::ledger::Ledger;

/// How far the clock may be behind a frame that is sent all the same: naps shorter than that cost more than they bring.
const SLACK: Duration = Duration::from_millis(1);

/// Lateness that is made up for, as that of any nap.
const LATE: Duration = Duration::from_millis(20);

/// What is waited where the wire takes nothing more for now, and how often it is tried again.
const PAUSE: Duration = Duration::from_micros(200);
const TRIES: usize = 50_000;

/// What was sent.
#[derive(Default)]
pub(crate) struct Sent {
    pub(crate) frames: u64,
    bytes: u64,
    /// How often the wire was full.
    waits: u64,
    took: Duration,
    /// The same by the clock of the generator: the wire is slower where this is less.
    played: Duration,
}

impl fmt::Display for Sent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { frames, bytes, waits, took, played } = self;
        let rate = *frames as f64 / took.as_secs_f64();
        write!(f, "{frames} frames and {bytes} bytes sent in {took:.1?}, {rate:.0} a second, ")?;
        write!(f, "of {played:.1?} of generated time; {waits} waits for the wire")
    }
}

/// Sends for so long, and then until every flow that was begun has ended; the ledger hears of each that begins.
pub(crate) fn send(mut end: Capture<Active>, lasts: Duration, at_once: usize, ledger: &Mutex<Ledger>) -> Sent {
    let (mut sent, begun) = (Sent::default(), now());
    let (mut origin, mut zero) = (None, begun);
    let frames = play(Kind::Hostile, usize::MAX, Some(at_once), |line| {
        let goes_on = now().duration_since(begun) < lasts;
        if let (Some(line), true) = (line, goes_on) {
            ledger.lock().unwrap().expect(line);
        }
        goes_on
    });
    for timed in frames {
        sent.played = Duration::from_nanos(timed.at - *origin.get_or_insert(timed.at));
        zero += wait_until(zero + sent.played);
        sent.waits += put(&mut end, &timed.frame);
        sent.frames += 1;
        sent.bytes += timed.frame.len() as u64;
    }
    sent.took = now().duration_since(begun);
    sent
}

/// Waits for a time. What it came too late by is not made up for, if it is much: flows would be shorter than they are.
fn wait_until(due: Instant) -> Duration {
    let early = due.saturating_duration_since(now());
    if early > SLACK {
        thread::sleep(early);
    }
    Some(now().duration_since(due)).filter(|late| *late > LATE).unwrap_or_default()
}

/// Sends a frame, again and again where there is no room for it; how often there was none.
fn put(end: &mut Capture<Active>, frame: &[u8]) -> u64 {
    for full in 0..TRIES {
        match end.sendpacket(frame) {
            Ok(()) => return full as u64,
            Err(_) => thread::sleep(PAUSE),
        }
    }
    panic!("the wire takes nothing more: {}", end.sendpacket(frame).unwrap_err());
}

#[expect(
    clippy::disallowed_methods,
    reason = "when a frame is sent is for the sender to say; what captures it has its own time"
)]
fn now() -> Instant {
    Instant::now()
}
