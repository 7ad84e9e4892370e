//! Rows in columns that line up, within a width. It knows nothing of what they say.

use std::io::{self, Write};

use super::style::{Style, Tone};

/// Spaces between two columns.
const GAP: usize = 2;
/// The first column is not cut below this many characters, however narrow the terminal.
const MIN_FIRST: usize = 12;

/// Rows under headings. The first column gives way where the width is not enough.
#[derive(Debug)]
pub(super) struct Table {
    /// A long heading for a wide table, and a short one.
    headings: Vec<(&'static str, &'static str)>,
    rows: Vec<Vec<Cell>>,
}

/// One field of a row.
#[derive(Clone, Debug)]
pub(super) struct Cell {
    text: String,
    align: Align,
    tone: Tone,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Align {
    Left,
    Right,
}

impl Cell {
    pub(super) fn left(text: impl Into<String>) -> Self {
        Self { text: text.into(), align: Align::Left, tone: Tone::Plain }
    }

    pub(super) fn right(text: impl Into<String>) -> Self {
        Self { text: text.into(), align: Align::Right, tone: Tone::Plain }
    }

    pub(super) fn toned(mut self, tone: Tone) -> Self {
        self.tone = tone;
        self
    }

    fn width(&self) -> usize {
        self.text.chars().count()
    }
}

impl Table {
    /// A table of these columns; each has a long heading and a short one.
    pub(super) fn new(headings: Vec<(&'static str, &'static str)>) -> Self {
        Self { headings, rows: Vec::new() }
    }

    /// Adds a row, with as many cells as there are headings.
    pub(super) fn push(&mut self, row: Vec<Cell>) {
        debug_assert_eq!(row.len(), self.headings.len());
        self.rows.push(row);
    }

    /// Writes headings and rows, not wider than `width` if the columns beside the first let it.
    pub(super) fn write(&self, out: &mut impl Write, style: Style, width: Option<usize>) -> io::Result<()> {
        let long: Vec<&str> = self.headings.iter().map(|(long, _)| *long).collect();
        let short: Vec<&str> = self.headings.iter().map(|(_, short)| *short).collect();
        let fits = width.is_none_or(|width| total(&self.widths(&long)) <= width);
        let headings = if fits { long } else { short };
        let widths = within(self.widths(&headings), width);
        write_row(out, style, &self.heading_row(&headings), &widths)?;
        self.rows.iter().try_for_each(|row| write_row(out, style, row, &widths))
    }

    /// The width that each column asks for.
    fn widths(&self, headings: &[&str]) -> Vec<usize> {
        let mut widths: Vec<usize> = headings.iter().map(|heading| heading.chars().count()).collect();
        for row in &self.rows {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = (*width).max(cell.width());
            }
        }
        widths
    }

    /// The headings, each aligned as its column.
    fn heading_row(&self, headings: &[&str]) -> Vec<Cell> {
        let aligns = |column: usize| self.rows.first().and_then(|row| row.get(column)).map(|cell| cell.align);
        let cell = |(column, heading): (usize, &&str)| Cell {
            text: (*heading).to_owned(),
            align: aligns(column).unwrap_or(Align::Left),
            tone: Tone::Heading,
        };
        headings.iter().enumerate().map(cell).collect()
    }
}

fn total(widths: &[usize]) -> usize {
    widths.iter().sum::<usize>() + GAP * widths.len().saturating_sub(1)
}

/// Takes from the first column what is too much.
fn within(mut widths: Vec<usize>, width: Option<usize>) -> Vec<usize> {
    let excess = width.map_or(0, |width| total(&widths).saturating_sub(width));
    if let Some(first) = widths.first_mut() {
        *first = first.saturating_sub(excess).max(MIN_FIRST.min(*first));
    }
    widths
}

fn write_row(out: &mut impl Write, style: Style, row: &[Cell], widths: &[usize]) -> io::Result<()> {
    for (column, (cell, &width)) in row.iter().zip(widths).enumerate() {
        let text = shortened(&cell.text, width);
        let padding = width - text.chars().count();
        let (before, after) = match cell.align {
            Align::Left if column + 1 == row.len() => (0, 0),
            Align::Left => (0, padding),
            Align::Right => (padding, 0),
        };
        let gap = if column == 0 { 0 } else { GAP };
        let (on, off) = style.around(cell.tone);
        write!(out, "{:indent$}{on}{text}{off}{:after$}", "", "", indent = gap + before)?;
    }
    writeln!(out)
}

/// At most `width` characters of a text; `…` stands for what was cut.
fn shortened(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    let kept = text.chars().take(width.saturating_sub(1));
    kept.chain((width > 0).then_some('…')).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table {
        let mut table = Table::new(vec![("server name", "name"), ("attempts", "att."), ("silence", "silence")]);
        table.push(vec![
            Cell::left("a-rather-long-name.example"),
            Cell::right("7"),
            Cell::right("5/7").toned(Tone::Alarm),
        ]);
        table.push(vec![Cell::left("b.example"), Cell::right("12"), Cell::right("-").toned(Tone::Faint)]);
        table
    }

    fn written(style: Style, width: Option<usize>) -> String {
        let mut out = Vec::new();
        table().write(&mut out, style, width).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn columns_line_up() {
        let expected = "server name                 attempts  silence\n\
                        a-rather-long-name.example         7      5/7\n\
                        b.example                         12        -\n";
        assert_eq!(written(Style::Plain, None), expected);
        assert_eq!(written(Style::Plain, Some(120)), expected);
    }

    #[test]
    fn a_narrow_table_takes_short_headings_first_and_then_cuts_the_first_column() {
        let short = "name                        att.  silence\n\
                     a-rather-long-name.example     7      5/7\n\
                     b.example                     12        -\n";
        assert_eq!(written(Style::Plain, Some(41)), short);
        let cut = "name              att.  silence\n\
                   a-rather-long-n…     7      5/7\n\
                   b.example           12        -\n";
        assert_eq!(written(Style::Plain, Some(31)), cut);
        assert!(written(Style::Plain, Some(5)).contains("a-rather-lo…  "), "the first column keeps a minimum");
    }

    #[test]
    fn colours_take_no_room() {
        let coloured = written(Style::Coloured, None);
        assert!(coloured.contains("\x1b[31m5/7\x1b[0m"), "{coloured}");
        assert!(coloured.contains("\x1b[2m-\x1b[0m"), "{coloured}");
        let plain =
            ["\x1b[1m", "\x1b[2m", "\x1b[31m", "\x1b[0m"].iter().fold(coloured, |text, code| text.replace(code, ""));
        assert_eq!(plain, written(Style::Plain, None));
    }
}
