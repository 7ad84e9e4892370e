//! How far a long work is, as a line: bytes, rate, time left. Pure: it is handed the time that has passed.

use std::time::Duration;

use super::units::{scaled, stopwatch};

/// The bar is not drawn below this many characters, and not longer than the second.
const BAR: (usize, usize) = (10, 30);

/// How far the reading is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Sample {
    /// Bytes of the inputs that were read.
    pub(super) read: u64,
    /// Bytes that there are, where that is known.
    pub(super) total: Option<u64>,
    pub(super) packets: u64,
}

impl Sample {
    /// A line for a terminal that is so many characters wide.
    pub(super) fn line(&self, elapsed: Duration, width: usize) -> String {
        let words = self.words(elapsed);
        // The last column stays free: some terminals wrap as soon as it is written.
        let room = width.saturating_sub(1);
        let line = match self.total.filter(|total| *total > 0) {
            Some(total) => {
                let length = room.saturating_sub(words.len() + 4).min(BAR.1);
                let bar = if length < BAR.0 { String::new() } else { bar(self.read, total, length) + "  " };
                bar + &words
            }
            None => words,
        };
        line.chars().take(room).collect()
    }

    fn words(&self, elapsed: Duration) -> String {
        let rate = per_second(self.read, elapsed);
        let packets = format!("{} packets", scaled(self.packets));
        let rate_words = format!("{}B/s", scaled(rate));
        let Some(total) = self.total else {
            return format!("{}B  {rate_words}  {packets}  {}", scaled(self.read), stopwatch(elapsed));
        };
        let percent = share(self.read, total, 100);
        let left = total
            .saturating_sub(self.read)
            .checked_div(rate)
            .map_or(String::from("-:--"), |seconds| stopwatch(Duration::from_secs(seconds)));
        let bytes = format!("{}B of {}B", scaled(self.read), scaled(total));
        format!("{percent:>3}%  {bytes}  {rate_words}  {packets}  {left} left")
    }
}

/// `[=====>    ]`, so many characters between the brackets.
fn bar(read: u64, total: u64, length: usize) -> String {
    let done = usize::try_from(share(read, total, length as u64)).unwrap_or(length);
    let head = if done < length { ">" } else { "" };
    format!("[{}{head}{}]", "=".repeat(done), " ".repeat(length - done - head.len()))
}

/// How many of `whole` parts are done. Files may grow while they are read, so that never more than all are.
fn share(read: u64, total: u64, whole: u64) -> u64 {
    let parts = u128::from(read) * u128::from(whole) / u128::from(total.max(1));
    u64::try_from(parts).map_or(whole, |parts| parts.min(whole))
}

fn per_second(count: u64, elapsed: Duration) -> u64 {
    let millis = elapsed.as_millis().max(1);
    u64::try_from(u128::from(count) * 1000 / millis).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HALF: Sample = Sample { read: 1_250_000_000, total: Some(2_500_000_000), packets: 4_100_000 };

    #[test]
    fn a_line_says_bytes_rate_and_time_left() {
        let elapsed = Duration::from_secs(5);
        let words = " 50%  1.2 GB of 2.5 GB  250 MB/s  4.1 M packets  0:05 left";
        assert_eq!(HALF.line(elapsed, 120), format!("[{}>{}]  {words}", "=".repeat(15), " ".repeat(14)));
        assert_eq!(HALF.line(elapsed, 60), words, "no room for a bar");
        let unknown = Sample { total: None, ..HALF };
        assert_eq!(unknown.line(elapsed, 120), "1.2 GB  250 MB/s  4.1 M packets  0:05");
    }

    #[test]
    fn a_line_is_never_as_wide_as_the_terminal() {
        let (few, many) = (Sample { read: 0, total: Some(0), packets: 0 }, u64::MAX);
        let most = Sample { read: many, total: Some(many), packets: many };
        for sample in [HALF, few, most, Sample { read: many, total: Some(1), packets: 7 }] {
            for width in 0..150 {
                for millis in [0, 1, 1_000, 86_400_000_000] {
                    let line = sample.line(Duration::from_millis(millis), width);
                    assert!(line.chars().count() <= width.saturating_sub(1), "{width}: {line}");
                }
            }
        }
    }

    #[test]
    fn a_bar_has_the_length_that_it_is_given() {
        assert_eq!(bar(0, 10, 4), "[>   ]");
        assert_eq!(bar(20, 10, 4), "[====]");
    }
}
