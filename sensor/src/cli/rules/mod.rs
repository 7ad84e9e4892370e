//! `hushwire rules`: what the program finds, and which certificates it looks for.

mod check;
mod list;

use clap::Subcommand;

use super::exit::{Failure, Status};

/// Show the rules and the blocklist in force, or check files of them
#[derive(Debug, Subcommand)]
#[command(after_help = "Examples:\n  \
                  hushwire rules list\n  \
                  hushwire rules list --json | jq -r '.entries[] | select(.class == \"interception\") | .label'\n  \
                  hushwire rules check rules.toml my-roots.pem onecrl.json")]
pub(super) enum Command {
    List(list::Args),
    Check(check::Args),
}

impl Command {
    pub(super) fn run(self) -> Result<Status, Failure> {
        match self {
            Self::List(args) => list::run(&args),
            Self::Check(args) => check::run(&args),
        }
    }
}
