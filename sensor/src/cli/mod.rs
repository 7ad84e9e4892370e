//! The command line: what was typed, what it means, and what the person reads of it.
//!
//! Each command is one module with its arguments and its `run`. Nothing here knows what is inside a capture.

mod anonymize;
mod config;
mod exit;
mod interfaces;
mod limits;
mod live;
mod replay;
mod rules;
mod score;
mod settings;
mod style;
mod table;

use std::env;
use std::io::Write as _;
use std::os::fd::AsFd;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use exit::{Failure, Status};

/// Says which TLS handshakes of a capture were silenced, reset or intercepted, and why.
#[derive(Debug, Parser)]
#[command(
    name = "hushwire",
    version,
    about = "Finds TLS interference in captured packets",
    long_about = "hushwire follows every TLS and QUIC handshake of a capture and says, with its evidence, which ones were \
                  silenced, reset or intercepted, and for which server names that happens again and again. It reads \
                  packets and sends none.",
    after_help = "Examples:\n  \
                  hushwire replay capture.pcap -o out\n  \
                  hushwire live -i eth0 -o out\n  \
                  hushwire rules list\n\n\
                  `hushwire help replay` teaches the rest.",
    propagate_version = true
)]
struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Replay(Box<replay::Args>),
    Live(Box<live::Args>),
    Interfaces(interfaces::Args),
    #[command(subcommand)]
    Config(config::Command),
    #[command(subcommand)]
    Rules(rules::Command),
    Score(score::Args),
}

impl Command {
    fn run(self) -> Result<Status, Failure> {
        match self {
            Self::Replay(args) => replay::run(&args),
            // Before what was typed stand the names of the program and of the command.
            Self::Live(args) => live::run(&config::completed(*args, &env::args_os().skip(2).collect::<Vec<_>>())?),
            Self::Interfaces(args) => interfaces::run(&args),
            Self::Config(command) => command.run(),
            Self::Rules(command) => command.run(),
            Self::Score(args) => score::run(&args),
        }
    }
}

/// Runs the command that was typed, and says how it ended.
pub(crate) fn main() -> ExitCode {
    let status = Args::parse().command.run().unwrap_or_else(|failure| {
        if !failure.is_broken_pipe() {
            complain(&failure);
        }
        failure.status()
    });
    status.into()
}

/// One sentence on standard error. Where that is closed there is nobody left to tell.
fn complain(what: &dyn std::fmt::Display) {
    let _ = writeln!(std::io::stderr(), "hushwire: {what}");
}

/// Characters to a line where no terminal says how many: a comfortable page.
const WIDTH: usize = 100;

/// Characters to a line of the terminal behind `output`.
fn width_of(output: &impl AsFd) -> usize {
    terminal_size::terminal_size_of(output).map_or(WIDTH, |(width, _)| usize::from(width.0))
}
