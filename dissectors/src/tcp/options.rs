//! The TCP options that matter here, read only from the segments where they do.

use etherparse::{TcpOptionElement, TcpOptionsIterator};

use crate::tcp::seq::Seq;

/// The window scale of a SYN or SYN-ACK (RFC 7323 section 2), where it is sent.
pub fn window_scale(options: &[u8]) -> Option<u8> {
    elements(options).find_map(|element| match element {
        TcpOptionElement::WindowScale(scale) => Some(scale),
        _ => None,
    })
}

/// The highest byte that is acknowledged selectively (RFC 2018 section 3), one past it.
pub fn highest_sack(options: &[u8]) -> Option<Seq> {
    let blocks = elements(options).find_map(|element| match element {
        TcpOptionElement::SelectiveAcknowledgement(first, more) => Some((first, more)),
        _ => None,
    })?;
    let ends = std::iter::once(blocks.0).chain(blocks.1.into_iter().flatten()).map(|(_, end)| Seq(end));
    ends.reduce(Seq::max)
}

/// The options up to the first malformed one.
fn elements(options: &[u8]) -> impl Iterator<Item = TcpOptionElement> + '_ {
    TcpOptionsIterator::from_slice(options).map_while(Result::ok)
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
