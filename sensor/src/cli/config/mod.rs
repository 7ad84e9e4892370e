//! Options of `hushwire live` from a file, and `hushwire config check`.
//!
//! The file has no options of its own: each key is a long option of the command, so that what can be typed can be written
//! and is checked alike. What is typed wins.

pub(super) mod error;

use std::ffi::OsString;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use clap::parser::ValueSource;
use clap::{CommandFactory as _, Parser as _, Subcommand};
use sensor::blocklists;
use sensor::capture::FilterSet;
use sensor::rulebook;
use toml::{Table, Value};

use self::error::{ConfigError, Kind};
use super::exit::{Failure, Status};
use super::live;

/// Work with configuration files
#[derive(Debug, Subcommand)]
#[command(after_help = "Example:\n  hushwire config check /etc/hushwire/hushwire.toml")]
pub(super) enum Command {
    /// Check a configuration file of `hushwire live` without capturing
    ///
    /// Reads the rules and blocklists that it names, too. Exit status: 0 if all is well, 2 if anything is wrong.
    Check {
        /// The file
        file: PathBuf,
    },
}

impl Command {
    pub(super) fn run(self) -> Result<Status, Failure> {
        let Self::Check { file } = self;
        let options = check(&file).map_err(|kind| Failure::Config(ConfigError { file: file.clone(), kind }))?;
        writeln!(io::stdout().lock(), "{}: {options} options, no errors", file.display())?;
        Ok(Status::Done)
    }
}

/// The arguments of `live` as they were typed behind the command's name, with those that their file of options adds.
pub(super) fn completed(args: live::Args, typed: &[OsString]) -> Result<live::Args, Failure> {
    let Some(file) = &args.config else { return Ok(args) };
    let arguments = read(file).and_then(|table| arguments(table, &typed_options(typed)));
    let arguments = arguments.and_then(|from_file| parse(from_file.into_iter().chain(typed.iter().cloned())));
    arguments.map_err(|kind| Failure::Config(ConfigError { file: file.clone(), kind }))
}

/// How many options there are, if all is well.
fn check(file: &Path) -> Result<usize, Kind> {
    let table = read(file)?;
    let options = table.len();
    let config = parse(arguments(table, &[])?.into_iter())?.config();
    config.capture.filter.as_deref().map(FilterSet::new).transpose().map_err(Kind::Filter)?;
    rulebook::load(config.settings.rules.as_deref()).map_err(Kind::Rules)?;
    blocklists::load(&config.settings.blocklists).map_err(Kind::Blocklist)?;
    Ok(options)
}

fn read(file: &Path) -> Result<Table, Kind> {
    let text = fs::read_to_string(file).map_err(Kind::Read)?;
    text.parse().map_err(|error| Kind::Syntax(Box::new(error)))
}

fn parse(arguments: impl Iterator<Item = OsString>) -> Result<live::Args, Kind> {
    let line = ["hushwire", "live"].map(OsString::from).into_iter().chain(arguments);
    match super::Args::try_parse_from(line) {
        Ok(super::Args { command: super::Command::Live(args) }) => Ok(*args),
        Ok(_) => Err(Kind::Refused("not for `live`".to_owned())),
        Err(error) => {
            let words = error.to_string();
            let sentence = words.split("\n\n").next().unwrap_or_default();
            Err(Kind::Refused(sentence.trim_start_matches("error: ").to_owned()))
        }
    }
}

/// The long names of the options that were typed.
fn typed_options(typed: &[OsString]) -> Vec<String> {
    let line = ["hushwire", "live"].map(OsString::from).into_iter().chain(typed.iter().cloned());
    let Ok(matches) = super::Args::command().try_get_matches_from(line) else { return Vec::new() };
    let Some(matches) = matches.subcommand_matches("live") else { return Vec::new() };
    let typed =
        |argument: &&clap::Arg| matches.value_source(argument.get_id().as_str()) == Some(ValueSource::CommandLine);
    let command = live_command();
    command.get_arguments().filter(typed).filter_map(|argument| argument.get_long()).map(str::to_owned).collect()
}

/// The table as it would be typed, but for what was.
fn arguments(table: Table, typed: &[String]) -> Result<Vec<OsString>, Kind> {
    let command = live_command();
    let is_option = |key: &str| command.get_arguments().any(|a| a.get_long() == Some(key)) && key != "config";
    let mut arguments = Vec::new();
    for (key, value) in table {
        if !is_option(&key) {
            return Err(Kind::Unknown(key));
        }
        if !typed.contains(&key) {
            option(&key, value, &mut arguments)?;
        }
    }
    Ok(arguments)
}

/// Appends an option as it would be typed.
fn option(key: &str, value: Value, arguments: &mut Vec<OsString>) -> Result<(), Kind> {
    match value {
        Value::Boolean(true) => arguments.push(format!("--{key}").into()),
        Value::Boolean(false) => {}
        Value::String(text) => arguments.push(format!("--{key}={text}").into()),
        Value::Integer(number) => arguments.push(format!("--{key}={number}").into()),
        Value::Array(values) => {
            for value in values {
                match value {
                    Value::String(_) | Value::Integer(_) => option(key, value, arguments)?,
                    _ => return Err(Kind::Value(key.to_owned())),
                }
            }
        }
        Value::Float(_) | Value::Datetime(_) | Value::Table(_) => return Err(Kind::Value(key.to_owned())),
    }
    Ok(())
}

fn live_command() -> clap::Command {
    let command = super::Args::command();
    command.find_subcommand("live").cloned().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The sample, with every option that it explains switched on.
    fn sample() -> Table {
        let text = include_str!("../../../dist/hushwire.toml");
        let lines =
            text.lines().map(|line| line.strip_prefix('#').filter(|line| !line.starts_with(' ')).unwrap_or(line));
        lines.collect::<Vec<_>>().join("\n").parse().unwrap()
    }

    #[test]
    fn the_sample_explains_every_option_and_no_other() {
        let sample = sample();
        let mut keys: Vec<&str> = sample.keys().map(String::as_str).collect();
        let command = live_command();
        let options = command.get_arguments().filter_map(clap::Arg::get_long);
        let mut options: Vec<&str> = options.filter(|long| !["config", "help", "version"].contains(long)).collect();
        keys.sort_unstable();
        options.sort_unstable();
        assert_eq!(keys, options);
    }

    /// Where an option has one; the others show an example.
    #[test]
    fn the_sample_shows_the_defaults() {
        let sample = sample();
        let text =
            |value: &Value| value.as_integer().map_or_else(|| value.as_str().unwrap().to_owned(), |n| n.to_string());
        let mut shown = 0;
        for option in live_command().get_arguments().filter(|option| option.get_action().takes_values()) {
            for default in option.get_default_values() {
                let long = option.get_long().unwrap();
                assert_eq!(text(&sample[long]), default.to_str().unwrap(), "{long}");
                shown += 1;
            }
        }
        assert!(shown > 20, "{shown} options have a default");
    }

    #[test]
    fn each_option_of_the_sample_is_taken_alone() {
        let needed = |key: &str| match key {
            "full" => vec!["output"],
            "anonymize" => vec!["anonymize-key"],
            "anonymize-key" => vec!["anonymize"],
            _ => Vec::new(),
        };
        for key in sample().keys() {
            let keep = [vec!["interface", key.as_str()], needed(key)].concat();
            let table = sample().into_iter().filter(|(key, _)| keep.contains(&key.as_str())).collect();
            let parsed = arguments(table, &[]).and_then(|arguments| parse(arguments.into_iter()));
            assert!(parsed.is_ok(), "{key}: {:?}", parsed.map(|_| ()));
        }
    }

    #[test]
    fn the_sample_as_it_is_captures_from_one_interface() {
        let text = include_str!("../../../dist/hushwire.toml");
        let arguments = arguments(text.parse().unwrap(), &[]).unwrap();
        let config = parse(arguments.into_iter()).unwrap().config();
        assert_eq!(config.interfaces, ["eth0"]);
        assert_eq!(config.settings.output, Some("/var/lib/hushwire".into()));
    }

    #[test]
    fn what_is_typed_wins() {
        let table: Table =
            "interface = ['a', 'b']\nsnaplen = 2000\nfull = true\nquiet = false\noutput = 'out'".parse().unwrap();
        let typed = ["-i", "c", "--stats-seconds=5", "--config", "x"].map(OsString::from);
        let arguments = arguments(table, &typed_options(&typed)).unwrap();
        assert_eq!(arguments, ["--full", "--output=out", "--snaplen=2000"]);
        let config = parse(arguments.into_iter().chain(typed)).unwrap().config();
        assert_eq!(
            (config.interfaces, config.capture.snaplen, config.settings.full),
            (vec!["c".to_owned()], 2000, true)
        );
    }

    #[test]
    fn what_is_wrong_is_named() {
        let cases = [
            ("snaplen = 5", "invalid value '5' for '--snaplen <BYTES>'"),
            ("snaplen = true", "a value is required for '--snaplen <BYTES>'"),
            ("snap-length = 5", "there is no option `snap-length`"),
            ("config = 'x'", "there is no option `config`"),
            ("quiet = 'yes'", "unexpected value 'yes' for '--quiet'"),
            ("filter = 1.5", "`filter` takes text"),
            ("ports = [443]\nfilter = 'tcp'", "cannot be used with"),
        ];
        for (text, expected) in cases {
            let table = format!("interface = 'eth0'\n{text}").parse().unwrap();
            let kind = arguments(table, &[]).and_then(|arguments| parse(arguments.into_iter())).unwrap_err();
            let words = ConfigError { file: "f.toml".into(), kind }.to_string();
            assert!(words.starts_with("f.toml: ") && words.contains(expected), "{words}");
        }
    }
}
