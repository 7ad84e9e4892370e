//! `hushwire live`: from open interfaces to the last line written.

use std::fmt;
use std::path::PathBuf;
use std::sync::mpsc::Receiver;
use std::time::Duration;

use dissectors::time::Time;

use super::counters::Counters;
use super::desk::{Desk, Watcher};
use super::error::LiveError;
use super::keys::{KeyFile, News};
use super::privileges::{self, Given, PrivilegeError, Privileges, Reach};
use super::readers::Readers;
use super::signals::Signals;
use super::tap;
use crate::desk::{self, Office};
use crate::engine::LossRecord;
use crate::keylog::KeyLogError;
use crate::output::{Rotation, Summary};
use crate::pipeline;
use crate::settings::{Settings, SettingsError};

/// What to capture, and how.
#[derive(Clone, Debug)]
pub struct Config {
    /// The interfaces.
    pub interfaces: Vec<String>,
    /// How to capture from them.
    pub capture: tap::Options,
    /// Whether as many threads capture as follow flows, each its share of the frames.
    pub fanout: bool,
    /// Whether fewer flows are followed while the kernel loses frames.
    pub shed: bool,
    /// When `eve.json` is closed and begun anew.
    pub rotation: Rotation,
    /// A TLS key log, which may grow: what it has keys for is decrypted as far as the server's certificates.
    pub keylog: Option<PathBuf>,
    /// How often statistics are written.
    pub statistics: Option<Duration>,
    /// How attempts are followed, judged and written.
    pub settings: Settings,
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
    /// The key log was refused.
    KeyLog(KeyLogError),
    /// A file that is named, or the folder for outputs, cannot be used.
    Settings(SettingsError),
}

impl fmt::Display for ServiceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Live(error) => error.fmt(f),
            Self::Privileges(error) => error.fmt(f),
            Self::KeyLog(error) => write!(f, "key log {error}"),
            Self::Settings(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for ServiceError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Live(error) => Some(error),
            Self::Privileges(error) => Some(error),
            Self::KeyLog(error) => Some(error),
            Self::Settings(error) => Some(error),
        }
    }
}

/// Captures until a signal or an interface ends it.
///
/// # Errors
///
/// Where nothing could be begun. What goes wrong later is told to the watcher, and counted.
pub fn run(config: &Config, signals: &Signals, watcher: &mut dyn Watcher) -> Result<Finished, ServiceError> {
    // The key of the pseudonyms and the keys of sessions are read before anything is given up: nobody else may read them.
    let anonymizer = config.settings.anonymizer(&mut |warning| watcher.problem(warning));
    let anonymizer = anonymizer.map_err(ServiceError::Settings)?;
    let keys = config.keylog.as_deref().map(KeyFile::open).transpose().map_err(ServiceError::KeyLog)?;
    let wanted = if config.fanout { config.settings.workers } else { 1 };
    let readers = Readers::open(&config.interfaces, &config.capture, signals, wanted);
    let mut readers = readers.map_err(ServiceError::Live)?;
    readers.report_every(config.statistics);
    let key_news = keys.map(|(keys, news)| {
        readers.follow_keys(keys);
        news
    });
    give_up_privileges(config, watcher).map_err(ServiceError::Privileges)?;
    let mut office = config.settings.office(anonymizer, config.rotation).map_err(ServiceError::Settings)?;
    watcher.note(&format_args!("listening on {}{}", readers.name(), shared(readers.count())));
    let (summary, mut problems) = follow(config, signals, &mut readers, &mut office, key_news.as_ref(), watcher);
    if let Err(error) = office.outputs.finish(&summary) {
        watcher.problem(&error);
        problems += 1;
    }
    Ok(Finished { summary, counters: readers.counters(), problems })
}

fn shared(readers: usize) -> String {
    if readers > 1 { format!(", shared out among {readers} threads") } else { String::new() }
}

/// Gives up what opening the interfaces needed. Everything after it is done with what is left: a folder that cannot be
/// written to, or a blocklist that cannot be read, is known at once and not at the first rotation.
fn give_up_privileges(config: &Config, watcher: &mut dyn Watcher) -> Result<(), PrivilegeError> {
    let output = config.settings.output.as_deref();
    let read: Vec<PathBuf> = config.settings.opinion_files().chain(&config.keylog).cloned().collect();
    let given = privileges::give_up(&config.privileges, Reach { output, read: &read })?;
    let up: Vec<String> = given.iter().filter(|given| matches!(given, Given::Up(_))).map(Given::to_string).collect();
    if !up.is_empty() {
        watcher.note(&format_args!("confined: {}", up.join(", ")));
    }
    for given in given.iter().filter(|given| matches!(given, Given::Not(_))) {
        watcher.problem(given);
    }
    Ok(())
}

/// Follows the capture to its end, and writes its last statistics.
fn follow(
    config: &Config,
    signals: &Signals,
    readers: &mut Readers,
    office: &mut Office,
    key_news: Option<&Receiver<News>>,
    watcher: &mut dyn Watcher,
) -> (Summary, u64) {
    let mut progress = |_: u64, _: u64| {};
    let loss = LossRecord::default().remembering(config.settings.limits.clients);
    let mut desk = Desk {
        desk: desk::Desk::new(office, loss, &mut progress),
        watcher,
        settings: &config.settings,
        reload: &signals.reload,
        key_news,
        name: readers.name().to_owned(),
        now: Time::default(),
        tended: Time::default(),
        problems: 0,
    };
    let report = readers.run(&pipeline::Options { shed: config.shed, ..config.settings.pipeline() }, &mut desk);
    if let Some(error) = &report.error {
        desk.problem(error);
    }
    let (now, summary) = (desk.now, desk.summary(&report));
    if let Err(error) = desk.desk.office().outputs.stats(now, &summary) {
        desk.problem(&error);
    }
    (summary, desk.problems)
}
