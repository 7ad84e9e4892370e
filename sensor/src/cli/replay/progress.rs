//! The progress of long work on a terminal, on standard error, and the problems that come up meanwhile.

use std::fmt::Display;
use std::io::{self, IsTerminal as _, Write as _};
use std::time::{Duration, Instant};

use sensor::replay::Watcher;

use super::meter::Sample;
use crate::cli::{complain, width_of};

/// Work shorter than this shows none.
const LONG: Duration = Duration::from_secs(1);
/// Time between two drawings.
const PAUSE: Duration = Duration::from_millis(100);
/// Returns to the line's beginning and clears it (ECMA-48, EL).
const CLEAR: &str = "\r\x1b[K";

/// Shows progress, where somebody looks, and every problem.
pub(super) struct Progress {
    began: Instant,
    shown: Shown,
}

/// What stands on the terminal.
enum Shown {
    /// Nothing, ever: no terminal, or the person wants quiet.
    Never,
    /// Nothing yet.
    Nothing,
    /// A line, drawn so long after the beginning.
    Line(Duration),
}

impl Progress {
    pub(super) fn new(quiet: bool) -> Self {
        let seen = !quiet && io::stderr().is_terminal();
        Self { began: now(), shown: if seen { Shown::Nothing } else { Shown::Never } }
    }

    /// Takes the line away.
    pub(super) fn clear(&mut self) {
        if matches!(self.shown, Shown::Line(_)) {
            write(CLEAR);
            self.shown = Shown::Nothing;
        }
    }

    fn is_due(&self, elapsed: Duration) -> bool {
        match self.shown {
            Shown::Never => false,
            Shown::Nothing => elapsed >= LONG,
            Shown::Line(drawn) => elapsed >= drawn + PAUSE,
        }
    }
}

impl Watcher for Progress {
    fn progress(&mut self, read: u64, total: Option<u64>, packets: u64) {
        let elapsed = now().duration_since(self.began);
        if self.is_due(elapsed) {
            let line = Sample { read, total, packets }.line(elapsed, width_of(&io::stderr()));
            write(&format!("{CLEAR}{line}"));
            self.shown = Shown::Line(elapsed);
        }
    }

    fn problem(&mut self, problem: &dyn Display) {
        self.clear();
        complain(problem);
    }
}

/// A terminal that is gone needs no progress.
fn write(text: &str) {
    let mut stderr = io::stderr().lock();
    let _ = stderr.write_all(text.as_bytes()).and_then(|()| stderr.flush());
}

#[expect(clippy::disallowed_methods, reason = "the person waits in wall time; nothing of it reaches an output")]
fn now() -> Instant {
    Instant::now()
}
