//! Runs a scenario's path and box between real interfaces: `middlebox SCENARIO INSIDE OUTSIDE [INTERCEPTOR]`.
//!
//! Frames are delayed, lost and aged as the scenario's links say. Decisions go to standard output, one comma-separated
//! line for each flow that was decided. Runs until it is killed.

use std::io::Write;
use std::process::ExitCode;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use std::{env, fs, io, thread};

use dissectors::time::Time;
use pcap::{Active, Capture, Direction};
use pcaps::lab::network::Network;
use pcaps::lab::scenario::Scenario;
use pcaps::middlebox::{Decision, Port};

type Error = Box<dyn std::error::Error + Send + Sync>;

/// How long the box sleeps where nothing is due.
const IDLE: Duration = Duration::from_secs(1);

/// Frames as long as a link's largest; with offloads off, none is longer.
const SNAPLEN: i32 = 65_535;

/// How long libpcap may wait for a frame before it asks whether to go on, in milliseconds.
const READ_TIMEOUT_MS: i32 = 100;

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [scenario, interfaces @ ..] = arguments.as_slice() else { return usage() };
    if !(2..=Port::ALL.len()).contains(&interfaces.len()) {
        return usage();
    }
    match run(scenario, interfaces) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("middlebox: {error}");
            ExitCode::from(2)
        }
    }
}

fn usage() -> ExitCode {
    eprintln!("usage: middlebox SCENARIO INSIDE OUTSIDE [INTERCEPTOR]");
    ExitCode::from(2)
}

fn run(scenario: &str, interfaces: &[String]) -> Result<(), Error> {
    let scenario = Scenario::parse(scenario, &fs::read_to_string(scenario)?)?;
    let (sender, arrivals) = mpsc::channel();
    let mut wires = Vec::new();
    for (port, interface) in Port::ALL.into_iter().zip(interfaces) {
        listen(port, interface, sender.clone())?;
        wires.push((port, open(interface)?));
    }
    drop(sender);
    writeln!(io::stdout(), "{}", Decision::FIELDS)?;
    LiveBox { network: Network::new(&scenario, now()).unrecorded(), wires }.run(&arrivals)
}

/// A frame as it was captured, or the error that ended its capture.
type Arrival = (Port, Result<Vec<u8>, pcap::Error>);

fn open(interface: &str) -> Result<Capture<Active>, Error> {
    let capture = Capture::from_device(interface)?
        .immediate_mode(true)
        .promisc(true)
        .snaplen(SNAPLEN)
        .timeout(READ_TIMEOUT_MS)
        .open()?;
    capture.direction(Direction::In)?;
    Ok(capture)
}

/// Captures in a thread of its own: libpcap's capture and its sending cannot share a handle while one of them waits.
fn listen(port: Port, interface: &str, arrivals: Sender<Arrival>) -> Result<(), Error> {
    let mut capture = open(interface)?;
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

struct LiveBox {
    network: Network,
    wires: Vec<(Port, Capture<Active>)>,
}

impl LiveBox {
    fn run(mut self, arrivals: &Receiver<Arrival>) -> Result<(), Error> {
        loop {
            let wait = self.network.next_deadline().map_or(IDLE, |due| due.since(now()));
            match arrivals.recv_timeout(wait) {
                Ok((port, frame)) => self.network.send(now(), port, frame?),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return Ok(()),
            }
            for (port, frame) in self.network.poll(now()) {
                if let Some((_, wire)) = self.wires.iter_mut().find(|(known, _)| *known == port) {
                    wire.sendpacket(frame)?;
                }
            }
            for decision in self.network.take_decisions() {
                writeln!(io::stdout(), "{decision}")?;
            }
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "a box in a live path delays real frames by a real clock")]
fn now() -> Time {
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Time(0).after(since_1970)
}
