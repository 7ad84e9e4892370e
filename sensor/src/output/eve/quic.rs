//! EVE's object `quic`, names and forms of the values as in Suricata.

use dissectors::quic::QuicFacts;

use super::{View, tls};
use crate::output::json::Json;
use crate::output::words;

pub(super) fn write(json: &mut Json<'_>, view: &View<'_>, facts: &QuicFacts) {
    json.key("version").text(&words::quic_version(facts.final_version()));
    tls::names(json, view);
    if let Some(ja3s) = view.attempt.server_hello.as_ref().and_then(|hello| hello.ja3s) {
        json.key("ja3s").object(|json| json.key("hash").hex(&ja3s.0));
    }
}
