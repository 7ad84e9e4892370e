//! Capture filters in the language of tcpdump, applied to frames from files as libpcap applies them to live ones.
//!
//! Two differences from a live filter: `len` and `greater` see the captured length of a frame, and a filter that names a
//! host by name asks the resolver, as it does in tcpdump, since libpcap compiles it.

use std::collections::BTreeMap;
use std::fmt;

use pcap::{BpfProgram, Capture, Linktype};

use super::{Block, Frame, link};

/// Links on one of which a filter must make sense to be accepted at all; it may still be refused for others.
const TRIED: [u16; 5] = [link::ETHERNET, link::RAW, link::LINUX_SLL2, link::IEEE802_11_RADIOTAP, link::NULL];

/// A filter compiled for one link type.
pub struct Filter(BpfProgram);

/// The filter expression is wrong, or cannot be applied to this link type. Holds what libpcap says about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilterError {
    /// The link type for which it was compiled.
    pub link: u16,
    /// libpcap's own words.
    pub reason: String,
}

impl Filter {
    /// Compiles `expression` for frames of `link`.
    pub fn compile(expression: &str, link: u16) -> Result<Self, FilterError> {
        Capture::dead(Linktype(link::dlt(link)))
            .and_then(|dead| dead.compile(expression, true))
            .map(Self)
            .map_err(|error| FilterError { link, reason: reason(error) })
    }

    /// Whether the filter lets this frame through.
    pub fn matches(&self, frame: &[u8]) -> bool {
        self.0.filter(frame)
    }
}

fn reason(error: pcap::Error) -> String {
    match error {
        pcap::Error::PcapError(words) => words,
        other => other.to_string(),
    }
}

/// One expression, compiled for each link type when its first frame comes.
pub struct FilterSet {
    expression: String,
    programs: BTreeMap<u16, Program>,
}

/// What became of the expression on one link type.
enum Program {
    Compiled(Filter),
    Refused { error: FilterError, frames: u64 },
}

impl FilterSet {
    /// Checks that `expression` makes sense on a common link type; otherwise says what is wrong with it on Ethernet.
    pub fn new(expression: &str) -> Result<Self, FilterError> {
        let mut errors = Vec::new();
        for link in TRIED {
            match Filter::compile(expression, link) {
                Ok(_) => return Ok(Self { expression: expression.to_owned(), programs: BTreeMap::new() }),
                Err(error) => errors.push(error),
            }
        }
        Err(errors.swap_remove(0))
    }

    /// Keeps the frames of a block that the filter lets through. Those of a link type that it cannot be applied to are
    /// removed and counted.
    pub fn retain(&mut self, block: &mut Block) {
        let Block { bytes, frames, .. } = block;
        frames.retain(|frame| self.matches(frame, bytes));
    }

    fn matches(&mut self, frame: &Frame, bytes: &[u8]) -> bool {
        let program = self.programs.entry(frame.link).or_insert_with(|| Program::new(&self.expression, frame.link));
        match program {
            Program::Compiled(filter) => frame.bytes(bytes).is_some_and(|bytes| filter.matches(bytes)),
            Program::Refused { frames, .. } => {
                *frames += 1;
                false
            }
        }
    }

    /// Link types that the filter cannot be applied to, why, and how many frames were removed for it.
    pub fn refused(&self) -> impl Iterator<Item = (&FilterError, u64)> {
        self.programs.values().filter_map(|program| match program {
            Program::Compiled(_) => None,
            Program::Refused { error, frames } => Some((error, *frames)),
        })
    }
}

impl Program {
    fn new(expression: &str, link: u16) -> Self {
        match Filter::compile(expression, link) {
            Ok(filter) => Self::Compiled(filter),
            Err(error) => Self::Refused { error, frames: 0 },
        }
    }
}

impl fmt::Display for FilterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the filter cannot be applied to link type {}: {}", link::link_name(self.link), self.reason)
    }
}

impl std::error::Error for FilterError {}
