//! `hushwire rules list`.

use std::io::{self, BufWriter, Write};

use rules::blocklist::{Blocklist, Class, builtin};
use rules::detectors;
use serde_json::{Value, json};

use crate::cli::exit::{Failure, Status};
use crate::cli::style::{Style, Tone};
use crate::cli::table::{Cell, Table};

/// List the detectors and the built-in blocklist
///
/// A detector looks at what became of a handshake; its id and revision stand in every alert. An entry of the blocklist is a
/// certificate, a key or a name that a server's chain is matched against; its class says what a match means: interception
/// and compromised raise an alert, product one of low severity, revoked none.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  hushwire rules list | grep -i kazakhstan")]
pub(in crate::cli) struct Args {
    /// Write JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Args) -> Result<Status, Failure> {
    let list = builtin();
    let mut out = BufWriter::new(io::stdout().lock());
    match args.json {
        true => writeln!(out, "{:#}", as_json(&list))?,
        false => as_text(&list, &mut out)?,
    }
    out.flush()?;
    Ok(Status::Done)
}

fn as_text(list: &Blocklist, out: &mut impl Write) -> io::Result<()> {
    let style = Style::of_stdout();
    detector_table().write(out, style, None)?;
    writeln!(out)?;
    entry_table(list).write(out, style, None)
}

fn detector_table() -> Table {
    let mut table = Table::new(["detector", "id", "rev", "levels", "finds"].map(|heading| (heading, heading)).to_vec());
    for rule in detectors::rules() {
        let levels: Vec<&str> = rule.levels.iter().map(|level| level.as_str()).collect();
        table.push(vec![
            Cell::left(rule.name),
            Cell::right(rule.id.to_string()),
            Cell::right(rule.revision.to_string()),
            Cell::left(levels.join(", ")),
            Cell::left(rule.message),
        ]);
    }
    table
}

fn entry_table(list: &Blocklist) -> Table {
    let headings = ["class", "kind", "label", "source", "entry"];
    let mut table = Table::new(headings.map(|heading| (heading, heading)).to_vec());
    for entry in list.entries() {
        table.push(vec![
            Cell::left(entry.class.as_str()).toned(tone(entry.class)),
            Cell::left(entry.kind.as_str()),
            Cell::left(entry.label.as_str()),
            Cell::left(&*entry.source),
            Cell::left(entry.id.as_str()),
        ]);
    }
    table
}

/// Those that raise no alert stand back, those that accuse stand out.
fn tone(class: Class) -> Tone {
    match class {
        Class::Interception | Class::Compromised => Tone::Alarm,
        Class::Product => Tone::Plain,
        Class::Revoked => Tone::Faint,
    }
}

fn as_json(list: &Blocklist) -> Value {
    let detectors: Vec<Value> = detectors::rules()
        .map(|rule| {
            let levels: Vec<&str> = rule.levels.iter().map(|level| level.as_str()).collect();
            json!({
                "name": rule.name, "id": rule.id, "revision": rule.revision, "message": rule.message,
                "description": rule.description, "category": rule.category, "levels": levels,
            })
        })
        .collect();
    let sources = list.sources().iter().map(|source| {
        json!({
            "name": *source.name, "format": source.format.as_str(), "revision": source.revision,
            "entries": source.entries, "errors": source.errors,
        })
    });
    let entries = list.entries().iter().map(|entry| {
        json!({
            "id": entry.id, "class": entry.class.as_str(), "kind": entry.kind.as_str(), "label": entry.label,
            "reason": entry.reason, "reference": entry.reference, "source": *entry.source, "line": entry.line,
        })
    });
    json!({
        "detectors": detectors,
        "sources": sources.collect::<Vec<_>>(),
        "entries": entries.collect::<Vec<_>>(),
    })
}
