//! What became of an attempt: the closed list of outcomes and the one function that decides among them.
//!
//! Pure: facts and numbers go in, a [`Decision`] comes out, and asking again gives the same. The rules stand in their
//! order in `tcp` and `quic`; which closing came first is in `closing`, why nothing can be said in `reason`. Nothing here
//! knows of alerts.

mod closing;
mod quic;
mod reason;
mod tcp;
#[cfg(test)]
mod tests;

pub(crate) use self::reason::hello_quoted;

use std::time::Duration;

use dissectors::attempt::{Attempt, Side, Transport};

use crate::limits::Limits;
use crate::names::named;
use crate::quality::Quality;
use crate::reset::ResetEvidence;
use crate::settings::Settings;

named! {
    /// What became of an attempt.
    pub enum Outcome {
        /// Both sides got as far as encrypted application data.
        Completed = "completed",
        /// The server's handshake came; the capture or the client ended before completion.
        Answered = "answered",
        /// It ended by a fatal alert in clear.
        TlsAlert = "tls_alert",
        /// The server's side answered with something that is no TLS.
        NotTls = "not_tls",
        /// The ClientHello began and never became whole.
        HelloIncomplete = "hello_incomplete",
        /// Whole hello, no answer, and a witness.
        SilenceAfterHello = "silence_after_hello",
        /// Answered, but late.
        LateAnswer = "late_answer",
        /// The server began, then silence, and a witness.
        SilenceMidHandshake = "silence_mid_handshake",
        /// A reset after the hello and before any byte of an answer.
        ResetAfterHello = "reset_after_hello",
        /// A reset after the server began.
        ResetMidHandshake = "reset_mid_handshake",
        /// A FIN from the server's side before any byte of an answer.
        ClosedAfterHello = "closed_after_hello",
        /// The client closed first and too soon to say.
        Abandoned = "abandoned",
        /// Not to be decided, for a [`Reason`].
        Unresolved = "unresolved",
    }
}

impl Outcome {
    /// Whether it says that something kept the handshake from going on: what no loss of the capture may ever produce.
    pub fn accuses(self) -> bool {
        matches!(
            self,
            Self::HelloIncomplete
                | Self::SilenceAfterHello
                | Self::SilenceMidHandshake
                | Self::ResetAfterHello
                | Self::ResetMidHandshake
                | Self::ClosedAfterHello
        )
    }

    /// Whether it counts in the denominator of a rate.
    pub fn is_decided(self) -> bool {
        !matches!(self, Self::Unresolved | Self::Abandoned)
    }
}

named! {
    /// Why an attempt is [`Outcome::Unresolved`], in order of precedence.
    pub enum Reason {
        /// The snap length cut bytes that the handshake needed.
        Truncated = "truncated",
        /// The flow table was full.
        Evicted = "evicted",
        /// The capture began within the connection, and the hello's beginning was not captured.
        Midstream = "midstream",
        /// Only one direction was captured, as far as can be known.
        OneSided = "one_sided",
        /// The capture lost packets of this flow, or too many of all flows.
        CaptureLoss = "capture_loss",
        /// The hello was not meant to reach the server, or did not for want of hops.
        Undelivered = "undelivered",
        /// The deadline passed and the client was not heard again.
        Unwitnessed = "unwitnessed",
        /// The capture's clock jumped.
        ClockJump = "clock_jump",
        /// The capture ended before the deadline.
        CaptureEnded = "capture_ended",
    }
}

named! {
    /// How long a silence was witnessed.
    pub enum Strength {
        /// For [`Limits::soft`] or longer.
        Soft = "soft",
        /// For [`Limits::hard`] or longer.
        Hard = "hard",
    }
}

/// What is worth keeping of an answer beside the outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AnswerKind {
    /// The outcome that [`Outcome::LateAnswer`] replaced.
    Replaced(Outcome),
    /// QUIC Version Negotiation that the client did not follow.
    VersionNegotiation,
}

impl AnswerKind {
    /// The word that outputs use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Replaced(outcome) => outcome.as_str(),
            Self::VersionNegotiation => "version_negotiation",
        }
    }
}

/// What became of an attempt, and what that rests on.
#[derive(Clone, Debug, PartialEq)]
pub struct Decision {
    /// The outcome.
    pub outcome: Outcome,
    /// Why it is unresolved; set exactly then.
    pub reason: Option<Reason>,
    /// How long the silence was witnessed, of a silence or an incomplete hello.
    pub strength: Option<Strength>,
    /// From the hello (or from where the server owed its next byte) to the last witness. Always censored: a lower bound.
    pub silence: Option<Duration>,
    /// What is worth keeping of the answer.
    pub answer: Option<AnswerKind>,
    /// From the hello to its first answer.
    pub hello_to_answer: Option<Duration>,
    /// The client's encrypted records were too short for a Finished, and then there was a close: probably an alert that
    /// refuses the certificate.
    pub client_refused: bool,
    /// The side whose FIN or RST came after the other side's: a fact, never the outcome.
    pub answers_close: Option<Side>,
    /// The reset that closed the attempt and what speaks for its being injected.
    pub reset: Option<ResetEvidence>,
}

impl Decision {
    fn of(outcome: Outcome) -> Self {
        Self {
            outcome,
            reason: None,
            strength: None,
            silence: None,
            answer: None,
            hello_to_answer: None,
            client_refused: false,
            answers_close: None,
            reset: None,
        }
    }

    fn unresolved(reason: Reason) -> Self {
        Self { reason: Some(reason), ..Self::of(Outcome::Unresolved) }
    }

    /// `outcome` witnessed for `silence`; nothing if that is shorter than [`Limits::soft`].
    fn witnessed(outcome: Outcome, silence: Duration, limits: &Limits) -> Option<Self> {
        let strength = match silence {
            long if long >= limits.hard => Strength::Hard,
            long if long >= limits.soft => Strength::Soft,
            _ => return None,
        };
        Some(Self { strength: Some(strength), silence: Some(silence), ..Self::of(outcome) })
    }

    /// The same, as a late answer if the first answer took `hello_to_answer` and that is too long.
    fn answered_after(self, hello_to_answer: Option<Duration>, limits: &Limits) -> Self {
        if hello_to_answer.is_none_or(|span| span < limits.soft) {
            return self;
        }
        let answer = self.answer.or(Some(AnswerKind::Replaced(self.outcome)));
        Self { outcome: Outcome::LateAnswer, answer, ..self }
    }
}

/// Decides what became of `attempt`. Also of one that is still open: what would be said if nothing more came.
pub fn decide(attempt: &Attempt, quality: &Quality, settings: &Settings) -> Decision {
    match &attempt.transport {
        Transport::Tcp(facts) => tcp::decide(attempt, facts, quality, settings),
        Transport::Quic(facts) => quic::decide(attempt, facts, quality, &settings.limits),
    }
}
