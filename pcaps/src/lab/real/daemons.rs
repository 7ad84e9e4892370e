//! Programs that run beside the clients: servers, interceptors, captures. Started in order, and waited for until they
//! are ready.

use std::fs;
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Child;
use std::thread;
use std::time::Duration;

use super::clock::now;
use super::command::Command;
use super::error::RealError;
use super::{namespaces, process};

/// How long a program may take until it is ready: mitmproxy takes seconds on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long apart it is asked whether it is.
const STEP: Duration = Duration::from_millis(100);

/// Programs with the files of what they say.
#[derive(Default)]
pub(super) struct Daemons {
    started: Vec<(String, Child, PathBuf)>,
}

impl Daemons {
    /// Starts a program.
    ///
    /// # Errors
    ///
    /// If it cannot be started.
    pub(super) fn start(&mut self, command: &Command, log: &Path) -> Result<(), RealError> {
        let child = process::start(command, log)?;
        self.started.push((command.to_string(), child, log.to_owned()));
        Ok(())
    }

    /// Waits until something is so.
    ///
    /// # Errors
    ///
    /// If a program has ended, or the time is over.
    pub(super) fn wait_until(&mut self, what: &str, mut is_so: impl FnMut() -> bool) -> Result<(), RealError> {
        let until = now().after(PATIENCE);
        while now() < until {
            if is_so() {
                return Ok(());
            }
            self.check()?;
            thread::sleep(STEP);
        }
        Err(RealError::Unready(what.to_owned(), self.said()))
    }

    /// Whether all still run.
    ///
    /// # Errors
    ///
    /// The first that has ended.
    pub(super) fn check(&mut self) -> Result<(), RealError> {
        for (command, child, log) in &mut self.started {
            if child.try_wait().is_ok_and(|ended| ended.is_some()) {
                return Err(RealError::Failed(command.clone(), fs::read_to_string(log).unwrap_or_default()));
            }
        }
        Ok(())
    }

    fn said(&self) -> String {
        let said = self.started.iter().map(|(_, _, log)| fs::read_to_string(log).unwrap_or_default());
        said.collect::<Vec<_>>().join("\n")
    }
}

impl Drop for Daemons {
    fn drop(&mut self) {
        for (_, child, _) in &mut self.started {
            // Whoever has ended already cannot be ended.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// Whether somebody accepts connections at an address in a namespace.
pub(super) fn listens(namespace: &str, addresses: &[SocketAddr]) -> bool {
    let asks = || -> Result<bool, RealError> {
        namespaces::enter(namespace)?;
        Ok(addresses.iter().all(|address| TcpStream::connect_timeout(address, STEP).is_ok()))
    };
    thread::scope(|scope| scope.spawn(asks).join()).is_ok_and(|answer| answer.unwrap_or(false))
}
