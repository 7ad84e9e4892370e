//! Runs the engine over a capture for a listener that discards what it hears: the cost of everything before statistics
//! and outputs.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use dissectors::flow::Losses;
use sensor::capture::{CaptureError, FileSource, Input, Origin};
use sensor::engine::{Batch, Told};
use sensor::pipeline::{self, Desk, Options};

/// Run the engine over a capture and discard what it tells
#[derive(Parser)]
struct Arguments {
    /// The capture
    capture: PathBuf,
    /// Threads that follow flows
    #[arg(long, default_value_t = 1)]
    workers: usize,
}

/// Counts what it is told.
#[derive(Default)]
struct Discard(u64);

impl Desk for Discard {
    fn batch(&mut self, _: &Batch, told: &[Told], _: &Losses, _: u64) {
        self.0 += told.len() as u64;
    }
}

fn main() -> ExitCode {
    match run(Arguments::parse()) {
        Ok(line) => {
            println!("{line}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(2)
        }
    }
}

fn run(arguments: Arguments) -> Result<String, CaptureError> {
    let input = Input { origin: Origin::Named(arguments.capture), bytes: None };
    let mut source = FileSource::open(&input)?;
    let mut desk = Discard::default();
    let options = Options { workers: arguments.workers, ..Options::default() };
    let report = pipeline::run(&mut source, None, &options, &mut desk);
    match report.error {
        Some(error) => Err(error),
        None => Ok(format!("{} frames, {} tellings, {:?}", report.totals.frames, desk.0, report.shards.flows)),
    }
}
