//! A segment that the middlebox sends in the name of one of the ends.

use crate::net::segment::{ACK, FIN, RST};

/// What the forger puts into the header. Sequence and acknowledgement number are what its victim expects.
#[derive(Clone, Debug)]
pub struct Forged {
    /// TCP flags.
    pub flags: u8,
    /// TTL with which it leaves the middlebox.
    pub ttl: u8,
    /// IPv4 identification.
    pub id: u16,
    /// IPv4 "don't fragment".
    pub dont_fragment: bool,
    /// Window field.
    pub window: u16,
    /// Payload, if it brings any.
    pub payload: Vec<u8>,
    /// Seconds from the last packet's coming to the middlebox to this one's leaving.
    pub after: f64,
}

impl Forged {
    /// A plain RST+ACK.
    pub fn reset() -> Self {
        Self { flags: RST | ACK, ttl: 64, id: 0, dont_fragment: false, window: 0, payload: Vec::new(), after: 0.000_3 }
    }

    /// The reset seen from an Indian provider since 2020: RST+ACK, IP-ID 242, DF clear, window 16 (the test data of
    /// lhmerino/censorship-detection and kush789/INT-SNI show it).
    pub fn reset_242() -> Self {
        Self { id: 242, window: 16, ..Self::reset() }
    }

    /// The third kind of reset in the table of gfw-report/sp25-regional: IP-ID 1, DF clear, ten bytes of payload.
    pub fn reset_with_payload() -> Self {
        Self { id: 1, payload: vec![1, 2, 3, 4, 5, 6, 7, 8, 9, 0], ..Self::reset() }
    }

    /// A FIN+ACK, as ooni/netem's "close" action sends it.
    pub fn close() -> Self {
        Self { flags: FIN | ACK, window: 64_240, ..Self::reset() }
    }

    /// Data that acknowledges what the victim sent, a block page for instance.
    pub fn answer(payload: &[u8]) -> Self {
        Self { flags: ACK | crate::net::segment::PSH, window: 512, payload: payload.to_vec(), ..Self::reset() }
    }

    /// The same with this TTL.
    pub fn with_ttl(self, ttl: u8) -> Self {
        Self { ttl, ..self }
    }
}
