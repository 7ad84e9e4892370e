//! Colours: only on a terminal, and never where `NO_COLOR` is set (<https://no-color.org>).

use std::ffi::OsStr;
use std::io::{self, IsTerminal as _};

/// What a text says beside its words.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Tone {
    #[default]
    Plain,
    /// Names a column.
    Heading,
    /// Nothing there: a zero.
    Faint,
    /// Trouble.
    Alarm,
}

/// Whether to colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Style {
    #[default]
    Plain,
    Coloured,
}

impl Style {
    /// How to write to standard output.
    pub(super) fn of_stdout() -> Self {
        let variable = |name| std::env::var_os(name);
        Self::of(io::stdout().is_terminal(), variable("NO_COLOR").as_deref(), variable("TERM").as_deref())
    }

    fn of(terminal: bool, no_color: Option<&OsStr>, term: Option<&OsStr>) -> Self {
        let refused = no_color.is_some_and(|value| !value.is_empty()) || term.is_some_and(|term| term == "dumb");
        if terminal && !refused { Self::Coloured } else { Self::Plain }
    }

    /// What to write before and after a text of this tone (ECMA-48, SGR).
    pub(super) fn around(self, tone: Tone) -> (&'static str, &'static str) {
        match (self, tone) {
            (Self::Plain, _) | (_, Tone::Plain) => ("", ""),
            (Self::Coloured, Tone::Heading) => ("\x1b[1m", "\x1b[0m"),
            (Self::Coloured, Tone::Faint) => ("\x1b[2m", "\x1b[0m"),
            (Self::Coloured, Tone::Alarm) => ("\x1b[31m", "\x1b[0m"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_need_a_terminal_that_has_them_and_nobody_who_refuses() {
        let cases = [
            (true, None, Some("xterm"), Style::Coloured),
            (true, Some(""), Some("xterm"), Style::Coloured),
            (true, None, None, Style::Coloured),
            (true, Some("1"), Some("xterm"), Style::Plain),
            (true, Some("0"), Some("xterm"), Style::Plain),
            (true, None, Some("dumb"), Style::Plain),
            (false, None, Some("xterm"), Style::Plain),
        ];
        for (terminal, no_color, term, style) in cases {
            let got = Style::of(terminal, no_color.map(OsStr::new), term.map(OsStr::new));
            assert_eq!(got, style, "{terminal} {no_color:?} {term:?}");
        }
        assert_eq!(Style::Plain.around(Tone::Alarm), ("", ""));
    }
}
