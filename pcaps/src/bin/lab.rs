//! Rebuilds censors on one machine: `lab run SCENARIO…`.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use clap::{Parser, Subcommand};
use pcaps::lab::real;
use pcaps::lab::run::{self, Judged};
use pcaps::lab::scenario::{Program, Scenario};
use pcaps::lab::table;
use sensor::score::expect::Conditions;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::flag;

type Error = Box<dyn std::error::Error>;

/// Rebuilds a censor on one machine and lets hushwire be the judge.
#[derive(Debug, Parser)]
#[command(
    name = "lab",
    version,
    after_help = "Example:\n  lab run pcaps/scenarios/gfw.toml --judge --expect 'reset_after_hello>=0.99, false=0'\n\n\
                  pcaps/README.md teaches to write a scenario."
)]
struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Run(RunArgs),
    Check(CheckArgs),
    /// Remove the network namespaces of real runs that were killed (the next real run does so too)
    Clean,
}

/// Play scenarios, in virtual time or between real programs: captures for each vantage point, and labels
///
/// Exit status: 0 done, 1 a condition does not hold, 2 a scenario or a file is wrong.
#[derive(Debug, clap::Args)]
struct RunArgs {
    /// Scenario files
    #[arg(required = true)]
    scenarios: Vec<PathBuf>,

    /// Where each scenario gets a folder of its own
    #[arg(short, long, default_value = "out/lab", value_name = "DIR")]
    output: PathBuf,

    /// Another seed than the scenario's own: other ports, times and draws
    #[arg(long)]
    seed: Option<String>,

    /// Play between real programs in network namespaces of our own, in real time: needs root
    #[arg(long)]
    real: bool,

    /// With --real: where this machine or user cannot, say so and go on
    #[arg(long, requires = "real")]
    where_possible: bool,

    /// With --real: what intercepts, whatever the scenario says
    #[arg(long, value_name = "PROGRAM", requires = "real")]
    interceptor: Option<Program>,

    /// Let hushwire judge each capture, and hold what it tells against the labels
    #[arg(long)]
    judge: bool,

    /// Conditions on what is told at the client, beside the scenario's own: silence_after_hello>=0.99, false=0
    #[arg(long, value_name = "CONDITIONS", requires = "judge")]
    expect: Option<Conditions>,

    /// Print no matrix of what was done and told
    #[arg(short, long)]
    quiet: bool,
}

/// Check scenario files without playing them
#[derive(Debug, clap::Args)]
struct CheckArgs {
    /// Scenario files
    #[arg(required = true)]
    scenarios: Vec<PathBuf>,
}

fn main() -> ExitCode {
    let done = match Args::parse().command {
        Command::Run(args) => run(&args),
        Command::Check(args) => check(&args),
        Command::Clean => clean(),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        // Whoever read the output has read enough of it.
        Err(error) if is_broken_pipe(error.as_ref()) => ExitCode::SUCCESS,
        Err(error) => {
            // Where standard error is closed there is nobody left to tell.
            let _ = writeln!(io::stderr(), "lab: {error}");
            ExitCode::from(2)
        }
    }
}

fn is_broken_pipe(error: &(dyn std::error::Error + 'static)) -> bool {
    error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}

fn read(path: &Path) -> Result<Scenario, Error> {
    let text = fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(Scenario::parse(&path.to_string_lossy(), &text)?)
}

fn check(args: &CheckArgs) -> Result<bool, Error> {
    for path in &args.scenarios {
        let scenario = read(path)?;
        writeln!(io::stdout(), "{}: {} rules, no errors", path.display(), scenario.middlebox.rules.len())?;
    }
    Ok(true)
}

/// Plays every scenario; whether all conditions hold.
fn run(args: &RunArgs) -> Result<bool, Error> {
    let scenarios: Vec<(&PathBuf, Scenario)> =
        args.scenarios.iter().map(|path| Ok((path, read(path)?))).collect::<Result<_, Error>>()?;
    let stop = if args.real { stopped_by_signals()? } else { Arc::default() };
    let mut table = Vec::new();
    for (path, scenario) in scenarios {
        let name = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
        if let (true, Some(why)) = (args.real, &scenario.real.impossible) {
            writeln!(io::stdout(), "{name}: not between real programs: {why}")?;
            continue;
        }
        if let (true, Err(error)) = (args.where_possible, real::check_means(&scenario)) {
            writeln!(io::stdout(), "{name}: not between real programs: {error}")?;
            continue;
        }
        let (name, folder) = match args.real {
            true => (format!("{name} (real)"), args.output.join(format!("{name}-real"))),
            false => (name.clone(), args.output.join(&name)),
        };
        let scenario = play(args, scenario, &folder, &stop)?;
        if args.judge {
            let judged = judge(args, &scenario, &folder)?;
            table.push((name, judged));
        }
    }
    if args.judge {
        write!(io::stdout(), "{}", table::of(&table))?;
    }
    Ok(table.iter().flat_map(|(_, judged)| judged).all(|judged| judged.broken.is_empty()))
}

/// Plays one scenario as the arguments say; the scenario as it was played.
fn play(args: &RunArgs, mut scenario: Scenario, folder: &Path, stop: &AtomicBool) -> Result<Scenario, Error> {
    scenario.seed = args.seed.clone().unwrap_or(scenario.seed);
    scenario.real.interceptor = args.interceptor.unwrap_or(scenario.real.interceptor);
    match args.real {
        true => match run::play_real(&scenario, folder, stop)? {
            0 => {}
            left => writeln!(
                io::stdout(),
                "{}: {left} connections left out (pcaps/README.md says which)",
                folder.display()
            )?,
        },
        false => run::play(&scenario, folder)?,
    }
    Ok(scenario)
}

/// A flag that is set once somebody asks for an end, so that everything can be put away first.
fn stopped_by_signals() -> Result<Arc<AtomicBool>, Error> {
    let stop = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM, SIGHUP] {
        flag::register(signal, Arc::clone(&stop))?;
    }
    Ok(stop)
}

/// Removes what real runs left behind that were killed.
fn clean() -> Result<bool, Error> {
    for name in real::sweep() {
        writeln!(io::stdout(), "removed the network namespace {name}")?;
    }
    Ok(true)
}

fn judge(args: &RunArgs, scenario: &Scenario, folder: &Path) -> Result<Vec<Judged>, Error> {
    let asked = args.expect.clone().unwrap_or_default();
    let judged = run::judge(scenario, folder, &asked)?;
    let mut out = io::stdout().lock();
    for Judged { point, score, broken } in &judged {
        if !args.quiet {
            writeln!(out, "{} at {}\n{}{}", folder.display(), point.as_str(), score.matrix(), score.rates())?;
        }
        for condition in broken {
            writeln!(out, "{} at {}: {condition}", folder.display(), point.as_str())?;
        }
    }
    Ok(judged)
}
