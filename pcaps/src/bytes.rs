//! Writing protocol bytes: big-endian numbers and length-prefixed vectors (RFC 8446, section 3).

/// Appends protocol fields to a byte string.
pub trait Put {
    /// One byte.
    fn put_u8(&mut self, value: u8) -> &mut Self;
    /// Two bytes, most significant first.
    fn put_u16(&mut self, value: u16) -> &mut Self;
    /// Four bytes, most significant first.
    fn put_u32(&mut self, value: u32) -> &mut Self;
    /// Bytes as they are.
    fn put(&mut self, bytes: &[u8]) -> &mut Self;
    /// `body` behind its length in `width` bytes (1 to 4).
    fn put_prefixed(&mut self, width: usize, body: &[u8]) -> &mut Self;
}

impl Put for Vec<u8> {
    fn put_u8(&mut self, value: u8) -> &mut Self {
        self.push(value);
        self
    }

    fn put_u16(&mut self, value: u16) -> &mut Self {
        self.put(&value.to_be_bytes())
    }

    fn put_u32(&mut self, value: u32) -> &mut Self {
        self.put(&value.to_be_bytes())
    }

    fn put(&mut self, bytes: &[u8]) -> &mut Self {
        self.extend_from_slice(bytes);
        self
    }

    fn put_prefixed(&mut self, width: usize, body: &[u8]) -> &mut Self {
        let length = (body.len() as u32).to_be_bytes();
        self.extend(length.iter().skip(4 - width));
        self.put(body)
    }
}

/// The two-byte fields of a list, one after the other.
pub fn u16s(values: &[u16]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_be_bytes()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_has_the_width_asked_for() {
        let mut out = Vec::new();
        out.put_prefixed(1, &[9]).put_prefixed(3, &[8, 7]).put_u16(0x1234);
        assert_eq!(out, [1, 9, 0, 0, 2, 8, 7, 0x12, 0x34]);
    }
}
