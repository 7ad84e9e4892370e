//! The file formats that are read, told apart by a file's first bytes.

use std::slice;

use super::classic::{self, Classic};
use super::error::ErrorKind;
use super::interface::Interface;
use super::pcapng::{Counts, Pcapng};
use super::walk::{Sink, Walked};

/// The most bytes that are needed to recognise a format and to read its header.
pub(super) const HEAD: usize = classic::HEADER;

/// The walker for a file's format.
pub(super) enum Format {
    Classic(Classic),
    Pcapng(Box<Pcapng>),
}

impl Format {
    /// Recognises a capture by its first [`HEAD`] bytes, or all of them if it is shorter.
    pub(super) fn recognise(head: &[u8]) -> Result<Self, ErrorKind> {
        if head.is_empty() {
            return Err(ErrorKind::Empty);
        }
        let classic = Classic::recognise(head).map(|found| found.map(Self::Classic));
        let pcapng = || Pcapng::recognise(head).map(|found| found.map(|walker| Self::Pcapng(Box::new(walker))));
        classic.or_else(pcapng).unwrap_or(Err(ErrorKind::NotACapture))
    }

    /// The bytes before the first record. A pcapng file has none: its header is a block.
    pub(super) fn header(&self) -> usize {
        match self {
            Self::Classic(_) => classic::HEADER,
            Self::Pcapng(_) => 0,
        }
    }

    pub(super) fn walk(&mut self, bytes: &[u8], sink: &mut Sink) -> Walked {
        match self {
            Self::Classic(walker) => walker.walk(bytes, sink),
            Self::Pcapng(walker) => walker.walk(bytes, sink),
        }
    }

    pub(super) fn interfaces(&self) -> &[Interface] {
        match self {
            Self::Classic(walker) => slice::from_ref(walker.interface()),
            Self::Pcapng(walker) => walker.interfaces(),
        }
    }

    pub(super) fn counts(&self) -> Counts {
        match self {
            Self::Classic(_) => Counts::default(),
            Self::Pcapng(walker) => walker.counts(),
        }
    }

    /// Adds to `key_log` what came since this was asked for last.
    pub(super) fn take_key_log(&mut self, key_log: &mut Vec<u8>) {
        match self {
            Self::Classic(_) => {}
            Self::Pcapng(walker) => walker.take_key_log(key_log),
        }
    }
}
