//! The record of an attempt: EVE's object about its protocol, and ours.

use dissectors::attempt::{Attempt, ServerFacts, TcpFacts, Transport};
use dissectors::quic::QuicFacts;
use rules::outcome::Decision;

use super::leaves::Leaves;
use super::shown::Shown;
use super::{View, chain, evidence, protocol, sides, timeline, tls};
use crate::output::json::Json;
use crate::output::text::push_code;
use crate::output::words;

pub(super) fn write(json: &mut Json<'_>, view: &View<'_>, shown: &mut Shown, leaves: &mut Leaves) {
    protocol(json, view, leaves);
    json.key("hushwire").object(|json| own(json, view, shown));
}

fn own(json: &mut Json<'_>, view: &View<'_>, shown: &mut Shown) {
    decision(json, view);
    if let Some(version) = view.attempt.version() {
        json.key("version").plain(|out| push_code(out, version));
    }
    if let Some(hello) = &view.attempt.server_hello {
        server_hello(json, hello);
    }
    client_hello(json, view);
    chain::write(json, view, shown);
    chain::listed(json, &view.judgement.matches);
    place(json, view);
    match &view.attempt.transport {
        Transport::Tcp(facts) => tcp(json, view, facts),
        Transport::Quic(facts) => quic(json, view, facts),
    }
    if view.story {
        json.key("end").word(words::end(view.attempt.end));
        json.key("ended_after").offset(view.attempt.closed, view.attempt.time);
        sides::write(json, view);
        timeline::write(json, view);
    }
    let traits = view.judgement.decision.reset.as_ref().map_or(&[][..], |reset| &reset.traits);
    evidence::write(json, traits, view.attempt.time);
}

/// What became of it, and the lengths that this rests on.
pub(super) fn decision(json: &mut Json<'_>, view: &View<'_>) {
    let decision = &view.judgement.decision;
    json.key("outcome").word(decision.outcome.as_str());
    if let Some(reason) = decision.reason {
        json.key("reason").word(reason.as_str());
    }
    if let Some(strength) = decision.strength {
        json.key("strength").word(strength.as_str());
    }
    if let Some(silence) = decision.silence {
        json.key("silence").object(|json| {
            json.key("seconds").span(silence);
            json.key("censored").flag(true);
        });
    }
    if let Some(answer) = decision.answer {
        json.key("answer").word(answer.as_str());
    }
    if let Some(span) = decision.hello_to_answer {
        json.key("hello_to_answer").span(span);
    }
    closing(json, decision);
}

fn closing(json: &mut Json<'_>, decision: &Decision) {
    if decision.client_refused {
        json.key("client_refused").word("likely");
    }
    if let Some(side) = decision.answers_close {
        json.key("answers_close").word(words::side(side));
    }
    if let Some(reset) = &decision.reset {
        json.key("reset").object(|json| {
            json.key("from").word(words::side(reset.sender));
            json.key("arrival").word(reset.arrival.as_str());
            json.key("distance").span(reset.distance);
            json.key("injected").flag(reset.injected);
            json.key("traits").number(reset.counted() as u64);
        });
    }
}

/// The taxonomy's name for it, and where on the path it was seen.
pub(super) fn place(json: &mut Json<'_>, view: &View<'_>) {
    if let Some(signature) = view.judgement.signature {
        json.key("signature").word(signature.as_str());
    }
    json.key("vantage").word(view.judgement.vantage.as_str());
}

fn server_hello(json: &mut Json<'_>, hello: &ServerFacts) {
    json.key("cipher").plain(|out| push_code(out, hello.cipher));
    if let Some(group) = hello.group {
        json.key("group").plain(|out| push_code(out, group));
    }
    if let Some(downgrade) = hello.downgrade {
        json.key("downgrade").word(words::downgrade(downgrade));
    }
}

fn client_hello(json: &mut Json<'_>, view: &View<'_>) {
    let hello = &view.attempt.hello;
    if hello.count > 1 {
        json.key("hellos").number(hello.count);
    }
    if let Some(form) = hello.first.as_ref().and_then(|first| words::unusual_form(first.form)) {
        json.key("hello_form").word(form);
    }
    if let Some(form) = hello.first.as_ref().and_then(|first| first.encrypted) {
        json.key("ech").word(words::encrypted_hello(form));
    }
    if !hello.conflicting_names.is_empty() {
        conflict(json, view.attempt);
    }
}

/// Every name that disagreeing copies of the hello gave, and what told the copies apart.
fn conflict(json: &mut Json<'_>, attempt: &Attempt) {
    json.key("conflicting_names").list(&attempt.hello.conflicting_names, |json, name| json.text(name));
    json.key("conflict").word(words::conflict(attempt.hello.conflict));
}

fn tcp(json: &mut Json<'_>, view: &View<'_>, facts: &TcpFacts) {
    let history = facts.tls.history.as_bytes();
    if !history.is_empty() {
        json.key("history").plain(|out| out.extend_from_slice(history));
    }
    if let Some(prelude) = words::prelude(facts.from) {
        json.key("from").word(prelude);
    }
    if facts.retransmission_count > 0 {
        json.key("retransmissions").number(facts.retransmission_count);
    }
    if view.story {
        json.key("hello_acked").word(words::acked(facts.hello_acked));
    }
    if facts.hello_missing > 0 {
        json.key("hello_missing").number(facts.hello_missing);
    }
    if facts.fast_open {
        json.key("fast_open").flag(true);
    }
    if facts.early > 0 {
        json.key("early").number(facts.early);
    }
}

fn quic(json: &mut Json<'_>, view: &View<'_>, facts: &QuicFacts) {
    tls::client_alpns(json, view);
    if let Some(dcid) = &facts.first_dcid {
        json.key("dcid").hex(dcid.as_bytes());
    }
    if facts.client.repeated > 0 {
        json.key("retransmissions").number(facts.client.repeated);
    }
}
