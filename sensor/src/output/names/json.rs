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

use std::time::Duration;

use dissectors::time::Time;
use rules::outcome::Outcome;

use super::encode::Encoder;
use super::layout::{HIGHEST, LOWEST, SIGNIFICANT_DIGITS};
use super::{QUANTILES, Row};
use crate::output::error::OutputError;
use crate::output::json::Json;
use crate::output::sink::Sink;
use crate::output::text::push_timestamp;

/// Raised whenever a reader of the former schema would misread the file.
const SCHEMA: u32 = 1;

/// Writes the file of these rows.
pub(in crate::output) fn write(rows: &[(&str, &Row)], sink: &mut Sink) -> Result<(), OutputError> {
    let mut table = Table::default();
    let mut written = sink.lines(head);
    for (index, (name, row)) in rows.iter().enumerate() {
        let line = sink.lines(|out| {
            out.extend_from_slice(if index == 0 { b"\n  " } else { b",\n  " });
            table.entry(&mut Json::new(out), name, row);
            // A comma would be that of the next entry.
            out.pop();
        });
        written = written.and(line);
    }
    written.and(sink.lines(|out| out.extend_from_slice(b"\n]}\n"))).and(sink.flush())
}

fn head(out: &mut Vec<u8>) {
    let layout = format!(
        "{{\"encoding\":\"HdrHistogram V2, base64\",\"unit\":\"microseconds\",\
         \"lowest\":{LOWEST},\"highest\":{HIGHEST},\"significant_digits\":{SIGNIFICANT_DIGITS}}}"
    );
    out.extend_from_slice(format!("{{\"schema\":{SCHEMA},\n \"histogram\":{layout},\n \"names\":[").as_bytes());
}

/// Writes one entry after the other.
struct Table {
    encoder: Encoder,
    /// Outcomes in the order of their names.
    outcomes: Vec<Outcome>,
}

impl Default for Table {
    fn default() -> Self {
        let mut outcomes = Outcome::ALL.to_vec();
        outcomes.sort_unstable_by_key(|outcome| outcome.as_str());
        Self { encoder: Encoder::default(), outcomes }
    }
}

impl Table {
    fn entry(&mut self, json: &mut Json<'_>, name: &str, row: &Row) {
        json.object(|json| {
            json.key("sni").text(name);
            json.key("attempts").number(row.attempts());
            json.key("decided").number(row.decided());
            json.key("outcomes").object(|json| {
                for outcome in &self.outcomes {
                    json.key(outcome.as_str()).number(row.outcome(*outcome));
                }
            });
            json.key("silence_hard").number(row.silence_hard());
            json.key("alerts").signed(row.alerts());
            self.answers(json.key("hello_to_answer"), row);
            self.silence(json.key("silence"), row);
            moment(json.key("first_seen"), row.first_seen());
            moment(json.key("last_seen"), row.last_seen());
        });
    }

    fn answers(&mut self, json: &mut Json<'_>, row: &Row) {
        if row.answered.is_empty() {
            return json.null();
        }
        json.object(|json| {
            json.key("count").number(row.answered.len());
            quantiles(json, |share| row.answer_quantile(share));
            json.key("histogram").plain(|out| self.encoder.push(out, &row.answered));
        });
    }

    fn silence(&mut self, json: &mut Json<'_>, row: &Row) {
        let unanswered = row.unanswered();
        if unanswered.is_empty() {
            return json.null();
        }
        json.object(|json| {
            quantiles(json, |share| row.silence_quantile(share));
            json.key("censored").number(unanswered.len());
            seconds(json.key("longest"), row.longest_silence());
            json.key("histogram").plain(|out| self.encoder.push(out, unanswered));
        });
    }
}

fn quantiles(json: &mut Json<'_>, of: impl Fn(f64) -> Option<Duration>) {
    for (name, share) in QUANTILES {
        seconds(json.key(name), of(share));
    }
}

/// Seconds, cut to microseconds as everywhere.
fn seconds(json: &mut Json<'_>, span: Option<Duration>) {
    match span {
        None => json.null(),
        Some(span) => json.float(span.as_micros() as f64 / 1e6),
    }
}

fn moment(json: &mut Json<'_>, time: Option<Time>) {
    match time {
        None => json.null(),
        Some(time) => json.plain(|out| push_timestamp(out, time)),
    }
}
