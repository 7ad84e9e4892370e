//! Options at the end of pcapng blocks (draft-ietf-opsawg-pcapng, section 3.5).

use crate::capture::order::Order;

/// Steps through the options in a block's last bytes; ends at the end-of-options mark, or where an option is cut.
pub(super) struct Options<'a> {
    pub(super) order: Order,
    pub(super) bytes: &'a [u8],
}

impl<'a> Iterator for Options<'a> {
    type Item = (u16, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let ([a, b, c, d], rest) = self.bytes.split_first_chunk()?;
        let (code, len) = (self.order.u16([*a, *b]), usize::from(self.order.u16([*c, *d])));
        let value = rest.get(..len).filter(|_| code != 0)?;
        self.bytes = rest.get(len.next_multiple_of(4)..).unwrap_or_default();
        Some((code, value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(bytes: &[u8]) -> Vec<(u16, Vec<u8>)> {
        Options { order: Order::Big, bytes }.map(|(code, value)| (code, value.to_vec())).collect()
    }

    #[test]
    fn values_are_padded_and_the_end_mark_ends() {
        let bytes = [0, 9, 0, 1, 6, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0];
        assert_eq!(codes(&bytes), [(9, vec![6]), (2, vec![])]);
    }

    #[test]
    fn a_cut_option_ends_the_list() {
        for bytes in [&[0, 9][..], &[0, 9, 0, 4, 1, 2, 3], &[0, 9, 0xff, 0xff]] {
            assert_eq!(codes(bytes), []);
        }
        assert_eq!(codes(&[0, 9, 0, 1, 6]), [(9, vec![6])]);
    }
}
