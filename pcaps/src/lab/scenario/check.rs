//! Whether what a scenario says makes sense together.

use toml::Spanned;

use super::error::Problem;
use super::{Expectation, Scenario, Traffic};
use crate::middlebox::config::{Reassembly, Rule};

/// The first thing that makes none.
pub(super) fn check(scenario: &Scenario) -> Result<(), Problem> {
    scenario.traffic.iter().try_for_each(|traffic| check_traffic(scenario, traffic))?;
    scenario.middlebox.rules.iter().try_for_each(|rule| check_rule(scenario, rule))?;
    scenario.expectations.iter().try_for_each(|expectation| check_expectation(scenario, expectation))?;
    let (path, mut shares) = (&scenario.path, scenario.servers.iter().map(|server| server.silent));
    let links = [&path.inside, &path.outside, &path.interceptor];
    let chances = links.iter().flat_map(|link| [link.loss, link.reorder]);
    match chances.chain(shares.by_ref()).find(|share| !(0.0..=1.0).contains(share)) {
        Some(share) => anywhere(format!("{share} is no share: from 0 to 1")),
        None => Ok(()),
    }
}

fn check_traffic(scenario: &Scenario, traffic: &Traffic) -> Result<(), Problem> {
    for name in &traffic.names {
        let Some(server) = scenario.server_of(name.get_ref()) else {
            return at(name, format!("no server has the name `{}`", name.get_ref()));
        };
        if traffic.quic && !server.quic {
            return at(name, format!("the server of `{}` speaks no QUIC", name.get_ref()));
        }
        let same_family =
            |client: &std::net::IpAddr| server.addresses.iter().any(|address| address.is_ipv4() == client.is_ipv4());
        if !traffic.clients.iter().all(same_family) {
            return at(name, format!("the server of `{}` has no address of a client's family", name.get_ref()));
        }
    }
    match traffic.names.is_empty() || traffic.clients.is_empty() {
        true => anywhere("traffic needs a name and a client".to_owned()),
        false if traffic.rate <= 0.0 => anywhere("traffic needs a rate above 0".to_owned()),
        false => Ok(()),
    }
}

fn check_rule(scenario: &Scenario, rule: &Rule) -> Result<(), Problem> {
    let complain = |what: &str| anywhere(format!("rule `{}`: {what}", rule.name));
    if rule.intercept && scenario.interceptor.is_none() {
        return complain("to intercept takes an [interceptor]");
    }
    if rule.intercept && (!rule.matches.needs_hello() || scenario.middlebox.reassembly == Reassembly::None) {
        return complain("to intercept takes a match on the hello, and a box that reassembles");
    }
    if scenario.middlebox.rules.iter().filter(|other| other.name == rule.name).count() > 1 {
        return complain("another has the same name");
    }
    if rule.name == "pass" || rule.name.contains(',') {
        return complain("a name is not `pass` and has no comma");
    }
    Ok(())
}

fn check_expectation(scenario: &Scenario, expectation: &Expectation) -> Result<(), Problem> {
    let name = expectation.rule.get_ref();
    if name == "pass" || scenario.middlebox.rules.iter().any(|rule| rule.name == *name) {
        return Ok(());
    }
    at(&expectation.rule, format!("there is no rule `{name}`"))
}

fn at<T>(place: &Spanned<T>, what: String) -> Result<(), Problem> {
    Err(Problem { span: Some(place.span()), what })
}

fn anywhere(what: String) -> Result<(), Problem> {
    Err(Problem { span: None, what })
}
