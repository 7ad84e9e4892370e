//! A connection's facts as the attempt that is told.

use std::time::Duration;

use crate::attempt::{Attempt, End, TcpFacts, Transport};
use crate::packet::Ends;
use crate::tcp::connection::Connection;
use crate::tcp::finder::Phase;
use crate::tcp::half::HalfFacts;
use crate::tcp::sender::{Origin, Sender};
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
        let (frame, time) =
            self.clock.at().map_or((identity.first_frame, identity.opened), |(time, frame)| (frame, time));
        let ends = match client {
            Origin::Opener => identity.ends,
            Origin::Responder => identity.ends.reversed(),
        };
        Some(Attempt {
            flow_id: identity.flow_id,
            ends,
            frame,
            time,
            opened: identity.opened,
            closed,
            end,
            hello: self.progress.hello.clone(),
            server_hello: self.progress.server_hello.clone(),
            chain: self.progress.chain.clone(),
            transport: Transport::Tcp(Box::new(self.tcp_facts(client))),
        })
    }

    /// Directions that lack bytes which arrived, as an acknowledgement shows, in a flow of which both were captured. A
    /// hole that is not acknowledged was lost on the way, or never filled on purpose.
    pub(crate) fn gaps(&self) -> u64 {
        let (one, other) = (self.senders.of(Origin::Opener), self.senders.of(Origin::Responder));
        if one.facts.packets == 0 || other.facts.packets == 0 {
            return 0;
        }
        let arrived = |of: &Sender, by: &Sender| {
            of.stream.gap().zip(by.facts.acked).is_some_and(|((missing, _), acked)| acked.is_after(missing))
        };
        let lacks = |of: &Sender, by: &Sender| u64::from(arrived(of, by) || acks_unseen(by, of));
        lacks(one, other) + lacks(other, one)
    }

    fn tcp_facts(&self, client: Origin) -> TcpFacts {
        let (client, server) = (self.senders.of(client), self.senders.of(client.other()));
        let mut facts = self.facts.clone();
        facts.hello_span = self.clock.span();
        if self.progress.hello.first.is_none() {
            let missing = client.reader.pending().map_or(0, |pending| pending.missing);
            facts.hello_missing = u32::try_from(missing).unwrap_or(u32::MAX);
        }
        facts.tls = self.progress.tls.clone();
        facts.tls.server_not_tls |= server.finder.phase == Phase::NotTls;
        facts.tls.server_open = server.reader.is_open() || (facts.tls.retry && self.progress.server_hello.is_none());
        facts.client_progress = client.last_payload.map(|payload| payload.time);
        facts.server_acknowledges = server.facts.acked.is_some();
        facts.client_acks_unseen = acks_unseen(client, server);
        facts.server_acks_unseen = acks_unseen(server, client);
        let (client_rtt, server_rtt) = handshake_rtts(client, server);
        facts.client_rtt = client_rtt;
        facts.server_rtt = facts.server_rtt.into_iter().chain(server_rtt).min();
        facts.client = half(client);
        facts.server = half(server);
        facts
    }
}

fn half(sender: &Sender) -> HalfFacts {
    HalfFacts { gap: sender.has_gap(), ..sender.facts.clone() }
}

/// Whether `by` acknowledges bytes of `of` that were never captured. The first acknowledgement of an end whose stream
/// was never captured only tells where that stream stood. Some programs acknowledge an RST as if it took a place in the
/// stream.
fn acks_unseen(by: &Sender, of: &Sender) -> bool {
    let reset = u32::from(of.facts.reset_count > 0);
    by.facts.acked.zip(of.end()).is_some_and(|(acked, end)| acked.is_after(end.add(reset)))
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
