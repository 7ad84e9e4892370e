//! What the flows of a shard write to: what there is to tell, and what was counted.

use crate::attempt::{Attempt, Decryption, Moment};
use crate::flow::config::Config;
use crate::flow::losses::{Loss, Losses};
use crate::time::Time;

/// An attempt, told at a moment.
#[derive(Clone, Debug)]
pub struct Telling {
    /// When: the packet's `now`, or the deadline.
    pub at: Time,
    /// Why now.
    pub moment: Moment,
    /// The facts.
    pub attempt: Attempt,
}

/// What a shard counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Flows seen, TCP with more than a SYN and QUIC.
    pub flows: u64,
    /// Flows in which no handshake was found.
    pub without_tls: u64,
    /// Packets of flows whose handshake is over.
    pub settled_packets: u64,
    /// Packets that belong to no flow and begin none.
    pub stray_packets: u64,
    /// Second copies of frames.
    pub copies: u64,
    /// Datagrams of Google's QUIC with its own cryptography, which are named and not read.
    pub google_quic: u64,
    /// ClientHellos over DTLS, likewise.
    pub dtls_hellos: u64,
    /// Handshakes given up because the table was full.
    pub evicted_handshakes: u64,
    /// Handshakes given up because too many bytes were held for them.
    pub evicted_buffered: u64,
    /// Handshakes given up to shed load.
    pub shed_handshakes: u64,
    /// Settled flows forgotten because the table was full.
    pub evicted_settled: u64,
    /// QUIC packets that came before their keys and found no room to wait for them.
    pub not_held: u64,
    /// QUIC connections whose Initial keys were forgotten to make room, so that they may be derived once more.
    pub forgotten_quic_keys: u64,
    /// SYNs that had to make room for others before it could be told whether they are answered.
    pub evicted_syns: u64,
    /// SYNs of which the capture ended, or its clock jumped, before that.
    pub unfinished_syns: u64,
    /// Packets with an acknowledgement in flows whose handshake was in progress.
    pub acknowledgements: u64,
    /// Directions of such flows with bytes missing that were sent, as later bytes or an acknowledgement show.
    pub gaps: u64,
    /// Attempts whose key was given and opened the server's records or packets as far as these were looked at.
    pub decrypted: u64,
    /// Attempts whose key was given and did not open them.
    pub wrong_keys: u64,
}

impl Counts {
    /// Adds another's.
    pub fn add(&mut self, other: &Self) {
        self.flows += other.flows;
        self.without_tls += other.without_tls;
        self.settled_packets += other.settled_packets;
        self.stray_packets += other.stray_packets;
        self.copies += other.copies;
        self.google_quic += other.google_quic;
        self.dtls_hellos += other.dtls_hellos;
        self.evicted_handshakes += other.evicted_handshakes;
        self.evicted_buffered += other.evicted_buffered;
        self.shed_handshakes += other.shed_handshakes;
        self.evicted_settled += other.evicted_settled;
        self.not_held += other.not_held;
        self.forgotten_quic_keys += other.forgotten_quic_keys;
        self.evicted_syns += other.evicted_syns;
        self.unfinished_syns += other.unfinished_syns;
        self.acknowledgements += other.acknowledgements;
        self.gaps += other.gaps;
        self.decrypted += other.decrypted;
        self.wrong_keys += other.wrong_keys;
    }
}

/// Bytes that an honest handshake may hold: a hello with post-quantum keys has 2 kB, and a long chain 8 kB.
const HONEST: usize = 16 << 10;

/// The shard's limits, and what its flows have to say.
#[derive(Debug)]
pub(crate) struct Ledger {
    pub(crate) config: Config,
    pub(crate) told: Vec<Telling>,
    pub(crate) counts: Counts,
    pub(crate) losses: Losses,
    /// Bytes of streams held in all handshakes.
    held: usize,
}

impl Ledger {
    pub(crate) fn new(config: Config) -> Self {
        Self { config, told: Vec::new(), counts: Counts::default(), losses: Losses::default(), held: 0 }
    }

    /// A handshake that held `before` bytes holds `after`.
    pub(crate) fn hold(&mut self, before: usize, after: usize) {
        self.held = self.held.saturating_sub(before).saturating_add(after);
    }

    /// Whether more bytes are held than may be.
    pub(crate) fn is_overfull(&self) -> bool {
        self.held > self.config.buffered
    }

    /// The bytes that each of so many handshakes may hold when together they hold too many: an equal share, but never less
    /// than an honest one needs.
    pub(crate) fn fair_share(&self, handshakes: usize) -> usize {
        (self.config.buffered / handshakes.max(1)).max(HONEST)
    }

    /// Adds what a flow showed of the capture's losses; its last packet came at `last`.
    pub(crate) fn lose(&mut self, last: Time, loss: Loss) {
        self.counts.acknowledgements += loss.acknowledgements;
        self.counts.gaps += loss.gaps;
        self.losses.add(last, loss);
    }

    pub(crate) fn tell(&mut self, at: Time, moment: Moment, attempt: Attempt) {
        if moment == Moment::Closed {
            match attempt.decryption() {
                Decryption::None => {}
                Decryption::WrongKey => self.counts.wrong_keys += 1,
                _ => self.counts.decrypted += 1,
            }
        }
        self.told.push(Telling { at, moment, attempt });
    }
}
