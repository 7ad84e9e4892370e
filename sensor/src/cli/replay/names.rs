//! The table of server names, each count with its denominator. Their order is that of the statistics.

use rules::outcome::Outcome;
use sensor::output;

use crate::cli::style::Tone;
use crate::cli::table::{Cell, Table};

/// What came of the attempts for one server name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) name: String,
    pub(super) attempts: u64,
    /// Attempts that count in a rate: those neither unresolved nor abandoned.
    pub(super) decided: u64,
    pub(super) completed: u64,
    /// Silences, after the hello or in the midst of the handshake.
    pub(super) silence: u64,
    /// Silences after the hello that were witnessed for 10 s or longer.
    pub(super) hard: u64,
    /// Resets, after the hello or in the midst of the handshake.
    pub(super) reset: u64,
    /// Attempts with an alert about the server's chain.
    pub(super) chain: u64,
    /// Alerts, less those withdrawn.
    pub(super) alerts: u64,
}

/// A column: its headings, what it shows of a row, and the number that says whether there is anything to show.
struct Column {
    headings: (&'static str, &'static str),
    count: fn(&Row) -> u64,
    cell: fn(&Row) -> Cell,
}

/// All columns behind the name. One in which no row has anything is left out.
const COLUMNS: [Column; 8] = [
    Column { headings: ("attempts", "att."), count: |row| row.attempts, cell: |row| number(row.attempts) },
    Column { headings: ("completed", "compl."), count: |row| row.completed, cell: |row| number(row.completed) },
    Column { headings: ("silence", "silence"), count: |row| row.silence, cell: silence },
    Column { headings: ("reset", "reset"), count: |row| row.reset, cell: |row| share(row.reset, row.decided) },
    Column { headings: ("chain", "chain"), count: |row| row.chain, cell: |row| share(row.chain, row.attempts) },
    Column { headings: ("other", "other"), count: Row::other, cell: |row| number(row.other()) },
    Column { headings: ("undecided", "undec."), count: Row::undecided, cell: |row| number(row.undecided()) },
    Column { headings: ("alerts", "alerts"), count: |row| row.alerts, cell: |row| alarm(row.alerts) },
];

impl Row {
    /// The row of a name as the statistics have it.
    pub(super) fn new(name: &str, row: &output::Row) -> Self {
        let count = |number: i64| u64::try_from(number).unwrap_or(0);
        Self {
            name: if name.is_empty() { "(no name)".to_owned() } else { name.to_owned() },
            attempts: row.attempts(),
            decided: row.decided(),
            completed: row.outcome(Outcome::Completed),
            silence: row.outcome(Outcome::SilenceAfterHello) + row.outcome(Outcome::SilenceMidHandshake),
            hard: row.silence_hard(),
            reset: row.outcome(Outcome::ResetAfterHello) + row.outcome(Outcome::ResetMidHandshake),
            chain: count(row.chain_alerts()),
            alerts: count(row.alerts()),
        }
    }

    fn undecided(&self) -> u64 {
        self.attempts.saturating_sub(self.decided)
    }

    /// Decided attempts of outcomes that have no column.
    fn other(&self) -> u64 {
        self.decided.saturating_sub(self.completed).saturating_sub(self.silence).saturating_sub(self.reset)
    }

    fn in_trouble(&self) -> bool {
        self.alerts + self.silence + self.reset + self.chain > 0
    }

    fn add(&mut self, other: &Self) {
        self.attempts += other.attempts;
        self.decided += other.decided;
        self.completed += other.completed;
        self.silence += other.silence;
        self.hard += other.hard;
        self.reset += other.reset;
        self.chain += other.chain;
        self.alerts += other.alerts;
    }
}

/// The first `top` rows as a table, all rows' sum at its end, and a sentence about those that have no place in it.
pub(super) fn table(rows: &[Row], top: usize) -> (Table, Option<String>) {
    let mut all = Row { name: "all names".to_owned(), ..Row::default() };
    rows.iter().for_each(|row| all.add(row));
    let columns: Vec<&Column> = COLUMNS.iter().filter(|column| (column.count)(&all) > 0).collect();
    let mut headings = vec![("server name", "server name")];
    headings.extend(columns.iter().map(|column| column.headings));
    let mut table = Table::new(headings);
    let shown = rows.iter().take(top).chain([&all]);
    shown.for_each(|row| table.push(cells(row, &columns)));
    (table, left_out(rows.get(top..).unwrap_or_default()))
}

fn cells(row: &Row, columns: &[&Column]) -> Vec<Cell> {
    let name = Cell::left(row.name.as_str());
    std::iter::once(name).chain(columns.iter().map(|column| (column.cell)(row))).collect()
}

fn left_out(rows: &[Row]) -> Option<String> {
    let troubled = rows.iter().filter(|row| row.in_trouble()).count();
    let troubled = if troubled == 0 { "none".to_owned() } else { troubled.to_string() };
    (!rows.is_empty()).then(|| format!("{} more names, {troubled} of them in trouble (--top shows more)", rows.len()))
}

fn number(count: u64) -> Cell {
    match count {
        0 => Cell::right("-").toned(Tone::Faint),
        count => Cell::right(count.to_string()),
    }
}

fn alarm(count: u64) -> Cell {
    if count == 0 { number(0) } else { number(count).toned(Tone::Alarm) }
}

/// `5/7`.
fn share(count: u64, of: u64) -> Cell {
    if count == 0 { number(0) } else { Cell::right(format!("{count}/{of}")).toned(Tone::Alarm) }
}

/// `5/7 hard 4`.
fn silence(row: &Row) -> Cell {
    match row.hard {
        0 => share(row.silence, row.decided),
        hard => Cell::right(format!("{}/{} hard {hard}", row.silence, row.decided)).toned(Tone::Alarm),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::style::Style;

    fn healthy(name: &str, attempts: u64) -> Row {
        Row { name: name.to_owned(), attempts, decided: attempts, completed: attempts, ..Row::default() }
    }

    fn rows() -> Vec<Row> {
        let silenced =
            Row { attempts: 8, decided: 7, completed: 1, silence: 5, hard: 4, alerts: 4, ..healthy("news.example", 0) };
        let reset = Row { attempts: 6, decided: 6, reset: 6, alerts: 6, ..healthy("forum.example", 0) };
        let forged = Row { chain: 5, alerts: 5, ..healthy("mail.example", 5) };
        vec![reset, forged, silenced, healthy("often.example", 40), healthy("a.example", 3), healthy("b.example", 3)]
    }

    fn written(rows: Vec<Row>, top: usize, width: Option<usize>) -> (String, Option<String>) {
        let (table, left_out) = table(&rows, top);
        let mut out = Vec::new();
        table.write(&mut out, Style::Plain, width).unwrap();
        (String::from_utf8(out).unwrap(), left_out)
    }

    #[test]
    fn every_count_has_its_denominator() {
        let expected = "\
server name    attempts  completed      silence  reset  chain  other  undecided  alerts
forum.example         6          -            -    6/6      -      -          -       6
mail.example          5          5            -      -    5/5      -          -       5
news.example          8          1   5/7 hard 4      -      -      1          1       4
often.example        40         40            -      -      -      -          -       -
a.example             3          3            -      -      -      -          -       -
b.example             3          3            -      -      -      -          -       -
all names            65         52  5/64 hard 4   6/64   5/65      1          1      15
";
        assert_eq!(written(rows(), 99, None), (expected.to_owned(), None));
    }

    #[test]
    fn everything_fits_into_80_columns() {
        let (table, _) = written(rows(), 99, Some(80));
        assert!(table.lines().all(|line| line.chars().count() <= 80), "{table}");
        assert!(table.contains("news.example"), "{table}");
    }

    #[test]
    fn columns_without_content_and_rows_beyond_the_top_are_left_out() {
        let (table, left_out) = written(rows(), 2, None);
        assert_eq!(table.lines().count(), 4);
        assert_eq!(left_out.as_deref(), Some("4 more names, 1 of them in trouble (--top shows more)"));
        let (table, _) = written(vec![healthy("a.example", 3)], 2, None);
        assert_eq!(table.lines().next(), Some("server name  attempts  completed"));
    }

    #[test]
    fn silences_that_are_not_hard_say_so_by_saying_nothing() {
        let soft = Row { attempts: 2, decided: 2, silence: 2, ..Row::default() };
        let (table, _) = written(vec![soft], 9, None);
        assert!(table.contains(" 2/2\n") && !table.contains("hard"), "{table}");
    }
}
