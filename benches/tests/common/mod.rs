//! What the engine tells, in the words of the generator's truth file.

use std::collections::BTreeMap;

use dissectors::attempt::{Attempt, Moment, Transport};
use dissectors::flow::Losses;
use dissectors::x509::Hex;
use rules::outcome;
use rules::quality::Quality;
use rules::settings::Settings;
use sensor::engine::{Batch, Told};
use sensor::pipeline::Desk;

/// What the truth file says of a flow, in its own words.
pub(crate) type Lines = BTreeMap<String, String>;

/// Hears of attempts, and writes them down as the truth file does.
#[derive(Default)]
pub(crate) struct Heard {
    /// By flow.
    pub(crate) lines: Lines,
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

/// The truth file by flow.
pub(crate) fn told(truth: &str) -> Lines {
    let split = |line: &str| line.match_indices(',').nth(4).map(|(at, _)| (line[..at].into(), line[at + 1..].into()));
    truth.lines().skip(1).filter_map(split).collect()
}
