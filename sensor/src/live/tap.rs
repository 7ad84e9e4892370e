//! One interface: opened with libpcap, read without blocking.

use std::os::fd::{AsFd, BorrowedFd};
use std::time::Duration;

use dissectors::time::Time;
use pcap::{Active, Capture, Inactive, Packet, Precision};

use super::clock;
use super::counters::{Counters, Meter};
use super::error::LiveError;
use super::fanout;
use super::hold::Hold;
use crate::capture::{CaptureError, Drops, ErrorKind, Frame, link};

/// How long the kernel may gather frames before it shows them, unless asked to show each at once.
const GATHERING: Duration = Duration::from_millis(50);

/// How much later than promised the kernel may show a frame: its timers are coarse and its threads wait their turn.
const MARGIN: Duration = Duration::from_millis(150);

/// Frames taken from one interface before the next one has its turn. With the longest frames they are 64 MiB.
const TURN: usize = 256;

/// The interface of that name stands for all of them. It knows no promiscuous mode, and libpcap would refuse it.
const ANY: &str = "any";

/// How to capture.
#[derive(Clone, Debug)]
pub struct Options {
    /// Bytes kept of each frame. A hello must be whole, so that anything below the path's MTU hides some.
    pub snaplen: u32,
    /// Bytes that the kernel may hold for each interface.
    pub buffer: u32,
    /// Bytes of several interfaces that wait for each other, and four times as many that wait for keys. Beyond that they are
    /// passed on as they are, and the order between the interfaces is only that of reading.
    pub held: usize,
    /// Whether to see frames that are for others, too.
    pub promiscuous: bool,
    /// Whether to see each frame at once: at more cost, and with less room for bursts.
    pub immediate: bool,
    /// A filter in the language of tcpdump, applied by the kernel.
    pub filter: Option<String>,
}

/// Bytes held by default: those of a tenth of a second at 1.3 Gbit/s, and, four times as many, of a second at half a Gbit/s.
const DEFAULT_HELD: usize = 16 << 20;

impl Default for Options {
    fn default() -> Self {
        Self {
            snaplen: link::MAX_FRAME,
            buffer: 64 << 20,
            held: DEFAULT_HELD,
            promiscuous: true,
            immediate: false,
            filter: None,
        }
    }
}

/// An open interface.
pub(super) struct Tap {
    name: String,
    link: u16,
    capture: Capture<Active>,
    meter: Meter,
    /// Frames since the counters were read.
    delivered: u64,
    /// Time of the latest frame.
    latest: Option<Time>,
    /// Whether another tap of the same interface tells what the interface lost.
    is_further: bool,
}

impl Tap {
    /// Opens `name`, and applies the filter before the first frame is read.
    pub(super) fn open(name: &str, options: &Options) -> Result<Self, LiveError> {
        let refused = |error: pcap::Error| LiveError::Open { interface: name.to_owned(), reason: words(error) };
        let inactive = Capture::from_device(name).map_err(refused)?;
        let capture = configured(inactive, name, options).open().map_err(refused)?;
        let mut capture = capture.setnonblock().map_err(refused)?;
        if let Some(filter) = &options.filter {
            let refused = |error| LiveError::Filter { interface: name.to_owned(), reason: words(error) };
            capture.filter(filter, true).map_err(refused)?;
        }
        let dlt = capture.get_datalink().0;
        let link = link::of_dlt(dlt).ok_or_else(|| LiveError::Link { interface: name.to_owned(), dlt })?;
        Ok(Self {
            name: name.to_owned(),
            link,
            capture,
            meter: Meter::new(clock::now()),
            delivered: 0,
            latest: None,
            is_further: false,
        })
    }

    /// Opens `name` as often as said, so that each tap sees some of the flows and all of them together see all. The kernel's
    /// buffer is shared out.
    pub(super) fn open_group(name: &str, options: &Options, taps: usize) -> Result<Vec<Self>, LiveError> {
        if taps < 2 {
            return Ok(vec![Self::open(name, options)?]);
        }
        let share = Options { buffer: options.buffer / u32::try_from(taps).unwrap_or(u32::MAX), ..options.clone() };
        let mut group = (0..taps).map(|_| Self::open(name, &share)).collect::<Result<Vec<Self>, LiveError>>()?;
        let joined = fanout::join(group.iter().map(Self::fd));
        joined.map_err(|error| LiveError::Fanout { interface: name.to_owned(), error })?;
        group.iter_mut().skip(1).for_each(|tap| tap.is_further = true);
        Ok(group)
    }

    /// Begins anew: forgets all frames up to `start`, and what was counted. Before it joined its group, each tap saw all
    /// frames.
    pub(super) fn begin_at(&mut self, start: Time) -> Result<(), CaptureError> {
        let mut passed = Hold::default();
        while self.take(0, &mut passed)? > 0 && self.latest.is_some_and(|latest| latest <= start) {
            passed = Hold::default();
        }
        self.drops(0)?;
        self.meter.restart();
        Ok(())
    }

    /// Takes a turn's frames, and says how many there were.
    pub(super) fn take(&mut self, interface: u32, hold: &mut Hold) -> Result<usize, CaptureError> {
        let (link, latest) = (self.link, &mut self.latest);
        let taken = self.capture.dispatch(Some(TURN), |packet| {
            let frame = frame(&packet, link, interface);
            *latest = Some(frame.time);
            hold.push(frame, packet.data);
        });
        let taken = taken.map_err(|error| self.failed(error))?;
        self.delivered += taken as u64;
        Ok(taken)
    }

    /// What the counters say since they were read last.
    pub(super) fn drops(&mut self, interface: u32) -> Result<Drops, CaptureError> {
        let mut stat = self.capture.stats().map_err(|error| self.failed(error))?;
        if self.is_further {
            stat.if_dropped = 0;
        }
        let delivered = std::mem::take(&mut self.delivered);
        Ok(self.meter.step(interface, stat, delivered, clock::now()))
    }

    /// When the counters were read last.
    pub(super) fn counted_at(&self) -> Time {
        self.meter.at()
    }

    /// The sums of the counters.
    pub(super) fn counters(&self) -> Counters {
        self.meter.total()
    }

    /// Time of the latest frame.
    pub(super) fn latest(&self) -> Option<Time> {
        self.latest
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn fd(&self) -> BorrowedFd<'_> {
        self.capture.as_fd()
    }

    fn failed(&self, error: pcap::Error) -> CaptureError {
        let kind = ErrorKind::Read(std::io::Error::other(words(error)));
        CaptureError { name: self.name.clone(), place: None, kind }
    }
}

/// The longest time from a frame's time stamp until it is read, where the reading keeps up.
pub(super) fn lag(options: &Options) -> Duration {
    if options.immediate { MARGIN } else { GATHERING + MARGIN }
}

fn configured(capture: Capture<Inactive>, name: &str, options: &Options) -> Capture<Inactive> {
    let number = |number: u32| i32::try_from(number).unwrap_or(i32::MAX);
    capture
        .snaplen(number(options.snaplen))
        .buffer_size(number(options.buffer))
        .promisc(options.promiscuous && name != ANY)
        .immediate_mode(options.immediate)
        .precision(Precision::Nano)
        .timeout(number(GATHERING.as_millis() as u32))
}

/// The frame, with everything but its place in a block and its number.
fn frame(packet: &Packet<'_>, link: u16, interface: u32) -> Frame {
    let header = packet.header;
    // The field is named for microseconds; nanoseconds were asked for.
    let nanoseconds = u32::try_from(header.ts.tv_usec).unwrap_or(0);
    Frame {
        number: 0,
        time: Time::new(header.ts.tv_sec, nanoseconds),
        link,
        interface,
        start: 0,
        len: u32::try_from(packet.data.len()).unwrap_or(u32::MAX),
        original_len: header.len,
    }
}

fn words(error: pcap::Error) -> String {
    match error {
        pcap::Error::PcapError(words) => words,
        other => other.to_string(),
    }
}
