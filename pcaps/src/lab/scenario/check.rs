//! Whether what a scenario says makes sense together.

use toml::Spanned;

use super::error::Problem;
use super::{Expectation, Scenario, Traffic};
use crate::middlebox::config::{Reassembly, Rule};

/// Rules of one box: as many as a flow remembers chance for.
const MAX_RULES: usize = 64;
/// Copies of one forged packet.
const MAX_COPIES: u32 = 100;

/// The first thing that makes none.
pub(super) fn check(scenario: &Scenario) -> Result<(), Problem> {
    scenario.traffic.iter().try_for_each(|traffic| check_traffic(scenario, traffic))?;
    scenario.middlebox.rules.iter().try_for_each(|rule| check_rule(scenario, rule))?;
    match scenario.middlebox.rules.get(MAX_RULES) {
        Some(rule) => complain(&rule.name, format!("more than {MAX_RULES} rules")),
        None => scenario.expectations.iter().try_for_each(|expectation| check_expectation(scenario, expectation)),
    }
}

fn check_traffic(scenario: &Scenario, traffic: &Traffic) -> Result<(), Problem> {
    if traffic.names.is_empty() || traffic.clients.is_empty() {
        return Err(Problem { span: None, what: "traffic needs a name and a client".to_owned() });
    }
    traffic.names.iter().try_for_each(|name| check_name(scenario, traffic, name))
}

fn check_name(scenario: &Scenario, traffic: &Traffic, spanned: &Spanned<String>) -> Result<(), Problem> {
    let name = spanned.get_ref();
    if !is_word(name, ".") {
        return complain(spanned, format!("`{name}` is no server name"));
    }
    let Some(server) = scenario.server_of(name) else {
        return complain(spanned, format!("no server has the name `{name}`"));
    };
    if traffic.quic && !server.quic {
        return complain(spanned, format!("the server of `{name}` speaks no QUIC"));
    }
    let has_family = |is_ipv4: bool| server.addresses.iter().any(|address| address.is_ipv4() == is_ipv4);
    match traffic.clients.iter().all(|client| has_family(client.is_ipv4())) {
        true => Ok(()),
        false => complain(spanned, format!("the server of `{name}` has no address of a client's family")),
    }
}

fn check_rule(scenario: &Scenario, rule: &Rule) -> Result<(), Problem> {
    let (name, mut others) = (rule.name.get_ref(), scenario.middlebox.rules.iter());
    let what = if name == "pass" || !is_word(name, "") {
        "a name has letters, digits, `-` and `_`, and is not `pass`"
    } else if others.any(|other| other.name.get_ref() == name && other.name.span() != rule.name.span()) {
        "another rule has the same name"
    } else if !rule.acts() {
        "it does nothing"
    } else if rule.forge.iter().any(|forgery| forgery.count > MAX_COPIES) {
        "more copies than 100"
    } else if rule.intercept && scenario.interceptor.is_none() {
        "to intercept takes an [interceptor]"
    } else if rule.intercept && (!rule.matches.needs_hello() || scenario.middlebox.reassembly == Reassembly::None) {
        "to intercept takes a match on the hello, and a box that reassembles"
    } else {
        return Ok(());
    };
    complain(&rule.name, format!("rule `{name}`: {what}"))
}

fn check_expectation(scenario: &Scenario, expectation: &Expectation) -> Result<(), Problem> {
    let name = expectation.rule.get_ref();
    let words = [&expectation.client, &expectation.middle, &expectation.beyond, &expectation.server];
    if name != "pass" && !scenario.middlebox.rules.iter().any(|rule| rule.name.get_ref() == name) {
        return complain(&expectation.rule, format!("there is no rule `{name}`"));
    }
    let mut words = words.into_iter().flatten().chain(&expectation.waits_for);
    match words.find(|words| !is_word(words, " ")) {
        Some(word) => complain(&expectation.rule, format!("`{word}` is neither an outcome nor a detector")),
        None => Ok(()),
    }
}

/// Whether a text has only what a field of a label may have.
fn is_word(text: &str, more: &str) -> bool {
    let fits = |letter: char| letter.is_ascii_alphanumeric() || "-_".contains(letter) || more.contains(letter);
    !text.is_empty() && text.chars().all(fits)
}

fn complain(place: &Spanned<String>, what: String) -> Result<(), Problem> {
    Err(Problem { span: Some(place.span()), what })
}
