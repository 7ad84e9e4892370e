use std::collections::BTreeMap;
use std::io::Cursor;

use benches::scenario::{Kind, generate};
use dissectors::decode;
use dissectors::flow::{Config, Key};
use pcaps::random::Random;

use super::*;
use crate::capture::{Block, FileSource, Frame, Progress};
use crate::engine::{Intake, Shards, Told};

/// A generated capture in one block. No two frames have the same time, as on a wire that is stamped in nanoseconds.
fn capture() -> Block {
    let mut bytes = Vec::new();
    generate(Kind::Handshakes, 120, &mut bytes, &mut Vec::new()).unwrap();
    let mut source = FileSource::from_reader("generated".into(), Cursor::new(bytes)).unwrap();
    let (mut all, mut block) = (Block::default(), Block::default());
    while source.read(&mut block).unwrap() == Progress::More {
        let start = all.bytes.len() as u32;
        all.bytes.extend_from_slice(&block.bytes);
        all.frames.extend(block.frames.iter().map(|frame| {
            let time = Time(frame.time.0 + frame.number as i64);
            Frame { start: frame.start + start, time, ..*frame }
        }));
    }
    all
}

/// Some frames of a capture.
fn block<'a>(of: &Block, frames: impl Iterator<Item = &'a Frame>) -> Block {
    let mut some = Block::default();
    for frame in frames {
        let start = some.bytes.len() as u32;
        some.bytes.extend_from_slice(frame.bytes(&of.bytes).unwrap());
        some.frames.push(Frame { start, ..*frame });
    }
    some
}

fn intake() -> Intake {
    Intake::new(decode::Options::default(), Key::default())
}

/// What is told of batches, without the numbers of frames and flows that a merge gives anew.
fn told(batches: impl Iterator<Item = Batch>) -> Vec<String> {
    let mut shards = Shards::new(Config::default(), 0, 1);
    let mut told = Vec::new();
    for batch in batches {
        shards.batch(&batch, &mut told);
    }
    shards.finish(&mut told);
    let mut lines: Vec<String> = told.iter().map(line).collect();
    lines.sort();
    lines
}

fn line(told: &Told) -> String {
    let (at, attempt) = (told.telling.at, &told.telling.attempt);
    let mut attempt = attempt.clone();
    (attempt.flow_id, attempt.frame) = (0, 0);
    format!("{at:?} {:?} {attempt:?}", told.telling.moment)
}

/// However frames are dealt to readers, and however much each reads at once, the same is told as by one reader.
#[test]
fn many_readers_see_what_one_sees() {
    let all = capture();
    let mut batch = Batch::default();
    intake().take(&mut block(&all, all.frames.iter()), &mut batch);
    let expected = told(std::iter::once(batch));
    assert!(expected.len() > 50, "{}", expected.len());
    for seed in 0..8 {
        let mut draw = Random::named(&seed.to_string());
        let readers = 1 + seed % 4;
        let mut merge = Merge::new(readers);
        let mut dealt: Vec<VecDeque<Frame>> = vec![VecDeque::new(); readers];
        all.frames.iter().for_each(|frame| dealt[draw.below(readers)].push_back(*frame));
        let mut intakes: Vec<Intake> = (0..readers).map(|_| intake()).collect();
        let mut merged = Vec::new();
        while let Some(slowest) = merge.slowest() {
            let (frames, mut out, mut batch) = (&mut dealt[slowest], Batch::default(), Batch::default());
            let count = frames.len().min(1 + draw.below(400));
            let piece: Vec<Frame> = frames.drain(..count).collect();
            match piece.last() {
                None => merge.end(slowest, &mut out),
                Some(last) => {
                    intakes[slowest].take(&mut block(&all, piece.iter()), &mut batch);
                    merge.take(slowest, batch, last.time, intakes[slowest].standing(), &mut out);
                }
            }
            while merge.emptied().is_some() {}
            merged.push(out);
        }
        let numbers: Vec<u64> = merged.iter().flat_map(|batch| &batch.packets).map(|one| one.packet.frame).collect();
        assert!(numbers.iter().copied().eq(1..=numbers.len() as u64), "numbered through");
        let standing = merge.standing();
        assert_eq!(standing.totals.frames, all.frames.len() as u64);
        assert_eq!(standing.totals.handed_over.unwrap() > 0, readers > 1);
        assert_eq!(merged.iter().map(|batch| batch.frames).sum::<u64>(), all.frames.len() as u64);
        assert_eq!(told(merged.into_iter()), expected, "{readers} readers");
    }
}

/// A reader's packets, one at each of these seconds.
fn batch(all: &Block, seconds: &[i64]) -> Batch {
    let mut batch = Batch::default();
    let frames: Vec<Frame> =
        seconds.iter().map(|second| Frame { time: Time::new(*second, 0), ..all.frames[0] }).collect();
    intake().take(&mut block(all, frames.iter()), &mut batch);
    batch
}

/// The seconds of the packets that go on when a reader hands in its own, and the clock afterwards.
fn handed(merge: &mut Merge, all: &Block, reader: usize, seconds: &[i64], seen: i64) -> (Vec<i64>, i64) {
    let mut out = Batch::default();
    merge.take(reader, batch(all, seconds), Time::new(seen, 0), Standing::default(), &mut out);
    let second = |time: Time| time.0 / 1_000_000_000;
    let passed = out.packets.iter().map(|one| second(one.packet.time)).collect();
    (passed, out.parts.last().map_or(0, |part| second(part.now)))
}

#[test]
fn nothing_overtakes_what_another_reader_holds() {
    let all = capture();
    let mut merge = Merge::new(2);
    assert_eq!(merge.slowest(), Some(0));
    assert_eq!(handed(&mut merge, &all, 0, &[1000, 1002, 1030], 1030), (vec![], 0), "nothing is known of the other");
    assert_eq!(merge.slowest(), Some(1));
    assert_eq!(handed(&mut merge, &all, 1, &[1001], 1001), (vec![1000, 1001], 1001));
    assert_eq!(handed(&mut merge, &all, 1, &[], 1010), (vec![1002], 1010), "time moves without packets");
    assert_eq!(merge.slowest(), Some(1), "it holds up the packet of 1030");
    let mut out = Batch::default();
    merge.end(1, &mut out);
    assert_eq!((out.packets.len(), merge.slowest()), (1, Some(0)), "who has ended holds up nobody");
    merge.end(0, &mut out);
    assert_eq!(merge.slowest(), None);
}

#[test]
fn a_clock_that_was_set_back_holds_up_nobody() {
    let all = capture();
    let mut merge = Merge::new(2);
    handed(&mut merge, &all, 0, &[5000], 5000);
    handed(&mut merge, &all, 1, &[4999, 5001], 5001);
    assert_eq!(handed(&mut merge, &all, 0, &[1000], 1000), (vec![1000, 5001], 5001), "in no order, but not kept");
    assert_eq!(merge.slowest(), Some(1), "each has its turn");
    assert_eq!(handed(&mut merge, &all, 1, &[1001], 1001).0, Vec::<i64>::new());
    assert_eq!(handed(&mut merge, &all, 0, &[1002], 1002), (vec![1001], 1001));
}

#[test]
fn a_reader_that_is_less_sure_takes_nothing_back() {
    let all = capture();
    let mut merge = Merge::new(2);
    handed(&mut merge, &all, 0, &[1000], 1003);
    assert_eq!(handed(&mut merge, &all, 1, &[1003, 1005], 1004), (vec![1000, 1003], 1003));
    assert_eq!(handed(&mut merge, &all, 0, &[], 1002), (vec![], 1003), "1005 waits all the same");
    assert_eq!(merge.slowest(), Some(0));
}

#[test]
fn what_batches_say_beside_packets_is_said_once() {
    let all = capture();
    let mut merge = Merge::new(2);
    let mut said = BTreeMap::new();
    for (reader, second) in [(0, 1000), (1, 1000), (0, 1001), (1, 1001)] {
        let (mut out, mut batch) = (Batch::default(), batch(&all, &[second]));
        batch.standing = (reader == 0).then(Box::default);
        batch.begins = (second == 1000 && reader == 0).then(|| (1, "eth0".to_owned()));
        merge.take(reader, batch, Time::new(second, 0), Standing::default(), &mut out);
        *said.entry("standing").or_insert(0) += usize::from(out.standing.is_some());
        *said.entry("begins").or_insert(0) += usize::from(out.begins.is_some());
        *said.entry("grains").or_insert(0) += out.grains.len();
    }
    assert_eq!(said, BTreeMap::from([("standing", 2), ("begins", 1), ("grains", 4)]));
}
