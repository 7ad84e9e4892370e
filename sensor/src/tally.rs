//! What a run over a capture came to, added to the run in numbers.

use dissectors::tls::Lines;
use rules::judge::Judge;

use crate::capture::Counts;
use crate::output::{self, Outputs, Summary};
use crate::pipeline::Report;

impl Report {
    /// Adds what a capture came to.
    pub(crate) fn add_to(&self, summary: &mut Summary) {
        summary.packets += self.totals.frames;
        summary.bytes += self.totals.bytes;
        summary.flows += self.shards.flows.flows;
        for (reason, count) in &self.decode.skipped {
            *summary.skipped.entry(reason).or_default() += count;
        }
        for (layer, count) in &self.decode.malformed {
            *summary.malformed.entry(layer).or_default() += count;
        }
        self.add_capture(&mut summary.capture);
        self.add_limits(&mut summary.limits);
        add_named([("quic_keys", self.shards.flows.forgotten_quic_keys)], &mut summary.caches);
        self.add_keys(&mut summary.keys);
        for connects in self.shards.servers.values().chain([&self.shards.other_servers]) {
            summary.connects.add(*connects);
        }
        summary.connects.evicted += self.shards.flows.evicted_syns;
        summary.connects.unfinished += self.shards.flows.unfinished_syns;
    }

    fn add_capture(&self, capture: &mut output::CaptureSummary) {
        let flows = &self.shards.flows;
        capture.gaps += flows.gaps;
        capture.acknowledgements += flows.acknowledgements;
        capture.bad_ip_checksums += self.decode.bad_ip_checksums;
        capture.bad_transport_checksums += self.decode.bad_transport_checksums;
        capture.clock_jumps += self.totals.jumps;
        let handed_over = capture.handed_over.into_iter().chain(self.totals.handed_over);
        capture.handed_over = handed_over.reduce(|sum, one| sum + one);
        capture.first = capture.first.into_iter().chain(self.totals.first).min();
        capture.last = capture.last.into_iter().chain(self.totals.last).max();
    }

    /// Limits that were reached, by name; what was not reached is not named.
    fn add_limits(&self, limits: &mut output::Counts) {
        let flows = &self.shards.flows;
        let reached = [
            ("handshakes", flows.evicted_handshakes),
            ("buffered_bytes", flows.evicted_buffered),
            ("syns", flows.evicted_syns),
            ("servers", self.shards.other_servers.sum()),
            ("held_bytes", self.totals.crowded),
            ("shed_packets", self.totals.shed),
            ("shed_handshakes", flows.shed_handshakes),
            ("settled_flows", flows.evicted_settled),
            ("quic_packets_before_their_keys", flows.not_held),
            ("fragments_evicted", self.decode.fragments.evicted),
            ("fragments_timed_out", self.decode.fragments.timed_out),
        ];
        add_named(reached, limits);
    }

    /// Adds what the workers' memories forgot. It depends on how many workers there are, as nothing does that is written of files.
    pub(crate) fn add_workers_to(&self, caches: &mut output::Counts) {
        let forgotten = self.shards.forgotten;
        let of_workers = [
            ("certificates", forgotten.certificates),
            ("certificate_hashes", forgotten.certificate_hashes),
            ("fingerprints", forgotten.fingerprints),
        ];
        add_named(of_workers, caches);
    }

    /// What the capture's own keys were, and what any keys were good for.
    fn add_keys(&self, keys: &mut output::Counts) {
        let flows = &self.shards.flows;
        add_key_lines(self.key_lines, keys);
        add_named([("decrypted", flows.decrypted), ("wrong", flows.wrong_keys)], keys);
    }
}

/// Lines of a key log that were of use, and those that were not taken; what there was none of is not named.
pub(crate) fn add_key_lines(lines: Lines, keys: &mut output::Counts) {
    let counts = [("secrets", lines.kept), ("malformed", lines.malformed), ("over_limit", lines.over_limit)];
    add_named(counts, keys);
}

/// Limits and memories of what judges and writes, which is one for a whole run.
pub(crate) fn add_desk(judge: &Judge, outputs: &Outputs, summary: &mut Summary) {
    let matched = judge.matched();
    let reached = [("standing_alerts", judge.notices().deferred()), ("verifications", matched.over_budget)];
    add_named(reached.into_iter().chain(outputs.limits()), &mut summary.limits);
    let forgotten = [
        ("healthy_certificates", matched.forgotten_healthy),
        ("chains", matched.forgotten_chains),
        ("links", matched.forgotten_links),
        ("leaves", outputs.forgotten_leaves()),
    ];
    add_named(forgotten, &mut summary.caches);
}

/// Clients that had to make room for others.
pub(crate) fn add_forgotten_clients(forgotten: u64, summary: &mut Summary) {
    add_named([("clients", forgotten)], &mut summary.limits);
}

/// What a capture file was read without.
pub(crate) fn add_file_counts(counts: Counts, summary: &mut Summary) {
    add_named([("refused", counts.secrets_refused)], &mut summary.keys);
    add_named([("pcapng_interfaces", counts.interfaces_refused)], &mut summary.limits);
    let doubtful = [
        ("unknown_blocks", counts.unknown_blocks),
        ("malformed_blocks", counts.malformed_blocks),
        ("untimed_frames", counts.untimed_frames),
    ];
    add_named(doubtful, &mut summary.pcapng);
}

fn add_named(counts: impl IntoIterator<Item = (&'static str, u64)>, to: &mut output::Counts) {
    for (name, count) in counts.into_iter().filter(|(_, count)| *count > 0) {
        *to.entry(name).or_default() += count;
    }
}
