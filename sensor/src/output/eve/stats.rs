//! A `stats` line: EVE's counters where it has them, and ours. All are totals since the start.

use dissectors::time::Time;

use crate::output::json::Json;
use crate::output::summary::{Counts, Summary};
use crate::output::text::push_timestamp;

pub(super) fn write(json: &mut Json<'_>, at: Time, summary: &Summary) {
    json.key("timestamp").plain(|out| push_timestamp(out, at));
    json.key("event_type").word("stats");
    json.key("stats").object(|json| {
        json.key("capture").object(|json| {
            json.key("kernel_packets").number(summary.packets);
            json.key("kernel_drops").number(summary.capture.dropped);
        });
        json.key("decoder").object(|json| {
            json.key("pkts").number(summary.packets);
            json.key("bytes").number(summary.bytes);
            json.key("invalid").number(summary.malformed.values().copied().fold(0, u64::saturating_add));
        });
        json.key("flow").object(|json| json.key("total").number(summary.flows));
        json.key("tcp").object(|json| json.key("reassembly_gap").number(summary.capture.gaps));
    });
    json.key("hushwire").object(|json| {
        json.key("attempts").number(summary.attempts);
        let counts = [
            ("outcomes", &summary.outcomes),
            ("unresolved", &summary.unresolved),
            ("alerts", &summary.alerts),
            ("withdrawn", &summary.withdrawn),
            ("skipped", &summary.skipped),
            ("limits", &summary.limits),
            ("caches", &summary.caches),
            ("keys", &summary.keys),
        ];
        for (name, counts) in counts {
            named(json, name, counts);
        }
    });
}

fn named(json: &mut Json<'_>, name: &'static str, counts: &Counts) {
    json.key(name).object(|json| {
        for (name, count) in counts {
            json.key(name).number(*count);
        }
    });
}
