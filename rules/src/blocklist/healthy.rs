//! A memory of certificates that have to do with nothing listed. Nearly all are such, and a chain of them needs no
//! search: each certificate costs one look.

use dissectors::memory::Memory;
use dissectors::x509::Certificate;

/// Certificates by their SHA-256.
#[derive(Debug)]
pub(super) struct Healthy(Memory<[u8; 32]>);

impl Healthy {
    /// Room for `capacity` certificates.
    pub(super) fn new(capacity: usize) -> Self {
        Self(Memory::new(capacity))
    }

    /// Whether the certificate is remembered, or else is healthy by `look` and remembered from now on.
    pub(super) fn knows(&mut self, certificate: &Certificate, look: impl FnOnce() -> bool) -> bool {
        let (place, hash) = (certificate.place(), certificate.sha256);
        if self.0.recall(place, |known| *known == hash).is_some() {
            return true;
        }
        let healthy = look();
        if healthy {
            self.0.remember(place, hash);
        }
        healthy
    }

    /// How many certificates were forgotten to make room.
    pub(super) fn forgotten(&self) -> u64 {
        self.0.forgotten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_healthy_is_not_looked_up_again_until_it_is_forgotten() {
        let mut healthy = Healthy::new(4);
        let [one, others @ ..] = [0, 1, 2, 3, 4].map(|number| Certificate::new(&[number]));
        assert!(!healthy.knows(&one, || false));
        assert!(!healthy.knows(&one, || false), "what is listed is not remembered");
        assert!(healthy.knows(&one, || true));
        assert!(healthy.knows(&one, || false));
        assert!(others.iter().all(|other| healthy.knows(other, || true)));
        assert!(!healthy.knows(&one, || false), "four others came");
        assert_eq!(healthy.forgotten(), 1);
    }
}
