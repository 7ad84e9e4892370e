//! What only a terminal shows: colours, and the progress of long work. `script` (util-linux) gives the command one; where
//! there is no such program the tests say so and pass.

use std::process::Command;

use crate::run::{Ran, project};

/// Runs a line of shell with a terminal; both outputs arrive as standard output.
fn on_a_terminal(line: &str) -> Option<Ran> {
    let mut script = Command::new("script");
    script.args(["--quiet", "--return", "--command", line, "/dev/null"]);
    script.env("HUSHWIRE", env!("CARGO_BIN_EXE_hushwire")).env("TERM", "xterm").env_remove("NO_COLOR");
    script.env("CAPTURE", project("pcaps/cases/silence-unacknowledged/capture.pcap"));
    match script.output() {
        Ok(output) => Some(output.into()),
        Err(error) => {
            eprintln!("skipped: script: {error}");
            None
        }
    }
}

#[test]
fn a_terminal_has_colours_unless_somebody_refuses_them() {
    for (line, coloured) in [
        (r#""$HUSHWIRE" replay "$CAPTURE""#, true),
        (r#"NO_COLOR=1 "$HUSHWIRE" replay "$CAPTURE""#, false),
        (r#"TERM=dumb "$HUSHWIRE" replay "$CAPTURE""#, false),
        (r#""$HUSHWIRE" replay "$CAPTURE" | cat"#, false),
        (r#"NO_COLOR=1 "$HUSHWIRE" rules list"#, false),
        (r#"NO_COLOR=1 "$HUSHWIRE" replay --help"#, false),
    ] {
        let Some(ran) = on_a_terminal(line) else { return };
        assert_eq!((ran.status, ran.stdout.contains('\x1b')), (0, coloured), "{line}\n{}", ran.stdout);
    }
}

#[test]
fn work_longer_than_a_second_shows_progress_and_takes_it_away() {
    let slow = r#"{ head -c 300 "$CAPTURE"; sleep 1.2; tail -c +301 "$CAPTURE"; } | "$HUSHWIRE" replay - "#;
    let Some(ran) = on_a_terminal(slow) else { return };
    let (line, rest) = ran.stdout.split_once("\r\x1b[K").and_then(|(_, after)| after.split_once("\r\x1b[K")).unwrap();
    assert!(line.contains("B/s") && line.contains("packets") && line.ends_with("0:01"), "{line}");
    assert!(rest.contains("blocked.example"), "the table comes on a clean line: {rest}");
}

#[test]
fn neither_short_work_nor_quiet_nor_a_pipe_shows_progress() {
    let slow = r#"{ head -c 300 "$CAPTURE"; sleep 1.2; tail -c +301 "$CAPTURE"; } | "$HUSHWIRE" replay -"#;
    for line in [r#""$HUSHWIRE" replay "$CAPTURE""#, &format!("{slow} -q"), &format!("{slow} 2>/dev/null")] {
        let Some(ran) = on_a_terminal(line) else { return };
        assert!(!ran.stdout.contains("B/s"), "{line}\n{}", ran.stdout);
    }
}
