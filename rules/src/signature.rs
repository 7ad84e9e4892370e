//! The published taxonomy of 19 signatures ("Global, Passive Detection of Connection Tampering", SIGCOMM 2023, table 1),
//! for comparison with other measurements. Decides nothing.
//!
//! The paper looks at what reaches the server. Here both directions are seen, and from elsewhere on the path, so that the
//! stage is what the server must have seen: near the server it saw what the capture saw; elsewhere it saw the hello if it
//! acknowledged a byte of it, or if something reset the connection after the hello had passed. A silence whose hello was
//! never acknowledged is therefore `SYN;ACK -> nothing`, and `PSH+ACK -> nothing` with an acknowledgement.
//! Written in ASCII: `->` for the arrow, `nothing` for the empty set, `!=` for the unequal sign, `RST0` for a subscript.

use std::collections::BTreeSet;

use dissectors::attempt::{Acked, Attempt, Side, TcpFacts};
use dissectors::tcp::half::Reset;

use crate::names::named;
use crate::outcome::{Decision, Outcome};
use crate::reset::Arrival;
use crate::vantage::Vantage;

named! {
    /// A signature of the taxonomy.
    pub enum Signature {
        /// 1: nothing after a single SYN.
        SynNothing = "SYN -> nothing",
        /// 2: RSTs after a single SYN.
        SynRst = "SYN -> RST",
        /// 3: RST+ACKs after a single SYN.
        SynRstAck = "SYN -> RST+ACK",
        /// 4: both after a single SYN.
        SynRstRstAck = "SYN -> RST;RST+ACK",
        /// 5: nothing after the connection's opening.
        AckNothing = "SYN;ACK -> nothing",
        /// 6: one RST after the opening.
        AckRst = "SYN;ACK -> RST",
        /// 7: more than one RST after the opening.
        AckRstRst = "SYN;ACK -> RST;RST",
        /// 8: one RST+ACK after the opening.
        AckRstAck = "SYN;ACK -> RST+ACK",
        /// 9: more than one RST+ACK after the opening.
        AckRstAckRstAck = "SYN;ACK -> RST+ACK;RST+ACK",
        /// 10: nothing after the first data.
        PshNothing = "PSH+ACK -> nothing",
        /// 11: one RST after the first data.
        PshRst = "PSH+ACK -> RST",
        /// 12: one RST+ACK after the first data.
        PshRstAck = "PSH+ACK -> RST+ACK",
        /// 13: both after the first data.
        PshRstRstAck = "PSH+ACK -> RST;RST+ACK",
        /// 14: more than one RST+ACK after the first data.
        PshRstAckRstAck = "PSH+ACK -> RST+ACK;RST+ACK",
        /// 15: RSTs with one acknowledgement number after the first data.
        PshRstSame = "PSH+ACK -> RST=RST",
        /// 16: RSTs with several acknowledgement numbers after the first data.
        PshRstDifferent = "PSH+ACK -> RST!=RST",
        /// 17: RSTs of which one has the acknowledgement number 0.
        PshRstZero = "PSH+ACK -> RST;RST0",
        /// 18: RSTs after more data.
        DataRst = "PSH+ACK;Data -> RST",
        /// 19: RST+ACKs after more data.
        DataRstAck = "PSH+ACK;Data -> RST+ACK",
        /// Reset or silent, and none of the above.
        NoMatch = "no_match",
    }
}

/// How far the client had come, as the server saw it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Stage {
    /// A single SYN.
    Syn,
    /// The opening was acknowledged.
    Ack,
    /// One flight of data.
    Psh,
    /// More data than that.
    Data,
}

/// The signature of an attempt; `None` where nothing was silent, reset or closed.
pub fn of_attempt(attempt: &Attempt, decision: &Decision, vantage: Vantage) -> Option<Signature> {
    let facts = attempt.tcp()?;
    match decision.outcome {
        Outcome::SilenceAfterHello => Some(of_stage(silence_stage(facts, vantage), &[])),
        Outcome::ResetAfterHello | Outcome::ResetMidHandshake => {
            let reset = decision.reset.as_ref()?;
            let resets = match reset.sender {
                Side::Client => &facts.client.resets,
                Side::Server => &facts.server.resets,
            };
            Some(of_stage(reset_stage(attempt, facts, reset.arrival), resets))
        }
        Outcome::SilenceMidHandshake | Outcome::ClosedAfterHello | Outcome::HelloIncomplete => Some(Signature::NoMatch),
        _ => None,
    }
}

fn silence_stage(facts: &TcpFacts, vantage: Vantage) -> Stage {
    if facts.hello_acked == Acked::None && vantage != Vantage::NearServer { Stage::Ack } else { Stage::Psh }
}

fn reset_stage(attempt: &Attempt, facts: &TcpFacts, arrival: Arrival) -> Stage {
    match arrival {
        Arrival::Before => Stage::Ack,
        Arrival::After if facts.tls.client_flight || attempt.hello.count > 1 => Stage::Data,
        Arrival::After => Stage::Psh,
    }
}

/// The signature of these resets, or of a silence without any, at `stage`. Also for connections that never came to a
/// hello.
pub fn of_stage(stage: Stage, resets: &[Reset]) -> Signature {
    let acknowledging = resets.iter().filter(|reset| reset.ack.is_some()).count();
    let plain = resets.len().saturating_sub(acknowledging);
    match (stage, plain, acknowledging) {
        (Stage::Syn, 0, 0) => Signature::SynNothing,
        (Stage::Syn, _, 0) => Signature::SynRst,
        (Stage::Syn, 0, _) => Signature::SynRstAck,
        (Stage::Syn, _, _) => Signature::SynRstRstAck,
        (Stage::Ack, 0, 0) => Signature::AckNothing,
        (Stage::Ack, 1, 0) => Signature::AckRst,
        (Stage::Ack, _, 0) => Signature::AckRstRst,
        (Stage::Ack, 0, 1) => Signature::AckRstAck,
        (Stage::Ack, 0, _) => Signature::AckRstAckRstAck,
        (Stage::Psh, 0, 0) => Signature::PshNothing,
        (Stage::Psh, 1, 0) => Signature::PshRst,
        (Stage::Psh, _, 0) => numbers(resets),
        (Stage::Psh, 0, 1) => Signature::PshRstAck,
        (Stage::Psh, 0, _) => Signature::PshRstAckRstAck,
        (Stage::Psh, _, _) => Signature::PshRstRstAck,
        (Stage::Data, 1.., 0) => Signature::DataRst,
        (Stage::Data, 0, 1..) => Signature::DataRstAck,
        (Stage::Ack | Stage::Data, _, _) => Signature::NoMatch,
    }
}

/// Which of the signatures several RSTs without ACK have, by their acknowledgement fields.
fn numbers(resets: &[Reset]) -> Signature {
    let fields: BTreeSet<u32> = resets.iter().map(|reset| reset.ack_field.0).collect();
    match fields.len() {
        0 | 1 => Signature::PshRstSame,
        _ if fields.contains(&0) => Signature::PshRstZero,
        _ => Signature::PshRstDifferent,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::reset;
    use dissectors::tcp::seq::Seq;

    #[test]
    fn all_nineteen_are_reached() {
        let rst = |field| Reset { ack: None, ack_field: Seq(field), ..reset() };
        let ack = Reset { ack: Some(Seq(1)), ..reset() };
        let shapes: [&[Reset]; 9] = [
            &[],
            &[rst(5)],
            &[rst(5), rst(5)],
            &[rst(5), rst(6)],
            &[rst(5), rst(0)],
            &[rst(0), rst(0)],
            &[ack],
            &[ack, ack],
            &[rst(5), ack],
        ];
        use Signature::*;
        let table = [
            (Stage::Syn, [SynNothing, SynRst, SynRst, SynRst, SynRst, SynRst, SynRstAck, SynRstAck, SynRstRstAck]),
            (
                Stage::Ack,
                [AckNothing, AckRst, AckRstRst, AckRstRst, AckRstRst, AckRstRst, AckRstAck, AckRstAckRstAck, NoMatch],
            ),
            (
                Stage::Psh,
                [
                    PshNothing,
                    PshRst,
                    PshRstSame,
                    PshRstDifferent,
                    PshRstZero,
                    PshRstSame,
                    PshRstAck,
                    PshRstAckRstAck,
                    PshRstRstAck,
                ],
            ),
            (Stage::Data, [NoMatch, DataRst, DataRst, DataRst, DataRst, DataRst, DataRstAck, DataRstAck, NoMatch]),
        ];
        let mut reached = BTreeSet::new();
        for (stage, expected) in table {
            for (resets, expected) in shapes.into_iter().zip(expected) {
                assert_eq!(of_stage(stage, resets), expected, "{stage:?} {resets:?}");
                reached.insert(expected);
            }
        }
        assert_eq!(reached.len(), Signature::ALL.len());
    }
}
