//! Silence: packets of one direction vanish, and nobody is told.

use super::{Action, Departure, Port, TcpPacket, Treatment, pass};

/// Drops the hello and all that the client sends after it; what the server sends still passes.
pub(super) static DROP: Action = Action { name: "drop", begin: |_| Box::new(DropClient) };

/// Lets the hello and its acknowledgement pass, and drops all that the server sends from its answer on, as reported of
/// Iran in June 2025 (net4people/bbs#489).
pub(super) static DROP_ANSWER: Action = Action { name: "drop-answer", begin: |_| Box::new(DropAnswer::default()) };

struct DropClient;

impl Treatment for DropClient {
    fn handle(&mut self, from: Port, packet: TcpPacket) -> Vec<Departure> {
        if from == Port::Client { Vec::new() } else { pass(from, packet) }
    }
}

#[derive(Default)]
struct DropAnswer {
    /// The server's first sequence number after its SYN, as the client acknowledged it with the hello.
    answer_begins: Option<u32>,
}

impl Treatment for DropAnswer {
    fn handle(&mut self, from: Port, packet: TcpPacket) -> Vec<Departure> {
        let begins = *self.answer_begins.get_or_insert(packet.tcp.acknowledgment_number);
        let before_answer = packet.tcp.sequence_number == begins && packet.sequence_end() == begins;
        if from == Port::Client || before_answer { pass(from, packet) } else { Vec::new() }
    }
}
