//! A capture that loses frames is followed in part, and nothing is said of the rest that is not so.

mod common;

use std::io::Cursor;

use benches::scenario::{Kind, generate};
use common::{Heard, told};
use dissectors::time::Time;
use sensor::capture::{Block, CaptureError, Drops, FileSource, Progress, Source};
use sensor::pipeline::{self, Options};

/// A file that is read as if the kernel had lost a frame before every block.
struct Losing(FileSource);

impl Source for Losing {
    fn read(&mut self, block: &mut Block) -> Result<Progress, CaptureError> {
        let progress = self.0.read(block)?;
        let at = block.frames.first().map(|frame| frame.time);
        block.drops.push(Drops { lost_by_system: Some(1), ..nothing_lost(at) });
        Ok(progress)
    }

    fn position(&self) -> u64 {
        self.0.position()
    }
}

fn nothing_lost(at: Option<Time>) -> Drops {
    Drops {
        interface: 0,
        from: at,
        to: at,
        received: None,
        lost_by_interface: None,
        lost_by_system: None,
        delivered: None,
        lost_before_frame: None,
    }
}

#[test]
fn what_is_shed_is_undecided_and_the_rest_is_as_the_truth_says() {
    let (mut capture, mut truth) = (Vec::new(), Vec::new());
    generate(Kind::Handshakes, 3_000, &mut capture, &mut truth).unwrap();
    let truth = told(&String::from_utf8(truth).unwrap());
    for (workers, shed) in [(1, true), (2, true), (1, false)] {
        let mut source = Losing(FileSource::from_reader("generated".into(), Cursor::new(capture.clone())).unwrap());
        let mut heard = Heard::default();
        let options = Options { workers, shed, ..Options::default() };
        let report = pipeline::run(&mut source, None, &options, &mut heard);
        let (undecided, decided): (Vec<_>, Vec<_>) =
            heard.lines.iter().partition(|(flow, line)| truth.get(*flow) != Some(line));
        // What was answered before it was shed was answered, whatever came of it.
        let innocent = |line: &str| ["unresolved", "answered"].iter().any(|outcome| line.contains(outcome));
        assert!(undecided.iter().all(|(_, line)| innocent(line)), "{undecided:?}");
        assert_eq!(shed, decided.len() < truth.len() * 3 / 4, "{} of {} decided", decided.len(), truth.len());
        assert!(decided.len() > truth.len() / 64, "some are followed to their end");
        assert_eq!(shed, report.totals.shed > 0 && report.shards.flows.shed_handshakes > 0);
    }
}
