//! The counters at the end of a pcapng file, read before the rest of it.
//!
//! dumpcap writes what the kernel dropped into the last blocks of a file. Whether a silence may be told depends on it, and
//! is asked long before the end is reached; so, where the file can be sought in, its end is looked at first. Of standard
//! input and of compressed files the counters come too late, and count for what is told after them.

use std::fs::File;
use std::io::{self, Cursor, Read, Seek, SeekFrom};
use std::path::Path;

use super::{Block, Drops, FileSource, Progress};

/// Bytes of the file's beginning in which its interfaces must be described.
const HEAD: u64 = 64 << 10;

/// Blocks of statistics looked for at the end: one an interface.
const MAX_BLOCKS: usize = 64;

/// The longest block of statistics that is believed.
const MAX_BLOCK: u64 = 4096;

const SECTION: u32 = 0x0a0d_0d0a;
const INTERFACE: u32 = 1;
const STATISTICS: u32 = 5;

/// What the last blocks of a file say about lost frames; nothing, if it is no pcapng file or does not end so.
pub fn closing_drops(path: &Path) -> Vec<Drops> {
    excerpt(path).ok().flatten().map(drops_in).unwrap_or_default()
}

/// The file without its packets: a capture of its own.
fn excerpt(path: &Path) -> io::Result<Option<Vec<u8>>> {
    let mut file = File::open(path)?;
    let mut head = Vec::new();
    file.by_ref().take(HEAD).read_to_end(&mut head)?;
    let Some(order) = Order::of(&head) else { return Ok(None) };
    head.truncate(order.descriptions(&head));
    let mut tail = Vec::new();
    let mut end = file.seek(SeekFrom::End(0))?;
    for _ in 0..MAX_BLOCKS {
        let Some(block) = order.last_block(&mut file, end)? else { break };
        end -= block.len() as u64;
        tail.splice(0..0, block);
    }
    if tail.is_empty() {
        return Ok(None);
    }
    head.append(&mut tail);
    Ok(Some(head))
}

fn drops_in(excerpt: Vec<u8>) -> Vec<Drops> {
    let mut drops = Vec::new();
    if let Ok(mut source) = FileSource::from_reader(String::new(), Cursor::new(excerpt)) {
        let mut block = Block::default();
        while let Ok(Progress::More) = source.read(&mut block) {
            drops.append(&mut block.drops);
        }
    }
    drops
}

/// The byte order of a section.
#[derive(Clone, Copy)]
enum Order {
    Little,
    Big,
}

impl Order {
    /// The order of the file's first section, if it is a pcapng file.
    fn of(head: &[u8]) -> Option<Self> {
        let (kind, rest) = head.split_first_chunk()?;
        let (_, rest) = rest.split_first_chunk::<4>()?;
        match (u32::from_be_bytes(*kind), rest.first_chunk()?) {
            (SECTION, [0x1a, 0x2b, 0x3c, 0x4d]) => Some(Self::Big),
            (SECTION, [0x4d, 0x3c, 0x2b, 0x1a]) => Some(Self::Little),
            _ => None,
        }
    }

    fn number(self, bytes: [u8; 4]) -> u32 {
        match self {
            Self::Little => u32::from_le_bytes(bytes),
            Self::Big => u32::from_be_bytes(bytes),
        }
    }

    /// How many bytes of the head describe the section and its interfaces, before anything else.
    fn descriptions(self, head: &[u8]) -> usize {
        let mut at = 0;
        while let Some(block) = head.get(at..)
            && let Some((kind, rest)) = block.split_first_chunk::<4>()
            && let Some(length) = rest.first_chunk::<4>()
            && matches!(self.number(*kind), SECTION | INTERFACE)
            && let length @ 12.. = self.number(*length) as usize
            && length <= block.len()
        {
            at += length;
        }
        at
    }

    /// The block that ends at `end`, if it is one of statistics.
    fn last_block(self, file: &mut File, end: u64) -> io::Result<Option<Vec<u8>>> {
        let Some(trailer) = end.checked_sub(4) else { return Ok(None) };
        let mut length = [0; 4];
        file.seek(SeekFrom::Start(trailer))?;
        file.read_exact(&mut length)?;
        let length = u64::from(self.number(length));
        let (12..=MAX_BLOCK, Some(start)) = (length, end.checked_sub(length)) else { return Ok(None) };
        let mut block = Vec::new();
        file.seek(SeekFrom::Start(start))?;
        file.take(length).read_to_end(&mut block)?;
        let kind = block.first_chunk().map(|kind| self.number(*kind));
        Ok((kind == Some(STATISTICS)).then_some(block))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A block of the little-endian kind.
    fn block(kind: u32, body: &[u8]) -> Vec<u8> {
        let length = (12 + body.len() as u32).to_le_bytes();
        [&kind.to_le_bytes(), &length[..], body, &length].concat()
    }

    fn statistics(drops: u64) -> Vec<u8> {
        let drops = drops.to_le_bytes();
        block(STATISTICS, &[&[0; 12][..], &[7, 0, 8, 0], &drops, &[0; 4]].concat())
    }

    fn drops_of(name: &str, blocks: &[Vec<u8>]) -> Vec<u64> {
        let path = std::env::temp_dir().join(format!("hushwire-closing-{name}-{}", std::process::id()));
        std::fs::write(&path, blocks.concat()).unwrap();
        let drops = closing_drops(&path).iter().map(Drops::lost).collect();
        std::fs::remove_file(path).unwrap();
        drops
    }

    const NONE: [u64; 0] = [];

    #[test]
    fn the_last_counters_are_read_and_nothing_else_is() {
        let section = block(SECTION, &[&0x1a2b_3c4d_u32.to_le_bytes()[..], &[1, 0, 0, 0], &[0xff; 8]].concat());
        let interface = block(INTERFACE, &[1, 0, 0, 0, 0, 0, 4, 0]);
        let packet = block(6, &[0; 20]);
        let file = |end: &[Vec<u8>]| [&[section.clone(), interface.clone(), packet.clone()], end].concat();
        assert_eq!(drops_of("one", &file(&[statistics(7)])), [7]);
        assert_eq!(drops_of("none", &file(&[])), NONE);
        assert_eq!(drops_of("amid", &file(&[statistics(7), packet.clone()])), NONE, "not the end");
        assert_eq!(drops_of("torn", &file(&[statistics(7)[..30].to_vec()])), NONE);
        assert_eq!(drops_of("empty", &[]), NONE);
        assert_eq!(drops_of("classic", &[0xa1b2_c3d4_u32.to_le_bytes().to_vec(), vec![0; 40]]), NONE);
    }
}
