//! `hushwire replay`.

mod args;
mod meter;
mod names;
mod progress;
mod report;
mod units;

use std::io::{self, BufWriter, Write as _};

use sensor::replay::{self, Finished};

pub(super) use args::Args;

use super::exit::{Failure, Status};
use progress::Progress;

/// Replays, and shows what came of it.
pub(super) fn run(args: &Args) -> Result<Status, Failure> {
    let mut progress = Progress::new(args.quiet);
    let finished = replay::run(&args.config(), &mut progress);
    progress.clear();
    let finished = finished.map_err(Failure::Replay)?;
    if !args.quiet {
        show(args, &finished)?;
    }
    Ok(status(args, &finished))
}

fn show(args: &Args, finished: &Finished) -> io::Result<()> {
    let mut out = BufWriter::new(io::stdout().lock());
    match args.json {
        true => report::json(&finished.summary, &mut out)?,
        false => report::text(finished, args, &mut out)?,
    }
    out.flush()
}

fn status(args: &Args, finished: &Finished) -> Status {
    if finished.problems > 0 {
        Status::Error
    } else if args.fail_on_alert && finished.findings() > 0 {
        Status::Findings
    } else {
        Status::Done
    }
}
