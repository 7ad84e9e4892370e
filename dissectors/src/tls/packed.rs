//! Texts of digits, commas and dashes, as the one under JA3, in half of their bytes.

/// Behind a text of an odd length.
const NOTHING: u8 = 0xf;

/// Adds a text, packed: digits, comma and dash differ in the lower halves of their bytes (ASCII), and those are kept.
pub(crate) fn pack(text: &[u8], out: &mut Vec<u8>) {
    let (pairs, odd) = text.as_chunks::<2>();
    // As numbers of two bytes, since so the compiler does eight at once.
    let pairs = pairs.iter().map(|pair| u16::from_le_bytes(*pair));
    out.extend(pairs.map(|pair| (pair << 4 | pair >> 8 & 0xf) as u8));
    out.extend(odd.iter().map(|last| last << 4 | NOTHING));
}

/// How many bytes a text takes, packed.
pub(crate) fn len(text: &[u8]) -> usize {
    text.len().div_ceil(2)
}

/// The text that was packed.
pub(crate) fn unpack(packed: &[u8]) -> String {
    let halves = packed.iter().flat_map(|pair| [pair >> 4, pair & 0xf]).filter(|half| *half != NOTHING);
    halves.map(|half| char::from(if half < 10 { b'0' | half } else { b' ' | half })).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_packed_comes_out_again() {
        let text = "771,4865-4866-49195,0-23-65281-10-11,29-23-24,0";
        for len in 0..=text.len() {
            let mut packed = Vec::new();
            pack(&text.as_bytes()[..len], &mut packed);
            assert_eq!(packed.len(), super::len(&text.as_bytes()[..len]));
            assert_eq!(unpack(&packed), text[..len]);
        }
    }
}
