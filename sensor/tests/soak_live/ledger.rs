//! What the generator says and what the program says, handshake by handshake.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::net::IpAddr;

use benches::truth::Line;
use serde_json::Value;

/// Protocol and ends, the hello's sender first.
type Flow = (String, IpAddr, u64, IpAddr, u64);

/// Outcomes that accuse nobody and decide nothing: what a handshake comes to of which frames were lost.
const UNDECIDED: [&str; 4] = ["unresolved", "answered", "abandoned", "hello_incomplete"];

/// Outcomes that are one event seen at another place, where what tells the places apart was lost.
const SILENT: [&str; 2] = ["silence_after_hello", "silence_mid_handshake"];
const RESET: [&str; 2] = ["reset_after_hello", "reset_mid_handshake"];

/// The generator's truth, until the program has told it, and how both compare.
#[derive(Default)]
pub(crate) struct Ledger {
    expected: HashMap<Flow, (&'static str, String)>,
    /// How often which truth was told as what.
    told: BTreeMap<(&'static str, String), u64>,
    /// Handshakes that were told undecided, and how often what came of them later was told as something of its own.
    undecided: HashSet<Flow>,
    again: BTreeMap<String, u64>,
    /// Attempts that nobody made, or that were told again, or with another name.
    invented: Vec<String>,
}

impl Ledger {
    /// A handshake begins.
    pub(crate) fn expect(&mut self, line: Line) {
        let (client, server) = (line.client, line.server);
        let (from, to) = (u64::from(client.port()), u64::from(server.port()));
        let proto = line.proto.to_uppercase();
        self.expected.insert((proto, client.ip(), from, server.ip(), to), (line.outcome, line.name));
    }

    /// Lines of `eve.json`.
    pub(crate) fn hear(&mut self, events: &str) {
        for line in events.lines() {
            let event: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
            if event["event_type"] == "tls" || event["event_type"] == "quic" {
                self.attempt(&event, line);
            }
        }
    }

    fn attempt(&mut self, event: &Value, line: &str) {
        let text = |key: &str| event[key].as_str().unwrap();
        let (address, port) = (|key| text(key).parse().unwrap(), |key| event[key].as_u64().unwrap());
        let flow = (text("proto").into(), address("src_ip"), port("src_port"), address("dest_ip"), port("dest_port"));
        let outcome = event["hushwire"]["outcome"].as_str().unwrap();
        let name = event.pointer("/tls/sni").or(event.pointer("/quic/sni")).and_then(Value::as_str);
        match self.expected.remove(&flow) {
            // A name that was not read is no other name.
            Some((truth, named)) if name.is_none_or(|name| name == named) => {
                *self.told.entry((truth, outcome.to_owned())).or_default() += 1;
                if outcome == "unresolved" {
                    self.undecided.insert(flow);
                }
            }
            None if self.undecided.contains(&flow) => *self.again.entry(outcome.to_owned()).or_default() += 1,
            _ => self.invented.push(line.to_owned()),
        }
    }

    /// Fails unless everything was told as it was. Where frames were lost or shed (`complete` is false) handshakes may be
    /// missing or undecided, but still none is told to have failed that did not.
    pub(crate) fn judge(&self, complete: bool) {
        let total: u64 = self.told.values().sum();
        let exact: u64 = self.told.iter().filter(|((truth, told), _)| truth == told).map(|(_, count)| count).sum();
        let missing = self.expected.len();
        println!("of {} handshakes {total} were told, {exact} as they were, {missing} not", total + missing as u64);
        for ((truth, told), count) in &self.told {
            println!("  {truth:22} told as {told:22} {count:9}");
        }
        println!("  what was undecided, told of once more: {:?}", self.again);
        let harmless = |told: &String| UNDECIDED.contains(&told.as_str()) || told == "completed";
        assert!(self.again.keys().all(|told| !complete && harmless(told)), "{:?}", self.again);
        assert!(self.invented.is_empty(), "{} were invented: {}", self.invented.len(), self.invented[0]);
        assert!(exact > 0);
        for ((truth, told), count) in self.told.iter().filter(|((truth, told), _)| truth != told) {
            let is = |told: &str| UNDECIDED.contains(&told) || alike(truth, told);
            assert!(!complete && is(told), "{count} times {truth} was told as {told}");
        }
        assert!(!complete || missing == 0, "{missing} handshakes were not told, though every frame was followed");
    }
}

fn alike(one: &str, other: &str) -> bool {
    [SILENT, RESET].iter().any(|group| group.contains(&one) && group.contains(&other))
}
