//! Measures commands side by side: rounds in which each runs once, medians over the rounds, and each as a multiple of
//! one of them. CPU time rather than wall time, since it is what a busy machine still tells.

mod contender;
mod table;
mod usage;

pub use contender::{Contender, on_path};
pub use table::{Row, table};
pub use usage::{Usage, measure_alone, run_alone};

use std::fs::File;
use std::io;
use std::path::Path;

/// What became of one contender over the rounds.
#[derive(Clone, Debug)]
pub struct Measured {
    /// Who.
    pub contender: Contender,
    /// One a round; none where it failed.
    pub usages: Vec<Usage>,
    /// Why it failed, if it did.
    pub failure: Option<String>,
}

/// Runs every contender over `capture` in `rounds` rounds, one after the other in each round.
///
/// # Errors
///
/// What reading the capture fails with.
pub fn rounds(contenders: Vec<Contender>, capture: &Path, rounds: usize) -> io::Result<Vec<Measured>> {
    let start = |contender| Measured { contender, usages: Vec::new(), failure: None };
    let mut all: Vec<Measured> = contenders.into_iter().map(start).collect();
    for _ in 0..rounds {
        for measured in all.iter_mut().filter(|measured| measured.failure.is_none()) {
            warm(capture)?;
            match run_alone(&measured.contender, capture) {
                Ok(usage) => measured.usages.push(usage),
                Err(error) => measured.failure = Some(error.to_string()),
            }
        }
    }
    Ok(all)
}

/// Reads a file, so that it is in the page cache when it is read again.
fn warm(path: &Path) -> io::Result<u64> {
    io::copy(&mut File::open(path)?, &mut io::sink())
}
