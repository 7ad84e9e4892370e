//! One direction's outgoing half: what is to be sent, what is on its way, and when to send it again.
//!
//! Reno's congestion window (RFC 5681), recovery by what was selectively acknowledged (RFC 6675, simplified to the one
//! block that each acknowledgement brings), and RFC 6298's timer.

use std::collections::VecDeque;

use dissectors::time::Time;

use super::is_after;
use super::rto::Rto;
use crate::net::segment::{ACK, FIN, PSH, SYN};

/// Segments on their way at first (RFC 6928), and at most, which is about what a receiver's window of 64 KiB takes.
const INITIAL_WINDOW: f64 = 10.0;
const MAX_WINDOW: f64 = 44.0;
/// The least that is left after a loss (RFC 5681, equation 4).
const MIN_WINDOW: f64 = 2.0;
/// Duplicate acknowledgements that tell of a loss (RFC 5681, section 3.2).
const DUPLICATES: u32 = 3;

/// A segment that was queued, without what the receiving half fills in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Chunk {
    pub(super) seq: u32,
    pub(super) flags: u8,
    pub(super) payload: Vec<u8>,
    /// When it was sent last; nothing before it was, and once it is taken for lost.
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
    /// Behind all that is queued, and behind all that was ever sent.
    queued_to: u32,
    sent_to: u32,
    rto: Rto,
    deadline: Option<Time>,
    duplicates: u32,
    /// What had been sent when a loss was noticed: until that is acknowledged, it is the same loss.
    recover: Option<u32>,
    /// Congestion window and slow start threshold, in segments.
    window: f64,
    threshold: f64,
    /// Largest payload.
    mss: usize,
}

impl Sender {
    pub(super) fn new(isn: u32, mss: usize) -> Self {
        Self {
            queue: VecDeque::new(),
            queued_to: isn,
            sent_to: isn,
            rto: Rto::new(),
            deadline: None,
            duplicates: 0,
            recover: None,
            window: INITIAL_WINDOW,
            threshold: MAX_WINDOW,
            mss,
        }
    }

    /// The sequence number behind all that was sent.
    pub(super) fn sent_to(&self) -> u32 {
        self.sent_to
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
        let chunk = Chunk { seq: self.queued_to, flags, payload, sent: None, copies: 0, sacked: false };
        self.queued_to = chunk.end();
        self.queue.push_back(chunk);
    }

    /// What the window lets out now: what was lost, and what was not sent yet.
    pub(super) fn transmit(&mut self, now: Time) -> Vec<Chunk> {
        let on_the_way = self.queue.iter().filter(|chunk| chunk.sent.is_some() && !chunk.sacked).count();
        let room = (self.window as usize).saturating_sub(on_the_way);
        let mut out = Vec::new();
        for chunk in self.queue.iter_mut().filter(|chunk| chunk.sent.is_none() && !chunk.sacked).take(room) {
            chunk.sent = Some(now);
            chunk.copies += 1;
            self.sent_to = if is_after(chunk.end(), self.sent_to) { chunk.end() } else { self.sent_to };
            out.push(chunk.clone());
        }
        if !out.is_empty() && self.deadline.is_none() {
            self.deadline = Some(now.after(self.rto.timeout()));
        }
        out
    }

    /// Takes in an acknowledgement. What it lets out, [`Sender::transmit`] says.
    pub(super) fn acknowledge(&mut self, now: Time, told: Acknowledged) {
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
        match before - self.queue.len() {
            0 => self.repeated(told),
            acknowledged => self.advanced(now, told.ack, acknowledged),
        }
    }

    /// Something new was acknowledged: the window grows, and in recovery the next hole is lost as well.
    fn advanced(&mut self, now: Time, ack: u32, segments: usize) {
        self.duplicates = 0;
        self.rto.relax();
        self.deadline = (!self.queue.is_empty()).then(|| now.after(self.rto.timeout()));
        if self.recover.is_some_and(|recover| is_after(recover, ack)) {
            self.lose_holes();
        } else {
            self.recover = None;
        }
        let slow_start = self.window < self.threshold;
        let growth = if slow_start { segments as f64 } else { segments as f64 / self.window };
        self.window = (self.window + growth).min(MAX_WINDOW);
    }

    fn repeated(&mut self, told: Acknowledged) {
        let waits = self.queue.front().is_some_and(|first| first.copies > 0 && first.seq == told.ack);
        if !told.bare || !waits {
            return;
        }
        self.duplicates += 1;
        if self.duplicates == DUPLICATES && self.recover.is_none() {
            self.recover = Some(self.sent_to);
            self.threshold = (self.on_the_way() / 2.0).max(MIN_WINDOW);
            self.window = self.threshold;
            self.lose_holes();
        }
    }

    fn on_the_way(&self) -> f64 {
        self.queue.iter().filter(|chunk| chunk.sent.is_some()).count() as f64
    }

    /// The first segment is lost, and with it each before one that is known to have arrived, unless it was sent again.
    fn lose_holes(&mut self) {
        let last_sacked = self.queue.iter().rposition(|chunk| chunk.sacked).unwrap_or(0);
        for chunk in self.queue.iter_mut().take(last_sacked.max(1)).filter(|chunk| !chunk.sacked && chunk.copies == 1) {
            chunk.sent = None;
        }
    }

    /// The timer ran out: everything on its way is lost, and one segment is sent again, unless that was done `limit`
    /// times.
    pub(super) fn time_out(&mut self, now: Time, limit: u32) -> Result<Vec<Chunk>, GivenUp> {
        self.deadline = None;
        let Some(first) = self.queue.front() else { return Ok(Vec::new()) };
        if first.copies > limit {
            return Err(GivenUp);
        }
        self.rto.back_off();
        self.recover = Some(self.sent_to);
        self.threshold = (self.on_the_way() / 2.0).max(MIN_WINDOW);
        self.window = 1.0;
        self.queue.iter_mut().for_each(|chunk| chunk.sent = None);
        Ok(self.transmit(now))
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
