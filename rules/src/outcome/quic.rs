//! The outcome over QUIC: the same list, from what an observer without the session's keys sees.
//!
//! Nothing is acknowledged in clear, so that the server's direction must have been visible elsewhere, and the client's
//! repeated Initials are the witness.

use std::time::Duration;

use dissectors::attempt::{Attempt, End};
use dissectors::quic::{QuicFacts, Side};

use super::{AnswerKind, Decision, Outcome, Reason};
use crate::limits::Limits;
use crate::quality::Quality;

struct View<'a> {
    attempt: &'a Attempt,
    facts: &'a QuicFacts,
    quality: &'a Quality,
    limits: &'a Limits,
}

pub(super) fn decide(attempt: &Attempt, facts: &QuicFacts, quality: &Quality, limits: &Limits) -> Decision {
    let view = View { attempt, facts, quality, limits };
    Decision { hello_to_answer: view.hello_to_answer(), ..view.decide() }
}

impl View<'_> {
    fn decide(&self) -> Decision {
        // Whatever came after it, there is no hello to say it of.
        if self.facts.client.initials == 0 {
            return Decision::unresolved(self.reason());
        }
        let late = |decision: Decision| decision.answered_after(self.hello_to_answer(), self.limits);
        (self.completed().or_else(|| self.alert()).or_else(|| self.begun()).map(late))
            .or_else(|| self.silent())
            .or_else(|| self.abandoned())
            .unwrap_or_else(|| Decision::unresolved(self.reason()))
    }

    /// Rule 1: short headers from both ends.
    fn completed(&self) -> Option<Decision> {
        self.facts.completed.map(|_| Decision::of(Outcome::Completed))
    }

    /// Rule 2: a close with the code of an alert (RFC 9001, section 4.8).
    fn alert(&self) -> Option<Decision> {
        self.facts.close.filter(|close| close.alert().is_some()).map(|_| Decision::of(Outcome::TlsAlert))
    }

    /// Rule 4: the server said more than that it heard. Retry asks for another Initial and is as good as a
    /// HelloRetryRequest.
    fn begun(&self) -> Option<Decision> {
        self.facts.answer?;
        let refused = self.facts.version_negotiation.is_some() && self.facts.server.initials == 0;
        if refused && self.facts.hellos < 2 {
            return Some(Decision { answer: Some(AnswerKind::VersionNegotiation), ..Decision::of(Outcome::Answered) });
        }
        Some(self.stalled().unwrap_or_else(|| Decision::of(Outcome::Answered)))
    }

    /// Rule 4, the silence.
    fn stalled(&self) -> Option<Decision> {
        if self.facts.close.is_some() || self.lost() {
            return None;
        }
        let unheard = if self.facts.client.short > 0 { self.unconfirmed() } else { self.unanswered() };
        Decision::witnessed(Outcome::SilenceMidHandshake, unheard?, self.limits)
    }

    /// How long the client's datagrams since the server's last one went without an answer.
    fn unanswered(&self) -> Option<Duration> {
        let client = &self.facts.client;
        let enough = client.unanswered >= self.limits.quic_initials;
        Some(client.last.filter(|_| enough)?.since(client.unanswered_since?))
    }

    /// How long a client that has all of the server's flight, since it sends short headers, was without the server's word
    /// that its own arrived. With that word it would throw the keys of Handshake packets away (RFC 9001, section 4.9.2):
    /// each of them is a witness, however often the server repeats its flight and whatever the capture missed.
    fn unconfirmed(&self) -> Option<Duration> {
        let client = &self.facts.client;
        let enough = client.handshakes >= self.limits.quic_initials;
        Some(client.last_handshake.filter(|_| enough)?.since(client.first_short?))
    }

    /// Rules 6 and 7: enough Initials over enough time, and nothing back though the way back was visible.
    fn silent(&self) -> Option<Decision> {
        if self.blind().is_some()
            || self.facts.answer.is_some()
            || self.facts.client.initials < self.limits.quic_initials
        {
            return None;
        }
        let (outcome, start) = match self.facts.hello {
            Some(hello) => (Outcome::SilenceAfterHello, hello),
            None => (Outcome::HelloIncomplete, self.facts.client.first_initial?),
        };
        Decision::witnessed(outcome, self.facts.client.last_initial?.since(start), self.limits)
    }

    /// Rule 8: the client said so itself.
    fn abandoned(&self) -> Option<Decision> {
        let closed = self.facts.close.is_some_and(|close| close.sender == Side::Client);
        let early = self.facts.client.repeated < self.limits.abandoned_retransmissions;
        (closed && early && self.blind().is_none()).then(|| Decision::of(Outcome::Abandoned))
    }

    /// Why the absence of an answer would prove nothing, if so.
    fn blind(&self) -> Option<Reason> {
        let blind = |(reason, holds)| if reason != Reason::Evicted && holds { Some(reason) } else { None };
        self.reasons().into_iter().find_map(blind)
    }

    fn reason(&self) -> Reason {
        let seen = self.reasons().into_iter().find(|(_, holds)| *holds).map(|(reason, _)| reason);
        seen.unwrap_or_else(|| self.unfinished())
    }

    /// What was not visible, in order of precedence.
    fn reasons(&self) -> [(Reason, bool); 5] {
        let facts = self.facts;
        let no_initial = facts.client.initials == 0;
        let visible = facts.server.datagrams > 0 || self.quality.client_was_heard();
        [
            (Reason::Truncated, facts.damage.truncated > 0),
            (Reason::Evicted, self.attempt.end == End::Evicted),
            (Reason::Midstream, no_initial && facts.client.datagrams > 0),
            (Reason::OneSided, facts.client.datagrams == 0 || !visible),
            (Reason::CaptureLoss, self.lost()),
        ]
    }

    fn unfinished(&self) -> Reason {
        let deadline_passed = self.attempt.closed.since(self.attempt.time) >= self.limits.soft;
        match self.attempt.end {
            End::ClockJump => Reason::ClockJump,
            End::CaptureEnded if !deadline_passed => Reason::CaptureEnded,
            _ => Reason::Unwitnessed,
        }
    }

    /// Whether packets were lost to the capture, or not read: what nobody can open may be the answer, and so may what
    /// came from the server's port and is no packet of this connection.
    fn lost(&self) -> bool {
        let damage = &self.facts.damage;
        let unread = damage.truncated > 0 || damage.over_limit > 0 || damage.refused > 0 || damage.unopened > 0;
        unread || self.facts.server.foreign > 0 || self.quality.is_lossy(&self.limits.loss)
    }

    fn hello_to_answer(&self) -> Option<Duration> {
        Some(self.facts.answer?.since(self.facts.hello?))
    }
}
