//! `hushwire rules list`.

use std::io::{self, BufWriter, Write};
use std::path::PathBuf;

use rules::blocklist::{Blocklist, Class};
use rules::detectors;
use rules::rulebook::Rulebook;
use sensor::rulebook;
use serde_json::{Value, json};

use crate::cli::exit::{Failure, Status};
use crate::cli::style::{Style, Tone};
use crate::cli::table::{Cell, Table};

/// List the detectors, numbers and injectors in force, and the built-in blocklist
///
/// A detector looks at what became of a handshake; its id and revision stand in every alert. A number is what it rests on, an
/// injector one that is known by its resets; a file of rules (--rules) may change them within the range that is shown. An entry of the blocklist is a
/// certificate, a key or a name that a server's chain is matched against; its class says what a match means: interception
/// and compromised raise an alert, product one of low severity, revoked none.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  hushwire rules list | grep -i kazakhstan")]
pub(in crate::cli) struct Args {
    /// Show what is in force with this file of rules
    #[arg(long, value_name = "FILE")]
    rules: Option<PathBuf>,

    /// Write JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Args) -> Result<Status, Failure> {
    let book = rulebook::load(args.rules.as_deref()).map_err(Failure::Rules)?.book;
    let list = Blocklist::builtin();
    let mut out = BufWriter::new(io::stdout().lock());
    match args.json {
        true => writeln!(out, "{:#}", as_json(&list, &book))?,
        false => as_text(&list, &book, &mut out)?,
    }
    out.flush()?;
    Ok(Status::Done)
}

fn as_text(list: &Blocklist, book: &Rulebook, out: &mut impl Write) -> io::Result<()> {
    let style = Style::of_stdout();
    for table in [detector_table(book), number_table(book), injector_table(book)] {
        table.write(out, style, None)?;
        writeln!(out)?;
    }
    entry_table(list).write(out, style, None)
}

/// A table with these headings.
fn table<const N: usize>(headings: [&'static str; N]) -> Table {
    Table::new(headings.map(|heading| (heading, heading)).to_vec())
}

fn detector_table(book: &Rulebook) -> Table {
    let mut table = table(["detector", "id", "rev", "on", "severity", "levels", "finds"]);
    for rule in detectors::rules() {
        let levels: Vec<&str> = rule.levels.iter().map(|level| level.as_str()).collect();
        table.push(vec![
            Cell::left(rule.name),
            Cell::right(rule.id.to_string()),
            Cell::right(rule.revision.to_string()),
            Cell::left(if book.is_on(rule) { "yes" } else { "no" }),
            Cell::left(book.severity(rule).map_or("by level".to_owned(), |severity| severity.to_string())),
            Cell::left(levels.join(", ")),
            Cell::left(rule.message),
        ]);
    }
    table
}

fn number_table(book: &Rulebook) -> Table {
    let mut table = table(["number", "is", "may be", "meaning"]);
    for (knob, number) in book.numbers() {
        table.push(vec![
            Cell::left(knob.name),
            Cell::right(number.to_string()),
            Cell::left(format!("{} to {}", knob.range.start(), knob.range.end())),
            Cell::left(knob.describes),
        ]);
    }
    table
}

fn injector_table(book: &Rulebook) -> Table {
    let mut table = table(["injector", "counts", "source"]);
    for one in &book.settings.fingerprints {
        let counts = if one.distinctive { "yes" } else { "no" };
        table.push(vec![Cell::left(one.name.as_str()), Cell::left(counts), Cell::left(one.source.as_str())]);
    }
    table
}

fn entry_table(list: &Blocklist) -> Table {
    let mut table = table(["class", "kind", "label", "source", "entry"]);
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

fn as_json(list: &Blocklist, book: &Rulebook) -> Value {
    let detectors: Vec<Value> = detectors::rules()
        .map(|rule| {
            let levels: Vec<&str> = rule.levels.iter().map(|level| level.as_str()).collect();
            json!({
                "name": rule.name, "id": rule.id, "revision": rule.revision, "message": rule.message,
                "description": rule.description, "category": rule.category, "levels": levels,
                "enabled": book.is_on(rule), "severity": book.severity(rule),
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
    let numbers = book.numbers().map(|(knob, number)| {
        let (least, most) = (knob.range.start(), knob.range.end());
        json!({ "name": knob.name, "value": number, "min": least, "max": most, "description": knob.describes })
    });
    let injectors = book
        .settings
        .fingerprints
        .iter()
        .map(|one| json!({ "name": one.name, "distinctive": one.distinctive, "source": one.source }));
    json!({
        "detectors": detectors,
        "numbers": numbers.collect::<Vec<_>>(),
        "injectors": injectors.collect::<Vec<_>>(),
        "sources": sources.collect::<Vec<_>>(),
        "entries": entries.collect::<Vec<_>>(),
    })
}
