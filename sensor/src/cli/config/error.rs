//! What is wrong with a configuration file.

use std::fmt;
use std::io;
use std::path::PathBuf;

use sensor::blocklists::BlocklistError;
use sensor::capture::FilterError;
use sensor::rulebook::RulebookError;

/// What is wrong with a configuration file.
#[derive(Debug)]
pub(in crate::cli) struct ConfigError {
    pub(in crate::cli) file: PathBuf,
    pub(in crate::cli) kind: Kind,
}

/// The mistake.
#[derive(Debug)]
pub(in crate::cli) enum Kind {
    /// It cannot be read.
    Read(io::Error),
    /// It is no TOML.
    Syntax(Box<toml::de::Error>),
    /// No option is called so.
    Unknown(String),
    /// The option takes no such kind of value.
    Value(String),
    /// In the words of the command line, which refuses it.
    Refused(String),
    /// The filter is none.
    Filter(FilterError),
    /// The rules that it names are wrong.
    Rules(RulebookError),
    /// A blocklist that it names is wrong.
    Blocklist(BlocklistError),
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.file.display())?;
        match &self.kind {
            Kind::Read(error) => error.fmt(f),
            Kind::Syntax(error) => write!(f, "{}", error.to_string().trim_end()),
            Kind::Unknown(key) => write!(f, "there is no option `{key}`"),
            Kind::Value(key) => write!(f, "`{key}` takes text, a number, true or false, or a list of texts or numbers"),
            Kind::Refused(words) => f.write_str(words),
            Kind::Filter(error) => error.fmt(f),
            Kind::Rules(error) => write!(f, "rules {error}"),
            Kind::Blocklist(error) => write!(f, "blocklist {error}"),
        }
    }
}

impl std::error::Error for ConfigError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.kind {
            Kind::Read(error) => Some(error),
            Kind::Syntax(error) => Some(error),
            Kind::Filter(error) => Some(error),
            Kind::Rules(error) => Some(error),
            Kind::Blocklist(error) => Some(error),
            Kind::Unknown(_) | Kind::Value(_) | Kind::Refused(_) => None,
        }
    }
}
