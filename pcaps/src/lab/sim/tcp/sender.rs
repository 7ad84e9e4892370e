//! One direction's outgoing half: what is to be sent, what is on its way, and when to send it again.
//!
//! A fixed window, fast retransmit at three duplicate acknowledgements, NewReno's recovery (RFC 6582) that skips what was
//! selectively acknowledged (RFC 2018), and RFC 6298's timer. No congestion window.

use std::collections::VecDeque;

use dissectors::time::Time;

use super::is_after;
use super::rto::Rto;
use crate::net::segment::{ACK, FIN, PSH, SYN};

/// Segments on their way at once.
const WINDOW: usize = 24;
/// Duplicate acknowledgements that tell of a loss (RFC 5681, section 3.2).
const DUPLICATES: u32 = 3;

/// A segment that was queued, without what the receiving half fills in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Chunk {
    pub(super) seq: u32,
    pub(super) flags: u8,
    pub(super) payload: Vec<u8>,
    sent: Option<Time>,
    copies: u32,
    sacked: bool,
}

impl Chunk {
    fn end(&self) -> u32 {
        let marks = u32::from(self.flags & SYN != 0) + u32::from(self.flags & FIN != 0);
        self.seq.wrapping_add(self.payload.len() as u32).wrapping_add(marks)
    }
}

/// What an acknowledgement says.
#[derive(Clone, Copy, Debug)]
pub(super) struct Acknowledged {
    pub(super) ack: u32,
    /// The first block that was received out of order.
    pub(super) sack: Option<(u32, u32)>,
    /// Whether it came alone, so that it may be a duplicate.
    pub(super) bare: bool,
}

#[derive(Debug)]
pub(super) struct Sender {
    /// Queued and not acknowledged.
    queue: VecDeque<Chunk>,
    next: u32,
    rto: Rto,
    deadline: Option<Time>,
    duplicates: u32,
    /// What had been sent when a loss was noticed; until that is acknowledged, each step repairs the next.
    recover: Option<u32>,
    /// Largest payload.
    mss: usize,
}

impl Sender {
    pub(super) fn new(isn: u32, mss: usize) -> Self {
        Self { queue: VecDeque::new(), next: isn, rto: Rto::new(), deadline: None, duplicates: 0, recover: None, mss }
    }

    /// The next sequence number that is free.
    pub(super) fn next(&self) -> u32 {
        self.queue.iter().find(|chunk| chunk.sent.is_none()).map_or(self.next, |chunk| chunk.seq)
    }

    pub(super) fn deadline(&self) -> Option<Time> {
        self.deadline
    }

    pub(super) fn set_mss(&mut self, mss: usize) {
        self.mss = mss;
    }

    /// Queues a SYN or a FIN.
    pub(super) fn mark(&mut self, flags: u8) {
        self.push(flags, Vec::new());
    }

    /// Queues bytes in segments of at most `piece`, the last with PSH.
    pub(super) fn write(&mut self, bytes: &[u8], piece: usize) {
        let piece = piece.clamp(1, self.mss);
        let pieces = bytes.chunks(piece).count();
        for (number, bytes) in bytes.chunks(piece).enumerate() {
            self.push(if number + 1 == pieces { ACK | PSH } else { ACK }, bytes.to_vec());
        }
    }

    fn push(&mut self, flags: u8, payload: Vec<u8>) {
        let chunk = Chunk { seq: self.next, flags, payload, sent: None, copies: 0, sacked: false };
        self.next = chunk.end();
        self.queue.push_back(chunk);
    }

    /// What the window lets out now, of what was not sent yet.
    pub(super) fn transmit(&mut self, now: Time) -> Vec<Chunk> {
        let mut out = Vec::new();
        for chunk in self.queue.iter_mut().take(WINDOW).filter(|chunk| chunk.sent.is_none()) {
            chunk.sent = Some(now);
            chunk.copies = 1;
            out.push(chunk.clone());
        }
        if !out.is_empty() && self.deadline.is_none() {
            self.deadline = Some(now.after(self.rto.timeout()));
        }
        out
    }

    /// Takes in an acknowledgement; what is to be sent again because of it.
    pub(super) fn acknowledge(&mut self, now: Time, told: Acknowledged) -> Option<Chunk> {
        if let Some((from, to)) = told.sack {
            let within = |chunk: &&mut Chunk| !is_after(from, chunk.seq) && !is_after(chunk.end(), to);
            self.queue.iter_mut().filter(within).for_each(|chunk| chunk.sacked = true);
        }
        let before = self.queue.len();
        while let Some(first) = self.queue.front().filter(|first| !is_after(first.end(), told.ack)) {
            if let (1, Some(sent)) = (first.copies, first.sent) {
                self.rto.sample(now.since(sent));
            }
            self.queue.pop_front();
        }
        if self.queue.len() < before { self.advanced(now, told.ack) } else { self.repeated(now, told) }
    }

    /// Something new was acknowledged: in recovery, the next hole is repaired.
    fn advanced(&mut self, now: Time, ack: u32) -> Option<Chunk> {
        self.duplicates = 0;
        self.rto.relax();
        let waiting = self.queue.front().is_some_and(|first| first.sent.is_some());
        self.deadline = waiting.then(|| now.after(self.rto.timeout()));
        let recovering = self.recover.is_some_and(|recover| is_after(recover, ack));
        if !recovering {
            self.recover = None;
            return None;
        }
        self.repair(now)
    }

    fn repeated(&mut self, now: Time, told: Acknowledged) -> Option<Chunk> {
        let duplicate =
            told.bare && self.queue.front().is_some_and(|first| first.sent.is_some() && first.seq == told.ack);
        if !duplicate {
            return None;
        }
        self.duplicates += 1;
        if self.duplicates != DUPLICATES || self.recover.is_some() {
            return None;
        }
        self.recover = Some(self.next());
        self.repair(now)
    }

    /// The timer ran out; what is sent again, unless that was done `limit` times.
    pub(super) fn time_out(&mut self, now: Time, limit: u32) -> Result<Option<Chunk>, GivenUp> {
        let Some(first) = self.queue.front() else {
            self.deadline = None;
            return Ok(None);
        };
        if first.copies > limit {
            return Err(GivenUp);
        }
        self.rto.back_off();
        self.recover = Some(self.next());
        self.deadline = Some(now.after(self.rto.timeout()));
        Ok(self.repair(now))
    }

    /// The first segment on its way that is not known to have arrived, once more.
    fn repair(&mut self, now: Time) -> Option<Chunk> {
        let chunk = self.queue.iter_mut().find(|chunk| chunk.sent.is_some() && !chunk.sacked)?;
        chunk.sent = Some(now);
        chunk.copies += 1;
        Some(chunk.clone())
    }

    /// A router on the way takes only segments of this payload: everything is cut anew, and sent anew at once.
    pub(super) fn shrink(&mut self, now: Time, mss: usize) -> Vec<Chunk> {
        if mss >= self.mss {
            return Vec::new();
        }
        self.mss = mss;
        for chunk in std::mem::take(&mut self.queue) {
            let pieces = chunk.payload.chunks(mss).count().max(1);
            for number in 0..pieces {
                let payload = chunk.payload.chunks(mss).nth(number).unwrap_or_default().to_vec();
                let last = number + 1 == pieces;
                let flags = if last { chunk.flags } else { chunk.flags & !(PSH | FIN) };
                let seq = chunk.seq.wrapping_add((number * mss) as u32);
                self.queue.push_back(Chunk { seq, flags, payload, sent: None, ..chunk.clone() });
            }
        }
        self.deadline = None;
        self.transmit(now)
    }
}

/// A segment was sent too often in vain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct GivenUp;
