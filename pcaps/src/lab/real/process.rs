//! Runs commands: the one place that starts programs.

use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{self, Child, Stdio};
use std::{env, fs};

use super::command::Command;
use super::error::RealError;

/// Runs a command to its end; what it wrote to its standard output.
///
/// # Errors
///
/// If it cannot be started, or ends with another status than 0.
pub(super) fn run(command: &Command) -> Result<Vec<u8>, RealError> {
    let output = prepared(command)
        .stdin(Stdio::null())
        .output()
        .map_err(|error| RealError::Start(command.to_string(), error))?;
    match output.status.success() {
        true => Ok(output.stdout),
        false => {
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            Err(RealError::Failed(command.to_string(), said))
        }
    }
}

/// Starts a command that goes on beside us; what it says is appended to `log`.
///
/// # Errors
///
/// If it cannot be started, or the log cannot be written.
pub(super) fn start(command: &Command, log: &Path) -> Result<Child, RealError> {
    let open = || File::options().create(true).append(true).open(log).map_err(RealError::file(log));
    let input = if command.input.is_empty() { Stdio::null() } else { Stdio::piped() };
    let mut child = prepared(command)
        .stdin(input)
        .stdout(open()?)
        .stderr(open()?)
        .spawn()
        .map_err(|error| RealError::Start(command.to_string(), error))?;
    if let Some(mut stdin) = child.stdin.take() {
        // What a client reads fits a pipe's buffer. One that is gone already will be seen to have failed.
        let _ = stdin.write_all(&command.input);
    }
    Ok(child)
}

fn prepared(command: &Command) -> process::Command {
    let words = command.words();
    let (program, arguments) = words.split_first().map_or(("", &[][..]), |(first, rest)| (*first, rest));
    let mut prepared = process::Command::new(program);
    prepared.args(arguments);
    prepared
}

/// Where a program is, in the folders of `PATH` and in those of a superuser.
pub(super) fn find(program: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let folders = env::split_paths(&path).chain(["/usr/sbin".into(), "/sbin".into()]);
    folders.map(|folder| folder.join(program)).find(|file| fs::metadata(file).is_ok_and(|found| found.is_file()))
}
