//! `eve.json`: one JSON object a line, with the field names of Suricata's EVE, and all that EVE does not have in one
//! object `hushwire`.
//!
//! A `tls` or `quic` line is an attempt's record, written once, when it closes; an `alert` line is a finding, or one
//! taken back. Both bear the hello's time as `timestamp` and its frame as `pcap_cnt`, so that they are found together;
//! `src_*` is the hello's sender.
//!
//! Lines are lean: a certificate is written whole in the first line that shows it, later by its SHA-256; timeline,
//! evidence, both sides' header fields and the text under JA3 stand only where the handshake did not simply complete.
//! Where a finding stands, and with [`Options::full`](super::Options::full), everything is written.

mod alert;
mod attempt;
mod chain;
mod evidence;
mod header;
mod leaves;
mod quic;
mod shown;
mod sides;
mod stats;
mod timeline;
mod tls;

use std::net::IpAddr;

use dissectors::attempt::{Attempt, Moment, Transport};
use dissectors::flow::flow_id;
use dissectors::packet::Ends;
use dissectors::time::Time;
use rules::judge::Judgement;
use rules::outcome::Outcome;

use self::leaves::Leaves;
use self::shown::Shown;
use super::json::Json;
use super::summary::Summary;
use super::{Anonymizer, Event, Options};

/// Makes the lines.
#[derive(Debug)]
pub(super) struct Eve {
    options: Options,
    shown: Shown,
    leaves: Leaves,
}

/// An event as lines look at it.
struct View<'a> {
    attempt: &'a Attempt,
    judgement: &'a Judgement,
    /// The client and the server as they are shown. What is derived from them is derived from these.
    ends: Ends,
    flow_id: u64,
    /// Of all other addresses.
    anonymizer: Option<&'a Anonymizer>,
    capture: &'a str,
    /// Number of that capture's first frame.
    first_frame: u64,
    /// Of the community ID.
    seed: u16,
    /// When it is told.
    told: Time,
    /// Write the whole story of the handshake.
    story: bool,
    /// Write certificates whole.
    whole_chain: bool,
}

impl Eve {
    pub(super) fn new(options: Options) -> Self {
        Self { shown: Shown::new(options.shown_certificates), leaves: Leaves::new(options.leaves), options }
    }

    /// Appends the lines of an event: the attempt's record, if it is closed, and its alerts.
    pub(super) fn event(&mut self, event: &Event<'_>, out: &mut Vec<u8>) {
        let closed = event.telling.moment == Moment::Closed;
        if !closed && event.judgement.notices.is_empty() {
            return;
        }
        let (view, json) = (View::new(event, &self.options), &mut Json::new(out));
        if closed {
            let kind = layer(view.attempt);
            line(json, &view, kind, |json| attempt::write(json, &view, &mut self.shown, &mut self.leaves));
        }
        for notice in &event.judgement.notices {
            line(json, &view, "alert", |json| alert::write(json, &view, notice, &mut self.leaves));
        }
    }

    /// Certificates that were shown and forgotten, for want of room.
    pub(super) fn forgotten_shown(&self) -> u64 {
        self.shown.forgotten()
    }

    /// Certificates of which it was forgotten what lines say of them, for want of room.
    pub(super) fn forgotten_leaves(&self) -> u64 {
        self.leaves.forgotten()
    }

    /// Appends a line of statistics.
    pub(super) fn stats(&self, at: Time, summary: &Summary, out: &mut Vec<u8>) {
        let json = &mut Json::new(out);
        json.object(|json| stats::write(json, at, summary));
        json.end_line();
    }
}

impl<'a> View<'a> {
    fn new(event: &Event<'a>, options: &'a Options) -> Self {
        let (attempt, judgement) = (&event.telling.attempt, event.judgement);
        let anonymizer = options.anonymizer.as_ref();
        let (ends, flow_id) = anonymizer.map_or((attempt.ends, attempt.flow_id), |of| anonymous(attempt, of));
        let stands = !judgement.notices.is_empty()
            || judgement.decision.outcome.accuses()
            || judgement.matches.iter().any(|found| found.class().alerts());
        Self {
            attempt,
            judgement,
            ends,
            flow_id,
            anonymizer,
            capture: event.capture,
            first_frame: event.first_frame,
            seed: options.community_id_seed,
            told: event.telling.at,
            story: options.full || stands || judgement.decision.outcome != Outcome::Completed,
            whole_chain: options.full || stands,
        }
    }

    /// A frame's number in its own file, where several files are read as one capture.
    fn frame_of(&self, frame: u64) -> u64 {
        frame.saturating_sub(self.first_frame).saturating_add(1)
    }

    /// An address as it is shown.
    fn address(&self, address: IpAddr) -> IpAddr {
        self.anonymizer.map_or(address, |anonymizer| anonymizer.address(address))
    }
}

/// The ends as they are shown, and a name of the flow that was made of them and of the flow's first time stamp. The
/// flow's own name is a hash of the real ends, of which somebody would only have to try all.
fn anonymous(attempt: &Attempt, anonymizer: &Anonymizer) -> (Ends, u64) {
    let ends = anonymizer.ends(attempt.ends);
    let is_udp = matches!(attempt.transport, Transport::Quic(_));
    (ends, flow_id(ends, is_udp, attempt.opened.0.cast_unsigned()))
}

fn line(json: &mut Json<'_>, view: &View<'_>, kind: &'static str, body: impl FnOnce(&mut Json<'_>)) {
    json.object(|json| {
        header::write(json, view, kind);
        body(json);
    });
    json.end_line();
}

/// The protocol's name, which is also the name of its records and of the object that describes it.
fn layer(attempt: &Attempt) -> &'static str {
    match attempt.transport {
        Transport::Tcp(_) => "tls",
        Transport::Quic(_) => "quic",
    }
}

/// Writes EVE's own object about the protocol.
fn protocol(json: &mut Json<'_>, view: &View<'_>, leaves: &mut Leaves) {
    json.key(layer(view.attempt)).object(|json| match &view.attempt.transport {
        Transport::Tcp(_) => tls::write(json, view, leaves),
        Transport::Quic(facts) => quic::write(json, view, facts),
    });
}
