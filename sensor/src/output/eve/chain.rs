//! The server's certificates, and what they lead to.

use dissectors::x509::{Certificate, Facts};
use rules::blocklist::Match;

use super::View;
use super::shown::Shown;
use crate::output::json::Json;
use crate::output::text::push_civil;
use crate::output::words;

/// `chain`, in the order sent. A certificate is whole where everything is, and at its first sight.
pub(super) fn write(json: &mut Json<'_>, view: &View<'_>, shown: &mut Shown) {
    list(json, view, |certificate| shown.is_first(&certificate.sha256) || view.whole_chain);
}

/// `chain`, with every certificate whole.
pub(super) fn write_whole(json: &mut Json<'_>, view: &View<'_>) {
    list(json, view, |_| true);
}

/// `listed`: every entry of a blocklist that the chain leads to, also of those that raise no alert.
pub(super) fn listed(json: &mut Json<'_>, matches: &[Match]) {
    if matches.is_empty() {
        return;
    }
    json.key("listed").list(matches, |json, found| {
        json.object(|json| {
            json.key("entry").text(&found.entry.id);
            json.key("class").word(found.class().as_str());
            json.key("level").word(found.level.as_str());
            json.key("by").word(found.by.as_str());
            json.key("signature").word(found.signature.as_str());
            json.key("label").text(&found.entry.label);
            json.key("source").text(&found.entry.source);
        });
    });
}

/// `decryption` where a key was given, since without it nobody else sees the chain; and the chain.
fn list(json: &mut Json<'_>, view: &View<'_>, mut is_whole: impl FnMut(&Certificate) -> bool) {
    if let Some(word) = words::decryption(view.attempt.decryption()) {
        json.key("decryption").word(word);
    }
    if view.attempt.chain.is_empty() {
        return;
    }
    json.key("chain").list(&view.attempt.chain, |json, certificate| {
        json.object(|json| {
            json.key("sha256").hex(&certificate.sha256);
            if is_whole(certificate) {
                whole(json, certificate);
            }
        });
    });
    if view.attempt.tcp().is_some_and(|facts| facts.tls.chain_incomplete) {
        json.key("chain_incomplete").flag(true);
    }
}

fn whole(json: &mut Json<'_>, certificate: &Certificate) {
    json.key("sha1").hex(certificate.sha1());
    match certificate.read() {
        Ok(facts) => stated(json, facts),
        Err(malformed) => json.key("malformed").text(&malformed.to_string()),
    }
}

fn stated(json: &mut Json<'_>, facts: &Facts) {
    json.key("subject").text(&facts.subject.text);
    json.key("issuer").text(&facts.issuer.text);
    json.key("serial").hex(if facts.serial.is_empty() { &[0] } else { &facts.serial });
    json.key("not_before").plain(|out| push_civil(out, facts.validity.not_before));
    json.key("not_after").plain(|out| push_civil(out, facts.validity.not_after));
    json.key("key").word(facts.key.kind.as_str());
    json.key("key_bits").number(facts.key.bits);
    json.key("spki_sha256").hex(&facts.key.spki_sha256);
    json.key("signature_algorithm").text(&facts.signature_algorithm);
    if facts.extensions.ca {
        json.key("ca").flag(true);
    }
    if facts.extensions.dns_name_count > 0 {
        json.key("dns_names").list(facts.extensions.dns_names(), |json, name| json.text(&name));
    }
}
