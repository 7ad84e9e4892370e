//! `hushwire score`: what was told, held against labels.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use sensor::score::Score;
use sensor::score::expect::Conditions;
use sensor::score::labels::Labels;
use sensor::score::told;

use super::exit::{Failure, ScoreError, Status};

/// Hold the alerts and outcomes of a run against labels
///
/// Labels are CSV with a header. A flow is found by `index` (its hello's packet, counted from 0, as CensorLab writes),
/// `community_id`, `proto`, `src_ip`, `src_port`, `dest_ip`, `dest_port`, or `client` and `server`; flows of the same
/// ends are told apart by `time`. `action` or `class` says what was done to it (`pass`, `allowed` or nothing: nothing),
/// `expected` what should be told of it, outcomes or detectors joined by `|`, `-` for nothing; left empty, what is usual
/// for the action.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
    hushwire score out/eve.json labels.csv\n  \
    hushwire score out/eve.json labels.csv --expect 'silence_after_hello>=0.99, false=0'\n\n\
    Exit status: 0 done, 1 a condition of --expect does not hold, 2 a file is wrong.")]
pub(super) struct Args {
    /// What `hushwire replay` or `hushwire live` wrote
    eve: PathBuf,

    /// The labels
    labels: PathBuf,

    /// Where the capture was made, if the labels have a column `expected_VANTAGE` for it
    #[arg(long, value_name = "VANTAGE")]
    vantage: Option<String>,

    /// Conditions that must hold: a mark with a count (false=0, missed<=3), `detected` or an outcome or detector with a
    /// share (silence_after_hello>=0.99)
    #[arg(long, value_name = "CONDITIONS")]
    expect: Option<Conditions>,

    /// Write the labels with what was told and how it compares
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

pub(super) fn run(args: &Args) -> Result<Status, Failure> {
    let wrong = |path: &Path, what: String| Failure::Score(ScoreError { file: path.to_owned(), what });
    let read = |path: &Path| fs::read_to_string(path).map_err(|error| wrong(path, error.to_string()));
    let labels = Labels::read(&read(&args.labels)?, args.vantage.as_deref());
    let Labels { header, labels } = labels.map_err(|error| wrong(&args.labels, error.to_string()))?;
    let told = told::read(&read(&args.eve)?).map_err(|error| wrong(&args.eve, error.to_string()))?;
    let score = Score::of(labels, told);
    if let Some(path) = &args.output {
        fs::write(path, score.csv(&header)).map_err(|error| wrong(path, error.to_string()))?;
    }
    let mut out = io::stdout().lock();
    writeln!(out, "{}\n{}", score.matrix(), score.rates().trim_end())?;
    let broken = args.expect.as_ref().map(|conditions| conditions.broken(&score)).unwrap_or_default();
    for condition in &broken {
        writeln!(out, "not so      {condition}")?;
    }
    Ok(if broken.is_empty() { Status::Done } else { Status::Findings })
}
