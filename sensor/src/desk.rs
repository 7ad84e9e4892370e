//! Behind the merge: every attempt is judged, counted and written, in the order in which things happened.

use rules::judge::{Judge, Judgement};

use crate::ahead::look_ahead;
use crate::engine::{Batch, LossRecord, Told};
use crate::output::{Event, OutputError, Outputs, Summary};
use crate::pipeline;
use dissectors::attempt::Moment;
use dissectors::flow::{Losses, Telling};

/// Attempts that are taken together.
const TOGETHER: usize = 64;

/// What a whole run has in common, over all of its captures.
#[derive(Debug)]
pub struct Office {
    /// Judges attempts.
    pub judge: Judge,
    /// Where everything is written.
    pub outputs: Outputs,
    /// The run in numbers.
    pub summary: Summary,
}

/// Hears of one capture.
pub struct Desk<'a> {
    office: &'a mut Office,
    loss: LossRecord,
    /// The capture's files: the number of each one's first frame, and its name.
    files: Vec<(u64, String)>,
    /// The first thing that could not be written.
    failure: Option<OutputError>,
    /// Hears how far the reading is: bytes of the input, and frames.
    progress: &'a mut dyn FnMut(u64, u64),
    frames: u64,
}

impl<'a> Desk<'a> {
    /// A desk for a capture of which nothing was read. `loss` is what is known of lost frames beforehand.
    pub fn new(office: &'a mut Office, loss: LossRecord, progress: &'a mut dyn FnMut(u64, u64)) -> Self {
        Self { office, loss, files: Vec::new(), failure: None, progress, frames: 0 }
    }

    /// The frames that the capture says were lost, and the first thing that could not be written.
    pub fn close(self) -> (u64, Option<OutputError>) {
        (self.loss.dropped(), self.failure)
    }

    /// What the desk shares with the rest of the run.
    pub fn office(&mut self) -> &mut Office {
        self.office
    }

    /// The frames that the capture said were lost so far.
    pub fn dropped(&self) -> u64 {
        self.loss.dropped()
    }

    /// Clients of the capture that had to make room for others.
    pub fn forgotten_clients(&self) -> u64 {
        self.loss.forgotten_clients()
    }

    /// The first thing that could not be written since this was asked last.
    pub fn take_failure(&mut self) -> Option<OutputError> {
        self.failure.take()
    }

    /// Judges these attempts, then counts and writes them: what is done to several in one go waits for them together.
    fn tell(&mut self, told: &[Told]) {
        look_ahead(told);
        let judgements: Vec<_> = told.iter().map(|told| self.judge(&told.telling)).collect();
        let events: Vec<_> = told
            .iter()
            .zip(&judgements)
            .map(|(told, judgement)| event(&self.files, &told.telling, judgement))
            .collect();
        events.iter().for_each(|event| self.office.summary.count(event));
        if let Err(error) = self.office.outputs.events(&events) {
            self.failure.get_or_insert(error);
        }
    }

    fn judge(&mut self, telling: &Telling) -> Judgement {
        let quality = self.loss.quality(&telling.attempt);
        if telling.moment == Moment::Closed {
            self.loss.hear(&telling.attempt);
        }
        self.office.judge.judge(telling.moment, &telling.attempt, &quality)
    }
}

fn event<'a>(files: &'a [(u64, String)], telling: &'a Telling, judgement: &'a Judgement) -> Event<'a> {
    let (first_frame, capture) = file_of(files, telling.attempt.frame);
    Event { telling, judgement, capture, first_frame }
}

/// The file that a frame is in: the number of its first frame, and its name.
fn file_of(files: &[(u64, String)], frame: u64) -> (u64, &str) {
    let after = files.partition_point(|(first, _)| *first <= frame);
    let file = after.checked_sub(1).and_then(|index| files.get(index));
    file.map_or((1, ""), |(first, name)| (*first, name.as_str()))
}

impl pipeline::Desk for Desk<'_> {
    fn batch(&mut self, batch: &Batch, told: &[Told], losses: &Losses, position: u64) {
        self.files.extend(batch.begins.clone());
        self.loss.batch(batch, losses);
        told.chunks(TOGETHER).for_each(|told| self.tell(told));
        self.frames += batch.frames;
        (self.progress)(position, self.frames);
    }
}
