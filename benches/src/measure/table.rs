//! The table that is printed: medians, and multiples of the first contender.

use std::fmt::Write;
use std::time::Duration;

use super::Measured;

/// A contender's medians.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Who.
    pub name: String,
    /// Its medians and its multiple of the first one's CPU time, or why there are none.
    pub result: Result<Medians, String>,
}

/// Medians over the rounds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Medians {
    /// CPU time.
    pub cpu: Duration,
    /// Median of its multiple of the first contender's in the same round.
    pub ratio: f64,
    /// Wall time.
    pub wall: Duration,
    /// Resident memory at its highest, in kilobytes.
    pub rss: u64,
}

impl Row {
    /// The rows of all contenders; the first is what the others are multiples of.
    pub fn all(measured: &[Measured]) -> Vec<Self> {
        let reference: Vec<Duration> = match measured.first() {
            Some(first) => first.usages.iter().map(|usage| usage.cpu).collect(),
            None => Vec::new(),
        };
        measured.iter().map(|measured| Self::new(measured, &reference)).collect()
    }

    fn new(measured: &Measured, reference: &[Duration]) -> Self {
        let usages = &measured.usages;
        let ratios = usages.iter().zip(reference).map(|(usage, one)| usage.cpu.as_secs_f64() / one.as_secs_f64());
        let mut ratios: Vec<f64> = ratios.collect();
        ratios.sort_by(f64::total_cmp);
        let medians = || {
            Some(Medians {
                cpu: median(usages.iter().map(|usage| usage.cpu).collect())?,
                ratio: ratios.get(ratios.len() / 2).copied()?,
                wall: median(usages.iter().map(|usage| usage.wall).collect())?,
                rss: median(usages.iter().map(|usage| usage.rss).collect())?,
            })
        };
        let failure = || measured.failure.clone().unwrap_or_else(|| "no round".to_owned());
        let result = if measured.failure.is_none() { medians().ok_or_else(failure) } else { Err(failure()) };
        Self { name: measured.contender.name.clone(), result }
    }
}

/// The middle one, the upper of two.
fn median<T: Ord + Copy>(mut values: Vec<T>) -> Option<T> {
    values.sort_unstable();
    values.get(values.len() / 2).copied()
}

/// The rows as a table in Markdown under a title.
pub fn table(title: &str, rows: &[Row]) -> String {
    let mut out = format!("\n### {title}\n\n| | CPU s | × | wall s | RSS MiB |\n|---|---:|---:|---:|---:|\n");
    for Row { name, result } in rows {
        // Writing to a string cannot fail.
        let _ = match result {
            Ok(Medians { cpu, ratio, wall, rss }) => {
                let (cpu, wall, rss) = (cpu.as_secs_f64(), wall.as_secs_f64(), *rss as f64 / 1024.0);
                writeln!(out, "| {name} | {cpu:.3} | {ratio:.2} | {wall:.3} | {rss:.1} |")
            }
            Err(failure) => writeln!(out, "| {name} | {failure} | | | |"),
        };
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::{Contender, Usage};
    use super::*;

    fn measured(name: &str, cpu: &[u64]) -> Measured {
        let usage =
            |&ms: &u64| Usage { cpu: Duration::from_millis(ms), wall: Duration::from_millis(ms), rss: ms * 1024 };
        let usages = cpu.iter().map(usage).collect();
        Measured { contender: Contender::new(name, "x", &[]), usages, failure: None }
    }

    #[test]
    fn multiples_are_of_the_same_round() {
        // The machine was busy in the second round, for both alike.
        let rows = Row::all(&[measured("bare", &[100, 400, 100]), measured("tool", &[200, 800, 201])]);
        let of = |row: &Row| row.result.clone().unwrap();
        assert_eq!((of(&rows[0]).ratio, of(&rows[1]).ratio), (1.0, 2.0));
        assert_eq!(of(&rows[1]).cpu, Duration::from_millis(201));
        assert!(table("t", &rows).contains("| tool | 0.201 | 2.00 | 0.201 | 201.0 |"));
    }

    #[test]
    fn who_fails_says_why() {
        let failed = Measured { failure: Some("exit status: 2".into()), ..measured("tool", &[]) };
        let rows = Row::all(&[measured("bare", &[1]), failed]);
        assert!(table("t", &rows).contains("| tool | exit status: 2 | | | |"));
    }
}
