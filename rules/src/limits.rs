//! The numbers that opinions rest on, each with its source. An operator may set them; the defaults are what the rules
//! were tried with.

use std::time::Duration;

/// The numbers of every rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// A silence witnessed this long after the hello is soft, and an answer that late is `late_answer`: 3 s, the
    /// inactivity that Cloudflare's passive study writes as ∅ (SIGCOMM 2023, section 4).
    pub soft: Duration,
    /// A silence witnessed this long after the hello is hard: 10 s, the handshake timeout of OONI's probes
    /// (probe-cli, dd-007).
    pub hard: Duration,
    /// Smallest body of a TLS 1.3 record that can carry a client's Finished: 45 bytes, that is a 4-byte header, a SHA-256
    /// verify_data of 32, the inner content type, and the 8-byte tag of a CCM_8 suite (RFC 8446 sections 4.4.4, 5.2 and
    /// B.4). An encrypted alert has 11 to 19.
    pub finished_record: u16,
    /// Retransmissions from which on a client that closed has not merely given up early. Two, so that one lost segment
    /// leaves `abandoned` open.
    pub abandoned_retransmissions: u32,
    /// A hello whose TTL is lower than its sender's SYN by more than this was not meant to arrive, or did not: one hop
    /// of difference is a path change, three are a decoy or a traceroute probe.
    pub undelivered_ttl: u8,
    /// Client Initials from which on a QUIC hello was sent often enough to call its silence one (RFC 9002 sends the
    /// third after about 3 s at the default initial RTT of 333 ms).
    pub quic_initials: u32,
    /// A TTL step from which on a reset came another way than its sender's other packets: 2; more than 95 % of benign
    /// connections stay within 1 (SIGCOMM 2023, figure 3).
    pub ttl_step: u8,
    /// Packets of a sender from which its IP-IDs, DF and windows make a law.
    pub law_packets: u32,
    /// Largest step of IP-IDs of a sender that counts its packets; as [`dissectors::tcp::half::IpIdLaw`] counts them.
    pub ip_id_step: u16,
    /// Independent traits that make a reset `injected`.
    pub injected_traits: usize,
    /// Two closing packets of one sender captured within this span are ordered by sequence number and not by capture:
    /// 10 ms, more than two legs of a tap or the queues of a network card differ.
    pub reorder: Duration,
    /// What may be missing of the capture before nothing can be said of what is absent from it.
    pub loss: LossLimits,
    /// How lopsided two half round trips must be for a vantage to be near one end: 4, so that a fifth of the way counts
    /// as near.
    pub vantage_ratio: u32,
    /// Smallest round trip of which the halves can be compared: 1 ms. Below it, in a laboratory, both are scheduling.
    pub vantage_rtt: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            soft: Duration::from_secs(3),
            hard: Duration::from_secs(10),
            finished_record: 45,
            abandoned_retransmissions: 2,
            undelivered_ttl: 2,
            quic_initials: 3,
            ttl_step: 2,
            law_packets: 3,
            ip_id_step: 100,
            injected_traits: 2,
            reorder: Duration::from_millis(10),
            loss: LossLimits::default(),
            vantage_ratio: 4,
            vantage_rtt: Duration::from_millis(1),
        }
    }
}

/// See [`crate::quality::Quality::is_lossy`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LossLimits {
    /// Lost per million from which on a capture is lossy: 1,000, that is 0.1 %. Zeek's capture-loss script warns at
    /// 10 %, far too late where one lost packet looks like a silence.
    pub per_million: u64,
    /// Gaps below which a gap ratio says nothing: three. One or two among few acknowledgements are events and no rate;
    /// with three, the one-sided 95 % Poisson bound is still 0.8 events.
    pub min_gaps: u64,
}

impl Default for LossLimits {
    fn default() -> Self {
        Self { per_million: 1_000, min_gaps: 3 }
    }
}
