//! What was told of each attempt: the lines of an `eve.json`.

use std::collections::HashMap;
use std::fmt;
use std::net::IpAddr;

use dissectors::packet::{Endpoint, Ends};
use dissectors::time::Time;
use rules::outcome::Outcome;
use serde::Deserialize;

use crate::output::time_of;

/// What was told of one attempt.
#[derive(Clone, Debug, PartialEq)]
pub struct Told {
    /// Its ends, the hello's sender first.
    pub ends: Ends,
    /// Whether it is TCP, otherwise UDP.
    pub is_tcp: bool,
    /// Its community ID, if that is written.
    pub community_id: Option<String>,
    /// The frame of the hello's last byte, from 1.
    pub frame: Option<u64>,
    /// When that was captured.
    pub time: Time,
    /// The server name.
    pub name: String,
    /// Its outcome.
    pub outcome: String,
    /// Why it is unresolved, if it is.
    pub reason: Option<String>,
    /// Detectors whose alerts stand.
    pub alerts: Vec<String>,
}

impl Told {
    /// Whether it was told with this word: its outcome, its reason, or a detector's.
    pub fn has(&self, word: &str) -> bool {
        self.outcome == word || self.reason.as_deref() == Some(word) || self.alerts.iter().any(|alert| alert == word)
    }

    /// Whether it was told as disturbed.
    pub fn accuses(&self) -> bool {
        !self.alerts.is_empty() || outcome(&self.outcome).is_some_and(Outcome::accuses)
    }

    /// Whether it was told what became of it.
    pub fn is_decided(&self) -> bool {
        outcome(&self.outcome).is_some_and(Outcome::is_decided)
    }

    /// It in one word, or two where it is unresolved: a detector that says more than the outcome stands for it.
    pub fn summary(&self) -> String {
        let more = self.alerts.iter().find(|alert| **alert != self.outcome);
        match (more, &self.reason) {
            (Some(detector), _) => detector.clone(),
            (None, Some(reason)) => format!("{} {reason}", self.outcome),
            (None, None) => self.outcome.clone(),
        }
    }
}

fn outcome(word: &str) -> Option<Outcome> {
    word.parse().ok()
}

/// A line that is no EVE.
#[derive(Debug)]
pub struct ToldError {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub what: String,
}

impl fmt::Display for ToldError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.what)
    }
}

impl std::error::Error for ToldError {}

/// A line of `eve.json`, as far as it matters here.
#[derive(Deserialize)]
struct Event {
    event_type: String,
    #[serde(default)]
    flow_id: u64,
    #[serde(default)]
    timestamp: String,
    src_ip: Option<IpAddr>,
    src_port: Option<u16>,
    dest_ip: Option<IpAddr>,
    dest_port: Option<u16>,
    #[serde(default)]
    proto: String,
    community_id: Option<String>,
    pcap_cnt: Option<u64>,
    #[serde(default)]
    tls: Layer,
    #[serde(default)]
    quic: Layer,
    #[serde(default)]
    alert: Alert,
    #[serde(default)]
    hushwire: Own,
}

#[derive(Default, Deserialize)]
struct Layer {
    sni: Option<String>,
}

#[derive(Default, Deserialize)]
struct Alert {
    #[serde(default)]
    action: String,
}

#[derive(Default, Deserialize)]
struct Own {
    outcome: Option<String>,
    reason: Option<String>,
    detector: Option<String>,
}

/// Reads an `eve.json`: its attempts in their order, each with the alerts that stand.
///
/// # Errors
///
/// The first line that is none.
pub fn read(eve: &str) -> Result<Vec<Told>, ToldError> {
    let mut attempts: Vec<(u64, Told)> = Vec::new();
    let mut alerts: HashMap<u64, Vec<String>> = HashMap::new();
    for (index, line) in eve.lines().enumerate() {
        let fail = |what: String| ToldError { line: index + 1, what };
        let event: Event = serde_json::from_str(line).map_err(|error| fail(error.to_string()))?;
        let flow = event.flow_id;
        match event.event_type.as_str() {
            "tls" | "quic" => {
                let told = event.attempt().ok_or_else(|| fail("an attempt without its ends or time".to_owned()))?;
                attempts.push((flow, told));
            }
            "alert" => event.alert(alerts.entry(flow).or_default()),
            _ => {}
        }
    }
    let stand = |(flow, told)| Told { alerts: alerts.get(&flow).cloned().unwrap_or_default(), ..told };
    Ok(attempts.into_iter().map(stand).collect())
}

impl Event {
    fn attempt(self) -> Option<Told> {
        Some(Told {
            ends: Ends {
                source: Endpoint { addr: self.src_ip?, port: self.src_port? },
                dest: Endpoint { addr: self.dest_ip?, port: self.dest_port? },
            },
            is_tcp: self.proto == "TCP",
            community_id: self.community_id,
            frame: self.pcap_cnt,
            time: time_of(&self.timestamp)?,
            name: self.tls.sni.or(self.quic.sni).unwrap_or_default(),
            outcome: self.hushwire.outcome?,
            reason: self.hushwire.reason,
            alerts: Vec::new(),
        })
    }

    /// Adds an alert to those that stand, or takes it back.
    fn alert(self, stand: &mut Vec<String>) {
        let Some(detector) = self.hushwire.detector else { return };
        stand.retain(|known| *known != detector);
        if self.alert.action != "withdrawn" {
            stand.push(detector);
        }
    }
}
