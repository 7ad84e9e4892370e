//! What each side sent, with the header fields by which its packets are told from others in its name.

use dissectors::attempt::{TcpFacts, Transport};
use dissectors::quic::{QuicFacts, Tally};
use dissectors::tcp::half::{HalfFacts, Range, Reset};

use super::View;
use crate::output::json::Json;

/// `client` and `server`.
pub(super) fn write(json: &mut Json<'_>, view: &View<'_>) {
    match &view.attempt.transport {
        Transport::Tcp(facts) => tcp(json, view, facts),
        Transport::Quic(facts) => quic(json, facts),
    }
}

fn tcp(json: &mut Json<'_>, view: &View<'_>, facts: &TcpFacts) {
    let sides = [("client", &facts.client, facts.client_rtt), ("server", &facts.server, facts.server_rtt)];
    for (name, half, rtt) in sides {
        json.key(name).object(|json| {
            json.key("packets").number(half.packets);
            json.key("bytes").number(half.bytes);
            range(json, "ttl", half.ttl);
            range(json, "window", half.window);
            if let Some(rtt) = rtt {
                json.key("rtt").span(rtt);
            }
            doubts(json, half);
            resets(json, view, half);
        });
    }
}

/// A value if it was always the same, else the smallest and the largest.
fn range<T: Copy + Into<u64> + PartialEq>(json: &mut Json<'_>, key: &'static str, range: Range<T>) {
    match range.seen {
        None => {}
        Some(bounds) if bounds.min == bounds.max => json.key(key).number(bounds.min),
        Some(bounds) => json.key(key).list([bounds.min, bounds.max], |json, bound| json.number(bound)),
    }
}

/// What the capture lacks of this side, or has twice.
fn doubts(json: &mut Json<'_>, half: &HalfFacts) {
    let doubts = [
        ("gap", half.gap),
        ("truncated", half.truncated),
        ("conflict", half.conflict),
        ("overflow", half.overflow),
        ("window_closed", half.window_closed),
    ];
    for (name, _) in doubts.into_iter().filter(|(_, holds)| *holds) {
        json.key(name).flag(true);
    }
}

fn resets(json: &mut Json<'_>, view: &View<'_>, half: &HalfFacts) {
    if half.reset_count > 0 {
        json.key("reset_count").number(half.reset_count);
        json.key("resets").list(&half.resets, |json, one| json.object(|json| reset(json, view, one)));
    }
}

fn reset(json: &mut Json<'_>, view: &View<'_>, reset: &Reset) {
    json.key("frame").number(view.frame_of(reset.frame));
    json.key("seq").number(reset.seq.0);
    json.key("ack").number(reset.ack_field.0);
    json.key("ack_flag").flag(reset.ack.is_some());
    json.key("ttl").number(reset.ttl);
    if let Some(ip_id) = reset.ip_id {
        json.key("ip_id").number(ip_id);
    }
    json.key("df").flag(reset.dont_fragment);
    json.key("window").number(reset.window);
    if reset.payload > 0 {
        json.key("payload").number(reset.payload);
    }
}

fn quic(json: &mut Json<'_>, facts: &QuicFacts) {
    for (name, tally) in [("client", &facts.client), ("server", &facts.server)] {
        json.key(name).object(|json| datagrams(json, tally));
    }
}

fn datagrams(json: &mut Json<'_>, tally: &Tally) {
    json.key("datagrams").number(tally.datagrams);
    json.key("bytes").number(tally.bytes);
    json.key("initials").number(tally.initials);
    json.key("handshakes").number(tally.handshakes);
    json.key("short").number(tally.short);
    if tally.foreign > 0 {
        json.key("foreign").number(tally.foreign);
    }
}
