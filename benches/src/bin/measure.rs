//! Compares what commands cost over a capture.

use std::ffi::OsString;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use benches::measure::{self, Contender, Row};
use clap::{Parser, Subcommand};

/// Compare what commands cost over a capture
#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run commands side by side, and print a table of medians
    Compare {
        /// The capture
        capture: PathBuf,
        /// The table's title
        #[arg(long)]
        title: String,
        /// Rounds in which each command runs once
        #[arg(long, default_value_t = 5)]
        rounds: usize,
        /// A command as `name=program argument… {}`, where {} stands for the capture; the first is the reference
        #[arg(long = "run", required = true, value_parser = contender)]
        runs: Vec<Contender>,
        /// Also run tcpdump, argus, ndpiReader and tshark where they are installed
        #[arg(long)]
        peers: bool,
    },
    /// Run one command and print its cost (used by `compare`)
    #[command(hide = true)]
    Alone {
        /// The command
        #[arg(last = true)]
        command: Vec<OsString>,
    },
}

fn contender(text: &str) -> Result<Contender, String> {
    Contender::typed(text).ok_or_else(|| "expected name=program argument… {}".to_owned())
}

fn main() -> ExitCode {
    match run(Arguments::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(2)
        }
    }
}

fn run(command: Command) -> io::Result<()> {
    let text = match command {
        Command::Alone { command } => measure::measure_alone(&command)? + "\n",
        Command::Compare { capture, title, rounds, mut runs, peers } => {
            if peers {
                runs.extend(measure::on_path());
            }
            measure::table(&title, &Row::all(&measure::rounds(runs, &capture, rounds)?))
        }
    };
    io::stdout().write_all(text.as_bytes())
}
