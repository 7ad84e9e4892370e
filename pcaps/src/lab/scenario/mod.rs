//! Scenario files: who talks to whom, over what path, what the box does, and what should be seen of it.
//!
//! TOML, read strictly: a key that is not known is refused, and every error names the file's line. This is data only;
//! nothing here sends a packet.

mod check;
mod date;
mod error;
mod hosts;
mod real;

use dissectors::time::Time;
use serde::Deserialize;
use toml::Spanned;

use super::path::Link;
use super::point::Point;
use crate::middlebox::config::Config;

pub use date::Date;
pub use error::ScenarioError;
pub use hosts::{Browser, Interceptor, Period, Rate, Server, Side, TlsVersion, Traffic};
pub use real::{Program, Real};

/// When a scenario begins that does not say: 2026-03-02 12:00:00 UTC.
const BEGINS: Time = Time(1_772_452_800_000_000_000);

/// A scenario.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Scenario {
    /// What it shows, in a sentence.
    pub about: String,
    /// Where what it plays is described.
    pub sources: Vec<String>,
    /// The moment at which it begins.
    begins: Option<Date>,
    /// Chance follows from it: the same scenario and seed give the same bytes.
    #[serde(default)]
    pub seed: String,
    /// When the captures end, in seconds from the beginning; without it, when nothing happens any more.
    pub ends: Option<f64>,
    /// The way between clients and servers.
    #[serde(default)]
    pub path: Path,
    /// Who answers.
    #[serde(rename = "server")]
    pub servers: Vec<Server>,
    /// Who asks.
    pub traffic: Vec<Traffic>,
    /// What stands between.
    #[serde(default)]
    pub middlebox: Config,
    /// Who answers in the servers' place where the box hands connections over.
    pub interceptor: Option<Interceptor>,
    /// What holds of it between real programs alone.
    #[serde(default)]
    pub real: Real,
    /// What hushwire should say, by rule.
    #[serde(default, rename = "expect")]
    pub expectations: Vec<Expectation>,
    /// What must hold of what it says.
    #[serde(default)]
    require: Required,
}

/// Conditions on what is told at each vantage, as `--expect` takes them.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
struct Required {
    client: String,
    middle: String,
    beyond: String,
    server: String,
}

/// The way between clients and servers, with the box in it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Path {
    /// Between the hosts inside and the box.
    pub inside: Link,
    /// Between the box and the hosts outside.
    pub outside: Link,
    /// Between the box and the interceptor.
    pub interceptor: Link,
    /// Where captures are made.
    pub vantages: Vec<Point>,
}

impl Default for Path {
    fn default() -> Self {
        Self {
            inside: Link { hops: 4, delay_ms: 5.0, ..Link::default() },
            outside: Link { hops: 8, delay_ms: 25.0, ..Link::default() },
            interceptor: Link { hops: 2, delay_ms: 2.0, ..Link::default() },
            vantages: vec![Point::Client, Point::Middle, Point::Server],
        }
    }
}

/// What hushwire should say of the connections that met a rule, or of those that met none.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Expectation {
    /// The rule's name, or `pass`.
    pub rule: Spanned<String>,
    /// Only of connections that an earlier one's trigger blocked, or only of others; without it, of both.
    pub residual: Option<bool>,
    /// Only of connections that ask for one of these names.
    #[serde(default)]
    pub names: Vec<String>,
    /// Outcomes or detectors, any of which is right, as seen from the client's side.
    #[serde(default)]
    pub client: Vec<String>,
    /// The same at the box, inside.
    #[serde(default)]
    pub middle: Vec<String>,
    /// The same at the box, outside.
    #[serde(default)]
    pub beyond: Vec<String>,
    /// The same from the server's side.
    #[serde(default)]
    pub server: Vec<String>,
    /// The detector that is to come, where today's outcomes do not reach.
    pub waits_for: Option<String>,
}

impl Expectation {
    /// What is right from a vantage.
    pub fn at(&self, point: Point) -> &[String] {
        match point {
            Point::Client => &self.client,
            Point::Middle => &self.middle,
            Point::Beyond => &self.beyond,
            Point::Server => &self.server,
        }
    }
}

impl Scenario {
    /// Reads a scenario's text. `file` is its name in errors, and its stem the seed if it states none.
    ///
    /// # Errors
    ///
    /// What is wrong, and in which line.
    pub fn parse(file: &str, text: &str) -> Result<Self, ScenarioError> {
        let mut scenario: Self = toml::from_str(text).map_err(|error| ScenarioError::syntax(file, text, &error))?;
        if scenario.seed.is_empty() {
            scenario.seed = stem(file).to_owned();
        }
        check::check(&scenario).map_err(|problem| ScenarioError::meaning(file, text, problem))?;
        Ok(scenario)
    }

    /// The moment at which it begins.
    pub fn begins(&self) -> Time {
        self.begins.map_or(BEGINS, |date| date.0)
    }

    /// The same, as if it began at another moment.
    pub fn begun_at(mut self, moment: Time) -> Self {
        let by = moment.0.saturating_sub(self.begins().0);
        for period in self.interceptor.iter_mut().flat_map(|it| &mut it.intermediates) {
            for end in [&mut period.from, &mut period.until] {
                end.0.0 = end.0.0.saturating_add(by);
            }
        }
        Self { begins: Some(Date(moment)), ..self }
    }

    /// What of it can be played between real programs, with or without the peer that speaks QUIC and cuts hellos; and how
    /// many connections that leaves out.
    pub fn playable(mut self, has_peer: bool) -> (Self, u32) {
        let all: u32 = self.traffic.iter().map(|traffic| traffic.connections).sum();
        self.traffic.retain(|traffic| has_peer || !traffic.needs_peer());
        let most = self.real.connections.unwrap_or(u32::MAX);
        for traffic in &mut self.traffic {
            traffic.connections = traffic.connections.min(most);
        }
        let left: u32 = self.traffic.iter().map(|traffic| traffic.connections).sum();
        (self, all - left)
    }

    /// The conditions that must hold at a vantage.
    pub fn required(&self, point: Point) -> &str {
        match point {
            Point::Client => &self.require.client,
            Point::Middle => &self.require.middle,
            Point::Beyond => &self.require.beyond,
            Point::Server => &self.require.server,
        }
    }

    /// The server of a name.
    pub fn server_of(&self, name: &str) -> Option<&Server> {
        self.servers.iter().find(|server| server.serves(name))
    }
}

/// A file's name without folders and ending.
fn stem(file: &str) -> &str {
    let name = file.rsplit('/').next().unwrap_or(file);
    name.strip_suffix(".toml").unwrap_or(name)
}

#[cfg(test)]
mod tests;
