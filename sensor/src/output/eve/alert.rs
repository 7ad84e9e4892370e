//! An `alert` line: a finding, or one taken back.

use rules::finding::Finding;
use rules::notice::Notice;

use super::leaves::Leaves;
use super::{View, attempt, chain, evidence, layer, protocol, timeline};
use crate::output::json::Json;

/// Suricata's generator id of signatures.
const GENERATOR: u8 = 1;

pub(super) fn write(json: &mut Json<'_>, view: &View<'_>, notice: &Notice, leaves: &mut Leaves) {
    let finding = &notice.finding;
    json.key("app_proto").word(layer(view.attempt));
    json.key("alert").object(|json| {
        json.key("action").word(notice.action.as_str());
        alert(json, finding);
    });
    protocol(json, view, leaves);
    json.key("hushwire").object(|json| own(json, view, finding));
}

fn alert(json: &mut Json<'_>, finding: &Finding) {
    let rule = finding.rule;
    json.key("gid").number(GENERATOR);
    json.key("signature_id").number(rule.id);
    json.key("rev").number(rule.revision);
    json.key("signature").word(rule.message);
    json.key("category").word(rule.category);
    json.key("severity").number(finding.severity);
    // EVE's metadata is an object of lists.
    json.key("metadata").object(|json| {
        json.key("detector").list([rule.name], |json, name| json.word(name));
        json.key("level").list([finding.level.as_str()], |json, level| json.word(level));
    });
}

fn own(json: &mut Json<'_>, view: &View<'_>, finding: &Finding) {
    json.key("detector").word(finding.rule.name);
    json.key("level").word(finding.level.as_str());
    json.key("message").text(&finding.message);
    json.key("told_after").offset(view.told, view.attempt.time);
    attempt::decision(json, view);
    chain::write_whole(json, view);
    chain::listed(json, &view.judgement.matches);
    attempt::place(json, view);
    timeline::write(json, view);
    evidence::write(json, &finding.evidence, view.attempt.time);
}
