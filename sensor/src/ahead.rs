//! Looks ahead. What is known of an attempt's hello and certificates was written long before it ended, and has left the
//! processor's caches since. Whoever takes attempts one by one waits for each piece of each; asked for at once, the pieces
//! of many come together. It changes nothing but the time that it takes.

use std::hint::black_box;
use std::sync::Arc;

use dissectors::attempt::{Attempt, ClientFacts};

use crate::engine::Told;

/// Asks for what will be looked at of these attempts: what lies behind a pointer in them, and then what lies behind one in
/// that, since a pointer must be there before what it points to can be asked for.
pub(crate) fn look_ahead(told: &[Told]) {
    for depth in [first, second] {
        touch(told.iter().map(|told| depth(&told.telling.attempt)));
    }
}

/// Sees to it that all of these bytes are read, in whatever order they come.
pub(crate) fn touch(bytes: impl Iterator<Item = u8>) {
    black_box(bytes.fold(0, u8::wrapping_add));
}

fn first(attempt: &Attempt) -> u8 {
    let hello = attempt.hello.first.as_deref().is_some_and(|hello| hello.server_name.is_some());
    let leaf = attempt.chain.first().map_or(0, |leaf| Arc::as_ptr(leaf).addr());
    u8::from(hello).wrapping_add(leaf as u8)
}

fn second(attempt: &Attempt) -> u8 {
    let protocol = attempt.hello.first.as_deref().map(ClientFacts::alpn).and_then(|mut protocols| protocols.next());
    let leaf = attempt.chain.first().map(|leaf| leaf.sha256.as_slice());
    of_all([Some(attempt.server_name().as_bytes()), protocol, leaf])
}

/// Something of the first byte of each.
fn of_all<const N: usize>(pieces: [Option<&[u8]>; N]) -> u8 {
    pieces.into_iter().flatten().filter_map(<[u8]>::first).fold(0, |sum, byte| sum.wrapping_add(*byte))
}
