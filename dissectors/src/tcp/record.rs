//! A connection's facts as the attempt that is told.

use std::time::Duration;

use crate::attempt::{Attempt, End, TcpFacts, Transport};
use crate::packet::Ends;
use crate::tcp::connection::Connection;
use crate::tcp::finder::Phase;
use crate::tcp::origin::Origin;
use crate::tcp::prelude::Prelude;
use crate::tcp::progress::Progress;
use crate::tcp::sender::Sender;
use crate::time::Time;

/// What the flow table knows of a connection.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Identity {
    pub(crate) flow_id: u64,
    /// The sender of the first captured packet as source.
    pub(crate) ends: Ends,
    pub(crate) opened: Time,
    pub(crate) first_frame: u64,
}

impl Connection {
    /// The attempt as it stands; `None` where neither side's hello was found.
    pub(crate) fn attempt(&self, identity: &Identity, end: End, closed: Time) -> Option<Attempt> {
        let client = self.progress.client?;
        let mut facts = Box::new(TcpFacts::from(self.facts.clone()));
        facts.tls = self.progress.tls.clone();
        self.derive(client, &mut facts);
        facts.client = self.senders.of(client).half();
        facts.server = self.senders.of(client.other()).half();
        Some(self.record(identity, (end, closed), (client, self.progress.clone(), facts)))
    }

    /// The attempt at its end. The connection is good for nothing after that.
    pub(crate) fn take_attempt(&mut self, identity: &Identity, end: End, closed: Time) -> Option<Attempt> {
        let client = self.progress.client?;
        let mut facts = Box::new(TcpFacts::from(std::mem::take(&mut self.facts)));
        facts.tls = std::mem::take(&mut self.progress.tls);
        self.derive(client, &mut facts);
        facts.client = self.senders.of_mut(client).take_half();
        facts.server = self.senders.of_mut(client.other()).take_half();
        let progress = std::mem::take(&mut self.progress);
        Some(self.record(identity, (end, closed), (client, progress, facts)))
    }

    /// Directions that lack bytes which arrived, as an acknowledgement shows, in a flow of which both were captured. A
    /// hole that is not acknowledged was lost on the way, or never filled on purpose. One number too many is a FIN's:
    /// whether single closing packets were captured says little, since hosts that filter packets of their own swallow them.
    pub(crate) fn gaps(&self) -> u64 {
        let (one, other) = (self.senders.of(Origin::Opener), self.senders.of(Origin::Responder));
        if one.facts.packets == 0 || other.facts.packets == 0 {
            return 0;
        }
        let arrived = |of: &Sender, by: &Sender| {
            of.stream.gap().zip(by.facts.acked).is_some_and(|((missing, _), acked)| acked.is_after(missing))
        };
        let lacks = |of: &Sender, by: &Sender| u64::from(of.facts.gap || arrived(of, by) || unseen(by, of) > 1);
        lacks(one, other) + lacks(other, one)
    }

    fn record(
        &self,
        identity: &Identity,
        (end, closed): (End, Time),
        (client, progress, facts): (Origin, Progress, Box<TcpFacts>),
    ) -> Attempt {
        let (time, frame) = self.clock.at().unwrap_or((identity.opened, identity.first_frame));
        let ends = match client {
            Origin::Opener => identity.ends,
            Origin::Responder => identity.ends.reversed(),
        };
        let Progress { mut hello, server_hello, chain, .. } = progress;
        let taken = hello.first.as_ref().and_then(|first| first.server_name.as_ref());
        hello.conflicting_names.retain(|name| Some(&*name) != taken);
        Attempt {
            flow_id: identity.flow_id,
            ends,
            frame,
            time,
            opened: identity.opened,
            closed,
            end,
            hello,
            server_hello,
            chain,
            transport: Transport::Tcp(facts),
        }
    }

    /// Adds what follows from both senders together.
    fn derive(&self, client: Origin, facts: &mut TcpFacts) {
        let (client, server) = (self.senders.of(client), self.senders.of(client.other()));
        facts.from = self.prelude(client, server);
        facts.hello_span = self.clock.span();
        if self.progress.hello.first.is_none() {
            facts.hello_missing = u32::try_from(client.missing()).unwrap_or(u32::MAX);
        }
        facts.tls.server_not_tls |= server.finder.phase == Phase::NotTls;
        facts.tls.server_open = server.reader.is_open() || (facts.tls.retry && self.progress.server_hello.is_none());
        facts.client_progress = client.last_payload.map(|payload| payload.stamp.time);
        facts.server_acknowledges = server.facts.acked.is_some();
        facts.client_acks_unseen = acks_unseen(client, server);
        facts.server_acks_unseen = acks_unseen(server, client);
        let (client_rtt, server_rtt) = handshake_rtts(client, server);
        facts.client_rtt = client_rtt;
        facts.server_rtt = facts.server_rtt.into_iter().chain(server_rtt).min();
    }

    /// What TLS began behind, by the hello's place, or by the answer's where no hello was captured.
    fn prelude(&self, client: &Sender, server: &Sender) -> Prelude {
        let begins = if client.finder.phase == Phase::Tls { client } else { server };
        let opened = client.facts.syn.or(server.facts.syn).is_some();
        if begins.finder.at_start {
            return if opened { Prelude::Start } else { Prelude::Midstream };
        }
        let otherwise = if opened { Prelude::Unknown } else { Prelude::Midstream };
        Prelude::of(&client.finder.opening, &server.finder.opening).unwrap_or(otherwise)
    }
}

/// Whether `by` acknowledges bytes of `of` that were never captured. The first acknowledgement of an end whose stream
/// was never captured only tells where that stream stood. Some programs acknowledge an RST as if it took a place in the
/// stream.
fn acks_unseen(by: &Sender, of: &Sender) -> bool {
    unseen(by, of) > 0
}

/// How many of them.
fn unseen(by: &Sender, of: &Sender) -> i32 {
    let reset = u32::from(of.facts.reset_count > 0);
    let end = of.end().or(of.stood_at).map(|end| end.add(reset));
    by.facts.acked.zip(end).map_or(0, |(acked, end)| acked.since(end))
}

/// Round trips from the tap to the client and to the server in the connection's own handshake, whoever opened it. None
/// where a SYN was repeated, since it cannot be told which copy was answered (Karn).
fn handshake_rtts(client: &Sender, server: &Sender) -> (Option<Duration>, Option<Duration>) {
    let (Some(ours), Some(theirs)) = (client.facts.syn, server.facts.syn) else { return (None, None) };
    if ours.copies > 1 || theirs.copies > 1 {
        return (None, None);
    }
    let client_opens = ours.time <= theirs.time;
    let opener = if client_opens { client } else { server };
    let (first, second) = if client_opens { (ours, theirs) } else { (theirs, ours) };
    let to_responder = Some(second.time.since(first.time));
    let to_opener = opener.first_ack.filter(|&time| time >= second.time).map(|time| time.since(second.time));
    if client_opens { (to_opener, to_responder) } else { (to_responder, to_opener) }
}
