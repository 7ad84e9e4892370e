//! A scenario between real programs: Linux network namespaces, real kernels' TCP, nginx, curl, openssl, mitmproxy, and
//! our own path and box between them in user space.
//!
//! What is to be run is data ([`topology`], [`servers`], [`clients`]); [`process`] is the one place that runs it. Nothing
//! outside the namespaces that are made here is touched, and they are removed whatever happens. Needs root.

mod clients;
mod clock;
mod command;
mod crowd;
mod daemons;
mod error;
mod front;
mod hosts;
mod keys;
mod live_box;
mod middle;
mod namespaces;
mod process;
mod servers;
mod topology;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use caps::{CapSet, Capability};

use self::crowd::Crowd;
use self::hosts::Hosts;
use self::middle::Middle;
use self::namespaces::Namespaces;
use self::topology::Places;
use super::played::Played;
use super::point::Point;
use super::scenario::{Program, Scenario};
use crate::middlebox::law::milliseconds;

pub use clock::now;
pub use error::RealError;
pub use live_box::LiveBox;
pub use namespaces::sweep;

/// The folder, beside the captures, of keys, configurations and of what programs said.
const WORK: &str = "hosts";
/// The program that speaks QUIC and cuts hellos.
const PEER: &str = "lab-peer";
/// How often is looked whether to go on.
const STEP: Duration = Duration::from_millis(50);

/// Plays a scenario that begins now with real hosts, and captures at the hosts into `folder`. Ends early, with an error,
/// if `stop` is set.
///
/// # Errors
///
/// If this may not or cannot be done here, or a program fails.
pub fn play(scenario: &Scenario, folder: &Path, stop: &AtomicBool) -> Result<Played, RealError> {
    check_means(scenario)?;
    sweep();
    let work = folder.join(WORK);
    fs::create_dir_all(&work).map_err(RealError::file(&work))?;
    let work = work.canonicalize().map_err(RealError::file(&work))?;
    let places = Places::of(std::process::id(), scenario.interceptor.is_some());
    let plan = topology::plan(scenario, &places);
    let made = Namespaces::make(places, &plan)?;
    let places = made.places();
    let (mut hosts, kit) = Hosts::start(scenario, places, &work)?;
    hosts.capture(folder)?;
    // The box counts its rules' seconds from here, and the first client begins now.
    let middle = Middle::start(scenario, places)?;
    let mut check = || match stop.load(Ordering::Relaxed) {
        true => Err(RealError::Interrupted),
        false if middle.is_gone() => Err(RealError::BoxGone),
        false => hosts.daemons.check(),
    };
    let connections = Crowd::new(scenario, places, &kit, work.join("clients.said")).run(&mut check)?;
    wait(milliseconds(scenario.real.lingers * 1e3), &mut check)?;
    Namespaces::quiet(&places.inside);
    Namespaces::quiet(&places.outside);
    let (network, decisions) = middle.end()?;
    let (forgotten, mut captures) = (network.forgotten(), network.into_captures());
    captures.retain(|(point, _)| matches!(point, Point::Middle | Point::Beyond));
    Ok(Played { captures, decisions, connections, interception_root: hosts.interception_root.take(), forgotten })
}

/// Our own peer, which is built only where it is asked for, beside this program.
pub fn peer() -> Option<PathBuf> {
    let beside = std::env::current_exe().ok()?.with_file_name(PEER);
    beside.is_file().then_some(beside)
}

/// Whether this machine and user can do it.
///
/// # Errors
///
/// What is missing.
pub fn check_means(scenario: &Scenario) -> Result<(), RealError> {
    let may = |capability| caps::has_cap(None, CapSet::Effective, capability).unwrap_or(false);
    if ![Capability::CAP_SYS_ADMIN, Capability::CAP_NET_ADMIN].into_iter().all(may) {
        return Err(RealError::NotRoot);
    }
    let mitmproxy = scenario.interceptor.is_some() && scenario.real.interceptor == Program::Mitmproxy;
    let needed = ["ip", "ethtool", "sysctl", "timeout", "tcpdump", "nginx", "openssl", "curl"].into_iter();
    let needed = needed.chain(mitmproxy.then_some("mitmdump"));
    let missing: Vec<String> = needed.filter(|program| process::find(program).is_none()).map(str::to_owned).collect();
    if missing.is_empty() { Ok(()) } else { Err(RealError::Missing(missing)) }
}

fn wait(span: Duration, check: &mut impl FnMut() -> Result<(), RealError>) -> Result<(), RealError> {
    let until = now().after(span);
    while now() < until {
        check()?;
        thread::sleep(STEP);
    }
    Ok(())
}

#[cfg(test)]
mod tests;
