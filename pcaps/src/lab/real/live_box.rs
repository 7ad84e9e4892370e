//! A scenario's path and box between real interfaces.
//!
//! Frames are captured in a thread for each interface, go through the sans-IO [`Network`] and leave when they are due.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::Duration;

use pcap::{Active, Capture, Direction};

use super::clock::now;
use super::error::RealError;
use crate::lab::network::Network;
use crate::middlebox::{Decision, Port};

/// How long the box sleeps where nothing is due.
const IDLE: Duration = Duration::from_millis(100);

/// Frames as long as a link's largest; with offloads off, none is longer.
const SNAPLEN: i32 = 65_535;

/// How long libpcap may wait for a frame before it asks whether to go on, in milliseconds.
const READ_TIMEOUT_MS: i32 = 100;

/// A frame as it was captured, or the error that ended its capture.
type Arrival = (Port, Result<Vec<u8>, pcap::Error>);

/// A network with its interfaces.
pub struct LiveBox {
    network: Network,
    wires: Vec<(Port, Capture<Active>)>,
    arrivals: Receiver<Arrival>,
    ends: Arc<AtomicBool>,
}

impl LiveBox {
    /// Opens the interfaces for the ports of the box, in their order. The box lives until `ends` is set.
    ///
    /// # Errors
    ///
    /// If an interface cannot be opened.
    pub fn open<'a>(
        network: Network,
        interfaces: impl IntoIterator<Item = &'a str>,
        ends: Arc<AtomicBool>,
    ) -> Result<Self, RealError> {
        let (sender, arrivals) = mpsc::channel();
        let mut wires = Vec::new();
        for (port, interface) in Port::ALL.into_iter().zip(interfaces) {
            listen(port, open(interface)?, sender.clone(), Arc::clone(&ends));
            wires.push((port, open(interface)?));
        }
        Ok(Self { network, wires, arrivals, ends })
    }

    /// Carries frames until the end, and tells of each decision; the network with what it recorded.
    ///
    /// # Errors
    ///
    /// If an interface is lost, or a decision cannot be told.
    pub fn run(mut self, mut tell: impl FnMut(Decision) -> Result<(), RealError>) -> Result<Network, RealError> {
        while !self.ends.load(Ordering::Relaxed) {
            let wait = self.network.next_deadline().map_or(IDLE, |due| due.since(now()).min(IDLE));
            match self.arrivals.recv_timeout(wait) {
                Ok((port, frame)) => self.network.send(now(), port, frame?),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
            for (port, frame) in self.network.poll(now()) {
                if let Some((_, wire)) = self.wires.iter_mut().find(|(known, _)| *known == port) {
                    wire.sendpacket(frame)?;
                }
            }
            self.network.take_decisions().into_iter().try_for_each(&mut tell)?;
        }
        Ok(self.network)
    }
}

fn open(interface: &str) -> Result<Capture<Active>, RealError> {
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
fn listen(port: Port, mut capture: Capture<Active>, arrivals: Sender<Arrival>, ends: Arc<AtomicBool>) {
    thread::spawn(move || {
        while !ends.load(Ordering::Relaxed) {
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
}
