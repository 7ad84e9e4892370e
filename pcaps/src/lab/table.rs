//! The table of a whole run: what was detected and who was accused wrongly, for each scenario and vantage.

use std::fmt::Write as _;

use sensor::score::{Mark, Share};

use super::run::Judged;

/// Columns that follow the names.
const HEADS: [&str; 8] =
    ["disturbed", "detected", "misnamed", "missed", "undecided", "unseen", "waiting", "false alarms"];

/// The table, a line for each scenario and vantage, with the sum for each vantage at its end.
pub fn of(runs: &[(String, Vec<Judged>)]) -> String {
    let mut rows = vec![row("scenario", "vantage", HEADS.map(str::to_owned))];
    for (name, judged) in runs {
        rows.extend(judged.iter().map(|judged| row(name, judged.point.as_str(), cells(&[judged]))));
    }
    let all = || runs.iter().flat_map(|(_, judged)| judged);
    let mut points: Vec<_> = all().map(|judged| judged.point).collect();
    points.sort_unstable();
    points.dedup();
    for point in points {
        let there: Vec<&Judged> = all().filter(|judged| judged.point == point).collect();
        rows.push(row("all", point.as_str(), cells(&there)));
    }
    aligned(&rows)
}

fn row(scenario: &str, vantage: &str, cells: [String; HEADS.len()]) -> Vec<String> {
    [scenario.to_owned(), vantage.to_owned()].into_iter().chain(cells).collect()
}

fn cells(judged: &[&Judged]) -> [String; HEADS.len()] {
    let count = |mark| judged.iter().map(|judged| judged.score.count(mark)).sum::<usize>();
    let sum = |share: fn(&Judged) -> Share| {
        let shares = judged.iter().map(|judged| share(judged));
        shares.fold(Share { part: 0, whole: 0 }, |sum, one| Share {
            part: sum.part + one.part,
            whole: sum.whole + one.whole,
        })
    };
    let (detected, false_alarms) =
        (sum(|judged| judged.score.detected()), sum(|judged| judged.score.falsely_accused()));
    let number = |count: usize| if count == 0 { "-".to_owned() } else { count.to_string() };
    [
        number(detected.whole + count(Mark::Waiting)),
        percent(detected),
        number(count(Mark::Misnamed)),
        number(count(Mark::Missed)),
        number(count(Mark::Undecided)),
        number(count(Mark::Unseen)),
        number(count(Mark::Waiting)),
        format!("{}/{}", false_alarms.part, false_alarms.whole),
    ]
}

fn percent(share: Share) -> String {
    share.ratio().map_or("-".to_owned(), |ratio| format!("{:.1} %", ratio * 100.0))
}

/// Columns as wide as their widest cell, names to the left and numbers to the right.
fn aligned(rows: &[Vec<String>]) -> String {
    let width = |column| rows.iter().filter_map(|row| row.get(column)).map(String::len).max().unwrap_or(0);
    let mut out = String::new();
    for row in rows {
        for (column, cell) in row.iter().enumerate() {
            let (gap, width) = (if column == 0 { "" } else { "  " }, width(column));
            // Writing into a text cannot fail.
            let _ = match column {
                0 | 1 => write!(out, "{gap}{cell:<width$}"),
                _ => write!(out, "{gap}{cell:>width$}"),
            };
        }
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::point::Point;
    use sensor::score::Score;
    use sensor::score::labels::Labels;

    fn judged(point: Point, actions: &[&str]) -> Judged {
        let rows: String = actions.iter().enumerate().map(|(number, action)| format!("{number},{action}\n")).collect();
        let labels = Labels::read(&format!("index,action\n{rows}"), None).unwrap().labels;
        Judged { point, score: Score::of(labels, Vec::new()), broken: Vec::new() }
    }

    #[test]
    fn rows_are_summed_for_each_vantage_and_columns_are_aligned() {
        let runs = [
            ("one".to_owned(), vec![judged(Point::Client, &["drop", "pass"]), judged(Point::Server, &["pass"])]),
            ("another".to_owned(), vec![judged(Point::Client, &["reset", "drop"])]),
        ];
        let table = of(&runs);
        let words: Vec<Vec<&str>> = table.lines().skip(1).map(|line| line.split_whitespace().collect()).collect();
        assert_eq!(
            words,
            [
                vec!["one", "client", "1", "0.0", "%", "-", "-", "-", "1", "-", "0/1"],
                vec!["one", "server", "-", "-", "-", "-", "-", "-", "-", "0/1"],
                vec!["another", "client", "2", "0.0", "%", "-", "-", "-", "2", "-", "0/0"],
                vec!["all", "client", "3", "0.0", "%", "-", "-", "-", "3", "-", "0/1"],
                vec!["all", "server", "-", "-", "-", "-", "-", "-", "-", "0/1"],
            ]
        );
        let widths: Vec<usize> = table.lines().map(str::len).collect();
        assert!(widths.iter().all(|width| *width == widths[0]), "{table}");
    }
}
