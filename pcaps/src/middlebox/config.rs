//! The box's configuration, a text of one statement a line:
//!
//! ```text
//! # link PORT INTERFACE MILLISECONDS HOPS      (PORT: client, server, interceptor)
//! link client west 5 4
//! # ACTION NAME                                (NAME: a server name, or *.NAME for all below it)
//! drop news.example
//! ```
//!
//! Every port needs its link. Rules apply in the order written. The text is handed in; no file is opened here.

use std::fmt;
use std::time::Duration;

use super::Port;
use super::rules::{NamePattern, Rules};

/// What lies between a port and the hosts behind it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// The network interface of the port.
    pub interface: String,
    /// How long a frame takes from the hosts to the box, and from the box to the hosts.
    pub delay: Duration,
    /// By how much TTL or hop limit falls on that way.
    pub hops: u8,
}

/// One link for each port.
pub struct Links {
    client: Link,
    server: Link,
    interceptor: Link,
}

impl Links {
    /// The link behind a port.
    pub fn of(&self, port: Port) -> &Link {
        match port {
            Port::Client => &self.client,
            Port::Server => &self.server,
            Port::Interceptor => &self.interceptor,
        }
    }
}

/// Everything that the box is told.
pub struct Config {
    /// Its links.
    pub links: Links,
    /// Its rules.
    pub rules: Rules,
}

/// Why a configuration was refused.
#[derive(Debug, PartialEq, Eq)]
pub enum ConfigError {
    /// This line (from 1) is neither a link nor a rule.
    Statement(usize),
    /// This line (from 1) names an action that does not exist.
    Action(usize, String),
    /// No link was given for this port.
    MissingLink(Port),
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Statement(line) => write!(f, "line {line}: expected `link PORT INTERFACE MS HOPS` or `ACTION NAME`"),
            Self::Action(line, action) => write!(f, "line {line}: there is no action `{action}`"),
            Self::MissingLink(port) => write!(f, "no link for the port {port:?}"),
        }
    }
}

impl std::error::Error for ConfigError {}

impl Config {
    /// Reads the text of a configuration.
    pub fn parse(text: &str) -> Result<Self, ConfigError> {
        let mut links: Vec<(Port, Link)> = Vec::new();
        let mut rules = Rules::default();
        for (line, statement) in text.lines().zip(1..).map(|(text, number): (&str, usize)| (number, text)) {
            let words: Vec<&str> = statement.split('#').next().unwrap_or_default().split_whitespace().collect();
            match words.as_slice() {
                [] => {}
                ["link", rest @ ..] => links.push(parse_link(rest).ok_or(ConfigError::Statement(line))?),
                [action, name] => add_rule(&mut rules, action, name, line)?,
                _ => return Err(ConfigError::Statement(line)),
            }
        }
        let mut take = |port| {
            let found = links.iter().position(|(known, _)| *known == port);
            found.map(|index| links.swap_remove(index).1).ok_or(ConfigError::MissingLink(port))
        };
        let links =
            Links { client: take(Port::Client)?, server: take(Port::Server)?, interceptor: take(Port::Interceptor)? };
        Ok(Self { links, rules })
    }
}

fn add_rule(rules: &mut Rules, action: &str, name: &str, line: usize) -> Result<(), ConfigError> {
    let Ok(pattern) = name.parse::<NamePattern>();
    if rules.add(action, pattern) { Ok(()) } else { Err(ConfigError::Action(line, action.to_owned())) }
}

fn parse_link(words: &[&str]) -> Option<(Port, Link)> {
    let [port, interface, delay, hops] = words else { return None };
    let port = match *port {
        "client" => Port::Client,
        "server" => Port::Server,
        "interceptor" => Port::Interceptor,
        _ => return None,
    };
    let link = Link {
        interface: (*interface).to_owned(),
        delay: Duration::from_millis(delay.parse().ok()?),
        hops: hops.parse().ok()?,
    };
    Some((port, link))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINKS: &str = "link client west 5 4\nlink server east 15 8 # far\n\nlink interceptor trap 1 2\n";

    #[test]
    fn links_and_rules_are_read() {
        let config = Config::parse(&format!("{LINKS}drop news.example\n")).unwrap();
        let server = Link { interface: "east".into(), delay: Duration::from_millis(15), hops: 8 };
        assert_eq!(config.links.of(Port::Server), &server);
        assert_eq!(config.rules.action_for("news.example").map(|action| action.name), Some("drop"));
    }

    #[test]
    fn errors_name_their_line() {
        for (text, expected) in [
            (format!("{LINKS}drop"), ConfigError::Statement(5)),
            (format!("{LINKS}link client west 5 400"), ConfigError::Statement(5)),
            (format!("{LINKS}link nobody west 5 4"), ConfigError::Statement(5)),
            (format!("{LINKS}throttle a.test"), ConfigError::Action(5, "throttle".into())),
            ("link client west 5 4".into(), ConfigError::MissingLink(Port::Server)),
        ] {
            assert_eq!(Config::parse(&text).err(), Some(expected), "{text}");
        }
    }
}
