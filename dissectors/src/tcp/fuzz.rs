//! The entry for fuzzing reassembly: any segments, held against a model that remembers every byte.

use super::assembler::{Assembler, Inserted, MAX_RUNS, MAX_WAITING};
use super::seq::Seq;

/// Offsets lie below this. Fewer bytes than may wait, so that only the number of runs limits what does.
const OFFSETS: usize = 1 << 12;
/// Bytes of the stream that segments lie in.
const STREAM: usize = OFFSETS + (1 << 8);
const _: () = assert!(STREAM < MAX_WAITING);

/// Takes `data` as a sequence number and segments, each an offset in the stream (2 bytes), a length (1) and what its bytes
/// differ by from those of the stream (1; 0 is a faithful copy).
///
/// # Panics
///
/// If bytes are handed on twice, out of order, or other than as their first copy said; if what is reported of a segment is
/// not so; or if more waits than the limits allow.
pub fn fuzz_reassembly(data: &[u8]) {
    let Some((base, mut data)) = data.split_first_chunk() else { return };
    let base = Seq(u32::from_be_bytes(*base));
    let (mut assembler, mut model) = (Assembler::default(), Model::default());
    assembler.start(base);
    while let Some(([high, low, length, differs], rest)) = data.split_first_chunk() {
        data = rest;
        let at = usize::from(u16::from_be_bytes([*high, *low])) % OFFSETS;
        let segment: Vec<u8> = (at..at + usize::from(*length)).map(|place| byte(place) ^ differs).collect();
        let mut out = Vec::new();
        let inserted = assembler.insert(base.add(at as u32), &segment, |bytes| out.extend_from_slice(bytes));
        if assembler.overflowed() {
            assert!(model.waiting() + segment.len() >= MAX_RUNS, "dropped although {MAX_RUNS} runs may wait");
            return;
        }
        assert_eq!(inserted, model.insert(at, &segment), "segment at {at}, {length} bytes");
        assert_eq!(out, model.deliver(), "segment at {at}, {length} bytes");
        assert_eq!(assembler.next(), Some(base.add(model.next as u32)));
        assert_eq!(assembler.has_gap(), model.waiting() > 0);
    }
}

/// Bytes that tell their place.
fn byte(place: usize) -> u8 {
    (place * 7 + place / 256) as u8
}

/// What a receiver would do that had all the memory in the world.
struct Model {
    /// The first copy of each byte that is known and not handed on.
    known: Vec<Option<u8>>,
    next: usize,
    delivered: usize,
}

impl Default for Model {
    fn default() -> Self {
        Self { known: vec![None; STREAM], next: 0, delivered: 0 }
    }
}

impl Model {
    fn insert(&mut self, at: usize, segment: &[u8]) -> Inserted {
        let mut result = Inserted::default();
        let fresh = segment.iter().zip(self.known.iter_mut().skip(at)).skip(self.next.saturating_sub(at));
        for (byte, known) in fresh {
            result.new += usize::from(known.is_none());
            result.disagrees |= known.is_some_and(|known| known != *byte);
            known.get_or_insert(*byte);
        }
        self.delivered = self.known.iter().skip(self.next).take_while(|known| known.is_some()).count();
        result.delivered = self.delivered;
        result
    }

    /// What the last segment set free.
    fn deliver(&mut self) -> Vec<u8> {
        let free = self.known.iter_mut().skip(self.next).take(self.delivered);
        self.next += self.delivered;
        free.filter_map(Option::take).collect()
    }

    fn waiting(&self) -> usize {
        self.known.iter().flatten().count()
    }
}
