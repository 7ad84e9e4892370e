//! `sni.json`: what `sni.csv` has, with the histograms, so that files of several sensors merge without loss.
//!
//! ```text
//! {"schema": 1,
//!  "histogram": {"encoding": "HdrHistogram V2, base64", "unit": "microseconds",
//!                "lowest": 1, "highest": 3600000000, "significant_digits": 2},
//!  "names": [
//!   {"sni": "…",                      as in sni.csv; "(other)" and "(conflict)" are no names
//!    "attempts": n, "decided": n,
//!    "outcomes": {"completed": n, …}, every outcome, also those that never came
//!    "silence_hard": n, "alerts": n,
//!    "hello_to_answer": {"count": n, "p50": s, "p90": s, "p99": s, "histogram": "…"} or null,
//!    "silence": {"p50": s, "p90": s, "p99": s,         Kaplan–Meier; null where it cannot be said
//!                "censored": n, "longest": s,          lengths without an answer, lower bounds,
//!                "histogram": "…"} or null,            and their histogram; null without any
//!    "first_seen": "…", "last_seen": "…"}, …]}
//! ```
//!
//! To merge: add counts by name, add the decoded histograms, take the smaller first and the greater last, and estimate
//! the quantiles anew. Times are seconds. Each name is on a line of its own.

use std::collections::BTreeMap;
use std::time::Duration;

use dissectors::time::Time;
use rules::outcome::Outcome;
use serde::Serialize;

use super::encode::Encoder;
use super::layout::{HIGHEST, LOWEST, SIGNIFICANT_DIGITS};
use super::{Names, QUANTILES, Row};
use crate::output::error::OutputError;
use crate::output::sink::Sink;
use crate::output::text::{push_timestamp, text_of};

/// Raised whenever a reader of the former schema would misread the file.
const SCHEMA: u32 = 1;

#[derive(Serialize)]
struct Layout {
    encoding: &'static str,
    unit: &'static str,
    lowest: u64,
    highest: u64,
    significant_digits: u8,
}

#[derive(Serialize)]
struct Entry<'a> {
    sni: &'a str,
    attempts: u64,
    decided: u64,
    outcomes: BTreeMap<&'static str, u64>,
    silence_hard: u64,
    alerts: i64,
    hello_to_answer: Option<Answers>,
    silence: Option<Silence>,
    first_seen: Option<String>,
    last_seen: Option<String>,
}

#[derive(Serialize)]
struct Answers {
    count: u64,
    #[serde(flatten)]
    quantiles: BTreeMap<&'static str, Option<f64>>,
    histogram: String,
}

#[derive(Serialize)]
struct Silence {
    #[serde(flatten)]
    quantiles: BTreeMap<&'static str, Option<f64>>,
    censored: u64,
    longest: Option<f64>,
    histogram: String,
}

/// Writes the file.
pub(in crate::output) fn write(names: &Names, sink: &mut Sink) -> Result<(), OutputError> {
    let mut encoder = Encoder::default();
    let mut written = push(sink, &head().map_err(|error| sink.refuse(error))?);
    for (index, (name, row)) in names.rows().into_iter().enumerate() {
        let mut line = if index == 0 { b"\n  ".to_vec() } else { b",\n  ".to_vec() };
        serde_json::to_writer(&mut line, &Entry::new(name, row, &mut encoder)).map_err(|error| sink.refuse(error))?;
        written = written.and(push(sink, &line));
    }
    written.and(push(sink, b"\n]}\n")).and(sink.flush())
}

fn push(sink: &mut Sink, bytes: &[u8]) -> Result<(), OutputError> {
    sink.lines(|buffer| buffer.extend_from_slice(bytes))
}

fn head() -> serde_json::Result<Vec<u8>> {
    let layout = serde_json::to_string(&Layout {
        encoding: "HdrHistogram V2, base64",
        unit: "microseconds",
        lowest: LOWEST,
        highest: HIGHEST,
        significant_digits: SIGNIFICANT_DIGITS,
    })?;
    Ok(format!("{{\"schema\":{SCHEMA},\n \"histogram\":{layout},\n \"names\":[").into_bytes())
}

impl<'a> Entry<'a> {
    fn new(sni: &'a str, row: &Row, encoder: &mut Encoder) -> Self {
        Self {
            sni,
            attempts: row.attempts(),
            decided: row.decided(),
            outcomes: Outcome::ALL.iter().map(|outcome| (outcome.as_str(), row.outcome(*outcome))).collect(),
            silence_hard: row.silence_hard(),
            alerts: row.alerts(),
            hello_to_answer: Answers::new(row, encoder),
            silence: Silence::new(row, encoder),
            first_seen: row.first_seen().map(moment),
            last_seen: row.last_seen().map(moment),
        }
    }
}

impl Answers {
    fn new(row: &Row, encoder: &mut Encoder) -> Option<Self> {
        if row.answered.is_empty() {
            return None;
        }
        let quantiles = quantiles(|share| row.answer_quantile(share));
        Some(Self { count: row.answered.len(), quantiles, histogram: encoder.encode(&row.answered) })
    }
}

impl Silence {
    fn new(row: &Row, encoder: &mut Encoder) -> Option<Self> {
        if row.unanswered().is_empty() {
            return None;
        }
        Some(Self {
            quantiles: quantiles(|share| row.silence_quantile(share)),
            censored: row.unanswered().len(),
            longest: row.longest_silence().map(seconds),
            histogram: encoder.encode(row.unanswered()),
        })
    }
}

fn quantiles(of: impl Fn(f64) -> Option<Duration>) -> BTreeMap<&'static str, Option<f64>> {
    QUANTILES.iter().map(|(name, share)| (*name, of(*share).map(seconds))).collect()
}

/// Seconds, cut to microseconds as everywhere.
fn seconds(span: Duration) -> f64 {
    span.as_micros() as f64 / 1e6
}

fn moment(time: Time) -> String {
    text_of(|out| push_timestamp(out, time))
}
