//! Which certificates an earlier line has shown whole.

use std::collections::HashSet;
use std::hash::{Hash, Hasher};

/// Certificates that were shown, by SHA-256, bounded: when it is full it forgets all of them, and each is shown once
/// more. It only ever answers yes or no, so that the order in which it keeps them cannot reach an output.
#[derive(Debug)]
pub(super) struct Shown {
    seen: HashSet<Name>,
    limit: usize,
    /// Certificates that had to make room for others.
    forgotten: u64,
}

impl Shown {
    pub(super) fn new(limit: usize) -> Self {
        Self { seen: HashSet::new(), limit: limit.max(1), forgotten: 0 }
    }

    /// Whether this is the first time, as far as is remembered; from now on it is not.
    pub(super) fn is_first(&mut self, sha256: &[u8; 32]) -> bool {
        let name = Name::of(sha256);
        if self.seen.contains(&name) {
            return false;
        }
        if self.seen.len() >= self.limit {
            self.forgotten += self.seen.len() as u64;
            self.seen.clear();
        }
        self.seen.insert(name)
    }

    /// Certificates that had to make room for others.
    pub(super) fn forgotten(&self) -> u64 {
        self.forgotten
    }
}

/// Half of a hash: that two certificates share it takes 2^64 tries, and all that is won is that one is not shown whole.
///
/// It needs no other hash than the set's key over its first bytes.
#[derive(Debug, PartialEq, Eq)]
struct Name([u8; 16]);

impl Name {
    fn of(sha256: &[u8; 32]) -> Self {
        Self(*sha256.first_chunk().unwrap_or(&[0; 16]))
    }
}

impl Hash for Name {
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
        assert_eq!(shown.forgotten(), 0);
        assert!(shown.is_first(&[3; 32]), "full: all are forgotten");
        assert!(shown.is_first(&[1; 32]));
        assert_eq!(shown.seen.len(), 2);
        assert_eq!(shown.forgotten(), 2);
    }

    #[test]
    fn there_is_room_for_one_at_least() {
        let mut shown = Shown::new(0);
        assert!(shown.is_first(&[1; 32]));
        assert!(!shown.is_first(&[1; 32]));
        assert!(shown.is_first(&[2; 32]));
        assert_eq!(shown.forgotten(), 1);
    }
}
