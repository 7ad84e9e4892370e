//! Which certificates an earlier line has shown whole.

use std::collections::HashSet;
use std::hash::{Hash, Hasher};

/// Certificates that were shown, by SHA-256, bounded: when it is full it forgets all of them, and each is shown once
/// more. It only ever answers yes or no, so that the order in which it keeps them cannot reach an output.
#[derive(Debug)]
pub(super) struct Shown {
    seen: HashSet<Sha256>,
    limit: usize,
}

impl Shown {
    pub(super) fn new(limit: usize) -> Self {
        Self { seen: HashSet::new(), limit }
    }

    /// Whether this is the first time, as far as is remembered; from now on it is not.
    pub(super) fn is_first(&mut self, sha256: &[u8; 32]) -> bool {
        let sha256 = Sha256(*sha256);
        if self.seen.contains(&sha256) {
            return false;
        }
        if self.seen.len() >= self.limit {
            self.seen.clear();
        }
        self.seen.insert(sha256)
    }
}

/// A hash that needs no other: the set's key over its first bytes. Two hashes that share eight bytes are as hard to make
/// as anything is that takes 2^64 tries.
#[derive(Debug, PartialEq, Eq)]
struct Sha256([u8; 32]);

impl Hash for Sha256 {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let [a, b, c, d, e, f, g, h, ..] = self.0;
        state.write_u64(u64::from_ne_bytes([a, b, c, d, e, f, g, h]));
    }
}

#[cfg(test)]
mod tests {
    use super::Shown;

    #[test]
    fn it_forgets_when_full() {
        let mut shown = Shown::new(2);
        assert!(shown.is_first(&[1; 32]));
        assert!(!shown.is_first(&[1; 32]));
        assert!(shown.is_first(&[2; 32]));
        assert!(shown.is_first(&[3; 32]), "full: all are forgotten");
        assert!(shown.is_first(&[1; 32]));
        assert_eq!(shown.seen.len(), 2);
    }
}
