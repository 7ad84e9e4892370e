//! The entry for fuzzing: any bytes, through everything that reads bytes.

use super::facts::QuicFacts;
use super::frames::{Dialect, Frames};
use super::initials::{Arrival, Initials};
use super::{Connection, Datagram, Scratch, Side, initiator, probe};
use crate::time::Time;
use crate::tls::Secret;

/// Takes `data` as datagrams of both ends, and as frames as if packets had been opened; none of it may panic, or take
/// long. Each piece is a byte for its sender and frame types, two for its length, and its bytes.
pub fn fuzz_quic(data: &[u8]) {
    let mut scratch = Scratch::default();
    let (mut connection, mut initials, mut facts) = (Connection::default(), Initials::default(), QuicFacts::default());
    let mut rest = data;
    while let Some((&[flags, high, low], behind)) = rest.split_first_chunk::<3>() {
        let length = usize::from(u16::from_be_bytes([high, low])).min(behind.len());
        let (piece, behind) = behind.split_at_checked(length).unwrap_or_default();
        rest = behind;
        let sender = if flags & 1 == 0 { Side::Client } else { Side::Server };
        probe(piece);
        initiator(piece, &mut scratch);
        let datagram = Datagram { time: Time::default(), bytes: piece, missing: u32::from(flags >> 2) };
        let _ = connection.datagram(sender, datagram, &mut scratch, &mut |_| {});
        if flags & 0x80 != 0 {
            connection.decrypt_with(Some(Secret::Sha256([flags; 32])), &mut scratch, &mut |_| {});
        }
        let mut arrival = Arrival { sender, time: Time::default(), on: &mut |_| {} };
        let dialect = if flags & 2 == 0 { Dialect::Ietf } else { Dialect::Google };
        initials.read(Frames::new(piece, dialect), &mut arrival, &mut facts);
    }
}
