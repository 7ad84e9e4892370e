//! Nothing of a generated capture's truth is lost on the way to an outcome, and nothing is added to it.

use std::collections::BTreeMap;
use std::io::Cursor;

use benches::scenario::{Kind, generate};
use dissectors::attempt::{Attempt, Moment, Transport};
use dissectors::flow::Losses;
use dissectors::x509::Hex;
use rules::outcome::{self, Settings};
use rules::quality::Quality;
use sensor::capture::FileSource;
use sensor::engine::{Batch, Told};
use sensor::pipeline::{self, Desk, Options};

/// What the truth file says of a flow, in its own words.
type Lines = BTreeMap<String, String>;

#[derive(Default)]
struct Heard {
    lines: Lines,
    settings: Settings,
}

impl Desk for Heard {
    fn batch(&mut self, _: &Batch, told: &[Told], _: &Losses, _: u64) {
        for telling in told.iter().map(|told| &told.telling).filter(|telling| telling.moment == Moment::Closed) {
            let before = self.lines.insert(flow(&telling.attempt), self.rest(&telling.attempt));
            assert_eq!(before, None, "one attempt, one record");
        }
    }
}

impl Heard {
    fn rest(&self, attempt: &Attempt) -> String {
        let decision = outcome::decide(attempt, &Quality::default(), &self.settings);
        let leaf = attempt.chain.first().map(|leaf| Hex(&leaf.sha256).to_string()).unwrap_or_default();
        format!("{},{},{leaf}", attempt.server_name(), decision.outcome)
    }
}

fn flow(attempt: &Attempt) -> String {
    let proto = match attempt.transport {
        Transport::Tcp(_) => "tcp",
        Transport::Quic(_) => "udp",
    };
    let (client, server) = (attempt.ends.source, attempt.ends.dest);
    format!("{proto},{},{},{},{}", client.addr, client.port, server.addr, server.port)
}

fn told(truth: &str) -> Lines {
    let split = |line: &str| line.match_indices(',').nth(4).map(|(at, _)| (line[..at].into(), line[at + 1..].into()));
    truth.lines().skip(1).filter_map(split).collect()
}

#[test]
fn every_handshake_comes_out_as_the_truth_says() {
    for (kind, size) in [(Kind::Handshakes, 1_500), (Kind::Bulk, 1), (Kind::Synflood, 60_000), (Kind::Mixed, 8_000)] {
        let (mut capture, mut truth) = (Vec::new(), Vec::new());
        generate(kind, size, &mut capture, &mut truth).unwrap();
        let truth = told(&String::from_utf8(truth).unwrap());
        for workers in [1, 2] {
            let mut source = FileSource::from_reader("generated".into(), Cursor::new(capture.clone())).unwrap();
            let mut heard = Heard::default();
            let options = Options { workers, ..Options::default() };
            let report = pipeline::run(&mut source, None, &options, &mut heard);
            assert!(!truth.is_empty() && report.error.is_none(), "{kind:?}: {:?}", report.error);
            for (flow, line) in &truth {
                assert_eq!(heard.lines.get(flow), Some(line), "{kind:?}, {workers} workers: {flow}");
            }
            assert_eq!(heard.lines.len(), truth.len(), "{kind:?}, {workers} workers: something was invented");
        }
    }
}
