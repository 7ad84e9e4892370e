//! What a replay came to, for the person: the table of names, then the run in a few lines.

use std::io::{self, Write};
use std::path::Path;

use dissectors::time::Time;
use rules::outcome::{Outcome, Reason};
use sensor::output::{Counts, Summary, timestamp};
use sensor::replay::Finished;

use super::args::Args;
use super::names::{self, Row};
use super::units::{counted, scaled};
use crate::cli::style::{Style, Tone};
use crate::cli::width_of;

/// Characters of the words before the lines' contents.
const LABEL: usize = 11;

/// Writes the content of `summary.json`.
pub(super) fn json(summary: &Summary, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "{}", summary.to_json()?)
}

/// Writes the table of the first `top` names, the lines, and where the outputs are.
pub(super) fn text(finished: &Finished, args: &Args, out: &mut impl Write) -> io::Result<()> {
    let (summary, names) = (&finished.summary, finished.names());
    let style = Style::of_stdout();
    if summary.attempts > 0 {
        let rows: Vec<Row> = names.by_trouble().into_iter().map(|(name, row)| Row::new(name, row)).collect();
        let (table, left_out) = names::table(&rows, args.top);
        table.write(out, style, Some(width_of(&io::stdout())))?;
        left_out.map_or(Ok(()), |sentence| writeln!(out, "{sentence}"))?;
        writeln!(out)?;
    }
    let written = args.settings.output.as_ref().map(|folder| Line::new("written", printable(folder)));
    lines(summary).into_iter().chain(written).try_for_each(|line| line.write(style, out))
}

/// A folder's name without the control characters that would steer a terminal.
fn printable(folder: &Path) -> String {
    let name = folder.to_string_lossy();
    let escaped = |c: char| if c.is_control() { c.escape_default().to_string() } else { c.to_string() };
    name.chars().map(escaped).collect()
}

/// A word and what there is to say about it.
struct Line {
    label: &'static str,
    text: String,
    tone: Tone,
}

impl Line {
    fn new(label: &'static str, text: String) -> Self {
        Self { label, text, tone: Tone::Plain }
    }

    /// A line about counts, if there are any.
    fn of(label: &'static str, counts: String, tone: Tone) -> Option<Self> {
        (!counts.is_empty()).then_some(Self { label, text: counts, tone })
    }

    fn write(&self, style: Style, out: &mut impl Write) -> io::Result<()> {
        let (bold, plain) = style.around(Tone::Heading);
        let (on, off) = style.around(self.tone);
        writeln!(out, "{bold}{:LABEL$}{plain}{on}{}{off}", self.label, self.text)
    }
}

fn lines(summary: &Summary) -> Vec<Line> {
    let outcomes = in_order(&summary.outcomes, Outcome::ALL.iter().map(|outcome| outcome.as_str()));
    let reasons = in_order(&summary.unresolved, Reason::ALL.iter().map(|reason| reason.as_str()));
    let withdrawn = counts(&summary.withdrawn);
    let withdrawn = if withdrawn.is_empty() { withdrawn } else { format!(" (withdrawn: {withdrawn})") };
    let alerts = counts(&summary.alerts);
    let alerts = if alerts.is_empty() { "none".to_owned() } else { alerts };
    let problems = summary.files.iter().filter(|file| file.error.is_some()).count();
    [
        Some(Line::new("capture", capture(summary))),
        Some(Line::new("quality", quality(summary))),
        Line::of("skipped", counts(&summary.skipped), Tone::Plain),
        Some(Line::new("attempts", format!("{}: {outcomes}", summary.attempts))).filter(|_| summary.attempts > 0),
        Line::of("unresolved", reasons, Tone::Plain),
        Some(Line::new("alerts", alerts + &withdrawn)),
        Line::of("limits", counts(&summary.limits), Tone::Alarm),
        Line::of("problems", problem_words(problems), Tone::Alarm),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// `1234 packets, 812 kB, 5 files, 2026-11-22 10:00:00 to 2026-11-22 10:06:10 UTC`
fn capture(summary: &Summary) -> String {
    let mut parts = vec![
        counted(summary.packets, "packet"),
        format!("{}B", scaled(summary.bytes)),
        counted(summary.flows, "flow"),
        counted(summary.files.len() as u64, "file"),
    ];
    if let (Some(first), Some(last)) = (summary.capture.first, summary.capture.last) {
        parts.push(format!("{} to {} UTC", to_the_second(first), to_the_second(last)));
    }
    parts.join(", ")
}

fn to_the_second(time: Time) -> String {
    timestamp(time).split('.').next().unwrap_or_default().replace('T', " ")
}

/// What the capture itself lost or bent, or that nothing of the kind was seen.
fn quality(summary: &Summary) -> String {
    let capture = &summary.capture;
    let gaps = format!("gaps in {} acknowledgements", capture.acknowledgements);
    let wrong = [
        (capture.dropped, "packets dropped"),
        (capture.gaps, gaps.as_str()),
        (capture.bad_ip_checksums + capture.bad_transport_checksums, "wrong checksums"),
        (capture.clock_jumps, "jumps of the clock"),
    ];
    let seen: Vec<String> =
        wrong.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}")).collect();
    if seen.is_empty() { "no loss seen".to_owned() } else { seen.join(", ") }
}

fn problem_words(count: usize) -> String {
    match count {
        0 => String::new(),
        1 => "1 input could not be read to its end".to_owned(),
        _ => format!("{count} inputs could not be read to their end"),
    }
}

/// `completed 58, tls_alert 2`, in the order of `words`.
fn in_order(counts: &Counts, words: impl Iterator<Item = &'static str>) -> String {
    let present = words.filter_map(|word| counts.get(word).filter(|count| **count > 0).map(|count| (word, count)));
    join(present)
}

/// `silence_after_hello 10, reset_after_hello 14`, in the order of the words.
fn counts(counts: &Counts) -> String {
    join(counts.iter().filter(|(_, count)| **count > 0).map(|(word, count)| (*word, count)))
}

fn join<'a>(counts: impl Iterator<Item = (&'static str, &'a u64)>) -> String {
    counts.map(|(word, count)| format!("{word} {count}")).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use sensor::output::FileSummary;

    use super::*;

    fn written(summary: &Summary) -> String {
        let mut out = Vec::new();
        lines(summary).iter().for_each(|line| line.write(Style::Plain, &mut out).unwrap());
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn lines_say_what_there_is_and_no_zeros() {
        let mut summary = Summary { packets: 1, bytes: 60, ..Summary::default() };
        summary.files.push(FileSummary::default());
        let quiet = "capture    1 packet, 60 B, 0 flows, 1 file\n\
                     quality    no loss seen\n\
                     alerts     none\n";
        assert_eq!(written(&summary), quiet);

        summary.attempts = 4;
        summary.capture.first = Some(Time(0));
        summary.capture.last = Some(Time::new(86_399, 999_999_999));
        summary.outcomes =
            Counts::from([("unresolved", 1), ("silence_after_hello", 1), ("completed", 2), ("abandoned", 0)]);
        summary.unresolved = Counts::from([("one_sided", 1)]);
        summary.alerts = Counts::from([("silence_after_hello", 1), ("reset_after_hello", 0)]);
        summary.withdrawn = Counts::from([("silence_after_hello", 2)]);
        summary.limits = Counts::from([("server_names", 3)]);
        summary.capture.dropped = 7;
        summary.capture.gaps = 2;
        summary.capture.acknowledgements = 900;
        summary.files.push(FileSummary { error: Some("cut".to_owned()), ..FileSummary::default() });
        let busy = "capture    1 packet, 60 B, 0 flows, 2 files, 1970-01-01 00:00:00 to 1970-01-01 23:59:59 UTC\n\
                    quality    7 packets dropped, 2 gaps in 900 acknowledgements\n\
                    attempts   4: completed 2, silence_after_hello 1, unresolved 1\n\
                    unresolved one_sided 1\n\
                    alerts     silence_after_hello 1 (withdrawn: silence_after_hello 2)\n\
                    limits     server_names 3\n\
                    problems   1 input could not be read to its end\n";
        assert_eq!(written(&summary), busy);
    }
}
