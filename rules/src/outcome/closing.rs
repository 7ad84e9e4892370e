//! Which side closed first, and how.

use std::time::Duration;

use dissectors::attempt::{Attempt, Side, TcpFacts};
use dissectors::tcp::half::{HalfFacts, Reset};
use dissectors::time::Time;

use crate::reset;

/// How a side closes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Fin,
    Reset,
}

/// A side's first closing packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Closing {
    pub(super) side: Side,
    pub(super) kind: Kind,
    pub(super) time: Time,
    frame: u64,
}

/// The first closing event of an attempt and the one that answers it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Closings {
    pub(super) first: Option<Closing>,
    pub(super) answering: Option<Closing>,
}

impl Closings {
    /// The closings of both sides, in order. Packets of different sides are ordered by their capture: their sequence
    /// numbers count different bytes.
    pub(super) fn of(attempt: &Attempt, facts: &TcpFacts, reorder: Duration) -> Self {
        // A server answers a stray acknowledgement with a reset, and the client went on in spite of it.
        let answered = reset::first(&facts.server, Side::Server, attempt, facts).map(|(reset, _)| reset);
        let client = of_side(&facts.client, facts.client.resets.first(), Side::Client, reorder);
        let server = of_side(&facts.server, answered, Side::Server, reorder);
        match (client, server) {
            (Some(client), Some(server)) if client.frame <= server.frame => {
                Self { first: Some(client), answering: Some(server) }
            }
            (client, Some(server)) => Self { first: Some(server), answering: client },
            (client, None) => Self { first: client, answering: None },
        }
    }
}

/// A side's first closing. Of a FIN and an RST captured within `reorder`, the one with the lower sequence number was sent
/// first.
fn of_side(half: &HalfFacts, reset: Option<&Reset>, side: Side, reorder: Duration) -> Option<Closing> {
    let fin = half.fin.map(|fin| (Closing { side, kind: Kind::Fin, time: fin.time, frame: fin.frame }, fin.seq));
    let reset = reset.map(|r| (Closing { side, kind: Kind::Reset, time: r.time, frame: r.frame }, r.seq));
    let (Some((fin, fin_seq)), Some((reset, reset_seq))) = (fin, reset) else {
        return fin.or(reset).map(|(closing, _)| closing);
    };
    let apart = fin.time.since(reset.time).max(reset.time.since(fin.time));
    let reset_first = match reset_seq.since(fin_seq) {
        distance if distance != 0 && apart <= reorder => distance < 0,
        _ => reset.frame < fin.frame,
    };
    Some(if reset_first { reset } else { fin })
}
