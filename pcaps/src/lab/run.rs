//! One run of a scenario: captures and labels into a folder, and hushwire's opinion of each capture beside them.

use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use ring::error::KeyRejected;
use sensor::replay::{self, ReplayError, Watcher};
use sensor::score::Score;
use sensor::score::expect::{ConditionError, Conditions};
use sensor::score::labels::{LabelError, Labels};
use sensor::score::told::{self, ToldError};
use sensor::settings::Settings;

use super::labels;
use super::played::Played;
use super::point::Point;
use super::real::{self, RealError};
use super::scenario::Scenario;
use super::sim::simulate;
use crate::file::{self, Format};

/// Longest frame that is kept whole.
const SNAPLEN: u32 = 262_144;
/// Names of the files of a run, beside the captures.
const LABELS: &str = "labels.csv";
const ROOT: &str = "interception-root.pem";

/// Why a run failed.
#[derive(Debug)]
pub enum RunError {
    /// A file could not be read or written.
    File(PathBuf, io::Error),
    /// A key was refused, which does not happen.
    Key(KeyRejected),
    /// The real hosts could not play.
    Real(RealError),
    /// The box had no room for so many residual blocks, so that what was played is not what the scenario says.
    Forgotten(u64),
    /// The capture could not be replayed.
    Replay(ReplayError),
    /// A label is none.
    Label(LabelError),
    /// A line of `eve.json` is none.
    Told(ToldError),
    /// A condition of the scenario is none.
    Condition(ConditionError),
}

impl fmt::Display for RunError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path, error) => write!(f, "{}: {error}", path.display()),
            Self::Key(error) => error.fmt(f),
            Self::Real(error) => error.fmt(f),
            Self::Forgotten(blocks) => write!(f, "the box had no room for {blocks} residual blocks"),
            Self::Replay(error) => error.fmt(f),
            Self::Label(error) => write!(f, "{LABELS}: {error}"),
            Self::Told(error) => write!(f, "eve.json: {error}"),
            Self::Condition(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for RunError {}

/// What hushwire made of the capture of one vantage.
pub struct Judged {
    /// Where the capture was made.
    pub point: Point,
    /// What was told, held against the labels.
    pub score: Score,
    /// The conditions that do not hold.
    pub broken: Vec<String>,
}

/// Plays a scenario with simulated hosts, and writes its captures and labels into `folder`.
///
/// # Errors
///
/// If a file cannot be written, or the box had no room for what the scenario asks of it.
pub fn play(scenario: &Scenario, folder: &Path) -> Result<(), RunError> {
    fs::create_dir_all(folder).map_err(|error| RunError::File(folder.to_owned(), error))?;
    let played = simulate(scenario).map_err(RunError::Key)?;
    write_down(scenario, folder, played)
}

/// Plays a scenario with real hosts, now, and writes its captures and labels into `folder`. Ends early, with an error, if
/// `stop` is set.
///
/// # Errors
///
/// If that is not possible here, or a file cannot be written.
pub fn play_real(scenario: &Scenario, folder: &Path, stop: &AtomicBool) -> Result<u32, RunError> {
    fs::create_dir_all(folder).map_err(|error| RunError::File(folder.to_owned(), error))?;
    let (scenario, left_out) = scenario.clone().begun_at(real::now()).playable(real::peer().is_some());
    let played = real::play(&scenario, folder, stop).map_err(RunError::Real)?;
    write_down(&scenario, folder, played)?;
    Ok(left_out)
}

fn write_down(scenario: &Scenario, folder: &Path, played: Played) -> Result<(), RunError> {
    let Played { captures, decisions, connections, interception_root, forgotten } = played;
    for (point, frames) in captures {
        let bytes = file::write(Format::Pcapng, SNAPLEN, None, &frames);
        write(&folder.join(point.capture()), &bytes)?;
    }
    let labels = labels::labels(connections, decisions);
    write(&folder.join(LABELS), labels::csv(&labels, scenario).as_bytes())?;
    if let Some(pem) = interception_root {
        write(&folder.join(ROOT), pem.as_bytes())?;
    }
    if forgotten > 0 { Err(RunError::Forgotten(forgotten)) } else { Ok(()) }
}

/// The capture of a vantage in a run's folder, whoever made it.
fn capture(folder: &Path, point: Point) -> PathBuf {
    let real = folder.join(point.capture_of_program());
    if real.exists() { real } else { folder.join(point.capture()) }
}

/// Lets hushwire replay each capture in `folder`, and holds what it tells against the labels. Beside the captures it
/// writes `VANTAGE/` with hushwire's own outputs and `VANTAGE.csv`, the labels with what was told. The scenario's own
/// conditions are about its vantages, those that were `asked` for about the client's side.
///
/// # Errors
///
/// If a file cannot be read or written.
pub fn judge(scenario: &Scenario, folder: &Path, asked: &Conditions) -> Result<Vec<Judged>, RunError> {
    scenario.path.vantages.iter().map(|point| judge_capture(scenario, folder, *point, asked)).collect()
}

fn judge_capture(scenario: &Scenario, folder: &Path, point: Point, asked: &Conditions) -> Result<Judged, RunError> {
    let outputs = folder.join(point.as_str());
    replay(scenario, folder, point, &outputs)?;
    let labels = read(&folder.join(LABELS))?;
    let Labels { header, labels } = Labels::read(&labels, Some(point.as_str())).map_err(RunError::Label)?;
    let told = told::read(&read(&outputs.join("eve.json"))?).map_err(RunError::Told)?;
    let score = Score::of(labels, told);
    write(&folder.join(format!("{}.csv", point.as_str())), score.csv(&header).as_bytes())?;
    let own: Conditions = scenario.required(point).parse().map_err(RunError::Condition)?;
    let asked = if point == Point::Client { asked.broken(&score) } else { Vec::new() };
    let broken = own.broken(&score).into_iter().chain(asked).collect();
    Ok(Judged { point, score, broken })
}

fn replay(scenario: &Scenario, folder: &Path, point: Point, outputs: &Path) -> Result<(), RunError> {
    let listed = scenario.interceptor.as_ref().is_some_and(|interceptor| interceptor.listed);
    let settings = Settings {
        output: Some(outputs.to_owned()),
        blocklists: listed.then(|| folder.join(ROOT)).into_iter().collect(),
        ..Settings::default()
    };
    let config = replay::Config { inputs: vec![capture(folder, point)], settings, ..replay::Config::default() };
    replay::run(&config, &mut Silent).map(drop).map_err(RunError::Replay)
}

/// Nobody watches.
struct Silent;

impl Watcher for Silent {
    fn progress(&mut self, _: u64, _: Option<u64>, _: u64) {}
    fn problem(&mut self, _: &dyn fmt::Display) {}
}

fn read(path: &Path) -> Result<String, RunError> {
    fs::read_to_string(path).map_err(|error| RunError::File(path.to_owned(), error))
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), RunError> {
    fs::write(path, bytes).map_err(|error| RunError::File(path.to_owned(), error))
}
