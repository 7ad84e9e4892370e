//! Network namespaces that are ours: made, entered, and removed with everything that runs in them.

use std::fs::{self, File};
use std::io;
use std::path::Path;
use std::thread;
use std::time::Duration;

use nix::sched::{CloneFlags, setns};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::command::Command;
use super::error::RealError;
use super::process;
use super::topology::{PREFIX, Places};

/// Where `ip netns` keeps them.
const FOLDER: &str = "/run/netns";
/// How long programs are given to end when they are asked to, in steps of [`STEP`].
const STEPS: u32 = 20;
const STEP: Duration = Duration::from_millis(50);

/// The namespaces of a run, removed when this goes out of scope.
pub(super) struct Namespaces(Places);

impl Namespaces {
    /// Carries a plan out. If it fails half-way, what was made is removed.
    ///
    /// # Errors
    ///
    /// The command of the plan that failed.
    pub(super) fn make(places: Places, plan: &[Command]) -> Result<Self, RealError> {
        let made = Self(places);
        plan.iter().try_for_each(|command| process::run(command).map(drop))?;
        Ok(made)
    }

    /// Their names.
    pub(super) fn places(&self) -> &Places {
        &self.0
    }

    /// Asks everything to end that runs in the namespace of this name, and waits for it.
    pub(super) fn quiet(name: &str) {
        for step in 0..=STEPS {
            let processes = inhabitants(name);
            if processes.is_empty() {
                return;
            }
            let signal = if step == STEPS { Signal::SIGKILL } else { Signal::SIGTERM };
            if step == 0 || step == STEPS {
                for process in processes {
                    // One that ended in the meantime needs no signal.
                    let _ = kill(process, signal);
                }
            }
            thread::sleep(STEP);
        }
    }
}

impl Drop for Namespaces {
    fn drop(&mut self) {
        self.0.all().for_each(remove);
    }
}

/// Removes what runs of processes that are no more left behind; the names of what was removed.
pub fn sweep() -> Vec<String> {
    let left: Vec<String> =
        names().into_iter().filter(|name| owner(name).is_some_and(|owner| !is_alive(owner))).collect();
    left.iter().for_each(|name| remove(name));
    left
}

/// Moves the calling thread, and threads that it starts, into a namespace.
///
/// # Errors
///
/// If there is none of this name, or it may not be entered.
pub(super) fn enter(name: &str) -> Result<(), RealError> {
    let entered = File::open(Path::new(FOLDER).join(name))
        .and_then(|file| setns(file, CloneFlags::CLONE_NEWNET).map_err(io::Error::from));
    entered.map_err(|error| RealError::Namespace(name.to_owned(), error))
}

/// Removes a namespace, if it is there.
fn remove(name: &str) {
    if Path::new(FOLDER).join(name).exists() {
        Namespaces::quiet(name);
        // Nothing is left to be done about one that cannot be removed; the next run will find it.
        let _ = process::run(&Command::new("ip netns del").arg(name));
    }
}

/// The processes in a namespace.
fn inhabitants(name: &str) -> Vec<Pid> {
    let told = process::run(&Command::new("ip netns pids").arg(name)).unwrap_or_default();
    let numbers =
        String::from_utf8_lossy(&told).split_whitespace().filter_map(|word| word.parse().ok()).collect::<Vec<_>>();
    numbers.into_iter().map(Pid::from_raw).collect()
}

/// Every namespace there is.
fn names() -> Vec<String> {
    let entries = fs::read_dir(FOLDER).into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.file_name().into_string().ok()).collect()
}

/// The process that made a namespace of ours.
fn owner(name: &str) -> Option<u32> {
    name.strip_prefix(PREFIX)?.split_once('-')?.0.parse().ok()
}

/// Whether there is a process of this number. If it is another by now, its namesake's leftovers stay until it has ended.
fn is_alive(process: u32) -> bool {
    Path::new("/proc").join(process.to_string()).exists()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_namespaces_of_a_lab_have_an_owner() {
        assert_eq!(owner("hushwire-lab-4711-client"), Some(4711));
        for foreign in ["hushwire-4711-client", "hushwire-lab-x-client", "hushwire-lab-1", "default"] {
            assert_eq!(owner(foreign), None, "{foreign}");
        }
        assert!(is_alive(std::process::id()));
        assert!(!is_alive(u32::MAX));
    }
}
