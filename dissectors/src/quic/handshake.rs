//! The handshake messages in one sender's CRYPTO frames.

use super::assembler::{Assembler, Inserted};

/// What stands before a handshake message: its type, and its length in three bytes (RFC 8446, section 4).
const HEADER: usize = 4;

/// One handshake message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Message<'a> {
    /// The handshake type.
    pub(super) kind: u8,
    /// What follows the header.
    pub(super) body: &'a [u8],
}

/// One sender's stream of handshake messages.
#[derive(Clone, Debug, Default)]
pub(super) struct Handshake {
    assembler: Assembler,
    closed: bool,
}

impl Handshake {
    /// Takes the data of a CRYPTO frame; once the stream is closed it is all old.
    pub(super) fn insert(&mut self, offset: u64, data: &[u8]) -> Inserted {
        if self.closed { Inserted::Repeated } else { self.assembler.insert(offset, data) }
    }

    /// The next message, if it is whole. It stays until [`Self::pass`].
    pub(super) fn message(&self) -> Option<Message<'_>> {
        let (&[kind, a, b, c], rest) = self.assembler.ready().split_first_chunk::<HEADER>()?;
        let length = usize::from(a) << 16 | usize::from(b) << 8 | usize::from(c);
        Some(Message { kind, body: rest.get(..length)? })
    }

    /// Lets go of the message that [`Self::message`] gave.
    pub(super) fn pass(&mut self) {
        if let Some(message) = self.message() {
            let length = message.body.len().saturating_add(HEADER);
            self.assembler.consume(length);
        }
    }

    /// Bytes held.
    pub(super) fn held(&self) -> usize {
        self.assembler.held()
    }

    /// Nothing more is wanted of this stream; what it holds is freed.
    pub(super) fn close(&mut self) {
        *self = Self { assembler: Assembler::default(), closed: true };
    }
}

#[cfg(test)]
mod tests {
    use super::{Handshake, Message};

    #[test]
    fn messages_one_behind_the_other() {
        let mut handshake = Handshake::default();
        handshake.insert(0, &[1, 0, 0, 2, 7]);
        assert_eq!(handshake.message(), None);
        handshake.insert(5, &[8, 2, 0, 0, 0, 9]);
        assert_eq!(handshake.message(), Some(Message { kind: 1, body: &[7, 8] }));
        handshake.pass();
        assert_eq!(handshake.message(), Some(Message { kind: 2, body: &[] }));
        handshake.pass();
        assert_eq!(handshake.message(), None);
    }
}
