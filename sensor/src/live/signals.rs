//! What a running capture is asked for from outside.

use std::io;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM, SIGUSR1};
use signal_hook::flag;

/// The shell's exit status of a program that a signal ended is this and the signal's number.
const ENDED_BY_SIGNAL: i32 = 128;

/// Requests that were made and not yet heard.
#[derive(Clone, Debug, Default)]
pub struct Signals {
    /// Deliver what was captured, and end.
    pub stop: Arc<AtomicBool>,
    /// Write the statistics now.
    pub report: Arc<AtomicBool>,
    /// Read rules and blocklists again.
    pub reload: Arc<AtomicBool>,
}

impl Signals {
    /// Hears SIGINT and SIGTERM (stop), SIGUSR1 (report) and SIGHUP (reload). A second SIGINT or SIGTERM ends the process
    /// at once, for who will not wait.
    ///
    /// # Errors
    ///
    /// If the system refuses a handler.
    pub fn of_process() -> io::Result<Self> {
        let signals = Self::default();
        for signal in [SIGINT, SIGTERM] {
            // The order matters: the first signal finds the flag not yet set.
            flag::register_conditional_shutdown(signal, ENDED_BY_SIGNAL + signal, Arc::clone(&signals.stop))?;
            flag::register(signal, Arc::clone(&signals.stop))?;
        }
        flag::register(SIGUSR1, Arc::clone(&signals.report))?;
        flag::register(SIGHUP, Arc::clone(&signals.reload))?;
        Ok(signals)
    }
}
