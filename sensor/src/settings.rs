//! What a run over files and one over interfaces have in common: how attempts are followed, judged and written.

use std::fmt;
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::sync::Arc;

use dissectors::decode::{self, Checksums};
use dissectors::flow;
use dissectors::tls::KeyLog;
use rules::judge::{self, Judge};
use rules::vantage::Vantage;

use crate::blocklists::{self, BlocklistError};
use crate::desk::Office;
use crate::engine::SHARDS;
use crate::limits::Limits;
use crate::opinions::Opinions;
use crate::output::{self, Anonymize, Anonymizer, KeyError, OutputError, Outputs, Rotation, Summary};
use crate::pipeline;
use crate::rulebook::{self, RulebookError};

/// How attempts are followed, judged and written.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// Where outputs go; without it, everything is computed and only the result is returned.
    pub output: Option<PathBuf>,
    /// Write everything of every attempt.
    pub full: bool,
    /// How to change the addresses in outputs, if they are not to be shown.
    pub anonymize: Option<Anonymize>,
    /// Compute transport checksums, and believe them.
    pub checksums: bool,
    /// Write soft alerts too.
    pub alert_soft: bool,
    /// A file that changes the built-in rules.
    pub rules: Option<PathBuf>,
    /// Blocklists beside the built-in ones.
    pub blocklists: Vec<PathBuf>,
    /// Where the capture is made, if that is known.
    pub vantage: Option<Vantage>,
    /// Threads that follow flows.
    pub workers: usize,
    /// How much is remembered.
    pub limits: Limits,
}

/// Why settings cannot be followed.
#[derive(Debug)]
pub enum SettingsError {
    /// The rules were refused.
    Rules(RulebookError),
    /// A blocklist was refused.
    Blocklist(BlocklistError),
    /// The key of the pseudonyms was refused.
    Key(KeyError),
    /// The outputs could not be made.
    Output(OutputError),
}

impl fmt::Display for SettingsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rules(error) => write!(f, "rules {error}"),
            Self::Blocklist(error) => write!(f, "blocklist {error}"),
            Self::Key(error) => error.fmt(f),
            Self::Output(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for SettingsError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Rules(error) => Some(error),
            Self::Blocklist(error) => Some(error),
            Self::Key(error) => Some(error),
            Self::Output(error) => Some(error),
        }
    }
}

impl Settings {
    /// Reads rules and blocklists. If anything in them cannot be understood, nothing is taken.
    pub(crate) fn opinions(&self) -> Result<Opinions, SettingsError> {
        let rules = rulebook::load(self.rules.as_deref()).map_err(SettingsError::Rules)?;
        let list = blocklists::load(&self.blocklists).map_err(SettingsError::Blocklist)?;
        Ok(Opinions::new(rules, list))
    }

    /// The files and folders that opinions are read from.
    pub(crate) fn opinion_files(&self) -> impl Iterator<Item = &PathBuf> {
        self.rules.iter().chain(&self.blocklists)
    }

    /// Reads the key of the pseudonyms, if there is to be one; `warn` hears what is unwise about it.
    pub(crate) fn anonymizer(
        &self,
        warn: &mut dyn FnMut(&dyn fmt::Display),
    ) -> Result<Option<Anonymizer>, SettingsError> {
        self.anonymize.as_ref().map(|how| how.open(warn)).transpose().map_err(SettingsError::Key)
    }

    /// Makes what judges and writes.
    pub(crate) fn office(&self, anonymizer: Option<Anonymizer>, rotation: Rotation) -> Result<Office, SettingsError> {
        let opinions = self.opinions()?;
        let options = output::Options {
            full: self.full,
            max_names: self.limits.names,
            shown_certificates: self.limits.shown,
            leaves: self.limits.leaves,
            rotation,
            anonymizer,
            ..output::Options::default()
        };
        let outputs = Outputs::create(self.output.as_deref(), options).map_err(SettingsError::Output)?;
        let judging = judge::Config {
            alert_soft: self.alert_soft,
            vantage: self.vantage,
            max_standing: self.limits.standing,
            matching: self.limits.matching,
            ..judge::Config::default()
        };
        let anonymized = self.anonymize.as_ref().map(Anonymize::as_str);
        let summary = Summary { version: env!("CARGO_PKG_VERSION"), anonymized, ..Summary::default() };
        let mut office = Office { judge: Judge::new(judging), outputs, summary };
        opinions.apply(&mut office);
        Ok(office)
    }

    /// How the pipeline runs. Limits are per shard, so that what is reached does not depend on the number of workers.
    pub(crate) fn pipeline(&self) -> pipeline::Options {
        let per_shard = |limit: u32| NonZeroU32::new(limit.div_ceil(SHARDS as u32)).unwrap_or(NonZeroU32::MIN);
        let checksums = if self.checksums { Checksums::Transport } else { Checksums::default() };
        pipeline::Options {
            workers: self.workers,
            decode: decode::Options { checksums, fragments: self.limits.fragments },
            flows: flow::Config {
                handshakes: per_shard(self.limits.handshakes),
                settled: per_shard(self.limits.settled),
                buffered: self.limits.buffered.div_ceil(SHARDS),
                syns: per_shard(self.limits.syns),
                servers: self.limits.servers.div_ceil(SHARDS),
                certificates: self.limits.certificates,
                fingerprints: self.limits.fingerprints,
                quic_keys: self.limits.quic_keys.div_ceil(SHARDS),
                ..flow::Config::default()
            },
            keys: Arc::new(KeyLog::new(self.limits.sessions)),
            batches: self.limits.batches,
            ..pipeline::Options::default()
        }
    }
}
