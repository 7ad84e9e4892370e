//! One line of CSV (RFC 4180, without line breaks in a field).

use std::fmt;

/// A quoted field does not end on its line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unclosed;

impl fmt::Display for Unclosed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a quoted field has no end on this line")
    }
}

impl std::error::Error for Unclosed {}

/// The fields of a line: separated by commas, blanks around them removed, quoted where they hold a comma or quote.
///
/// # Errors
///
/// If a quoted field has no end.
pub fn fields(line: &str) -> Result<Vec<String>, Unclosed> {
    let mut fields = Vec::new();
    let mut rest = Some(line);
    while let Some(text) = rest {
        let (field, next) = match text.trim_start().strip_prefix('"') {
            Some(quoted) => quoted_field(quoted)?,
            None => plain_field(text),
        };
        fields.push(field);
        rest = next;
    }
    Ok(fields)
}

fn plain_field(text: &str) -> (String, Option<&str>) {
    match text.split_once(',') {
        Some((field, rest)) => (field.trim().to_owned(), Some(rest)),
        None => (text.trim().to_owned(), None),
    }
}

/// A field whose opening quote was taken off: a doubled quote is one, a single one ends it.
fn quoted_field(text: &str) -> Result<(String, Option<&str>), Unclosed> {
    let mut field = String::new();
    let mut rest = text;
    loop {
        let (part, behind) = rest.split_once('"').ok_or(Unclosed)?;
        field.push_str(part);
        let Some(more) = behind.strip_prefix('"') else { return end_of_quoted(field, behind) };
        field.push('"');
        rest = more;
    }
}

/// Behind a closing quote only blanks may stand before the comma.
fn end_of_quoted(field: String, behind: &str) -> Result<(String, Option<&str>), Unclosed> {
    match behind.split_once(',') {
        Some((blank, rest)) if blank.trim().is_empty() => Ok((field, Some(rest))),
        None if behind.trim().is_empty() => Ok((field, None)),
        _ => Err(Unclosed),
    }
}
