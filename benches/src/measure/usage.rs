//! What one command cost.
//!
//! The system only tells what all children of a process cost together, and the most that any of them held in memory.
//! So that each command has a process of its own to be the only child of, the measuring program runs itself between.

use std::ffi::OsString;
use std::fs::File;
use std::io;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use nix::sys::resource::{UsageWho, getrusage};

use super::contender::Contender;

/// What a command cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Time on the processor, its own and the system's for it.
    pub cpu: Duration,
    /// Time from its start to its end.
    pub wall: Duration,
    /// The most memory that it held at once, in kilobytes.
    pub rss: u64,
}

impl Usage {
    /// As one line of numbers: microseconds and kilobytes.
    fn line(&self) -> String {
        format!("{} {} {}", self.cpu.as_micros(), self.wall.as_micros(), self.rss)
    }

    fn from_line(line: &str) -> Option<Self> {
        let mut fields = line.split_whitespace().map(|field| field.parse().ok());
        let (cpu, wall, rss) = (fields.next()??, fields.next()??, fields.next()??);
        Some(Self { cpu: Duration::from_micros(cpu), wall: Duration::from_micros(wall), rss })
    }
}

/// Runs a contender as the only child of a process, and says what it cost.
///
/// # Errors
///
/// If it cannot be run or fails; its last words are the message.
pub fn run_alone(contender: &Contender, capture: &Path) -> io::Result<Usage> {
    let mut command = Command::new(std::env::current_exe()?);
    command.arg("alone").arg("--").args(contender.command(capture));
    let output = command.stdin(Stdio::null()).output()?;
    let failed = || {
        let words = String::from_utf8_lossy(&output.stderr);
        io::Error::other(words.lines().last().unwrap_or("failed without a word").to_owned())
    };
    if !output.status.success() {
        return Err(failed());
    }
    Usage::from_line(&String::from_utf8_lossy(&output.stdout)).ok_or_else(failed)
}

/// Runs a command whose output nobody reads, and gives its cost as a line for [`run_alone`].
///
/// # Errors
///
/// If it cannot be run or fails.
pub fn measure_alone(command: &[OsString]) -> io::Result<String> {
    let [program, arguments @ ..] = command else { return Err(io::Error::other("no command")) };
    let null = File::options().write(true).open("/dev/null")?;
    let start = now();
    let status = Command::new(program).args(arguments).stdin(Stdio::null()).stdout(null).status()?;
    let wall = now().duration_since(start);
    if !status.success() {
        return Err(io::Error::other(format!("{status}")));
    }
    let used = getrusage(UsageWho::RUSAGE_CHILDREN)?;
    let time = |value: nix::sys::time::TimeVal| {
        Duration::from_micros(u64::try_from(value.tv_sec() * 1_000_000 + value.tv_usec()).unwrap_or(0))
    };
    let cpu = time(used.user_time()) + time(used.system_time());
    Ok(Usage { cpu, wall, rss: u64::try_from(used.max_rss()).unwrap_or(0) }.line())
}

#[expect(
    clippy::disallowed_methods,
    reason = "how long a command takes is what is measured here; no packet is in sight"
)]
fn now() -> Instant {
    Instant::now()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_read_as_it_was_written() {
        let usage = Usage { cpu: Duration::from_micros(1_234_567), wall: Duration::from_micros(7), rss: 4096 };
        assert_eq!(Usage::from_line(&usage.line()), Some(usage));
        assert_eq!(Usage::from_line("1 2"), None);
        assert_eq!(Usage::from_line("1 2 x"), None);
    }

    #[test]
    fn a_command_that_fails_is_no_measurement() {
        assert!(measure_alone(&["false".into()]).is_err());
        assert!(measure_alone(&[]).is_err());
        assert!(Usage::from_line(&measure_alone(&["true".into()]).unwrap()).is_some());
    }
}
