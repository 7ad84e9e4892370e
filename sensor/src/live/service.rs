//! `hushwire live`: from open interfaces to the last line written.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use dissectors::time::Time;
use rules::blocklist::{Matcher, MatcherLimits};
use rules::judge::{self, Judge};
use rules::vantage::Vantage;

use super::counters::Counters;
use super::desk::{Desk, Watcher};
use super::error::LiveError;
use super::privileges::{self, Given, PrivilegeError, Privileges, Reach};
use super::signals::Signals;
use super::source::LiveSource;
use super::tap;
use crate::blocklists::{self, BlocklistError};
use crate::desk::{self, Office};
use crate::engine::LossRecord;
use crate::output::{self, Anonymize, Anonymizer, KeyError, OutputError, Outputs, Rotation, Summary};
use crate::pipeline;
use crate::replay::{Limits, pipeline_options, summary_of};

/// What to capture, and how.
#[derive(Clone, Debug)]
pub struct Config {
    /// The interfaces.
    pub interfaces: Vec<String>,
    /// How to capture from them.
    pub capture: tap::Options,
    /// Where outputs go; without it, only the result is returned.
    pub output: Option<PathBuf>,
    /// When `eve.json` is closed and begun anew.
    pub rotation: Rotation,
    /// How often statistics are written.
    pub statistics: Option<Duration>,
    /// Threads that follow flows.
    pub workers: usize,
    /// Compute transport checksums, and believe them.
    pub checksums: bool,
    /// Write everything of every attempt.
    pub full: bool,
    /// Write soft alerts too.
    pub alert_soft: bool,
    /// Blocklists beside the built-in ones.
    pub blocklists: Vec<PathBuf>,
    /// Where the interfaces are, if that is known.
    pub vantage: Option<Vantage>,
    /// How to change the addresses in outputs, if they are not to be shown.
    pub anonymize: Option<Anonymize>,
    /// How much is remembered.
    pub limits: Limits,
    /// What the process gives up once the interfaces are open.
    pub privileges: Privileges,
}

/// What a capture came to.
#[derive(Debug)]
pub struct Finished {
    /// The run in numbers.
    pub summary: Summary,
    /// What the kernel counted of each interface.
    pub counters: Vec<(String, Counters)>,
    /// Things that went wrong.
    pub problems: u64,
}

/// Why a capture could not begin.
#[derive(Debug)]
pub enum ServiceError {
    /// An interface could not be opened.
    Live(LiveError),
    /// Privileges could not be given up.
    Privileges(PrivilegeError),
    /// A blocklist was refused.
    Blocklist(BlocklistError),
    /// The key of the pseudonyms was refused.
    Key(KeyError),
    /// The outputs could not be made.
    Output(OutputError),
}

impl fmt::Display for ServiceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Live(error) => error.fmt(f),
            Self::Privileges(error) => error.fmt(f),
            Self::Blocklist(error) => write!(f, "blocklist {error}"),
            Self::Key(error) => error.fmt(f),
            Self::Output(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for ServiceError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Live(error) => Some(error),
            Self::Privileges(error) => Some(error),
            Self::Blocklist(error) => Some(error),
            Self::Key(error) => Some(error),
            Self::Output(error) => Some(error),
        }
    }
}

/// Captures until a signal or an interface ends it.
///
/// # Errors
///
/// Where nothing could be begun. What goes wrong later is told to the watcher, and counted.
pub fn run(config: &Config, signals: &Signals, watcher: &mut dyn Watcher) -> Result<Finished, ServiceError> {
    let anonymizer = anonymizer(config, watcher)?;
    let mut source = LiveSource::open(&config.interfaces, &config.capture, signals).map_err(ServiceError::Live)?;
    source.report_every(config.statistics);
    give_up_privileges(config, watcher).map_err(ServiceError::Privileges)?;
    let mut office = office(config, anonymizer)?;
    watcher.note(&format_args!("listening on {}", source.name()));
    let (summary, mut problems) = follow(config, signals, &mut source, &mut office, watcher);
    if let Err(error) = office.outputs.finish(&summary) {
        watcher.problem(&error);
        problems += 1;
    }
    let counters = source.counters().map(|(name, counters)| (name.to_owned(), counters)).collect();
    Ok(Finished { summary, counters, problems })
}

/// Reads the key of the pseudonyms, before anything else is given up or begun: nobody else may read it.
fn anonymizer(config: &Config, watcher: &mut dyn Watcher) -> Result<Option<Anonymizer>, ServiceError> {
    let open = |how: &Anonymize| how.open(&mut |warning| watcher.problem(warning)).map_err(ServiceError::Key);
    config.anonymize.as_ref().map(open).transpose()
}

/// Gives up what opening the interfaces needed. Everything after it is done with what is left: a folder that cannot be
/// written to, or a blocklist that cannot be read, is known at once and not at the first rotation.
fn give_up_privileges(config: &Config, watcher: &mut dyn Watcher) -> Result<(), PrivilegeError> {
    let output = config.output.as_deref();
    let given = privileges::give_up(&config.privileges, Reach { output, read: &config.blocklists })?;
    let up: Vec<String> = given.iter().filter(|given| matches!(given, Given::Up(_))).map(Given::to_string).collect();
    if !up.is_empty() {
        watcher.note(&format_args!("confined: {}", up.join(", ")));
    }
    for given in given.iter().filter(|given| matches!(given, Given::Not(_))) {
        watcher.problem(given);
    }
    Ok(())
}

fn office(config: &Config, anonymizer: Option<Anonymizer>) -> Result<Office, ServiceError> {
    let list = Arc::new(blocklists::load(&config.blocklists).map_err(ServiceError::Blocklist)?);
    let options = output::Options {
        full: config.full,
        max_names: config.limits.names,
        rotation: config.rotation,
        anonymizer,
        ..output::Options::default()
    };
    let outputs = Outputs::create(config.output.as_deref(), options).map_err(ServiceError::Output)?;
    let judging = judge::Config { alert_soft: config.alert_soft, vantage: config.vantage, ..judge::Config::default() };
    let summary = Summary { anonymized: config.anonymize.as_ref().map(Anonymize::as_str), ..summary_of(&list) };
    let judge = Judge::new(judging, Some(Matcher::new(list, MatcherLimits::default())));
    Ok(Office { judge, outputs, summary })
}

/// Follows the capture to its end, and writes its last statistics.
fn follow(
    config: &Config,
    signals: &Signals,
    source: &mut LiveSource,
    office: &mut Office,
    watcher: &mut dyn Watcher,
) -> (Summary, u64) {
    let mut progress = |_: u64, _: u64| {};
    let mut desk = Desk {
        desk: desk::Desk::new(office, LossRecord::default(), &mut progress),
        watcher,
        blocklists: &config.blocklists,
        reload: &signals.reload,
        name: source.name().to_owned(),
        now: Time::default(),
        tended: Time::default(),
        problems: 0,
    };
    let options = pipeline_options(config.workers, config.checksums, &config.limits);
    let report = pipeline::run(source, None, &options, &mut desk);
    if let Some(error) = &report.error {
        desk.problem(error);
    }
    let (now, summary) = (desk.now, desk.summary(&report));
    if let Err(error) = desk.desk.office().outputs.stats(now, &summary) {
        desk.problem(&error);
    }
    (summary, desk.problems)
}
