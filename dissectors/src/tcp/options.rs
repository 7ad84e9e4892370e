//! The TCP options that matter here, read only from the segments where they do.

use crate::tcp::seq::Seq;

/// Kinds of options (IANA's registry).
const END: u8 = 0;
const NO_OPERATION: u8 = 1;
const WINDOW_SCALE: u8 = 3;
const SACK: u8 = 5;

/// The window scale of a SYN or SYN-ACK (RFC 7323 section 2), where it is sent.
pub fn window_scale(options: &[u8]) -> Option<u8> {
    elements(options).find_map(|(kind, value)| match *value {
        [scale] if kind == WINDOW_SCALE => Some(scale),
        _ => None,
    })
}

/// The highest byte that is acknowledged selectively (RFC 2018 section 3), one past it.
pub fn highest_sack(options: &[u8]) -> Option<Seq> {
    let (_, blocks) = elements(options).find(|(kind, _)| *kind == SACK)?;
    let edges = blocks.as_chunks::<4>().0.iter().map(|edge| Seq(u32::from_be_bytes(*edge)));
    // Of each block the left edge, and then the right one.
    edges.skip(1).step_by(2).reduce(Seq::max)
}

/// The options up to the first malformed one, each with its kind and value (RFC 9293 section 3.1).
fn elements(mut options: &[u8]) -> impl Iterator<Item = (u8, &[u8])> {
    std::iter::from_fn(move || {
        while let [NO_OPERATION, rest @ ..] = options {
            options = rest;
        }
        let [kind, len, ..] = *options else { return None };
        let (element, rest) = options.split_at_checked(len.into()).filter(|_| kind != END)?;
        options = rest;
        element.get(2..).map(|value| (kind, value))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scale_and_sack_are_found_behind_others_and_before_garbage() {
        let options = [1, 2, 4, 5, 180, 3, 3, 7, 5, 18, 0, 0, 0, 1, 0, 0, 0, 9, 0, 0, 1, 0, 0, 0, 2, 0, 253, 9];
        assert_eq!(window_scale(&options), Some(7));
        assert_eq!(highest_sack(&options), Some(Seq(0x200)));
        assert_eq!((window_scale(&[3]), highest_sack(&[5, 255, 0])), (None, None));
    }
}
