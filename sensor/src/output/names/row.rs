//! What is known of one server name.

use std::time::Duration;

use dissectors::attempt::{Attempt, Moment, Transport};
use dissectors::time::Time;
use rules::detectors::BLOCKLISTED_CHAIN;
use rules::finding::Rule;
use rules::judge::Judgement;
use rules::notice::Action;
use rules::outcome::{Decision, Outcome, Strength};

use super::layout::Grain;
use super::sparse::Sparse;
use super::survival;
use crate::output::Event;

/// The attempts of one server name.
///
/// Most names have nothing but completed handshakes: what others have besides takes no room in them.
#[derive(Clone, Debug, Default)]
pub struct Row {
    completed: u64,
    pub(super) answered: Sparse,
    seen: Option<(Time, Time)>,
    rest: Option<Box<Rest>>,
}

/// What came of the attempts that did not complete, and the alerts.
#[derive(Clone, Debug, Default)]
struct Rest {
    /// By outcome; completed ones are not counted here.
    outcomes: [u64; Outcome::ALL.len()],
    silence_hard: u64,
    alerts: i64,
    chain_alerts: i64,
    unanswered: Sparse,
    longest_silence: Option<Duration>,
}

/// Of a name that was always answered.
static NONE: Sparse = Sparse::EMPTY;

impl Row {
    /// Adds an event; spans are told apart as finely as `grain` says. Whether it took another bucket.
    pub(super) fn count(&mut self, event: &Event<'_>, grain: Grain) -> bool {
        if !event.judgement.notices.is_empty() {
            self.rest_mut().alert(event.judgement);
        }
        event.telling.moment == Moment::Closed && self.close(&event.telling.attempt, &event.judgement.decision, grain)
    }

    /// Joins buckets that a coarser grain does not tell apart; how many are left.
    pub(super) fn coarsen(&mut self, grain: Grain) -> usize {
        self.answered.coarsen(grain) + self.rest.as_mut().map_or(0, |rest| rest.unanswered.coarsen(grain))
    }

    /// The bucket of the shortest time to an answer, the first that is kept of them.
    pub(super) fn shortest_answer(&self) -> Option<u16> {
        self.answered.iter().next().map(|(bucket, _)| bucket)
    }

    /// All attempts.
    pub fn attempts(&self) -> u64 {
        self.sum(|_| true)
    }

    /// Attempts that say something about the server's reach: the denominator of every rate.
    pub fn decided(&self) -> u64 {
        self.sum(Outcome::is_decided)
    }

    /// Attempts that something kept from going on.
    pub fn failures(&self) -> u64 {
        self.sum(Outcome::accuses)
    }

    /// Attempts with this outcome.
    pub fn outcome(&self, outcome: Outcome) -> u64 {
        match outcome {
            Outcome::Completed => self.completed,
            other => self.rest(|rest| rest.outcomes.get(other as usize).copied().unwrap_or(0)),
        }
    }

    /// Of the attempts with [`Outcome::SilenceAfterHello`], those whose silence is hard.
    pub fn silence_hard(&self) -> u64 {
        self.rest(|rest| rest.silence_hard)
    }

    /// Alerts that stand: those that were taken back are subtracted. Negative only if the name under which an alert was
    /// raised turned out not to be the attempt's.
    pub fn alerts(&self) -> i64 {
        self.rest(|rest| rest.alerts)
    }

    /// Of [`Row::alerts`], those about the server's chain of certificates.
    pub fn chain_alerts(&self) -> i64 {
        self.rest(|rest| rest.chain_alerts)
    }

    /// Within which span the share `quantile` of the answers came, of the attempts that were answered.
    pub fn answer_quantile(&self, quantile: f64) -> Option<Duration> {
        survival::quantile(&self.answered, &NONE, quantile)
    }

    /// Within which span the share `quantile` of all attempts was answered, where silent and abandoned ones count as
    /// waiting for longer than they were watched (Kaplan–Meier). `None` where none was silent, so that it would say
    /// what [`Row::answer_quantile`] says, and where too few were answered to say.
    pub fn silence_quantile(&self, quantile: f64) -> Option<Duration> {
        let unanswered = Some(self.unanswered()).filter(|unanswered| !unanswered.is_empty())?;
        survival::quantile(&self.answered, unanswered, quantile)
    }

    /// The longest that a hello was seen to stay without an answer. A lower bound, like every silence.
    pub fn longest_silence(&self) -> Option<Duration> {
        self.rest(|rest| rest.longest_silence)
    }

    /// The lengths for which hellos stayed without an answer.
    pub(super) fn unanswered(&self) -> &Sparse {
        self.rest.as_ref().map_or(&NONE, |rest| &rest.unanswered)
    }

    /// The time of the first attempt.
    pub fn first_seen(&self) -> Option<Time> {
        self.seen.map(|(first, _)| first)
    }

    /// The time of the last attempt.
    pub fn last_seen(&self) -> Option<Time> {
        self.seen.map(|(_, last)| last)
    }

    /// Whether nothing was counted.
    pub(super) fn is_empty(&self) -> bool {
        self.attempts() == 0 && self.alerts() == 0
    }

    fn sum(&self, of: fn(Outcome) -> bool) -> u64 {
        Outcome::ALL.iter().filter(|outcome| of(**outcome)).map(|outcome| self.outcome(*outcome)).sum()
    }

    fn close(&mut self, attempt: &Attempt, decision: &Decision, grain: Grain) -> bool {
        let (first, last) = self.seen.unwrap_or((attempt.time, attempt.time));
        self.seen = Some((first.min(attempt.time), last.max(attempt.time)));
        match decision.outcome {
            Outcome::Completed => self.completed += 1,
            _ => self.rest_mut().close(decision),
        }
        if let Some(answered) = decision.hello_to_answer.filter(|_| decision.outcome.is_decided()) {
            self.answered.record(answered, grain)
        } else {
            silence(attempt, decision).is_some_and(|silence| self.rest_mut().silence(silence, grain))
        }
    }

    /// A part of what most names do not have, and else nothing.
    fn rest<T: Default>(&self, part: impl FnOnce(&Rest) -> T) -> T {
        self.rest.as_deref().map(part).unwrap_or_default()
    }

    fn rest_mut(&mut self) -> &mut Rest {
        self.rest.get_or_insert_default()
    }
}

impl Rest {
    fn alert(&mut self, judgement: &Judgement) {
        self.alerts = self.alerts.saturating_add(net_alerts(judgement, |_| true));
        let about_chain = |rule: &Rule| rule.id == BLOCKLISTED_CHAIN.id;
        self.chain_alerts = self.chain_alerts.saturating_add(net_alerts(judgement, about_chain));
    }

    fn close(&mut self, decision: &Decision) {
        if let Some(count) = self.outcomes.get_mut(decision.outcome as usize) {
            *count += 1;
        }
        let silent = decision.outcome == Outcome::SilenceAfterHello;
        self.silence_hard += u64::from(silent && decision.strength == Some(Strength::Hard));
    }

    fn silence(&mut self, silence: Duration, grain: Grain) -> bool {
        self.longest_silence = self.longest_silence.max(Some(silence));
        self.unanswered.record(silence, grain)
    }
}

/// How long the hello of a silent or abandoned attempt was watched without an answer. Where something else ended the
/// wait, or nobody could have seen an answer, there is no such length.
fn silence(attempt: &Attempt, decision: &Decision) -> Option<Duration> {
    match decision.outcome {
        Outcome::SilenceAfterHello => decision.silence,
        Outcome::Abandoned => {
            attempt.hello.first.as_ref()?;
            Some(last_heard(attempt)?.since(attempt.time))
        }
        _ => None,
    }
}

/// When the client of an unanswered attempt was last heard.
fn last_heard(attempt: &Attempt) -> Option<Time> {
    match &attempt.transport {
        Transport::Tcp(facts) => facts.witness.max(facts.client.fin.map(|fin| fin.time)),
        Transport::Quic(facts) => facts.client.last,
    }
}

fn net_alerts(judgement: &Judgement, of: impl Fn(&Rule) -> bool) -> i64 {
    let step = |action| match action {
        Action::Allowed => 1,
        Action::Withdrawn => -1,
    };
    let notices = judgement.notices.iter().filter(|notice| of(notice.finding.rule));
    notices.map(|notice| step(notice.action)).sum()
}
