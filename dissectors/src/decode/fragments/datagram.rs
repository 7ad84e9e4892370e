//! One datagram's bytes as they come, and which of them are there.

use crate::decode::Skip;
use crate::decode::ip::FRAGMENT_UNIT;

/// The largest payload of a datagram, by the length fields of IPv4 and IPv6.
const MAX_LEN: usize = u16::MAX as usize;

/// One bit for each unit of eight bytes: fragments start at units and, but for the last, end at them.
const WORDS: usize = (MAX_LEN + 1) / FRAGMENT_UNIT / u64::BITS as usize;

/// A fragment's bytes, checked to lie in a datagram.
#[derive(Clone, Copy, Debug)]
pub(super) struct Piece<'a> {
    offset: usize,
    more: bool,
    data: &'a [u8],
}

impl<'a> Piece<'a> {
    /// Not empty, within a datagram, and of full units unless it is the last.
    pub(super) fn new(offset: usize, more: bool, data: &'a [u8]) -> Result<Self, Skip> {
        let is_whole_units = data.len().is_multiple_of(FRAGMENT_UNIT);
        if data.is_empty() || (more && !is_whole_units) || offset + data.len() > MAX_LEN {
            return Err(Skip::Malformed("fragment"));
        }
        Ok(Self { offset, more, data })
    }

    fn end(&self) -> usize {
        self.offset + self.data.len()
    }
}

/// What a piece did to its datagram.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Added {
    /// It brought bytes, or the datagram's end.
    pub(super) is_news: bool,
    /// It said some bytes again.
    pub(super) overlaps: bool,
    /// It contradicted an earlier piece.
    pub(super) conflicts: bool,
}

/// A datagram on its way to being whole.
#[derive(Debug)]
pub(super) struct Datagram {
    bytes: Vec<u8>,
    units: Box<[u64; WORDS]>,
    /// Units that are there.
    present: usize,
    /// Its length, once the last piece has told it.
    len: Option<usize>,
}

impl Default for Datagram {
    fn default() -> Self {
        Self { bytes: Vec::new(), units: Box::new([0; WORDS]), present: 0, len: None }
    }
}

impl Datagram {
    /// Adds what is new of a piece; bytes that are there stay as they are.
    pub(super) fn add(&mut self, piece: Piece<'_>) -> Added {
        if self.contradicts_end(&piece) {
            return Added { conflicts: true, ..Added::default() };
        }
        let mut added = Added::default();
        if !piece.more {
            added.is_news = self.len.replace(piece.end()).is_none();
        }
        if self.bytes.len() < piece.end() {
            self.bytes.resize(piece.end(), 0);
        }
        let places = self.bytes.get_mut(piece.offset..).unwrap_or_default().chunks_mut(FRAGMENT_UNIT);
        for (at, (place, unit)) in places.zip(piece.data.chunks(FRAGMENT_UNIT)).enumerate() {
            let at = piece.offset / FRAGMENT_UNIT + at;
            let Some(word) = self.units.get_mut(at / 64) else { break };
            let bit = 1 << (at % 64);
            if *word & bit == 0 {
                *word |= bit;
                self.present += 1;
                added.is_news = true;
                place.iter_mut().zip(unit).for_each(|(to, from)| *to = *from);
            } else {
                added.overlaps = true;
                added.conflicts |= !place.starts_with(unit);
            }
        }
        added
    }

    /// Whether it lies beyond the end, or ends the datagram elsewhere, or before bytes that are there.
    fn contradicts_end(&self, piece: &Piece<'_>) -> bool {
        match (self.len, piece.more) {
            (Some(len), true) => piece.end() > len,
            (Some(len), false) => piece.end() != len,
            (None, true) => false,
            (None, false) => piece.end() < self.bytes.len(),
        }
    }

    /// Whether no byte lacks.
    pub(super) fn is_whole(&self) -> bool {
        self.len.is_some_and(|len| self.present == len.div_ceil(FRAGMENT_UNIT))
    }

    /// The bytes, in order.
    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// What it holds of memory.
    pub(super) fn cost(&self) -> usize {
        size_of_val(&*self.units) + size_of::<Self>() + self.bytes.capacity()
    }
}
