//! The truth about a run: one line a connection, with what the box did to it and what should be told of it.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::net::SocketAddr;

use dissectors::packet::{Endpoint, Ends};
use sensor::output::{community_id, timestamp};

use super::played::Connection;
use super::point::Point;
use super::scenario::{Expectation, Scenario};
use crate::middlebox::Decision;
use crate::middlebox::config::Action;

/// The columns before those of the vantages.
const COLUMNS: &str =
    "proto,src_ip,src_port,dest_ip,dest_port,community_id,time,name,rule,action,residual,client,waits_for";

/// The label of one connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// The connection.
    pub connection: Connection,
    /// The rule that it met, `pass` if none.
    pub rule: String,
    /// What the rule does.
    pub action: Action,
    /// Whether an earlier connection had triggered it.
    pub is_residual: bool,
}

/// Joins connections with what the box decided about them. A connection that the box let pass at first and dealt with
/// later is what it became.
pub fn labels(connections: Vec<Connection>, decisions: Vec<Decision>) -> Vec<Label> {
    let mut labels: Vec<Label> = connections.into_iter().map(Label::passing).collect();
    let mut places: HashMap<(SocketAddr, SocketAddr, bool), Vec<usize>> = HashMap::new();
    for (at, Label { connection, .. }) in labels.iter().enumerate() {
        places.entry((connection.client, connection.server, connection.is_tcp)).or_default().push(at);
    }
    for decision in decisions {
        let key = (decision.flow.client, decision.flow.server, decision.flow.is_tcp);
        let begun = |at: &&usize| labels.get(**at).is_some_and(|label| label.connection.time <= decision.time);
        let at = places.get(&key).and_then(|at| at.iter().rev().find(begun)).copied();
        if let Some(label) = at.and_then(|at| labels.get_mut(at))
            && decision.action != Action::Pass
        {
            (label.rule, label.action) = (decision.rule, decision.action);
            label.is_residual = decision.is_residual;
        }
    }
    labels
}

impl Label {
    fn passing(connection: Connection) -> Self {
        Self { connection, rule: Action::Pass.as_str().to_owned(), action: Action::Pass, is_residual: false }
    }

    /// What the scenario says should be told of it: the first expectation that speaks of it.
    fn expectation<'a>(&self, scenario: &'a Scenario) -> Option<&'a Expectation> {
        scenario.expectations.iter().find(|expectation| {
            *expectation.rule.get_ref() == self.rule
                && expectation.residual.is_none_or(|residual| residual == self.is_residual)
                && (expectation.names.is_empty() || expectation.names.contains(&self.connection.name))
        })
    }

    fn push(&self, scenario: &Scenario, out: &mut String) {
        let Connection { time, is_tcp, client, server, name, satisfied } = &self.connection;
        let end = |at: &SocketAddr| Endpoint { addr: at.ip(), port: at.port() };
        let id = community_id(Ends { source: end(client), dest: end(server) }, *is_tcp);
        let expectation = self.expectation(scenario);
        let waits_for = expectation.and_then(|expectation| expectation.waits_for.as_deref()).unwrap_or_default();
        let fields = [
            if *is_tcp { "tcp" } else { "udp" }.to_owned(),
            client.ip().to_string(),
            client.port().to_string(),
            server.ip().to_string(),
            server.port().to_string(),
            id,
            timestamp(*time),
            name.clone(),
            self.rule.clone(),
            self.action.as_str().to_owned(),
            if self.is_residual { "yes" } else { "no" }.to_owned(),
            fate(*satisfied).to_owned(),
            waits_for.to_owned(),
        ];
        out.push_str(&fields.join(","));
        for point in &scenario.path.vantages {
            let words = match expectation.map(|expectation| expectation.at(*point)) {
                Some([]) => "-".to_owned(),
                Some(words) => words.join("|"),
                None => String::new(),
            };
            // Writing into a text cannot fail.
            let _ = write!(out, ",{words}");
        }
        out.push('\n');
    }
}

/// What became of a client.
fn fate(satisfied: Option<bool>) -> &'static str {
    match satisfied {
        Some(true) => "satisfied",
        Some(false) => "failed",
        None => "waiting",
    }
}

/// `labels.csv`.
pub fn csv(labels: &[Label], scenario: &Scenario) -> String {
    let vantage = |point: &Point| format!(",expected_{}", point.as_str());
    let mut out = format!("{COLUMNS}{}\n", scenario.path.vantages.iter().map(vantage).collect::<String>());
    labels.iter().for_each(|label| label.push(scenario, &mut out));
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::middlebox::flow::FlowKey;
    use dissectors::time::Time;

    fn connection(seconds: i64, port: u16) -> Connection {
        Connection {
            time: Time::new(1_772_452_800 + seconds, 0),
            is_tcp: true,
            client: SocketAddr::new([192, 0, 2, 1].into(), port),
            server: SocketAddr::new([198, 51, 100, 1].into(), 443),
            name: "news.example".to_owned(),
            satisfied: Some(false),
        }
    }

    fn decision(seconds: i64, port: u16, rule: &str, action: Action) -> Decision {
        let Connection { time, client, server, name, .. } = connection(seconds, port);
        let flow = FlowKey { client, server, is_tcp: true };
        Decision { time, flow, isn: 0, rule: rule.to_owned(), action, is_residual: false, server_name: name }
    }

    #[test]
    fn each_decision_finds_the_connection_that_had_begun_last() {
        let connections = vec![connection(0, 1), connection(0, 2), connection(60, 1)];
        let decisions = vec![
            decision(1, 1, "gone", Action::Drop),
            decision(1, 2, "pass", Action::Pass),
            decision(5, 2, "late", Action::Freeze),
            decision(61, 1, "pass", Action::Pass),
        ];
        let labels = labels(connections, decisions);
        let rules: Vec<_> = labels.iter().map(|label| (label.rule.as_str(), label.action)).collect();
        assert_eq!(rules, [("gone", Action::Drop), ("late", Action::Freeze), ("pass", Action::Pass)]);
    }

    #[test]
    fn a_line_says_what_is_expected_at_each_vantage() {
        let text = "about = \"a\"\nsources = []\n[[server]]\naddresses = [\"198.51.100.1\"]\nnames = [\"*.example\"]\n\
                    [[traffic]]\nnames = [\"news.example\"]\nconnections = 1\nrate = 1\n\
                    [[middlebox.rule]]\nname = \"gone\"\ndrop = {}\n\
                    [[expect]]\nrule = \"gone\"\nclient = [\"a\", \"b\"]\nwaits-for = \"later\"";
        let scenario = Scenario::parse("a.toml", text).unwrap();
        let decisions = vec![decision(1, 1, "gone", Action::Drop)];
        let csv = csv(&labels(vec![connection(0, 1), connection(0, 2)], decisions), &scenario);
        let lines: Vec<_> = csv.lines().collect();
        assert!(lines[0].ends_with(",waits_for,expected_client,expected_middle,expected_server"));
        assert!(lines[1].starts_with("tcp,192.0.2.1,1,198.51.100.1,443,1:"));
        assert!(lines[1].ends_with("2026-03-02T12:00:00.000000+0000,news.example,gone,drop,no,failed,later,a|b,-,-"));
        assert!(lines[2].ends_with(",pass,pass,no,failed,,,,"));
    }
}
