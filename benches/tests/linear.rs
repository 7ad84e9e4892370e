//! No traffic, however it is made, costs more than in proportion to its frames, nor much more for a frame than healthy traffic.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io::Cursor;
use std::time::Duration;

use benches::wire::file::PcapFile;
use benches::worst::{CASES, Case};
use dissectors::flow::Losses;
use nix::time::{ClockId, clock_gettime};
use sensor::capture::FileSource;
use sensor::engine::{Batch, Told};
use sensor::pipeline::{self, Desk, Options};

/// Frames, more where the engine is fast, and how many times as many are compared with them.
const FRAMES: usize = if cfg!(debug_assertions) { 500 } else { 5_000 };
const TIMES: usize = 4;

/// What four times the frames may cost: work that grows with their square costs 16 times as much.
const GROWTH: f64 = 8.0;

/// What a frame may cost, in healthy frames: one in which each byte has a record or an extension of its own holds more to do. What
/// was seen is in the README.
const WEIGHT: f64 = 60.0;

/// The least of so many measurements is taken, which others on the machine disturb least.
const ROUNDS: usize = 3;

struct Deaf;

impl Desk for Deaf {
    fn batch(&mut self, _: &Batch, _: &[Told], _: &Losses, _: u64) {}
}

/// CPU time of the engine on this thread for a case of so many frames, and how many they were.
fn cost(case: Case, frames: usize) -> (Duration, usize) {
    let (mut capture, frames) = (Vec::new(), (case.frames)(frames));
    let mut file = PcapFile::new(&mut capture).unwrap();
    frames.iter().for_each(|frame| file.write(frame).unwrap());
    file.finish().unwrap();
    let once = |_| {
        let mut source = FileSource::from_reader(case.name.into(), Cursor::new(capture.clone())).unwrap();
        let begun = used();
        let report = pipeline::run(&mut source, None, &Options::default(), &mut Deaf);
        let time = used() - begun;
        assert_eq!((report.totals.frames, report.error.is_none()), (frames.len() as u64, true), "{}", case.name);
        time
    };
    ((0..ROUNDS).map(once).min().unwrap(), frames.len())
}

fn used() -> Duration {
    clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID).unwrap().into()
}

#[test]
fn cost_grows_as_the_frames_do() {
    let mut healthy = None;
    for case in CASES {
        let ((few, count), (many, more)) = (cost(case, FRAMES), cost(case, TIMES * FRAMES));
        let each = |time: Duration, frames: usize| time.as_secs_f64() * 1e6 / frames as f64;
        let growth = each(many, more) / each(few, count) * TIMES as f64;
        let weight = each(many, more) / *healthy.get_or_insert(each(many, more));
        println!("{:48} {:8.2} µs a frame, {weight:6.1} healthy ones, grows {growth:5.1}", case.name, each(many, more));
        assert!(growth < GROWTH, "{}: {TIMES} times the frames cost {growth:.1} times as much", case.name);
        assert!(weight < WEIGHT, "{}: a frame costs as much as {weight:.1} healthy ones", case.name);
    }
}
