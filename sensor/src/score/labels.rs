//! Labels: what is known to have been done to each flow, from a CSV file with a header.
//!
//! Columns may stand in any order; those that are not known are kept and written again. A flow is found by the first of:
//! `index` (the hello's packet, counted from 0, as CensorLab writes), `community_id`, `proto` with `src_ip`, `src_port`,
//! `dest_ip`, `dest_port`, or `client` and `server` with their ports. `action` or `class` says what was done,
//! `expected_VANTAGE` or `expected` what should be told of it.

use std::fmt;
use std::net::{IpAddr, SocketAddr};

use dissectors::packet::{Endpoint, Ends};
use dissectors::time::Time;
use rules::csv;
use rules::outcome::Outcome;

use super::Mark;
use super::told::Told;
use crate::output::{community_id, time_of};

/// The word for an expectation that nothing is told.
const NONE: &str = "-";

/// Actions that are none.
const NOTHING: [&str; 6] = ["", "pass", "unwatched", "allowed", "benign", "none"];

/// What each action should be told as where the labels do not say: an outcome or a detector.
const USUAL: &[(&str, &[&str])] = &[
    ("drop", &["silence_after_hello"]),
    ("drop_answer", &["silence_after_hello"]),
    ("spoofed_ack", &["silence_after_hello"]),
    ("reset", &["reset_after_hello", "reset_mid_handshake"]),
    ("reset_race", &["reset_after_hello", "reset_mid_handshake"]),
    ("rewrite", &["reset_after_hello", "not_tls"]),
    ("fin", &["closed_after_hello"]),
    ("page", &["not_tls"]),
    ("intercept", &["blocklisted_chain"]),
];

/// By what an attempt is found.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Key {
    /// The frame of the hello's last byte, from 1.
    Frame(u64),
    /// The flow's community ID.
    Community(String),
}

impl Key {
    /// The keys of an attempt, the surest first.
    pub(super) fn of(told: &Told) -> Vec<Self> {
        let id = told.community_id.clone().unwrap_or_else(|| community_id(told.ends, told.is_tcp));
        told.frame.map(Self::Frame).into_iter().chain([Self::Community(id)]).collect()
    }
}

/// What is known of one flow.
#[derive(Clone, Debug, PartialEq)]
pub struct Label {
    /// Which flow.
    pub key: Key,
    /// When it began, if that is known.
    pub time: Option<Time>,
    /// The server name, if that is known.
    pub name: String,
    /// What was done to it, in one word.
    pub action: String,
    /// What should be told of it: any of these outcomes or detectors.
    pub expected: Vec<String>,
    /// The detector that is to come, where nothing looks for this yet.
    pub waits_for: Option<String>,
    /// The line as it was.
    pub line: String,
}

impl Label {
    /// Whether something was done to the flow.
    pub fn is_disturbed(&self) -> bool {
        !NOTHING.contains(&self.action.as_str())
    }

    /// Whether it should be told with this word, now or once a detector looks for it.
    pub(super) fn expects(&self, word: &str) -> bool {
        self.expected.iter().any(|expected| expected == word)
    }

    /// How what was told compares with it.
    pub(super) fn mark(&self, told: Option<&Told>) -> Mark {
        let as_expected = told.is_some_and(|told| self.fits(told));
        match told {
            _ if !self.is_disturbed() => match told {
                Some(told) if told.accuses() && as_expected => Mark::Innocent,
                Some(told) if told.accuses() => Mark::False,
                _ => Mark::Clean,
            },
            Some(_) if as_expected => Mark::Named,
            _ if self.waits_for.is_some() => Mark::Waiting,
            None => Mark::Unseen,
            Some(told) if told.accuses() => Mark::Misnamed,
            Some(told) if told.is_decided() => Mark::Missed,
            Some(_) => Mark::Undecided,
        }
    }

    /// Whether it is told as expected. A class of CensorLab's says no more than that something should be told.
    fn fits(&self, told: &Told) -> bool {
        match self.expected.as_slice() {
            [] if self.action == "forbidden" => told.accuses(),
            expected => expected.iter().any(|word| told.has(word)),
        }
    }
}

/// Labels, with the header of their file.
#[derive(Clone, Debug, Default)]
pub struct Labels {
    /// The names of the columns, as they stand.
    pub header: String,
    /// One a line.
    pub labels: Vec<Label>,
}

/// What is wrong with labels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LabelError {
    /// The line, from 1.
    pub line: usize,
    /// What.
    pub what: String,
}

impl fmt::Display for LabelError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.what)
    }
}

impl std::error::Error for LabelError {}

impl Labels {
    /// Reads a file's text, for captures made at `vantage` if the labels say what is expected where.
    ///
    /// # Errors
    ///
    /// The first line that is no label, and why.
    pub fn read(text: &str, vantage: Option<&str>) -> Result<Self, LabelError> {
        let mut lines = text.lines().enumerate().filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
        let fail = |line: usize, what: String| LabelError { line: line + 1, what };
        let (at, header) = lines.next().ok_or_else(|| fail(0, "no header".to_owned()))?;
        let columns = csv::fields(header).map_err(|error| fail(at, error.to_string()))?;
        let label = |(at, line): (usize, &str)| {
            let fields = csv::fields(line).map_err(|error| fail(at, error.to_string()))?;
            let record = Record { columns: &columns, fields, vantage };
            record.label(line).map_err(|what| fail(at, what.to_owned()))
        };
        Ok(Self { header: header.to_owned(), labels: lines.map(label).collect::<Result<_, _>>()? })
    }
}

/// A line by its columns.
struct Record<'a> {
    columns: &'a [String],
    fields: Vec<String>,
    vantage: Option<&'a str>,
}

impl Record<'_> {
    fn get(&self, column: &str) -> Option<&str> {
        let at = self.columns.iter().position(|name| name == column)?;
        self.fields.get(at).map(String::as_str).filter(|field| !field.is_empty())
    }

    fn any(&self, columns: &[&str]) -> Option<&str> {
        columns.iter().find_map(|column| self.get(column))
    }

    fn label(&self, line: &str) -> Result<Label, &'static str> {
        let action = self.any(&["action", "class"]).unwrap_or_default().replace('-', "_");
        let time = self.get("time").map(|text| time_of(text).ok_or("`time` is no moment of ISO 8601")).transpose()?;
        Ok(Label {
            key: self.key()?,
            time,
            name: self.any(&["name", "sni", "server_name", "domain"]).unwrap_or_default().to_owned(),
            expected: self.expected(&action),
            waits_for: self.get("waits_for").map(str::to_owned),
            action,
            line: line.to_owned(),
        })
    }

    fn key(&self) -> Result<Key, &'static str> {
        if let Some(index) = self.get("index") {
            let index: u64 = index.parse().map_err(|_| "`index` is no number")?;
            return Ok(Key::Frame(index.saturating_add(1)));
        }
        if let Some(id) = self.get("community_id") {
            return Ok(Key::Community(id.to_owned()));
        }
        let ends = self.ends().ok_or("no `index`, no `community_id`, and no addresses and ports that can be read")?;
        let is_tcp = self.get("proto").is_none_or(|proto| proto.eq_ignore_ascii_case("tcp"));
        Ok(Key::Community(community_id(ends, is_tcp)))
    }

    fn ends(&self) -> Option<Ends> {
        let both = |column| {
            let at: SocketAddr = self.get(column)?.parse().ok()?;
            Some(Endpoint { addr: at.ip(), port: at.port() })
        };
        let apart = |address, port| {
            let addr: IpAddr = self.get(address)?.parse().ok()?;
            Some(Endpoint { addr, port: self.get(port)?.parse().ok()? })
        };
        let source = apart("src_ip", "src_port").or_else(|| both("client"))?;
        let dest = apart("dest_ip", "dest_port").or_else(|| both("server"))?;
        Some(Ends { source, dest })
    }

    /// What the labels say for this vantage or for all (`-` for nothing); where they do not speak of it, what is usual.
    fn expected(&self, action: &str) -> Vec<String> {
        let own = self.vantage.map(|vantage| format!("expected_{vantage}"));
        let column = own.filter(|own| self.columns.contains(own)).unwrap_or_else(|| "expected".to_owned());
        if let Some(text) = self.get(&column) {
            return words(text);
        }
        let usual = USUAL.iter().find(|(known, _)| *known == action).map(|(_, words)| *words).unwrap_or_default();
        match action.parse::<Outcome>() {
            Ok(outcome) if usual.is_empty() => vec![outcome.as_str().to_owned()],
            _ => usual.iter().map(|word| (*word).to_owned()).collect(),
        }
    }
}

fn words(text: &str) -> Vec<String> {
    text.split('|').map(|word| word.trim().to_owned()).filter(|word| !word.is_empty() && word != NONE).collect()
}
