//! The options that `replay` and `live` share, and what they mean.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::thread;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use rules::vantage::Vantage;
use sensor::engine::SHARDS;
use sensor::settings::Settings;

use super::anonymize::AnonymizeArgs;
use super::limits::LimitsArgs;

/// Options of both.
#[derive(Debug, clap::Args)]
pub(super) struct SettingsArgs {
    /// Skip packets with wrong checksums
    ///
    /// They are otherwise only counted: network cards compute checksums after packets were captured.
    #[arg(long, help_heading = "Input")]
    checksums: bool,

    /// Folder for eve.json, sni.csv, sni.json and summary.json; made if missing
    #[arg(short, long, value_name = "DIR", help_heading = "Output")]
    pub(super) output: Option<PathBuf>,

    /// Write the whole story of healthy attempts too
    #[arg(long, requires = "output", help_heading = "Output")]
    full: bool,

    #[command(flatten)]
    anonymize: AnonymizeArgs,

    /// Alert on soft findings too: silences of 3 to 10 s, resets without proof of injection
    #[arg(long, help_heading = "Judging")]
    alert_soft: bool,

    /// Rules that switch detectors off, set severities and numbers, or name injectors, in TOML
    ///
    /// `hushwire rules list` shows what can be changed, `hushwire rules check FILE` finds mistakes.
    #[arg(long, value_name = "FILE", help_heading = "Judging")]
    rules: Option<PathBuf>,

    /// Certificates, keys and names to look for in chains, beside the built-in ones; a file or a folder, repeatable
    #[arg(long = "blocklist", value_name = "PATH", help_heading = "Judging")]
    blocklists: Vec<PathBuf>,

    /// Where the capture is made, if you know better than the round trips
    #[arg(long, value_name = "PLACE", value_parser = vantages(), help_heading = "Judging")]
    vantage: Option<Vantage>,

    /// Threads that follow flows; the results are the same for any number [default: one a core]
    #[arg(long, value_name = "N", help_heading = "Limits")]
    workers: Option<NonZeroUsize>,

    #[command(flatten)]
    limits: LimitsArgs,
}

/// The places that one can know; `unknown` is what estimates say.
fn vantages() -> impl TypedValueParser<Value = Vantage> {
    let known = Vantage::ALL.iter().filter(|vantage| **vantage != Vantage::Unknown);
    PossibleValuesParser::new(known.map(|vantage| vantage.as_str())).try_map(|word| word.parse::<Vantage>())
}

impl SettingsArgs {
    /// What was meant.
    pub(super) fn meant(&self) -> Settings {
        Settings {
            output: self.output.clone(),
            full: self.full,
            anonymize: self.anonymize.meant(),
            checksums: self.checksums,
            alert_soft: self.alert_soft,
            rules: self.rules.clone(),
            blocklists: self.blocklists.clone(),
            vantage: self.vantage,
            workers: self.workers.map_or_else(cores, NonZeroUsize::get).min(SHARDS),
            limits: self.limits.meant(),
        }
    }
}

fn cores() -> usize {
    thread::available_parallelism().map_or(1, NonZeroUsize::get)
}
