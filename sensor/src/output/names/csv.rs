//! `sni.csv`: one row a server name, sorted by name. Quoted as in RFC 4180; lines end in a line feed.
//!
//! Columns: `sni`, `attempts`, `decided` (all but unresolved and abandoned: the denominator of every rate), one for each
//! outcome by its name with `silence_hard` behind `silence_after_hello`, `alerts` (those that stand),
//! `hello_to_answer_p50`, `_p90`, `_p99` (seconds, of the attempts that were answered), `silence_p50`, `_p90`, `_p99`
//! (seconds that a hello stayed without an answer, of all attempts, those without one as censored lengths by
//! Kaplan–Meier; empty where none was silent and where too few were answered to say), `silence_longest` (a lower bound),
//! `first_seen`, `last_seen`.

use std::time::Duration;

use dissectors::time::Time;
use rules::outcome::Outcome;

use super::{QUANTILES, Row};
use crate::output::error::OutputError;
use crate::output::sink::Sink;
use crate::output::text::{push_decimal, push_seconds, push_timestamp};

/// Writes the table of these rows.
pub(in crate::output) fn write(rows: &[(&str, &Row)], sink: &mut Sink) -> Result<(), OutputError> {
    let head = sink.lines(|out| out.extend_from_slice(head().as_bytes()));
    let rows = rows.iter().map(|(name, row)| sink.lines(|out| push_row(out, name, row)));
    head.and(rows.fold(Ok(()), Result::and)).and(sink.flush())
}

fn head() -> String {
    let mut columns = vec!["sni".to_owned(), "attempts".into(), "decided".into()];
    for outcome in Outcome::ALL {
        columns.push(outcome.as_str().into());
        if *outcome == Outcome::SilenceAfterHello {
            columns.push("silence_hard".into());
        }
    }
    columns.push("alerts".into());
    columns.extend(QUANTILES.map(|(name, _)| format!("hello_to_answer_{name}")));
    columns.extend(QUANTILES.map(|(name, _)| format!("silence_{name}")));
    columns.extend(["silence_longest", "first_seen", "last_seen"].map(str::to_owned));
    columns.join(",") + "\n"
}

fn push_row(out: &mut Vec<u8>, name: &str, row: &Row) {
    push_field(out, name);
    push_count(out, row.attempts());
    push_count(out, row.decided());
    for outcome in Outcome::ALL {
        push_count(out, row.outcome(*outcome));
        if *outcome == Outcome::SilenceAfterHello {
            push_count(out, row.silence_hard());
        }
    }
    push_alerts(out, row.alerts());
    QUANTILES.iter().for_each(|(_, share)| push_span(out, row.answer_quantile(*share)));
    QUANTILES.iter().for_each(|(_, share)| push_span(out, row.silence_quantile(*share)));
    push_span(out, row.longest_silence());
    push_moment(out, row.first_seen());
    push_moment(out, row.last_seen());
    out.push(b'\n');
}

/// RFC 4180, section 2: what holds a comma, a quotation mark or a line break is quoted, and quotation marks in it are
/// doubled.
fn push_field(out: &mut Vec<u8>, text: &str) {
    if !text.contains([',', '"', '\r', '\n']) {
        out.extend_from_slice(text.as_bytes());
        return;
    }
    out.push(b'"');
    for byte in text.bytes() {
        if byte == b'"' {
            out.push(byte);
        }
        out.push(byte);
    }
    out.push(b'"');
}

fn push_count(out: &mut Vec<u8>, count: u64) {
    out.push(b',');
    push_decimal(out, count);
}

fn push_alerts(out: &mut Vec<u8>, alerts: i64) {
    out.push(b',');
    if alerts < 0 {
        out.push(b'-');
    }
    push_decimal(out, alerts.unsigned_abs());
}

fn push_span(out: &mut Vec<u8>, span: Option<Duration>) {
    out.push(b',');
    if let Some(span) = span {
        push_seconds(out, i64::try_from(span.as_nanos()).unwrap_or(i64::MAX));
    }
}

fn push_moment(out: &mut Vec<u8>, time: Option<Time>) {
    out.push(b',');
    if let Some(time) = time {
        push_timestamp(out, time);
    }
}

#[cfg(test)]
mod tests {
    use super::push_field;
    use crate::output::text::text_of;

    #[test]
    fn fields_are_quoted_where_they_must_be() {
        let cases = [
            ("", ""),
            ("example.com", "example.com"),
            ("a b", "a b"),
            ("a,b", "\"a,b\""),
            ("say \"hi\"", "\"say \"\"hi\"\"\""),
            ("two\nlines", "\"two\nlines\""),
            ("\r", "\"\r\""),
        ];
        for (text, field) in cases {
            assert_eq!(text_of(|out| push_field(out, text)), field);
        }
    }
}
