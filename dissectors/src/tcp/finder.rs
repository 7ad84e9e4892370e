//! Finds where TLS begins in one direction, by content, on any port and behind whatever came before it (a plain
//! STARTTLS dialogue, a CONNECT, a capture that begins in mid-stream).
//!
//! It keeps the bytes from there on, bounded, so that later copies of them can be compared.

use crate::tcp::seq::Seq;
use crate::tls::{self, Probe};

/// Segments of a direction at whose start TLS is looked for. A STARTTLS dialogue takes about ten.
pub const MAX_TRIES: u16 = 48;

/// Bytes kept of a hello for comparison with later copies: a ClientHello with post-quantum key shares has 2 kB, padded
/// ones up to 16 kB (the largest record, RFC 8446 section 5.1).
pub const MAX_KEPT: usize = 16 * 1024 + 5;

/// The content type of a record that holds a handshake message (RFC 8446 section 5.1).
const HANDSHAKE: u8 = 22;

/// What the bytes at hand mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// TLS has not begun, or cannot be told yet.
    Nothing,
    /// TLS begins in the kept bytes; [`Finder::kept`] starts with it.
    Begins,
    /// The bytes continue a TLS stream that has begun.
    Continues,
}

/// What is looked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Phase {
    /// A ClientHello or a ServerHello at the start of any segment.
    #[default]
    Searching,
    /// Any record, here: the other side's hello is answered at this place.
    Expecting,
    /// It was found.
    Tls,
    /// The answer's place holds something that is no TLS.
    NotTls,
    /// Nothing was found in as many segments as are tried.
    GivenUp,
}

/// Looks for the start of TLS.
#[derive(Debug, Default)]
pub(crate) struct Finder {
    pub(crate) phase: Phase,
    kept: Vec<u8>,
    from: Option<Seq>,
    tries: u16,
    keeps: bool,
}

impl Finder {
    /// Takes the next bytes in order; `at` is the first one's sequence number.
    pub(crate) fn take(&mut self, at: Seq, bytes: &[u8]) -> Found {
        match self.phase {
            Phase::Tls => {
                self.keep(bytes);
                Found::Continues
            }
            Phase::NotTls | Phase::GivenUp => Found::Nothing,
            Phase::Searching | Phase::Expecting => {
                if self.kept.is_empty() {
                    self.from = Some(at);
                }
                self.keeps = true;
                self.keep(bytes);
                self.probe()
            }
        }
    }

    /// The stream from the start of TLS on, as far as it is kept.
    pub(crate) fn kept(&self) -> &[u8] {
        &self.kept
    }

    /// Sequence number of the first kept byte: where TLS begins, once found.
    pub(crate) fn from(&self) -> Option<Seq> {
        self.from
    }

    /// From now on no bytes are kept.
    pub(crate) fn forget(&mut self) {
        self.kept.clear();
        self.keeps = false;
    }

    /// The other side's hello is answered at `seq`: whatever stands there is the answer. Returns what the bytes that
    /// were captured already say.
    pub(crate) fn expect(&mut self, seq: Seq) -> Found {
        if self.phase == Phase::Tls {
            return Found::Nothing;
        }
        let before = self.from.map_or(0, |from| seq.since(from));
        match usize::try_from(before) {
            Ok(before) => drop(self.kept.drain(..before.min(self.kept.len()))),
            Err(_) => self.kept.clear(),
        }
        self.phase = Phase::Expecting;
        self.from = Some(seq);
        if self.kept.is_empty() { Found::Nothing } else { self.probe() }
    }

    /// The kept bytes with `bytes` laid over them at `seq`; `None` where that changes nothing.
    pub(crate) fn overlaid(&self, seq: Seq, bytes: &[u8]) -> Option<Vec<u8>> {
        let offset = seq.since(self.from?);
        let skip = usize::try_from(-i64::from(offset)).unwrap_or(0);
        let (at, bytes) = (usize::try_from(offset).unwrap_or(0), bytes.get(skip..)?);
        let known = self.kept.get(at..)?;
        if known.iter().zip(bytes).all(|(a, b)| a == b) {
            return None;
        }
        let mut changed = self.kept.clone();
        for (to, from) in changed.get_mut(at..)?.iter_mut().zip(bytes) {
            *to = *from;
        }
        Some(changed)
    }

    /// Takes another version of the kept bytes as the true one.
    pub(crate) fn replace(&mut self, bytes: Vec<u8>) {
        self.kept = bytes;
    }

    /// Forgets everything but keeps the allocation.
    pub(crate) fn recycle(&mut self) {
        let mut kept = std::mem::take(&mut self.kept);
        kept.clear();
        *self = Self { kept, ..Self::default() };
    }

    fn keep(&mut self, bytes: &[u8]) {
        if self.keeps {
            let room = MAX_KEPT.saturating_sub(self.kept.len());
            self.kept.extend_from_slice(bytes.get(..room).unwrap_or(bytes));
        }
    }

    fn probe(&mut self) -> Found {
        match tls::probe(&self.kept) {
            // An alert begins no handshake, but it may answer one.
            Probe::Tls if self.phase == Phase::Expecting || self.kept.first() == Some(&HANDSHAKE) => {
                self.phase = Phase::Tls;
                Found::Begins
            }
            Probe::Sslv2 => {
                self.phase = Phase::Tls;
                Found::Begins
            }
            Probe::Unsure => Found::Nothing,
            Probe::Tls | Probe::NotTls => {
                self.kept.clear();
                self.tries += 1;
                self.phase = match self.phase {
                    Phase::Expecting => Phase::NotTls,
                    _ if self.tries >= MAX_TRIES => Phase::GivenUp,
                    phase => phase,
                };
                Found::Nothing
            }
        }
    }
}
