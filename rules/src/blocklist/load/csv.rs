//! One line of CSV (RFC 4180, without line breaks in a field).

use super::Problem;

/// The fields of a line: separated by commas, blanks around them removed, quoted where they hold a comma or quote.
pub(super) fn fields(line: &str) -> Result<Vec<String>, Problem> {
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
fn quoted_field(text: &str) -> Result<(String, Option<&str>), Problem> {
    let mut field = String::new();
    let mut rest = text;
    loop {
        let (part, behind) = rest.split_once('"').ok_or(Problem::Quote)?;
        field.push_str(part);
        let Some(more) = behind.strip_prefix('"') else { return end_of_quoted(field, behind) };
        field.push('"');
        rest = more;
    }
}

/// Behind a closing quote only blanks may stand before the comma.
fn end_of_quoted(field: String, behind: &str) -> Result<(String, Option<&str>), Problem> {
    match behind.split_once(',') {
        Some((blank, rest)) if blank.trim().is_empty() => Ok((field, Some(rest))),
        None if behind.trim().is_empty() => Ok((field, None)),
        _ => Err(Problem::Quote),
    }
}
