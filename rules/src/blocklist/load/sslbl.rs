//! abuse.ch SSLBL: `Listingdate,SHA1,Listingreason`, one server's certificate a line.

use super::{Kind, Loading, Marks, Problem, Record, csv, fields, lines};

pub(super) fn load(bytes: &[u8], loading: &mut Loading) {
    for (number, line) in lines(bytes).filter(|(_, line)| !line.is_empty() && !line.starts_with('#')) {
        match record(&line) {
            Ok(Some(record)) => loading.entry(number, record),
            Ok(None) => {}
            Err(problem) => loading.error(number, problem),
        }
    }
}

/// The record of a line; `None` for a header line.
fn record(line: &str) -> Result<Option<Record>, Problem> {
    let row = csv::fields(line)?;
    let [date, sha1, reason] = row.as_slice() else { return Err(Problem::Fields(row.len(), 3)) };
    if sha1.eq_ignore_ascii_case("sha1") {
        return Ok(None);
    }
    Ok(Some(Record {
        kind: Some(Kind::Leaf),
        label: Some(reason.clone()),
        reason: format!("listed {date}"),
        marks: Marks { sha1: Some(fields::hash("SHA-1", sha1)?), ..Marks::default() },
        ..Record::default()
    }))
}
