//! The entry for fuzzing everything between a capture file and the outputs.

use std::io::Cursor;
use std::num::{NonZeroU32, NonZeroUsize};
use std::sync::{Arc, LazyLock};

use dissectors::flow::Config;
use rules::blocklist::Blocklist;
use rules::judge::{self, Judge};

use crate::capture::FileSource;
use crate::desk::{Desk, Office};
use crate::engine::LossRecord;
use crate::output::{self, Outputs, Summary};
use crate::pipeline::{self, Options};

/// Blocks small enough that a small input has several.
const BLOCK_BYTES: usize = 2048;

/// Replays `data` as a capture with one worker and with two: reading, decoding, flows, opinions, statistics. All limits are
/// small, so that fuzzing reaches them.
///
/// # Panics
///
/// If the number of workers changes what comes out, or an attempt is counted other than once.
pub fn fuzz_engine(data: &[u8]) {
    let Some((summary, names)) = replay(data, 1) else { return };
    assert_eq!(summary.outcomes.values().sum::<u64>(), summary.attempts, "one attempt, one outcome");
    let other = replay(data, 2).map(|(summary, names)| (format!("{summary:?}"), names));
    assert_eq!(Some((format!("{summary:?}"), names)), other, "the number of workers changes the outcome");
}

/// The counts, and the rows of all names.
fn replay(data: &[u8], workers: usize) -> Option<(Summary, String)> {
    let reader = Cursor::new(data.to_vec());
    let mut source = FileSource::in_blocks_of(BLOCK_BYTES, "fuzz".to_owned(), reader).ok()?;
    let mut office = office()?;
    let mut progress = |_, _| ();
    let mut desk = Desk::new(&mut office, LossRecord::default(), &mut progress);
    let report = pipeline::run(&mut source, None, &options(workers), &mut desk);
    let (dropped, _) = desk.close();
    office.summary.capture.dropped = dropped;
    office.summary.flows = report.shards.flows.flows;
    let names = format!("{:?}", office.outputs.names().by_trouble());
    Some((office.summary, names))
}

fn office() -> Option<Office> {
    static LIST: LazyLock<Arc<Blocklist>> = LazyLock::new(|| Arc::new(Blocklist::builtin()));
    let judging = judge::Config { alert_soft: true, ..judge::Config::default() };
    let mut judge = Judge::new(judging);
    judge.set_blocklist(Arc::clone(&LIST));
    let names = NonZeroUsize::MIN.saturating_add(1);
    let options = output::Options { full: true, max_names: names, ..output::Options::default() };
    let outputs = Outputs::create(None, options).ok()?;
    Some(Office { judge, outputs, summary: Summary::default() })
}

fn options(workers: usize) -> Options {
    let few = NonZeroU32::MIN.saturating_add(1);
    let flows = Config {
        handshakes: few,
        settled: few,
        buffered: 4096,
        syns: few,
        servers: 2,
        certificates: 2,
        fingerprints: 2,
        ..Config::default()
    };
    Options { workers, flows, ..Options::default() }
}
