//! Why nothing can be said: what must have been visible, and was not.

use dissectors::attempt::{Attempt, End, TcpFacts};
use dissectors::packet::IcmpError;

use super::{Reason, tcp::View};

impl View<'_> {
    /// Why the absence of an answer would prove nothing, if so.
    pub(super) fn blind(&self) -> Option<Reason> {
        let blind = |(reason, holds)| if reason != Reason::Evicted && holds { Some(reason) } else { None };
        self.reasons().into_iter().find_map(blind)
    }

    /// The first reason why this attempt is not to be decided.
    pub(super) fn reason(&self) -> Reason {
        let seen = self.reasons().into_iter().find(|(_, holds)| *holds).map(|(reason, _)| reason);
        seen.unwrap_or_else(|| self.unfinished())
    }

    /// What was not visible, in order of precedence.
    fn reasons(&self) -> [(Reason, bool); 6] {
        [
            (Reason::Truncated, self.facts.client.truncated || self.facts.server.truncated),
            (Reason::Evicted, self.attempt.end == End::Evicted),
            (Reason::Midstream, is_midstream(self.attempt, self.facts)),
            (Reason::OneSided, is_one_sided(self.facts)),
            (Reason::CaptureLoss, self.lost()),
            (Reason::Undelivered, self.is_undelivered()),
        ]
    }

    /// Why an attempt that was wholly visible still came to nothing.
    fn unfinished(&self) -> Reason {
        let deadline_passed = self.attempt.closed.since(self.attempt.time) >= self.settings.limits.soft;
        match self.attempt.end {
            End::ClockJump => Reason::ClockJump,
            End::CaptureEnded if !deadline_passed && self.client_reset().is_none() => Reason::CaptureEnded,
            _ => Reason::Unwitnessed,
        }
    }

    /// Whether the capture lost packets: of this flow, or so many of all that this flow's may be among them. A hole in
    /// the hello that the server does not acknowledge was not lost by the capture.
    pub(super) fn lost(&self) -> bool {
        let facts = self.facts;
        let holes = facts.server.gap || (facts.client.gap && self.is_whole());
        let unseen = facts.client_acks_unseen || facts.server_acks_unseen;
        let dropped = facts.client.overflow || facts.server.overflow;
        holes || unseen || dropped || self.quality.is_lossy(&self.settings.limits.loss)
    }

    /// Whether the hello was not meant to arrive, or ran out of hops. What quotes a decoy sent before the copy that
    /// started the clock says nothing about that copy.
    fn is_undelivered(&self) -> bool {
        let drop = |syn: dissectors::tcp::half::Syn| syn.ttl.saturating_sub(self.facts.hello_ttl);
        let short = self.is_whole() && self.facts.client.syn.map_or(0, drop) > self.settings.limits.undelivered_ttl;
        short || self.hello_quoted(|error| error == IcmpError::TimeExceeded)
    }

    /// Whether an ICMP error for which `which` holds quotes the hello.
    pub(super) fn hello_quoted(&self, which: impl Fn(IcmpError) -> bool) -> bool {
        hello_quoted(self.attempt, self.facts, which)
    }
}

/// Whether an ICMP error for which `which` holds quotes the hello, as of the copy that started the clock.
pub(crate) fn hello_quoted(attempt: &Attempt, facts: &TcpFacts, which: impl Fn(IcmpError) -> bool) -> bool {
    let in_hello = |seq: dissectors::tcp::seq::Seq| {
        facts.hello_span.is_none_or(|(start, end)| seq.since(start) >= 0 && end.is_after(seq))
    };
    let quotes = facts.quotes.iter().filter(|(time, _)| *time >= attempt.time);
    quotes.into_iter().any(|(_, quote)| which(quote.error) && quote.seq.is_none_or(in_hello))
}

/// Whether the capture began within the connection and missed the hello's beginning. A missing SYN alone decides nothing.
fn is_midstream(attempt: &Attempt, facts: &TcpFacts) -> bool {
    attempt.hello.first.is_none() && facts.client.syn.is_none() && facts.server.syn.is_none()
}

/// Whether one direction was not visible: the server's, unless it acknowledges this client; or the client's, if nothing
/// of it was captured. A client that acknowledges an answer of which no byte was captured proves the same.
fn is_one_sided(facts: &TcpFacts) -> bool {
    let answered_unseen = facts.client_acks_unseen && facts.server.bytes == 0;
    !facts.server_acknowledges || facts.client.packets == 0 || answered_unseen
}
