//! What passes between the two ends of a connection, while its handshake is of interest.

use std::time::Duration;

use crate::attempt::{Acked, Answer, TcpFacts};
use crate::few::Few;
use crate::packet::Quote;
use crate::time::Time;

/// The facts that single packets change and that belong to neither end alone, under the names that they have in
/// [`TcpFacts`], which is several times as large and made only when the attempt is told.
#[derive(Clone, Debug, Default)]
pub(crate) struct Exchange {
    pub(crate) hello_acked: Acked,
    pub(crate) hello_ttl: u8,
    pub(crate) hello_ip_id: Option<u16>,
    pub(crate) retransmissions: Few<Time>,
    pub(crate) retransmission_count: u32,
    pub(crate) fast_open: bool,
    pub(crate) answer: Option<Answer>,
    pub(crate) early: u64,
    pub(crate) witness: Option<Time>,
    pub(crate) stall_witness: Option<Time>,
    pub(crate) server_progress: Option<Time>,
    pub(crate) quotes: Few<(Time, Quote)>,
    pub(crate) server_rtt: Option<Duration>,
    pub(crate) syn_ack_repeated_after_ack: bool,
}

impl From<Exchange> for TcpFacts {
    /// The facts of both ends together. All else is for the caller to add.
    fn from(exchange: Exchange) -> Self {
        let Exchange { hello_acked, hello_ttl, hello_ip_id, retransmissions, retransmission_count, .. } = exchange;
        let Exchange { fast_open, answer, early, witness, stall_witness, server_progress, .. } = exchange;
        let Exchange { quotes, server_rtt, syn_ack_repeated_after_ack, .. } = exchange;
        Self {
            hello_acked,
            hello_ttl,
            hello_ip_id,
            retransmissions,
            retransmission_count,
            fast_open,
            answer,
            early,
            witness,
            stall_witness,
            server_progress,
            quotes,
            server_rtt,
            syn_ack_repeated_after_ack,
            ..Self::default()
        }
    }
}
