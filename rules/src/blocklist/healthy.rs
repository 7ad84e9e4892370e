//! A memory of certificates that have to do with nothing listed. Nearly all are such, and a chain of them needs no
//! search: each certificate costs one look at one place.

/// Certificates by their SHA-256. One hash has one place, and whoever comes later takes it: a certificate that was driven
/// out is only looked up again, so that made hashes gain nothing.
///
/// An empty place holds a hash of nothing but zeros, which no certificate has.
#[derive(Debug)]
pub(super) struct Healthy(Vec<[u8; 32]>);

impl Healthy {
    /// Room for `capacity` certificates, at least one.
    pub(super) fn new(capacity: usize) -> Self {
        Self(vec![[0; 32]; capacity.max(1)])
    }

    /// Whether the certificate is remembered, or else is healthy by `look` and remembered from now on.
    pub(super) fn knows(&mut self, sha256: &[u8; 32], look: impl FnOnce() -> bool) -> bool {
        let [a, b, c, d, ..] = *sha256;
        let places = self.0.len();
        let Some(place) = self.0.get_mut(u32::from_be_bytes([a, b, c, d]) as usize % places) else { return look() };
        if place == sha256 {
            return true;
        }
        let healthy = look();
        if healthy {
            *place = *sha256;
        }
        healthy
    }
}

#[cfg(test)]
mod tests {
    use super::Healthy;

    #[test]
    fn what_was_healthy_is_not_looked_up_again_until_its_place_is_taken() {
        let mut healthy = Healthy::new(2);
        let hash = |first| [first; 32];
        assert!(!healthy.knows(&hash(1), || false));
        assert!(!healthy.knows(&hash(1), || false), "what is listed is not remembered");
        assert!(healthy.knows(&hash(1), || true));
        assert!(healthy.knows(&hash(1), || false));
        assert!(healthy.knows(&hash(2), || true), "another place");
        assert!(healthy.knows(&hash(1), || false));
        assert!(healthy.knows(&hash(3), || true), "the same place");
        assert!(!healthy.knows(&hash(1), || false));
    }
}
