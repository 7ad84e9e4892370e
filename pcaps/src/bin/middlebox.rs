//! Runs a scenario's path and box between real interfaces: `middlebox SCENARIO INSIDE OUTSIDE [INTERCEPTOR]`.
//!
//! Frames are delayed, lost and aged as the scenario's links say. Decisions go to standard output, one comma-separated
//! line for each flow that was decided. Runs until it is killed.

use std::io::Write;
use std::process::ExitCode;
use std::sync::Arc;
use std::{env, fs, io};

use pcaps::lab::network::Network;
use pcaps::lab::real::{LiveBox, RealError, now};
use pcaps::lab::scenario::Scenario;
use pcaps::middlebox::{Decision, Port};

type Error = Box<dyn std::error::Error>;

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
    let network = Network::new(&scenario, now()).unrecorded();
    let live = LiveBox::open(network, interfaces.iter().map(String::as_str), Arc::default())?;
    writeln!(io::stdout(), "{}", Decision::FIELDS)?;
    live.run(|decision| writeln!(io::stdout(), "{decision}").map_err(RealError::Told))?;
    Ok(())
}
