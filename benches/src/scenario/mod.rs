//! The captures: what happens in each, at what size.

mod bulk;
mod cast;
mod connection;
mod handshakes;
mod hostile;
mod hour;
mod mixed;
mod quic;
mod synflood;
#[cfg(test)]
mod tests;

use std::io::{self, Write};

use clap::ValueEnum;

pub use self::hour::HOUR;

use crate::interleave::{Flow, Interleaved, Timed};
use crate::truth::{Line, Truth};
use crate::wire::file::PcapFile;

/// When every capture begins: 2026-10-01, within the validity of the certificates.
pub(crate) const BEGIN: u64 = 1_790_812_800 * 1_000_000_000;

/// A flow and, if it is a handshake, what becomes of it.
struct Act {
    flow: Flow,
    line: Option<Line>,
}

/// Starts flows.
trait Scenario {
    /// Flows that run at once, and nanoseconds between their first starts.
    fn at_once(&self) -> (usize, u64);

    /// The next flow, which begins at this time; `None` once the capture is large enough.
    fn next(&mut self, at: u64) -> Option<Act>;
}

/// Which capture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Kind {
    /// TLS connections of 19 packets, 5,300 at once; the size counts connections.
    Handshakes,
    /// 32 connections that carry full records; the size counts megabytes.
    Bulk,
    /// SYNs of different sources to one server, and a few connections among them; the size counts SYNs.
    Synflood,
    /// QUIC and bulk UDP beside TLS over TCP, 30 % of it over IPv6; the size counts packets.
    Mixed,
    /// An hour of ever new ends, names and certificates, of scans, floods, fragments and flows that never end; the size
    /// counts flows.
    Hour,
    /// Handshakes of all outcomes between floods of SYNs and names, hellos without end, chains of megabytes, fragments and
    /// frames that are none; the size counts flows.
    Hostile,
}

impl Kind {
    /// The size that the published figures are measured at.
    pub fn full_size(self) -> usize {
        match self {
            Self::Handshakes => 250_000,
            Self::Bulk => 2_000,
            Self::Synflood => 5_000_000,
            Self::Mixed => 2_000_000,
            Self::Hour => 1_000_000,
            Self::Hostile => 250_000,
        }
    }

    fn scenario(self, size: usize) -> Box<dyn Scenario> {
        match self {
            Self::Handshakes => Box::new(handshakes::Handshakes::new(size)),
            Self::Bulk => Box::new(bulk::Bulk::new(size)),
            Self::Synflood => Box::new(synflood::Synflood::new(size)),
            Self::Mixed => Box::new(mixed::Mixed::new(size)),
            Self::Hour => Box::new(hour::Hour::new(size)),
            Self::Hostile => Box::new(hostile::Hostile::new(size)),
        }
    }
}

/// What was written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// Frames.
    pub frames: u64,
    /// Their bytes.
    pub bytes: u64,
}

/// The frames of a capture of a size, one after the other.
pub fn frames(kind: Kind, size: usize) -> impl Iterator<Item = Timed> {
    play(kind, size, None, |_| true)
}

/// The same with another number of flows at once, where one is given. `begins` hears of each flow as it begins, and of what
/// becomes of it if it is a handshake; where it says no, neither that flow nor another begins.
pub fn play(
    kind: Kind,
    size: usize,
    at_once: Option<usize>,
    mut begins: impl FnMut(Option<Line>) -> bool,
) -> impl Iterator<Item = Timed> {
    let mut scenario = kind.scenario(size);
    let (usual, apart) = scenario.at_once();
    let at_once = at_once.unwrap_or(usual).max(1);
    // However many they are, the first of them begin within the same time.
    let apart = apart * usual as u64 / at_once as u64;
    Interleaved::new(BEGIN, at_once, apart, move |at| {
        let act = scenario.next(at)?;
        begins(act.line).then_some(act.flow)
    })
}

/// Writes a capture of a size, and the truth about it.
///
/// # Errors
///
/// What writing fails with.
pub fn generate(kind: Kind, size: usize, capture: impl Write, truth: impl Write) -> io::Result<Written> {
    let (mut capture, mut truth) = (PcapFile::new(capture)?, Truth::new(truth)?);
    let (mut written, mut failed) = (Written::default(), Ok(()));
    let all = play(kind, size, None, |line| {
        failed = line.map_or(Ok(()), |line| truth.write(&line));
        failed.is_ok()
    });
    for timed in all {
        capture.write(&timed)?;
        written.frames += 1;
        written.bytes += timed.frame.len() as u64;
    }
    failed?;
    truth.finish()?;
    capture.finish()?;
    Ok(written)
}
