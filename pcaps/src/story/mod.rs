//! Telling a story: connections over a path, told step by step in virtual time, become the frames of a capture.
//!
//! A [`Connection`] is told like a tale: who sends what, what the middlebox does to it, what the capture misses. A
//! [`Story`] joins connections into one capture and does to it what happens to captures: they begin late, end early,
//! see one direction, cut frames, and have clocks that jump.

mod connection;
mod end;
mod forged;
mod quic;
mod wire;

use std::time::Duration;

use dissectors::time::Time;

use crate::file::{self, Format, Frame};
use crate::net::Side;

pub use connection::Connection;
pub use forged::Forged;
pub use quic::QuicConnection;
pub use wire::Fate;

/// When stories begin unless they say otherwise: 2025-03-03 12:00:00 UTC.
const EPOCH: Time = Time(1_741_003_200_000_000_000);

/// Everything that one capture holds.
#[derive(Clone, Debug)]
pub struct Story {
    frames: Vec<Frame>,
    epoch: Time,
    format: Format,
    snaplen: u32,
    dropped: Option<u64>,
}

impl Story {
    /// The capture of these connections, in the order in which frames came by.
    pub fn of(connections: impl IntoIterator<Item = Connection>) -> Self {
        let mut frames: Vec<Frame> = connections.into_iter().flat_map(Connection::into_frames).collect();
        frames.sort_by_key(|frame| frame.time);
        Self { frames, epoch: EPOCH, format: Format::PcapMicroseconds, snaplen: 262_144, dropped: None }
    }

    /// A QUIC connection in the same capture.
    pub fn with_quic(mut self, connection: QuicConnection) -> Self {
        self.frames.extend(connection.into_frames());
        self.frames.sort_by_key(|frame| frame.time);
        self
    }

    /// Begins at this Unix time instead.
    pub fn at_unix_time(mut self, seconds: i64) -> Self {
        self.epoch = Time::new(seconds, 0);
        self
    }

    /// Writes the file in this format.
    pub fn format(mut self, format: Format) -> Self {
        self.format = format;
        self
    }

    /// Cuts every frame to this many bytes.
    pub fn snaplen(mut self, bytes: u32) -> Self {
        self.snaplen = bytes;
        self
    }

    /// A pcapng says at its end that the capture dropped this many packets; classic files cannot.
    pub fn dropped(mut self, packets: u64) -> Self {
        self.dropped = Some(packets);
        self
    }

    /// The capture begins this many seconds into the story.
    pub fn captured_from(mut self, seconds: f64) -> Self {
        self.frames.retain(|frame| frame.time >= moment(seconds));
        self
    }

    /// The capture ends this many seconds into the story.
    pub fn captured_until(mut self, seconds: f64) -> Self {
        self.frames.retain(|frame| frame.time < moment(seconds));
        self
    }

    /// The capture sees only what this side sends.
    pub fn captured_only(mut self, side: Side) -> Self {
        self.frames.retain(|frame| frame.sender == side);
        self
    }

    /// The clock of the capture steps by `by` seconds once the story is `at` seconds old.
    pub fn clock_steps(mut self, at: f64, by: i64) -> Self {
        for frame in self.frames.iter_mut().filter(|frame| frame.time >= moment(at)) {
            frame.time = Time(frame.time.0 + by * 1_000_000_000);
        }
        self
    }

    /// Every frame is captured twice, a few microseconds apart, as by a mirror of both ports of a switch.
    pub fn captured_twice(mut self) -> Self {
        let copies = self.frames.clone();
        self.frames.extend(copies.into_iter().map(|mut frame| {
            frame.time = frame.time.after(Duration::from_micros(4));
            frame
        }));
        self.frames.sort_by_key(|frame| frame.time);
        self
    }

    /// The capture as a file.
    pub fn to_file(&self) -> Vec<u8> {
        let mut frames = self.frames.clone();
        for frame in &mut frames {
            frame.time = Time(frame.time.0 + self.epoch.0);
        }
        file::write(self.format, self.snaplen, self.dropped, &frames)
    }

    /// The file's name: `capture.pcap` or `capture.pcapng`.
    pub fn file_name(&self) -> &'static str {
        match self.format {
            Format::Pcapng => "capture.pcapng",
            _ => "capture.pcap",
        }
    }
}

/// So many seconds into the story.
fn moment(seconds: f64) -> Time {
    Time((seconds * 1e9).round() as i64)
}

#[cfg(test)]
mod tests;
