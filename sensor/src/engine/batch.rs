//! The unit of work: the packets of one block of frames, decoded and dated once, by the reader alone.

use std::sync::Arc;

use dissectors::packet::Packet;
use dissectors::time::Time;
use dissectors::tls::KeyLog;

use crate::capture::Drops;
use crate::engine::share::Share;
use crate::engine::standing::Standing;

/// A decoded packet with what sends it to its shard.
#[derive(Clone, Copy, Debug)]
pub struct Routed {
    /// The packet; its spans lie in [`Batch::bytes`].
    pub packet: Packet,
    /// Hash of its flow.
    pub hash: u64,
    /// The capture's clock at its frame.
    pub now: Time,
}

/// Packets between which the clock does not jump.
#[derive(Clone, Copy, Debug)]
pub struct Part {
    /// One past the part's last packet.
    pub end: usize,
    /// The clock after the part's last frame.
    pub now: Time,
    /// Whether the clock jumps after it, so that no attempt lives on.
    pub jumps: bool,
}

/// Packets that were read together. Workers share a batch and change nothing in it.
#[derive(Debug, Default)]
pub struct Batch {
    /// The bytes of the frames, and behind them the reassembled datagrams.
    pub bytes: Vec<u8>,
    /// The packets, in the order of the capture.
    pub packets: Vec<Routed>,
    /// Where the clock jumps; the last part ends with the batch.
    pub parts: Vec<Part>,
    /// What the capture says about lost frames.
    pub drops: Vec<Drops>,
    /// The share of the flows that is followed from this batch on, where it changes.
    pub share: Option<Share>,
    /// The keys, where they are others than in the batch before.
    pub keys: Option<Arc<KeyLog>>,
    /// The file that begins with this batch: the number of its first frame, and its name.
    pub begins: Option<(u64, String)>,
    /// Frames in the block, decoded or not.
    pub frames: u64,
    /// The same by the grain of time that they are in: its beginning, and how many.
    pub grains: Vec<(Time, u64)>,
    /// What was taken in and decoded so far, where a report is asked for.
    pub standing: Option<Box<Standing>>,
}

impl Batch {
    /// The parts with their packets.
    pub fn parts(&self) -> impl Iterator<Item = (&Part, &[Routed])> {
        let mut start = 0;
        self.parts.iter().map(move |part| {
            let packets = self.packets.get(start..part.end).unwrap_or(&[]);
            start = part.end;
            (part, packets)
        })
    }
}
