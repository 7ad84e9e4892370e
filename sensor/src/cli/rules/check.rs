//! `hushwire rules check`.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use rules::blocklist::{Class, Kind, Loaded, load};
use rules::detectors;
use sensor::rulebook::{self, LoadedRules};

use crate::cli::complain;
use crate::cli::exit::{Failure, Status};

/// Check files of rules and blocklists without using them
///
/// A file whose name ends with .toml is one of rules (--rules), and the lists of injectors that it names are read too. Of a
/// blocklist it tells the format, counts its entries by class and kind, and names every line that is wrong. Formats, told by the content:
/// PEM or DER certificates and keys, OneCRL (JSON), SSLBL (CSV), and CSV of our own with a column `kind`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Exit status: 0 if all is well, 2 if anything is wrong.\n\n\
                  Example:\n  hushwire rules check my-roots.pem && hushwire replay capture.pcap --blocklist my-roots.pem")]
pub(in crate::cli) struct Args {
    /// Files of rules, or blocklists
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
}

pub(super) fn run(args: &Args) -> Result<Status, Failure> {
    let mut out = io::stdout().lock();
    let mut status = Status::Done;
    for file in &args.files {
        if !check(file, &mut out)? {
            status = Status::Error;
        }
    }
    Ok(status)
}

/// Whether all is well with a file.
fn check(file: &Path, out: &mut impl Write) -> io::Result<bool> {
    if file.extension().is_some_and(|extension| extension == "toml") { rules(file, out) } else { blocklist(file, out) }
}

fn rules(file: &Path, out: &mut impl Write) -> io::Result<bool> {
    match rulebook::load(Some(file)) {
        Ok(LoadedRules { book, files }) => {
            let revision = files.first().map_or("", |file| &file.revision);
            let off = detectors::rules().filter(|rule| !book.is_on(rule)).count();
            let (off, numbers) = (counted(off, "detector", "detectors"), book.changed_numbers().count());
            let (numbers, lists) =
                (counted(numbers, "number", "numbers"), counted(files.iter().skip(1).count(), "list", "lists"));
            let file = file.display();
            writeln!(
                out,
                "{file}: rules, revision {revision}, {off} off, {numbers} set, {lists} of injectors, no errors"
            )?;
            Ok(true)
        }
        Err(error) => {
            complain(&error);
            Ok(false)
        }
    }
}

fn blocklist(file: &Path, out: &mut impl Write) -> io::Result<bool> {
    let bytes = match fs::read(file) {
        Ok(bytes) => bytes,
        Err(error) => {
            complain(&format_args!("{}: {error}", file.display()));
            return Ok(false);
        }
    };
    let loaded = load(&file.to_string_lossy(), &bytes, None);
    writeln!(out, "{}", summary(&loaded))?;
    loaded.errors.iter().for_each(|error| complain(error));
    if loaded.error_count > loaded.errors.len() {
        complain(&format_args!("{}: and {} more errors", loaded.name, loaded.error_count - loaded.errors.len()));
    }
    Ok(loaded.error_count == 0)
}

/// `roots.pem: PEM, revision 0123456789ab, 3 entries (2 interception root, 1 revoked leaf), no errors`
fn summary(loaded: &Loaded) -> String {
    let (name, format, revision) = (&loaded.name, loaded.format.as_str(), &loaded.revision);
    let entries = counted(loaded.entries.len(), "entry", "entries");
    let errors = counted(loaded.error_count, "error", "errors");
    let kinds = kinds(loaded);
    let kinds = if kinds.is_empty() { String::new() } else { format!(" ({})", kinds.join(", ")) };
    format!("{name}: {format}, revision {revision}, {entries}{kinds}, {errors}")
}

fn kinds(loaded: &Loaded) -> Vec<String> {
    let pairs = Class::ALL.into_iter().flat_map(|class| Kind::ALL.map(|kind| (class, kind)));
    let counts = pairs.map(|(class, kind)| {
        let count = loaded.entries.iter().filter(|entry| entry.class == class && entry.kind == kind).count();
        (count, class, kind)
    });
    let present = counts.filter(|(count, ..)| *count > 0);
    present.map(|(count, class, kind)| format!("{count} {} {}", class.as_str(), kind.as_str())).collect()
}

fn counted(count: usize, one: &str, many: &str) -> String {
    match count {
        0 => format!("no {many}"),
        1 => format!("1 {one}"),
        _ => format!("{count} {many}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_summary_counts_by_class_and_kind() {
        let csv =
            b"kind,class,label,sha256\nroot,,a,0000000000000000000000000000000000000000000000000000000000000001\n\
            leaf,revoked,b,0000000000000000000000000000000000000000000000000000000000000002\nroot,,c,zz\n";
        let summary = summary(&load("my.csv", csv, None));
        assert!(summary.starts_with("my.csv: CSV, revision "), "{summary}");
        assert!(summary.ends_with(", 2 entries (1 interception root, 1 revoked leaf), 1 error"), "{summary}");
    }
}
