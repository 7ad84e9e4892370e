//! One shard of the flows: packets in, attempts out.
//!
//! Contract: give it its packets in the order of their capture, with `now` never going back (the caller begins anew with
//! [`Tracker::close_all`] where the capture's clock jumps); call [`Tracker::advance`] when time has passed without a
//! packet; take what it has to tell with [`Tracker::drain`]. It reads no clock: deadlines fire as `now` reaches them, and
//! what they cause is dated with the deadline, so that when the caller advances makes no difference.

use std::collections::BTreeMap;
use std::net::IpAddr;

use crate::attempt::End;
use crate::flow::arrival::Arrival;
use crate::flow::config::Config;
use crate::flow::ending::Ending;
use crate::flow::ledger::{Counts, Ledger, Telling};
use crate::flow::losses::Losses;
use crate::flow::opening::Connects;
use crate::flow::quic::QuicFlows;
use crate::flow::tcp::TcpFlows;
use crate::packet::{Packet, Transport};
use crate::shared::Shared;
use crate::time::Time;

/// One shard.
#[derive(Debug)]
pub struct Tracker {
    tcp: TcpFlows,
    quic: QuicFlows,
    ledger: Ledger,
}

impl Tracker {
    /// A shard without flows.
    pub fn new(config: Config) -> Self {
        let ledger = Ledger::new(config);
        Self { tcp: TcpFlows::new(&ledger), quic: QuicFlows::new(&ledger), ledger }
    }

    /// Takes the next packet of this shard. `hash` is [`Key::hash`](crate::flow::Key::hash) of its ends; its spans lie in
    /// `block`.
    #[inline]
    pub fn packet(&mut self, now: Time, hash: u64, packet: &Packet, block: &[u8], shared: &mut Shared) {
        self.advance(now);
        let arrival = Arrival { now, hash, packet, block };
        match &packet.transport {
            Transport::Tcp(tcp) => self.tcp.segment(arrival, tcp, &mut self.ledger, shared),
            Transport::Udp => self.quic.datagram(arrival, &mut self.ledger, shared),
            Transport::Icmp { quote, of_udp } => {
                let known = !of_udp && self.tcp.quote(arrival, *quote);
                self.ledger.counts.stray_packets += u64::from(!known);
            }
        }
    }

    /// Loads what a packet will be looked up in, and changes nothing. Asked for many packets beforehand, what is far away in
    /// memory comes for all of them at once, instead of each waiting for its own.
    #[inline]
    pub fn look_ahead(&self, hash: u64, packet: &Packet) {
        match &packet.transport {
            Transport::Tcp(tcp) => self.tcp.look_ahead(hash, tcp),
            Transport::Udp => self.quic.look_ahead(hash),
            Transport::Icmp { .. } => {}
        }
    }

    /// Lets time pass: flows that were silent for too long are over.
    pub fn advance(&mut self, now: Time) {
        self.tcp.expire(now, &mut self.ledger);
        self.quic.expire(now, &mut self.ledger);
    }

    /// Ends every flow: the capture is over, or its clock jumped.
    pub fn close_all(&mut self, end: End, now: Time) {
        self.advance(now);
        self.tcp.close_all(end, now, &mut self.ledger);
        self.quic.close_all(end, now, &mut self.ledger);
    }

    /// Ends the flows with a handshake in progress that are not to be followed any more: none of their packets will come.
    pub fn shed(&mut self, follow: impl Fn(u64) -> bool, now: Time) {
        self.tcp.shed(&follow, now, &mut self.ledger);
        self.quic.shed(&follow, now, &mut self.ledger);
        self.tcp.forget_openings();
    }

    /// Takes what there is to tell, in the order in which it happened.
    pub fn drain(&mut self) -> impl Iterator<Item = Telling> + '_ {
        self.ledger.told.drain(..)
    }

    /// Moves what the flows that ended showed of the capture's losses to that of others.
    pub fn pass_losses(&mut self, losses: &mut Losses) {
        losses.append(&mut self.ledger.losses);
    }

    /// What was counted.
    pub fn counts(&self) -> Counts {
        Counts {
            evicted_syns: self.tcp.openings().evicted(),
            unfinished_syns: self.tcp.openings().unfinished(),
            forgotten_quic_keys: self.quic.forgotten_keys(),
            ..self.ledger.counts
        }
    }

    /// Connections without a ClientHello by server address, and those of servers beyond the limit.
    pub fn connects(&self) -> (&BTreeMap<IpAddr, Connects>, Connects) {
        self.tcp.openings().counts()
    }
}
