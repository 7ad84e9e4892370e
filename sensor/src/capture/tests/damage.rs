//! Bad input: cut at every byte, absurd lengths, random bytes, nothing at all.

use super::builder::{BOTH, Endian, Writer};
use super::{Random, Seen, open, read};
use crate::capture::{ErrorKind, fuzz_reader};

/// A small capture, and the offset and length of each of its records.
struct Sample {
    bytes: Vec<u8>,
    records: Vec<(usize, usize)>,
    /// Bytes without which it is not recognised.
    header: usize,
}

fn samples() -> Vec<Sample> {
    BOTH.into_iter().flat_map(|endian| [classic(endian), pcapng(endian)]).collect()
}

fn classic(endian: Endian) -> Sample {
    let mut sample = Sample { bytes: Vec::new(), records: Vec::new(), header: 24 };
    let mut file = Writer::classic(endian, 0xa1b2_c3d4, (2, 4), 1);
    for second in 1..4 {
        let start = file.bytes.len();
        file = file.record(second, 0, 20, &vec![second as u8; 5 * second as usize]);
        sample.records.push((start, file.bytes.len()));
    }
    sample.bytes = file.bytes;
    sample
}

fn pcapng(endian: Endian) -> Sample {
    let mut sample = Sample { bytes: Vec::new(), records: Vec::new(), header: 12 };
    let steps: [fn(Writer) -> Writer; 5] = [
        Writer::section,
        |file| file.interface(1, 0, |options| options.option(2, b"eth0").option(0, &[])),
        |file| file.enhanced(0, 1, b"first"),
        |file| file.block(77, |body| body.u32(1)),
        |file| file.enhanced(0, 2, b"second frame"),
    ];
    let mut file = Writer::new(endian);
    for step in steps {
        let start = file.bytes.len();
        file = step(file);
        sample.records.push((start, file.bytes.len()));
    }
    sample.bytes = file.bytes;
    sample
}

#[test]
fn cut_at_every_byte_the_error_names_the_cut_record() {
    for sample in samples() {
        let whole = read(&sample.bytes).unwrap();
        assert!(whole.error.is_none());
        for cut in 0..sample.bytes.len() {
            let bytes = &sample.bytes[..cut];
            if cut < sample.header {
                let error = open(bytes).err().unwrap();
                let expected = match cut {
                    0 => matches!(error.kind, ErrorKind::Empty),
                    1..4 => matches!(error.kind, ErrorKind::NotACapture),
                    _ => matches!(error.kind, ErrorKind::CutHeader) && error.place.unwrap().offset == cut as u64,
                };
                assert!(expected, "cut at {cut}: {error}");
                continue;
            }
            let reading = read(bytes).unwrap();
            assert!(whole.frames.starts_with(&reading.frames));
            assert_eq!(reading.frames.len(), frames_before(&whole.frames, &sample, cut), "cut at {cut}");
            let begun = sample.records.iter().find(|(start, end)| (start + 1..*end).contains(&cut));
            match begun {
                None => assert!(reading.error.is_none(), "cut between records at {cut}"),
                Some((start, _)) => {
                    let error = reading.error.unwrap();
                    assert!(matches!(error.kind, ErrorKind::CutRecord), "cut at {cut}: {error}");
                    assert_eq!(error.place.unwrap().offset, *start as u64, "cut at {cut}");
                }
            }
        }
    }
}

/// Of the frames of a whole sample, those whose records end at or before `cut`.
fn frames_before(frames: &[Seen], sample: &Sample, cut: usize) -> usize {
    let ends: Vec<usize> = sample.records.iter().map(|record| record.1).collect();
    let is_frame = |at: &usize| ends.len() == 3 || *at == 2 || *at == 4;
    let whole = (0..ends.len()).filter(|at| is_frame(at) && ends[*at] <= cut).count();
    whole.min(frames.len())
}

#[test]
fn an_absurd_length_ends_the_file_after_the_frames_before_it() {
    for endian in BOTH {
        for stated in [262_145, 0x7fff_ffff, u32::MAX] {
            let file = Writer::classic(endian, 0xa1b2_c3d4, (2, 4), 1).record(1, 0, 4, b"good");
            let file = file.u32(2).u32(0).u32(stated).u32(60).raw(&[0; 100]);
            let reading = read(&file.bytes).unwrap();
            assert_eq!(reading.payloads(), [b"good"]);
            assert_eq!(
                reading.sentence(),
                format!(", byte 44: a record says it holds {stated} bytes, where 262144 is the most")
            );
        }
    }
}

#[test]
fn a_length_above_the_common_limit_is_believed_of_links_that_carry_messages() {
    let message = vec![1; 300_000];
    let file = |link| Writer::classic(Endian::Little, 0xa1b2_c3d4, (2, 4), link).record(1, 0, 0, &message);
    assert_eq!(read(&file(231).bytes).unwrap().payloads(), [&message[..]]);
    assert!(read(&file(1).bytes).unwrap().frames.is_empty());
}

#[test]
fn a_length_without_its_bytes_allocates_nothing() {
    let file = Writer::classic(Endian::Little, 0xa1b2_c3d4, (2, 4), 231).u32(1).u32(0).u32(100 << 20).u32(1);
    let mut source = open(&file.bytes).unwrap();
    let mut block = crate::capture::Block::default();
    source.read(&mut block).unwrap();
    assert!(block.bytes.capacity() < 1 << 20);
    assert!(matches!(source.read(&mut block).unwrap_err().kind, ErrorKind::CutRecord));
}

#[test]
fn pcapng_blocks_that_hide_where_the_next_begins_end_the_file() {
    let start = || Writer::new(Endian::Big).section().interface(1, 0, |options| options).enhanced(0, 1, b"good");
    let offset = start().bytes.len();
    let endings = [
        (start().u32(6).u32(8).u32(0), "a pcapng block says it is 8 bytes long, which none can be"),
        (start().u32(6).u32(33).u32(0), "a pcapng block says it is 33 bytes long, which none can be"),
        (start().u32(6).u32(1 << 30).u32(0), "a pcapng block says it is 1073741824 bytes long, which none can be"),
        (start().u32(9).u32(16).u32(0).u32(20), "a pcapng block is 16 bytes long by its head and 20 by its tail"),
        (
            start().u32(0x0a0d_0d0a).u32(28).u32(7),
            "the byte order of the pcapng section that begins here cannot be told",
        ),
        (
            start().block(0x0a0d_0d0a, |body| body.u32(0x1a2b_3c4d).u16(2).u16(0).u64(0)),
            "capture format version 2.0 is not known",
        ),
        (
            start().block(0x0a0d_0d0a, |body| body.u32(0x1a2b_3c4d)),
            "a pcapng block says it is 16 bytes long, which none can be",
        ),
    ];
    for (file, sentence) in endings {
        let reading = read(&file.bytes).unwrap();
        assert_eq!(reading.payloads(), [b"good"], "{sentence}");
        assert_eq!(reading.sentence(), format!(", byte {offset}: {sentence}"));
    }
}

#[test]
fn a_file_that_is_no_capture_says_so() {
    let mut random = Random(9);
    for len in [1, 3, 4, 23, 24, 100_000] {
        let bytes: Vec<u8> = (0..len).map(|_| random.next() as u8).collect();
        let error = open(&bytes).err().unwrap();
        assert_eq!(error.to_string(), "test, byte 0: is neither a pcap nor a pcapng capture");
    }
    // A text file may begin like pcapng.
    assert!(open(b"\n\r\r\nA text file, after all.").err().unwrap().is_foreign());
    assert_eq!(open(b"").err().unwrap().to_string(), "test: is empty");
}

#[test]
fn random_changes_never_panic() {
    let mut random = Random(5);
    for sample in samples() {
        for _ in 0..2_000 {
            let mut bytes = sample.bytes.clone();
            for _ in 0..1 + random.below(4) {
                let at = random.below(bytes.len());
                bytes[at] = random.next() as u8;
            }
            fuzz_reader(&bytes);
        }
    }
}

#[test]
fn a_failing_disk_is_told_from_a_cut_file() {
    struct Failing(Vec<u8>);
    impl std::io::Read for Failing {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            if self.0.is_empty() {
                return Err(std::io::Error::from_raw_os_error(5));
            }
            let len = buffer.len().min(self.0.len());
            buffer[..len].copy_from_slice(&self.0[..len]);
            self.0.drain(..len);
            Ok(len)
        }
    }
    let Sample { bytes, .. } = classic(Endian::Little);
    let (frames, cut) = (2, bytes.len() - 4);
    let source = crate::capture::FileSource::from_reader("test".into(), Failing(bytes[..cut].to_vec())).unwrap();
    let reading = super::drain(source);
    assert_eq!(reading.frames.len(), frames);
    let error = reading.error.unwrap();
    assert!(matches!(error.kind, ErrorKind::Read(_)));
    assert_eq!(error.place.unwrap().offset, cut as u64);
}
