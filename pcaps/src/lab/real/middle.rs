//! The box of a run, in a thread that lives in the box's namespace.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Sender};
use std::thread::{self, JoinHandle};

use super::clock::now;
use super::error::RealError;
use super::live_box::LiveBox;
use super::namespaces;
use super::topology::Places;
use crate::lab::network::Network;
use crate::lab::scenario::Scenario;
use crate::middlebox::Decision;

/// A box at work. It ends with [`Middle::end`], or when this goes out of scope.
pub(super) struct Middle {
    ends: Arc<AtomicBool>,
    thread: Option<JoinHandle<Result<Recorded, RealError>>>,
}

/// What a box leaves: the network with what it captured, and its decisions.
type Recorded = (Network, Vec<Decision>);

impl Middle {
    /// A box that carries frames already.
    ///
    /// # Errors
    ///
    /// If its namespace cannot be entered, or an interface not be opened.
    pub(super) fn start(scenario: &Scenario, places: &Places) -> Result<Self, RealError> {
        let ends = Arc::new(AtomicBool::new(false));
        let (ready, is_ready) = mpsc::channel();
        let (scenario, places, its_end) = (scenario.clone(), places.clone(), Arc::clone(&ends));
        let thread = thread::spawn(move || run(&scenario, &places, its_end, ready));
        let middle = Self { ends, thread: Some(thread) };
        match is_ready.recv() {
            Ok(()) => Ok(middle),
            Err(_) => middle.end().and(Err(RealError::BoxGone)),
        }
    }

    /// Whether it has ended by itself, which is an error.
    pub(super) fn is_gone(&self) -> bool {
        self.thread.as_ref().is_none_or(JoinHandle::is_finished)
    }

    /// Ends it; what it leaves.
    ///
    /// # Errors
    ///
    /// Why it had ended before.
    pub(super) fn end(mut self) -> Result<Recorded, RealError> {
        self.ends.store(true, Ordering::Relaxed);
        let thread = self.thread.take().ok_or(RealError::BoxGone)?;
        thread.join().unwrap_or(Err(RealError::BoxGone))
    }
}

impl Drop for Middle {
    fn drop(&mut self) {
        self.ends.store(true, Ordering::Relaxed);
        // A run that failed has its error already.
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

fn run(scenario: &Scenario, places: &Places, ends: Arc<AtomicBool>, ready: Sender<()>) -> Result<Recorded, RealError> {
    namespaces::enter(&places.middle)?;
    let network = Network::new(scenario, now());
    let live = LiveBox::open(network, places.box_interfaces().iter().copied(), ends)?;
    // Whoever waited may have given up: then this ends at once.
    let _ = ready.send(());
    let mut decisions = Vec::new();
    let network = live.run(|decision| {
        decisions.push(decision);
        Ok(())
    })?;
    Ok((network, decisions))
}
