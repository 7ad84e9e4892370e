//! What a frame of a handshake says, whatever its number.

/// One frame. PADDING is left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Frame<'a> {
    Ping,
    Ack,
    /// Handshake bytes at an offset of their own stream.
    Crypto {
        offset: u64,
        data: &'a [u8],
    },
    ConnectionClose {
        code: u64,
    },
}
