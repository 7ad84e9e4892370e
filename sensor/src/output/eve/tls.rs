//! EVE's object `tls`: names and forms of the values as in Suricata, the leaf's names as RFC 4514 writes them.

use dissectors::attempt::ClientFacts;
use dissectors::tls;

use super::View;
use super::leaves::Leaves;
use crate::output::json::Json;
use crate::output::words;

/// Protocols of a hello that are written; real clients offer up to three.
const MAX_ALPNS: usize = 16;

pub(super) fn write(json: &mut Json<'_>, view: &View<'_>, leaves: &mut Leaves) {
    let server = view.attempt.server_hello.as_ref();
    match view.attempt.version() {
        Some(version) => json.key("version").plain(|out| out.extend_from_slice(words::tls_version(version).as_bytes())),
        None => json.key("version").word(words::NO_VERSION),
    }
    names(json, view);
    if let Some(ja3s) = server.and_then(|hello| hello.ja3s) {
        json.key("ja3s").object(|json| json.key("hash").hex(&ja3s.0));
    }
    if server.is_some_and(|hello| hello.resumed) {
        json.key("session_resumed").flag(true);
    }
    client_alpns(json, view);
    if let Some(alpn) = server.and_then(|hello| hello.alpn.as_deref()) {
        json.key("server_alpns").list([alpn], |json, alpn| json.text(alpn));
    }
    if let Some(leaf) = view.attempt.chain.first() {
        leaves.write(json, leaf);
    }
}

/// The server name and the client's fingerprints.
pub(super) fn names(json: &mut Json<'_>, view: &View<'_>) {
    let Some(hello) = view.attempt.hello.first.as_deref() else { return };
    if let Some(name) = &hello.server_name {
        json.key("sni").text(name);
    }
    if let Some(ja3) = hello.ja3 {
        json.key("ja3").object(|json| {
            json.key("hash").hex(&ja3.0);
            if view.story
                && let Some(text) = hello.ja3_text()
            {
                json.key("string").text(&text);
            }
        });
    }
    if let Some(ja4) = &hello.ja4 {
        json.key("ja4").plain(|out| out.extend_from_slice(ja4.as_bytes()));
    }
}

/// The protocols that the client offers, hostile bytes escaped.
pub(super) fn client_alpns(json: &mut Json<'_>, view: &View<'_>) {
    let alpns = view.attempt.hello.first.as_deref().map(ClientFacts::alpn).unwrap_or_default();
    if alpns.clone().next().is_none() {
        return;
    }
    json.key("client_alpns").list(alpns.take(MAX_ALPNS), |json, alpn| match is_plain(alpn) {
        true => json.plain(|out| out.extend_from_slice(alpn)),
        false => json.text(&tls::escape(alpn)),
    });
}

/// Whether bytes are their own escaped form, as those of every registered protocol are.
fn is_plain(bytes: &[u8]) -> bool {
    bytes.iter().all(|byte| byte.is_ascii_alphanumeric() || b"-._/".contains(byte)) && bytes.len() <= tls::MAX_NAME
}
