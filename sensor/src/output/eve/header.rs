//! What every line about an attempt begins with.

use dissectors::attempt::Transport;

use super::View;
use crate::output::community_id::{TCP, UDP, push_community_id};
use crate::output::json::Json;
use crate::output::text::{push_address, push_timestamp};

pub(super) fn write(json: &mut Json<'_>, view: &View<'_>, kind: &'static str) {
    let attempt = view.attempt;
    let (protocol, name) = match attempt.transport {
        Transport::Tcp(_) => (TCP, "TCP"),
        Transport::Quic(_) => (UDP, "UDP"),
    };
    json.key("timestamp").plain(|out| push_timestamp(out, attempt.time));
    json.key("flow_id").number(view.flow_id);
    json.key("pcap_cnt").number(view.frame_of(attempt.frame));
    json.key("event_type").word(kind);
    json.key("src_ip").plain(|out| push_address(out, view.ends.source.addr));
    json.key("src_port").number(view.ends.source.port);
    json.key("dest_ip").plain(|out| push_address(out, view.ends.dest.addr));
    json.key("dest_port").number(view.ends.dest.port);
    json.key("proto").word(name);
    json.key("community_id").plain(|out| push_community_id(out, view.ends, protocol, view.seed));
    json.key("capture_file").text(view.capture);
}
