//! Compressed captures: recognised by content, of one part or many, cut, damaged, greedy.

use std::io::{Cursor, Write};

use flate2::write::GzEncoder;
use lz4_flex::frame::{BlockSize, FrameEncoder, FrameInfo};
use lzma_rust2::{XzOptions, XzWriter};
use ruzstd::encoding::{CompressionLevel, compress_to_vec};

use super::builder::{Endian, Writer};
use super::{Random, open, read};
use crate::capture::{Compression, ErrorKind};

const ALL: [Compression; 4] = [Compression::Gzip, Compression::Zstd, Compression::Lz4, Compression::Xz];

/// Enough for several blocks of every compression.
const FRAMES: u32 = 600;

/// A capture whose frames compress badly, so that it has many compressed blocks.
fn capture(frames: u32) -> Vec<u8> {
    let mut random = Random(7);
    (0..frames)
        .fold(Writer::classic(Endian::Little, 0xa1b2_c3d4, (2, 4), 1), |file, second| {
            let frame: Vec<u8> = (0..100 + random.below(900)).map(|_| random.next() as u8).collect();
            file.record(second, 0, 1, &frame)
        })
        .bytes
}

fn compress(with: Compression, bytes: &[u8]) -> Vec<u8> {
    match with {
        Compression::Gzip => {
            let mut writer = GzEncoder::new(Vec::new(), flate2::Compression::fast());
            writer.write_all(bytes).unwrap();
            writer.finish().unwrap()
        }
        Compression::Zstd => compress_to_vec(bytes, CompressionLevel::Fastest),
        Compression::Lz4 => {
            let info = FrameInfo::new().block_size(BlockSize::Max64KB).content_checksum(true);
            let mut writer = FrameEncoder::with_frame_info(info, Vec::new());
            writer.write_all(bytes).unwrap();
            writer.finish().unwrap()
        }
        Compression::Xz => {
            let mut writer = XzWriter::new(Vec::new(), XzOptions::with_preset(0)).unwrap();
            writer.write_all(bytes).unwrap();
            writer.finish().unwrap()
        }
    }
}

#[test]
fn every_compression_gives_the_same_frames() {
    let plain = capture(FRAMES);
    let expected = read(&plain).unwrap().frames;
    for with in ALL {
        let compressed = compress(with, &plain);
        let reading = read(&compressed).unwrap();
        assert!(reading.error.is_none(), "{with}: {}", reading.sentence());
        assert!(reading.frames == expected, "{with}");
        assert_eq!(reading.source.position(), compressed.len() as u64, "{with}");
    }
}

#[test]
fn parts_follow_one_another() {
    let plain = capture(FRAMES);
    let expected = read(&plain).unwrap().frames;
    for with in ALL {
        let mut parts: Vec<u8> = plain.chunks(50_000).flat_map(|part| compress(with, part)).collect();
        assert!(read(&parts).unwrap().frames == expected, "{with}");
        if with == Compression::Zstd {
            // A skippable frame of five bytes, as pzstd puts before each part.
            parts.splice(0..0, [0x50, 0x2a, 0x4d, 0x18, 5, 0, 0, 0, 1, 2, 3, 4, 5]);
            assert!(read(&parts).unwrap().frames == expected);
        }
    }
}

#[test]
fn cut_anywhere_there_is_an_error_and_what_came_before_is_delivered() {
    let plain = capture(4);
    let expected = read(&plain).unwrap().frames;
    for with in ALL {
        let compressed = compress(with, &plain);
        for cut in 0..compressed.len() {
            match read(&compressed[..cut]) {
                Ok(reading) => {
                    let error = reading.error.unwrap_or_else(|| panic!("{with} cut at {cut} passes for whole"));
                    assert!(matches!(error.kind, ErrorKind::Decompress(_)), "{with} cut at {cut}: {error}");
                    assert_eq!(error.place.unwrap().inside, Some(with));
                    assert!(expected.starts_with(&reading.frames), "{with} cut at {cut}");
                }
                Err(error) => assert!(
                    matches!(error.kind, ErrorKind::Decompress(_) | ErrorKind::Empty | ErrorKind::NotACapture),
                    "{with} cut at {cut}: {error}"
                ),
            }
        }
    }
}

#[test]
fn a_long_capture_that_is_cut_delivers_its_first_frames() {
    let plain = capture(FRAMES);
    for with in ALL {
        let compressed = compress(with, &plain);
        let reading = read(&compressed[..compressed.len() * 3 / 4]).unwrap();
        // xz loses the chunk that is cut, of up to 64 KiB.
        assert!(reading.frames.len() > FRAMES as usize / 4, "{with}: {}", reading.frames.len());
        let error = reading.error.unwrap();
        assert!(error.place.unwrap().offset as usize > plain.len() / 4, "{error}");
    }
}

#[test]
fn damage_never_panics() {
    let mut random = Random(3);
    let plain = capture(20);
    for with in ALL {
        let compressed = compress(with, &plain);
        for _ in 0..100 {
            let mut damaged = compressed.clone();
            let at = 6 + random.below(damaged.len() - 6);
            damaged[at] ^= 1 << random.below(8);
            crate::capture::fuzz_reader(&damaged);
        }
    }
}

#[test]
fn damage_of_the_content_is_noticed_by_the_checksum() {
    let plain = capture(1);
    for with in ALL {
        let mut compressed = compress(with, &plain);
        // In the middle of an incompressible frame, a changed bit decodes to a changed byte.
        let middle = compressed.len() / 2;
        compressed[middle] ^= 0x10;
        let reading = read(&compressed).unwrap();
        let error = reading.error.unwrap();
        assert!(matches!(error.kind, ErrorKind::Decompress(_)), "{with}: {error}");
    }
}

#[test]
fn a_bomb_takes_no_memory_and_a_greedy_window_is_refused() {
    let mut zeros = Writer::classic(Endian::Little, 0xa1b2_c3d4, (2, 4), 1).bytes;
    zeros.resize(16 << 20, 0);
    let mut source = open(&compress(Compression::Gzip, &zeros)).unwrap();
    let mut block = crate::capture::Block::default();
    source.read(&mut block).unwrap();
    assert!(block.bytes.capacity() <= 2 * crate::capture::BLOCK_BYTES);
    assert!(source.position() < 256 << 10);

    // A frame header whose window descriptor asks for 2 GiB (RFC 8878, section 3.1.1.1.2).
    let greedy = [0x28, 0xb5, 0x2f, 0xfd, 0x00, 0xa8, 0x01, 0x00, 0x00];
    let error = open(&greedy).err().unwrap();
    assert!(matches!(error.kind, ErrorKind::Decompress(_)), "{error}");
}

#[test]
fn compressed_text_is_no_capture() {
    for with in ALL {
        let error = open(&compress(with, b"just some text, longer than a header")).err().unwrap();
        assert!(error.is_foreign(), "{with}: {error}");
    }
}

#[test]
fn a_slow_reader_makes_no_difference() {
    struct Slow(Cursor<Vec<u8>>);
    impl std::io::Read for Slow {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            let len = buffer.len().min(7);
            std::io::Read::read(&mut self.0, &mut buffer[..len])
        }
    }
    let plain = capture(20);
    for bytes in ALL.iter().map(|with| compress(*with, &plain)).chain([plain.clone()]) {
        let source = crate::capture::FileSource::from_reader("slow".into(), Slow(Cursor::new(bytes))).unwrap();
        assert!(super::drain(source).frames == read(&plain).unwrap().frames);
    }
}
