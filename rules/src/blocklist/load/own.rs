//! Our own format: CSV with a header line that has a column `kind`. `rules/data/README.md` documents the columns for
//! whoever writes one.

use super::{DESCRIPTIONS, Loading, Marks, Problem, Record, csv, fields, lines};
use crate::blocklist::pattern::Pattern;

/// The columns beside those that any record may have ([`Record::describe`]).
const COLUMNS: [&str; 9] =
    ["date", "sha256", "sha1", "spki_sha256", "serial", "issuer_der", "subject_der", "issuer_cn", "issuer_o"];

/// Whether the first line that is no comment is such a header.
pub(super) fn looks_like(bytes: &[u8]) -> bool {
    let header = content(bytes).next().and_then(|(_, line)| csv::fields(&line).ok());
    header.is_some_and(|names| names.iter().any(|name| name == "kind"))
}

pub(super) fn load(bytes: &[u8], loading: &mut Loading) {
    let mut lines = content(bytes);
    let Some((number, header)) = lines.next() else { return };
    let columns = match header_columns(&header) {
        Ok(columns) => columns,
        Err(problem) => return loading.error(number, problem),
    };
    for (number, line) in lines {
        match record(&columns, &line) {
            Ok(record) => loading.entry(number, record),
            Err(problem) => loading.error(number, problem),
        }
    }
}

/// The lines that are neither empty nor a comment.
fn content(bytes: &[u8]) -> impl Iterator<Item = (u32, std::borrow::Cow<'_, str>)> {
    lines(bytes).filter(|(_, line)| !line.is_empty() && !line.starts_with('#'))
}

fn header_columns(header: &str) -> Result<Vec<String>, Problem> {
    let names = csv::fields(header)?;
    match names.iter().find(|name| !COLUMNS.contains(&name.as_str()) && !DESCRIPTIONS.contains(&name.as_str())) {
        Some(unknown) => Err(Problem::Column(unknown.clone())),
        None => Ok(names),
    }
}

/// An empty field says nothing.
fn record(columns: &[String], line: &str) -> Result<Record, Problem> {
    let row = csv::fields(line)?;
    if row.len() != columns.len() {
        return Err(Problem::Fields(row.len(), columns.len()));
    }
    let mut record = Record::default();
    for (column, text) in columns.iter().zip(&row).filter(|(_, text)| !text.is_empty()) {
        record.describe(column, text)?;
        mark(&mut record.marks, column, text)?;
    }
    Ok(record)
}

/// Fills in the mark that stands in this column, if it is a mark's.
fn mark(marks: &mut Marks, column: &str, text: &str) -> Result<(), Problem> {
    match column {
        "sha256" => marks.sha256 = Some(fields::hash("sha256", text)?),
        "sha1" => marks.sha1 = Some(fields::hash("sha1", text)?),
        "spki_sha256" => marks.spki_sha256 = Some(fields::hash("spki_sha256", text)?),
        "serial" => marks.serial = Some(fields::serial("serial", text)?),
        "issuer_der" => marks.issuer = Some(fields::hex("issuer_der", text)?.into()),
        "subject_der" => marks.subject = Some(fields::hex("subject_der", text)?.into()),
        "issuer_cn" => marks.issuer_cn = Some(Pattern::new(text)),
        "issuer_o" => marks.issuer_o = Some(Pattern::new(text)),
        _ => {}
    }
    Ok(())
}
