//! `summary.json`: a run in numbers. No wall time and no speed, so that the same captures give the same bytes.

use std::collections::BTreeMap;

use dissectors::attempt::Moment;
use dissectors::flow::Connects;
use dissectors::time::Time;
use rules::notice::Action;
use serde::{Serialize, Serializer};

use super::Event;
use super::error::OutputError;
use super::sink::Sink;
use super::text::timestamp;

/// Counts by name; what is not in it is zero.
pub type Counts = BTreeMap<&'static str, u64>;

/// A run in numbers.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Summary {
    /// The version of the program.
    pub version: &'static str,
    /// How the addresses in the outputs were changed ([`Anonymize::as_str`](super::Anonymize::as_str)), if they were.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub anonymized: Option<&'static str>,
    /// Frames read.
    pub packets: u64,
    /// Their bytes on the wire.
    pub bytes: u64,
    /// Flows followed.
    pub flows: u64,
    /// Handshake attempts.
    pub attempts: u64,
    /// Attempts by outcome.
    pub outcomes: Counts,
    /// Unresolved attempts by reason.
    pub unresolved: Counts,
    /// Alerts that stand, by rule.
    pub alerts: Counts,
    /// Alerts that were taken back, by rule; they are not among `alerts`.
    pub withdrawn: Counts,
    /// Frames that gave no packet, by reason.
    pub skipped: Counts,
    /// Of those, the malformed ones, by layer.
    pub malformed: Counts,
    /// How good the capture was.
    pub capture: CaptureSummary,
    /// TCP connections that never came as far as a ClientHello.
    pub connects: ConnectSummary,
    /// How often which limit was reached.
    pub limits: Counts,
    /// What memories forgot to make room: it was made anew where it was met again, which costs time and changes nothing. Of
    /// live captures the workers' own memories too, which forget less the more workers there are. Absent where there was
    /// nothing.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub caches: Counts,
    /// What was passed over or put right in pcapng files. Absent where there was nothing.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub pcapng: Counts,
    /// Secrets that were given or inside captures, those that were refused, and the attempts that they opened or did not
    /// open. Absent where there were none.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub keys: Counts,
    /// The captures, in the order in which they were read.
    pub files: Vec<FileSummary>,
    /// The rules.
    pub rules: Vec<RuleSummary>,
    /// The files that changed them, and lists of injectors.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub rule_files: Vec<RuleFileSummary>,
    /// The numbers of the rules that were set to others than usual.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub numbers: Counts,
    /// The blocklists that were matched against.
    pub blocklists: Vec<BlocklistSummary>,
}

/// How good the capture was.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct CaptureSummary {
    /// Frames that kernel and interface say they lost.
    pub dropped: u64,
    /// Directions of handshakes with bytes missing that were sent.
    pub gaps: u64,
    /// Acknowledgements that could have shown a gap.
    pub acknowledgements: u64,
    /// IP headers with a wrong checksum.
    pub bad_ip_checksums: u64,
    /// Segments and datagrams with a wrong checksum.
    pub bad_transport_checksums: u64,
    /// Times that the clock jumped.
    pub clock_jumps: u64,
    /// Where several threads captured: packets of flows that another had a packet of just before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub handed_over: Option<u64>,
    /// Earliest time stamp.
    #[serde(serialize_with = "moment")]
    pub first: Option<Time>,
    /// Latest time stamp.
    #[serde(serialize_with = "moment")]
    pub last: Option<Time>,
}

/// What became of connections without a ClientHello.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ConnectSummary {
    /// SYN, and nothing from the server.
    pub syn_silence: u64,
    /// SYN, answered by an RST.
    pub reset_after_syn: u64,
    /// Opened, and the client sent nothing more.
    pub silence_after_connect: u64,
    /// Opened, and reset before any payload.
    pub reset_after_connect: u64,
    /// SYNs of which nothing can be said, because others took their place.
    pub evicted: u64,
    /// SYNs of which nothing can be said, because the capture ended, or its clock jumped, soon after them.
    pub unfinished: u64,
}

/// One capture.
#[derive(Clone, Debug, Default, Serialize)]
pub struct FileSummary {
    /// As it was named, or found under a folder that was.
    pub name: String,
    /// Frames read from it.
    pub packets: u64,
    /// Their bytes on the wire.
    pub bytes: u64,
    /// What ended the reading, if it was no good end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// A rule.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct RuleSummary {
    /// Its number.
    pub id: u32,
    /// Its name.
    pub name: &'static str,
    /// Its revision.
    pub revision: u16,
    /// Whether it was asked.
    pub enabled: bool,
    /// The severity of its alerts, where it was set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub severity: Option<u8>,
}

/// A file that rules came from.
#[derive(Clone, Debug, Serialize)]
pub struct RuleFileSummary {
    /// Its name.
    pub name: String,
    /// The beginning of its content's SHA-256.
    pub revision: String,
}

/// A blocklist.
#[derive(Clone, Debug, Serialize)]
pub struct BlocklistSummary {
    /// Its name.
    pub name: String,
    /// The beginning of its content's SHA-256.
    pub revision: String,
    /// Entries it gave.
    pub entries: usize,
    /// Records in error.
    pub errors: usize,
}

impl Summary {
    /// Counts an event: the attempt when it closes, its alerts when they are written.
    pub fn count(&mut self, event: &Event<'_>) {
        let decision = &event.judgement.decision;
        if event.telling.moment == Moment::Closed {
            self.attempts += 1;
            *self.outcomes.entry(decision.outcome.as_str()).or_default() += 1;
            if let Some(reason) = decision.reason {
                *self.unresolved.entry(reason.as_str()).or_default() += 1;
            }
        }
        for notice in &event.judgement.notices {
            self.notice(notice.finding.rule.name, notice.action);
        }
    }

    /// Alerts that stand, of all rules.
    pub fn standing(&self) -> u64 {
        self.alerts.values().sum()
    }

    /// The content of `summary.json`.
    ///
    /// # Errors
    ///
    /// None that could come of these types.
    pub fn to_json(&self) -> serde_json::Result<String> {
        serde_json::to_string_pretty(self)
    }

    fn notice(&mut self, rule: &'static str, action: Action) {
        let standing = self.alerts.entry(rule).or_default();
        match action {
            Action::Allowed => *standing += 1,
            Action::Withdrawn => {
                *standing = standing.saturating_sub(1);
                *self.withdrawn.entry(rule).or_default() += 1;
            }
        }
    }
}

impl ConnectSummary {
    /// Adds the counts of one server.
    pub fn add(&mut self, connects: Connects) {
        self.syn_silence += connects.syn_silence;
        self.reset_after_syn += connects.reset_after_syn;
        self.silence_after_connect += connects.silence_after_connect;
        self.reset_after_connect += connects.reset_after_connect;
    }
}

/// The summary with what could not be written of the other files.
#[derive(Serialize)]
struct Written<'a> {
    #[serde(flatten)]
    summary: &'a Summary,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    unwritten: BTreeMap<String, u64>,
}

/// Writes the summary.
pub(super) fn write(summary: &Summary, unwritten: BTreeMap<String, u64>, sink: &mut Sink) -> Result<(), OutputError> {
    let mut text = serde_json::to_vec_pretty(&Written { summary, unwritten }).map_err(|error| sink.refuse(error))?;
    text.push(b'\n');
    sink.lines(|buffer| buffer.append(&mut text))?;
    sink.flush()
}

fn moment<S: Serializer>(time: &Option<Time>, serializer: S) -> Result<S::Ok, S::Error> {
    time.map(timestamp).serialize(serializer)
}
