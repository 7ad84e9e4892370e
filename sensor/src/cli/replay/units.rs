//! Numbers and times as a person reads them.

use std::time::Duration;

/// A number with two or three digits and an SI prefix, as `1.2 G`; one without a prefix ends in the space, so that a unit
/// can follow either.
pub(super) fn scaled(number: u64) -> String {
    const PREFIXES: [(u64, &str); 5] =
        [(1_000_000_000_000_000, "P"), (1_000_000_000_000, "T"), (1_000_000_000, "G"), (1_000_000, "M"), (1_000, "k")];
    let Some((unit, prefix)) = PREFIXES.into_iter().find(|(unit, _)| number >= *unit) else {
        return format!("{number} ");
    };
    let (whole, tenth) = (number / unit, number % unit / (unit / 10));
    if whole < 100 { format!("{whole}.{tenth} {prefix}") } else { format!("{whole} {prefix}") }
}

/// `1 packet`, `2 packets`.
pub(super) fn counted(count: u64, what: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {what}{plural}")
}

/// `0:07`, `12:30`, `3:00:00`.
pub(super) fn stopwatch(time: Duration) -> String {
    let seconds = time.as_secs();
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if hours > 0 { format!("{hours}:{minutes:02}:{seconds:02}") } else { format!("{minutes}:{seconds:02}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short() {
        let cases =
            [(0, "0 "), (999, "999 "), (1_000, "1.0 k"), (99_949, "99.9 k"), (100_000, "100 k"), (999_999, "999 k")];
        for (number, expected) in cases {
            assert_eq!(scaled(number), expected);
        }
        assert_eq!((counted(1, "file"), counted(0, "file")), ("1 file".to_owned(), "0 files".to_owned()));
        assert_eq!(stopwatch(Duration::from_secs(7)), "0:07");
        assert_eq!(stopwatch(Duration::from_secs(10_800)), "3:00:00");
    }
}
