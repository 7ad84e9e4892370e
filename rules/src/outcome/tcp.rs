//! The outcome over TCP: nine rules in their order, the first that holds.

use std::time::Duration;

use dissectors::attempt::{Attempt, Side, TcpFacts, TlsProgress, is_tls13};
use dissectors::time::Time;

use super::closing::{Closings, Kind};
use super::{Decision, Outcome, Reason};
use crate::quality::Quality;
use crate::reset::{self, ResetEvidence};
use crate::settings::Settings;

/// AlertLevel fatal (RFC 8446, section 6).
const FATAL: u8 = 2;

/// An attempt as the rules look at it.
pub(super) struct View<'a> {
    pub(super) attempt: &'a Attempt,
    pub(super) facts: &'a TcpFacts,
    pub(super) quality: &'a Quality,
    pub(super) settings: &'a Settings,
    closings: Closings,
}

pub(super) fn decide(attempt: &Attempt, facts: &TcpFacts, quality: &Quality, settings: &Settings) -> Decision {
    let closings = Closings::of(attempt, facts, settings.limits.reorder);
    let view = View { attempt, facts, quality, settings, closings };
    Decision {
        hello_to_answer: view.hello_to_answer(),
        answers_close: closings.answering.map(|closing| closing.side),
        ..view.decide()
    }
}

impl View<'_> {
    /// The rules in their order: each gives the outcome, where it holds.
    const RULES: [fn(&Self) -> Option<Decision>; 10] = [
        Self::completed,
        Self::alert,
        Self::not_tls,
        Self::overtaken,
        Self::begun,
        Self::unreadable,
        Self::closed_by_server,
        Self::silent,
        Self::incomplete,
        Self::abandoned,
    ];

    fn decide(&self) -> Decision {
        let rules = if self.is_without_hello() { &[] } else { Self::RULES.as_slice() };
        rules.iter().find_map(|rule| rule(self)).unwrap_or_else(|| Decision::unresolved(self.reason()))
    }

    /// The server answered, in time or late.
    fn answered(&self, decision: Decision) -> Decision {
        decision.answered_after(self.hello_to_answer(), &self.settings.limits)
    }

    /// Rule 1.
    fn completed(&self) -> Option<Decision> {
        let tls = &self.facts.tls;
        let completed = if self.is_tls13() {
            tls.client_encrypted >= self.settings.limits.finished_record
        } else {
            tls.client_ccs && tls.client_finished && tls.server_ccs && tls.server_finished
        };
        completed.then(|| self.answered(Decision::of(Outcome::Completed)))
    }

    /// Rule 2.
    fn alert(&self) -> Option<Decision> {
        let fatal = self.facts.tls.alerts.iter().any(|alert| alert.level == FATAL);
        fatal.then(|| self.answered(Decision::of(Outcome::TlsAlert)))
    }

    /// Rule 3.
    fn not_tls(&self) -> Option<Decision> {
        self.facts.answer?;
        let is_foreign = self.facts.tls.server_not_tls && !self.facts.tls.server_began;
        is_foreign.then(|| self.answered(Decision::of(Outcome::NotTls)))
    }

    /// A reset that came before the answer: its place is after the hello, whatever the server said that had not heard of
    /// it (or that a forged one did not stop).
    fn overtaken(&self) -> Option<Decision> {
        let answer = self.facts.answer?;
        self.clean_reset()
            .filter(|reset| reset.time() < answer.time)
            .map(|reset| reset_at(Outcome::ResetAfterHello, reset))
    }

    /// Rule 3, where the server's stream is not contiguous: it answered, and what it said was not captured.
    fn unreadable(&self) -> Option<Decision> {
        self.facts.answer?;
        let cut = self.facts.client.truncated || self.facts.server.truncated;
        Some(Decision::unresolved(if cut { Reason::Truncated } else { Reason::CaptureLoss }))
    }

    /// Rule 4. With a whole hello only an answer counts: what acknowledges less was said before it was heard.
    fn begun(&self) -> Option<Decision> {
        let began = self.facts.tls.server_began && (self.facts.answer.is_some() || !self.is_whole());
        if !began {
            return None;
        }
        let reset = || self.clean_reset().map(|reset| reset_at(Outcome::ResetMidHandshake, reset));
        let unfinished = || Decision { client_refused: self.client_refused(), ..Decision::of(Outcome::Answered) };
        Some(self.answered(reset().or_else(|| self.stalled()).unwrap_or_else(unfinished)))
    }

    /// Rule 4, the silence.
    fn stalled(&self) -> Option<Decision> {
        if !self.is_whole() || self.blind().is_some() || !server_owes(self.attempt, &self.facts.tls) {
            return None;
        }
        let owed_since = self.facts.server_progress?.max(self.facts.client_progress.unwrap_or(Time(i64::MIN)));
        let silence = self.until_client_reset(self.facts.stall_witness?).since(owed_since);
        Decision::witnessed(Outcome::SilenceMidHandshake, silence, &self.settings.limits)
    }

    /// Rule 5.
    fn closed_by_server(&self) -> Option<Decision> {
        if let Some(reset) = self.clean_reset() {
            return Some(reset_at(Outcome::ResetAfterHello, reset));
        }
        let first = self.closings.first?;
        let closed = first.side == Side::Server && first.kind == Kind::Fin && first.time >= self.attempt.time;
        let visible = self.is_whole() && self.blind().is_none();
        (closed && visible && !self.is_timeout(first.time)).then(|| Decision::of(Outcome::ClosedAfterHello))
    }

    /// Whether a FIN of the server at `time` only ends a silence: a server that never heard the hello closes after its own
    /// time limit (10 s in real captures, with the client's copies unanswered before and after), and that is no reaction.
    fn is_timeout(&self, time: Time) -> bool {
        time.since(self.attempt.time) >= self.settings.limits.soft && self.silent().is_some()
    }

    /// Rule 6.
    fn silent(&self) -> Option<Decision> {
        if !self.is_whole() || self.blind().is_some() {
            return None;
        }
        Decision::witnessed(Outcome::SilenceAfterHello, self.witnessed_since(self.attempt.time)?, &self.settings.limits)
    }

    /// Rule 7.
    fn incomplete(&self) -> Option<Decision> {
        if self.is_whole() || self.blind().is_some() {
            return None;
        }
        Decision::witnessed(Outcome::HelloIncomplete, self.witnessed_since(self.attempt.time)?, &self.settings.limits)
    }

    /// Rule 8.
    fn abandoned(&self) -> Option<Decision> {
        let closed_first = self.closings.first.is_some_and(|closing| closing.side == Side::Client);
        let early = self.facts.retransmission_count < self.settings.limits.abandoned_retransmissions;
        (closed_first && early && self.blind().is_none()).then(|| Decision::of(Outcome::Abandoned))
    }

    /// The reset that closed the attempt first, where nothing was lost: the server's after the hello, or one in the
    /// client's name with two foreign traits. A hello that was not delivered can only have been reset by somebody else.
    fn clean_reset(&self) -> Option<ResetEvidence> {
        let first = self.closings.first.filter(|closing| closing.kind == Kind::Reset)?;
        let reset = reset::assess(self.attempt, self.facts, first.side, self.settings)?;
        let visible = match self.blind() {
            None => true,
            Some(reason) => reason == Reason::Undelivered && reset.injected,
        };
        let foreign = first.side == Side::Server || reset.injected;
        (visible && foreign && self.is_whole()).then_some(reset)
    }

    /// Whether the client's encrypted records after the ServerHello were all too short for a Finished, and somebody
    /// closed.
    fn client_refused(&self) -> bool {
        self.is_tls13() && self.facts.tls.client_encrypted_records > 0 && self.closings.first.is_some()
    }

    fn is_tls13(&self) -> bool {
        self.attempt.version().is_some_and(is_tls13)
    }

    /// Whether no byte of a hello was captured: the server's half alone, or a capture that began behind it.
    fn is_without_hello(&self) -> bool {
        !self.is_whole() && self.facts.hello_missing == 0
    }

    /// Whether the whole hello was captured.
    pub(super) fn is_whole(&self) -> bool {
        self.attempt.hello.first.is_some()
    }

    /// The client's first reset since the hello: it ends the observation.
    pub(super) fn client_reset(&self) -> Option<Time> {
        self.facts.client.resets.iter().map(|reset| reset.time).find(|time| *time >= self.attempt.time)
    }

    /// How long after `start` the client was last heard without an answer.
    fn witnessed_since(&self, start: Time) -> Option<Duration> {
        (self.facts.answer.is_none()).then_some(self.until_client_reset(self.facts.witness?).since(start))
    }

    /// `witness`, or the client's reset if that was earlier.
    fn until_client_reset(&self, witness: Time) -> Time {
        self.client_reset().map_or(witness, |reset| witness.min(reset))
    }

    fn hello_to_answer(&self) -> Option<Duration> {
        self.facts.answer.filter(|_| self.is_whole()).map(|answer| answer.time.since(self.attempt.time))
    }
}

fn reset_at(outcome: Outcome, reset: ResetEvidence) -> Decision {
    Decision { reset: Some(reset), ..Decision::of(outcome) }
}

/// Whether the next byte is the server's to send: it left a record open, or the client sent its next flight, which after
/// a HelloRetryRequest is another hello.
fn server_owes(attempt: &Attempt, tls: &TlsProgress) -> bool {
    if tls.retry && attempt.server_hello.is_none() {
        return attempt.hello.count > 1;
    }
    tls.server_open || tls.client_flight
}
