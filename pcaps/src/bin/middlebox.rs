//! Runs the middlebox between real interfaces: `middlebox CONFIG`.
//!
//! Every frame is held for its link's delay on the way to the box and again on the way out. Decisions go to standard
//! output, one comma-separated line for each ClientHello. Runs until it is killed.

use std::io::Write;
use std::process::ExitCode;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::time::{Duration, Instant};
use std::{env, fs, io, thread};

use pcap::{Active, Capture, Direction};
use pcaps::middlebox::config::{Config, Link};
use pcaps::middlebox::delay::DelayLine;
use pcaps::middlebox::{Decision, Middlebox, Port};

type Error = Box<dyn std::error::Error + Send + Sync>;

/// How long the box sleeps where nothing is due.
const IDLE: Duration = Duration::from_secs(1);

/// Frames as long as a link's largest; with offloads off, none is longer.
const SNAPLEN: i32 = 65_535;

/// How long libpcap may wait for a frame before it asks whether to go on, in milliseconds.
const READ_TIMEOUT_MS: i32 = 100;

fn main() -> ExitCode {
    let mut arguments = env::args().skip(1);
    let (Some(path), None) = (arguments.next(), arguments.next()) else {
        eprintln!("usage: middlebox CONFIG");
        return ExitCode::from(2);
    };
    match run(&path) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("middlebox: {path}: {error}");
            ExitCode::from(2)
        }
    }
}

fn run(path: &str) -> Result<(), Error> {
    let config = Config::parse(&fs::read_to_string(path)?)?;
    let (sender, arrivals) = mpsc::channel();
    let mut wires = Vec::new();
    for port in Port::ALL {
        let link = config.links.of(port).clone();
        listen(port, &link, sender.clone())?;
        wires.push(Wire { port, capture: open(&link)?, delay: link.delay });
    }
    drop(sender);
    writeln!(io::stdout(), "{}", Decision::FIELDS)?;
    LiveBox { middlebox: Middlebox::new(config), wires: Wires(wires), line: DelayLine::default() }.run(&arrivals)
}

/// A frame as it was captured, or the error that ended its capture.
type Arrival = (Port, Result<Vec<u8>, pcap::Error>);

fn open(link: &Link) -> Result<Capture<Active>, Error> {
    let capture = Capture::from_device(link.interface.as_str())?
        .immediate_mode(true)
        .promisc(true)
        .snaplen(SNAPLEN)
        .timeout(READ_TIMEOUT_MS)
        .open()?;
    capture.direction(Direction::In)?;
    Ok(capture)
}

/// Captures in a thread of its own: libpcap's capture and its sending cannot share a handle while one of them waits.
fn listen(port: Port, link: &Link, arrivals: Sender<Arrival>) -> Result<(), Error> {
    let mut capture = open(link)?;
    thread::spawn(move || {
        loop {
            let frame = match capture.next_packet() {
                Err(pcap::Error::TimeoutExpired) => continue,
                other => other.map(|packet| packet.data.to_vec()),
            };
            let failed = frame.is_err();
            if arrivals.send((port, frame)).is_err() || failed {
                return;
            }
        }
    });
    Ok(())
}

struct Wire {
    port: Port,
    capture: Capture<Active>,
    delay: Duration,
}

struct Wires(Vec<Wire>);

impl Wires {
    fn delay(&self, port: Port) -> Duration {
        self.0.iter().find(|wire| wire.port == port).map_or(Duration::ZERO, |wire| wire.delay)
    }

    fn send(&mut self, port: Port, frame: &[u8]) -> Result<(), pcap::Error> {
        self.0.iter_mut().find(|wire| wire.port == port).map_or(Ok(()), |wire| wire.capture.sendpacket(frame))
    }
}

/// A frame under way on one of the links.
enum Transit {
    ToBox(Port, Vec<u8>),
    FromBox(Port, Vec<u8>),
}

struct LiveBox {
    middlebox: Middlebox,
    wires: Wires,
    line: DelayLine<Instant, Transit>,
}

impl LiveBox {
    fn run(mut self, arrivals: &Receiver<Arrival>) -> Result<(), Error> {
        loop {
            let wait = self.line.next_due().map_or(IDLE, |due| due.saturating_duration_since(now()));
            match arrivals.recv_timeout(wait) {
                Ok((port, frame)) => self.line.push(now() + self.wires.delay(port), Transit::ToBox(port, frame?)),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return Ok(()),
            }
            while let Some(transit) = self.line.pop_due(now()) {
                self.arrive(transit)?;
            }
        }
    }

    fn arrive(&mut self, transit: Transit) -> Result<(), Error> {
        match transit {
            Transit::FromBox(port, frame) => self.wires.send(port, &frame)?,
            Transit::ToBox(port, frame) => {
                let reaction = self.middlebox.handle(port, &frame);
                for (to, frame) in reaction.frames {
                    self.line.push(now() + self.wires.delay(to), Transit::FromBox(to, frame));
                }
                if let Some(decision) = reaction.decision {
                    writeln!(io::stdout(), "{decision}")?;
                }
            }
        }
        Ok(())
    }
}

#[expect(clippy::disallowed_methods, reason = "a box in a live path delays real frames by a real clock")]
fn now() -> Instant {
    Instant::now()
}
