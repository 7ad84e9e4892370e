//! GREASE: reserved values that clients send so that servers stay tolerant (RFC 8701).

/// Whether `value` is one of the sixteen values that RFC 8701, section 2, reserves: `0x0a0a`, `0x1a1a`, … `0xfafa`.
///
/// Both bytes must be equal: `0x1a2a` is an ordinary value.
pub fn is_grease(value: u16) -> bool {
    let [high, low] = value.to_be_bytes();
    high == low && low & 0x0f == 0x0a
}

#[cfg(test)]
mod tests {
    use super::is_grease;

    #[test]
    fn exactly_the_sixteen_reserved_values() {
        let grease: Vec<u16> = (0..=u16::MAX).filter(|&value| is_grease(value)).collect();
        let reserved: Vec<u16> = (0..16).map(|i| 0x0a0a + i * 0x1010).collect();
        assert_eq!(grease, reserved);
    }
}
