//! The command `hushwire` as a person or a script meets it: exit statuses, what goes to which output, help.
#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "cli/config.rs"]
mod config;
#[path = "cli/input.rs"]
mod input;
#[path = "cli/privacy.rs"]
mod privacy;
#[path = "cli/replay.rs"]
mod replay;
#[path = "cli/rules.rs"]
mod rules;
#[path = "cli/run.rs"]
mod run;
#[path = "cli/score.rs"]
mod score;
#[path = "cli/terminal.rs"]
mod terminal;

use run::{Ran, hushwire};

#[test]
fn help_teaches_with_examples_and_names_every_command() {
    let Ran { status, stdout, stderr } = hushwire(["--help"]);
    assert_eq!((status, stderr.as_str()), (0, ""));
    for expected in ["silenced, reset or intercepted", "replay", "rules", "Examples:\n  hushwire "] {
        assert!(stdout.contains(expected), "{expected:?} is not in\n{stdout}");
    }
}

#[test]
fn the_version_is_one_line() {
    let ran = hushwire(["--version"]);
    assert_eq!((ran.status, ran.stdout), (0, format!("hushwire {}\n", env!("CARGO_PKG_VERSION"))));
}

#[test]
fn wrong_arguments_are_an_error() {
    for arguments in [&[][..], &["rewind"], &["rules", "check"], &["rules", "list", "--jsno"]] {
        let ran = hushwire(arguments);
        assert_eq!((ran.status, ran.stdout.as_str()), (2, ""), "{arguments:?}");
        assert!(ran.stderr.contains("Usage: hushwire"), "{}", ran.stderr);
    }
}
