//! The numbers that opinions rest on, each with its source. An operator may set them; the defaults are what the rules
//! were tried with.

use std::ops::RangeInclusive;
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

/// A number that an operator may set.
#[derive(Debug)]
pub struct Knob {
    /// What it is called.
    pub name: &'static str,
    /// What it may be. Where the rules define the number, the range begins there and leads to fewer accusations.
    pub range: RangeInclusive<u32>,
    /// What it is.
    pub describes: &'static str,
    /// Tells it.
    pub(crate) get: fn(&Limits) -> u32,
    /// Sets it.
    pub(crate) set: fn(&mut Limits, u32),
}

impl PartialEq for Knob {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Knob {}

/// The numbers that an operator may set. A silence cannot be witnessed later than the 120 s after which a flow is over.
pub static KNOBS: &[Knob] = &[
    Knob {
        name: "soft-seconds",
        range: 3..=110,
        describes: "seconds after which a silence is soft, and an answer late",
        get: |limits| seconds(limits.soft),
        set: |limits, value| limits.soft = Duration::from_secs(value.into()),
    },
    Knob {
        name: "hard-seconds",
        range: 10..=110,
        describes: "seconds after which a silence is hard",
        get: |limits| seconds(limits.hard),
        set: |limits, value| limits.hard = Duration::from_secs(value.into()),
    },
    Knob {
        name: "injected-traits",
        range: 2..=6,
        describes: "independent traits that make a reset injected",
        get: |limits| u32::try_from(limits.injected_traits).unwrap_or(u32::MAX),
        set: |limits, value| limits.injected_traits = value as usize,
    },
    Knob {
        name: "ttl-step",
        range: 2..=255,
        describes: "the smallest TTL step that is a trait of an injected reset",
        get: |limits| limits.ttl_step.into(),
        set: |limits, value| limits.ttl_step = u8::try_from(value).unwrap_or(u8::MAX),
    },
    Knob {
        name: "law-packets",
        range: 3..=1_000,
        describes: "packets of a sender that make a law of its IP-IDs, DF and windows",
        get: |limits| limits.law_packets,
        set: |limits, value| limits.law_packets = value,
    },
    Knob {
        name: "ip-id-step",
        range: 100..=32_767,
        describes: "the largest step of IP-IDs that count packets",
        get: |limits| limits.ip_id_step.into(),
        set: |limits, value| limits.ip_id_step = u16::try_from(value).unwrap_or(u16::MAX),
    },
    Knob {
        name: "loss-per-million",
        range: 1..=1_000,
        describes: "lost packets of a million with which an absence says nothing",
        get: |limits| u32::try_from(limits.loss.per_million).unwrap_or(u32::MAX),
        set: |limits, value| limits.loss.per_million = value.into(),
    },
    Knob {
        name: "vantage-ratio",
        range: 2..=100,
        describes: "how unequal half round trips are near one end",
        get: |limits| limits.vantage_ratio,
        set: |limits, value| limits.vantage_ratio = value,
    },
];

fn seconds(span: Duration) -> u32 {
    u32::try_from(span.as_secs()).unwrap_or(u32::MAX)
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
