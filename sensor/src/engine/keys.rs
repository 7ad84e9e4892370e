//! The keys for a capture's flows: those that were given, and those that the capture brings along.

use std::sync::Arc;

use dissectors::tls::{KeyLog, Lines};

/// What becomes of a key log inside a capture.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Embedded {
    /// It is used from the block on that brings it.
    #[default]
    Used,
    /// It is left alone.
    Ignored,
}

/// The keys as they are known so far. The reader alone adds to them, so that they are the same for any number of workers.
#[derive(Debug, Default)]
pub struct Keys {
    log: Arc<KeyLog>,
    embedded: Embedded,
    given: Lines,
    /// Whether something came since it was asked for last.
    changed: bool,
}

impl Keys {
    /// Begins with the keys that were given.
    pub fn new(given: Arc<KeyLog>, embedded: Embedded) -> Self {
        let lines = given.lines();
        Self { log: given, embedded, given: lines, changed: lines.kept > 0 }
    }

    /// Takes the lines of a key log that a part of the capture brought.
    pub fn add(&mut self, lines: &[u8]) {
        if self.embedded == Embedded::Used && !lines.is_empty() {
            Arc::make_mut(&mut self.log).add(lines);
            self.changed = true;
        }
    }

    /// The keys, where they changed since this was asked for last.
    pub fn changed(&mut self) -> Option<Arc<KeyLog>> {
        std::mem::take(&mut self.changed).then(|| Arc::clone(&self.log))
    }

    /// What the lines were that the capture brought.
    pub fn brought(&self) -> Lines {
        self.log.lines().since(self.given)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(session: u8) -> String {
        format!("SERVER_HANDSHAKE_TRAFFIC_SECRET {} {}\n", format!("{session:02x}").repeat(32), "00".repeat(32))
    }

    #[test]
    fn changes_are_told_once() {
        let mut given = KeyLog::default();
        given.add(line(1).as_bytes());
        let mut keys = Keys::new(Arc::new(given), Embedded::Used);
        let first = keys.changed().unwrap();
        assert!(first.server_handshake(&[1; 32]).is_some() && keys.changed().is_none());
        keys.add(line(2).as_bytes());
        let second = keys.changed().unwrap();
        assert!(second.server_handshake(&[1; 32]).is_some() && second.server_handshake(&[2; 32]).is_some());
        assert!(first.server_handshake(&[2; 32]).is_none(), "what was handed out does not change");
        assert_eq!(keys.brought(), Lines { kept: 1, ..Lines::default() });
    }

    #[test]
    fn what_a_capture_brings_can_be_left_alone() {
        let mut keys = Keys::new(Arc::default(), Embedded::Ignored);
        keys.add(line(1).as_bytes());
        assert!(keys.changed().is_none());
        assert_eq!(keys.brought(), Lines::default());
    }
}
