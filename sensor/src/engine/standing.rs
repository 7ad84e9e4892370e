//! How far the reading is: what was taken in, and what the decoder made of it.

use dissectors::decode;
use dissectors::time::Time;
use dissectors::tls::Lines;

/// What was taken in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Frames.
    pub frames: u64,
    /// Their bytes on the wire.
    pub bytes: u64,
    /// Earliest time stamp.
    pub first: Option<Time>,
    /// Latest time stamp.
    pub last: Option<Time>,
    /// Times that the clock jumped.
    pub jumps: u64,
    /// Packets left out to shed load.
    pub shed: u64,
    /// Blocks whose frames were passed on before their time, for want of room.
    pub crowded: u64,
    /// Where several readers share the capture: packets of flows of which another had the packet before.
    pub handed_over: Option<u64>,
}

impl Totals {
    /// Adds those of another reader of the same capture.
    pub fn add(&mut self, other: Self) {
        self.frames += other.frames;
        self.bytes += other.bytes;
        self.first = self.first.into_iter().chain(other.first).min();
        self.last = self.last.into_iter().chain(other.last).max();
        self.jumps += other.jumps;
        self.shed += other.shed;
        self.crowded += other.crowded;
        let both = self.handed_over.into_iter().chain(other.handed_over);
        self.handed_over = both.reduce(|sum, one| sum + one);
    }
}

/// What was taken in and decoded up to the end of a batch.
#[derive(Clone, Debug, Default)]
pub struct Standing {
    /// Frames and times.
    pub totals: Totals,
    /// What the decoder skipped and doubted.
    pub decode: decode::Counts,
    /// What the lines were of the key logs that the capture brought.
    pub key_lines: Lines,
}

impl Standing {
    /// Adds what another reader of the same capture took in.
    pub fn add(&mut self, other: &Self) {
        self.totals.add(other.totals);
        self.decode.add(&other.decode);
        self.key_lines.add(other.key_lines);
    }
}
