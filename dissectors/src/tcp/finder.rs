//! Finds where TLS begins in one direction, by content, on any port and behind whatever came before it (a plain
//! STARTTLS dialogue, a CONNECT, a capture that begins in mid-stream).
//!
//! TLS is looked for at the start of each segment, and within one behind a known prelude. The bytes from there on are
//! kept, bounded, so that later copies of them can be compared.

use crate::tcp::kept::{Kept, MAX_KEPT};
use crate::tcp::prelude::{self, Opening};
use crate::tcp::seq::Seq;
use crate::tls::{self, Probe};

/// Segments of a direction at whose start TLS is looked for. A STARTTLS dialogue takes about ten.
pub(crate) const MAX_TRIES: u16 = 48;

/// The content type of a record that holds a handshake message (RFC 8446 section 5.1).
const HANDSHAKE: u8 = 22;

/// What the bytes at hand mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// TLS has not begun, cannot be told yet, or begins with a hello that is not whole.
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
    /// What the direction begins with.
    pub(crate) opening: Opening,
    pub(crate) kept: Kept,
    /// Kept bytes with which the hello will be whole, while it is not. It is read at once then, from where it is kept.
    awaits: Option<u16>,
    tries: u16,
    /// The kept bytes were found to be no TLS; they stay until the next come, in case that they answer a hello that is
    /// captured late.
    refused: bool,
    /// TLS may stand behind a reply to a prelude, in one segment with it.
    replies: bool,
    /// No byte of the direction was looked at before TLS began.
    pub(crate) at_start: bool,
}

impl Finder {
    /// Takes the next bytes in order; `at` is the first one's sequence number, `ttl` that of the packet they came in.
    pub(crate) fn take(&mut self, at: Seq, bytes: &[u8], ttl: u8) -> Found {
        match self.phase {
            Phase::Tls => {
                self.kept.add(bytes, ttl);
                if self.awaits.is_some() { self.await_hello(self.awaits.map(usize::from)) } else { Found::Continues }
            }
            Phase::NotTls | Phase::GivenUp => Found::Nothing,
            Phase::Searching | Phase::Expecting => self.search(at, bytes, ttl),
        }
    }

    /// From now on no bytes are kept, but for a hello that is not read yet.
    pub(crate) fn forget(&mut self) {
        if self.awaits.is_none() {
            self.kept.forget();
        }
    }

    /// Bytes that are missing of a hello that is read once it is whole.
    pub(crate) fn missing(&self) -> Option<usize> {
        self.awaits.map(|end| usize::from(end).saturating_sub(self.kept.bytes().len()))
    }

    /// The kept bytes are read as they are.
    pub(crate) fn await_nothing(&mut self) {
        self.awaits = None;
    }

    /// The other side's hello is answered at `seq`: whatever stands there is the answer, unless a prelude that was not
    /// replied to (`owes_reply`) comes before it. Returns what the bytes that were captured already say.
    pub(crate) fn expect(&mut self, seq: Seq, owes_reply: bool) -> Found {
        if self.phase == Phase::Tls {
            return Found::Nothing;
        }
        self.phase = if owes_reply { Phase::Searching } else { Phase::Expecting };
        self.replies = owes_reply;
        self.refused = false;
        self.kept.begin_at(seq);
        if self.kept.bytes().is_empty() { Found::Nothing } else { self.judge() }
    }

    fn search(&mut self, at: Seq, bytes: &[u8], ttl: u8) -> Found {
        if self.is_answer(bytes) {
            self.at_start = self.opening.is_empty();
            self.opening.add(bytes);
            self.phase = Phase::Tls;
            self.forget();
            return Found::Continues;
        }
        if self.refused || self.kept.bytes().is_empty() {
            self.kept.restart(at);
            self.refused = false;
        }
        self.at_start = self.opening.is_empty() || (self.at_start && !self.kept.bytes().is_empty());
        self.opening.add(bytes);
        self.kept.reserve(tls::hello_end(bytes).unwrap_or(0));
        self.kept.add(bytes, ttl);
        let found = self.judge();
        if self.refused && self.phase == Phase::Searching && self.look_within(bytes.len()) {
            return self.judge();
        }
        found
    }

    /// Whether the answer to the hello begins with these bytes, as nearly every answer does: nothing of it need be kept.
    fn is_answer(&self, bytes: &[u8]) -> bool {
        self.phase == Phase::Expecting && self.kept.bytes().is_empty() && tls::probe(bytes) == Probe::Tls
    }

    /// Whether TLS begins, or may begin, within the last `len` of the kept bytes; they are kept from there on.
    fn look_within(&mut self, len: usize) -> bool {
        let before = self.kept.bytes().len().saturating_sub(len);
        let last = self.kept.bytes().get(before..).unwrap_or(&[]);
        let deep = self.replies || self.opening.may_precede_tls();
        let reach = if deep { last.len() } else { 1 };
        let Some(at) = prelude::tls_within(last, reach).filter(|at| before + at > 0) else { return false };
        self.kept.drop_front(before + at);
        self.refused = false;
        self.at_start = false;
        true
    }

    fn judge(&mut self) -> Found {
        let bytes = self.kept.bytes();
        match tls::probe(bytes) {
            // An alert begins no handshake, but it may answer one.
            Probe::Tls if self.phase == Phase::Expecting || bytes.first() == Some(&HANDSHAKE) => self.begins(),
            Probe::Sslv2 => self.begins(),
            Probe::Unsure => Found::Nothing,
            Probe::Tls | Probe::NotTls => {
                self.refuse();
                Found::Nothing
            }
        }
    }

    fn begins(&mut self) -> Found {
        self.phase = Phase::Tls;
        self.await_hello(tls::hello_end(self.kept.bytes()).filter(|end| *end <= MAX_KEPT))
    }

    /// TLS begins to be read when the kept bytes reach to the hello's `end`; at once, where that is not known.
    fn await_hello(&mut self, end: Option<usize>) -> Found {
        self.awaits = end.filter(|end| *end > self.kept.bytes().len()).and_then(|end| u16::try_from(end).ok());
        if self.awaits.is_some() { Found::Nothing } else { Found::Begins }
    }

    fn refuse(&mut self) {
        self.refused = true;
        self.tries = self.tries.saturating_add(1);
        self.phase = match self.phase {
            Phase::Expecting => Phase::NotTls,
            _ if self.tries >= MAX_TRIES => Phase::GivenUp,
            phase => phase,
        };
    }
}
