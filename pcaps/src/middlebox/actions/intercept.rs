//! Interception: the flow is spliced, in mid-connection, to a host that answers in the server's place.
//!
//! The client has spoken TCP with the server until its hello was whole. The box then replays the client's SYN to the
//! interceptor, hands it the hello, and from there on translates what differs between the two connections: sequence
//! numbers and the clock of TCP timestamps. Window scale, MSS and SACK must not differ, so both hosts need the same
//! settings.

use etherparse::TcpOptionElement;

use super::{Action, Departure, Hello, Port, TcpPacket, Treatment};
use crate::middlebox::packet::Forger;

/// Splices the flow to the interceptor, and resets it at the server.
pub(super) static INTERCEPT: Action = Action { name: "intercept", begin: |hello| Box::new(Intercept::new(hello)) };

/// Client packets kept until the interceptor has answered; more are dropped, and the client will send them again.
const MAX_HELD: usize = 128;

/// How the server is told that the client went away.
const FORGER: Forger = Forger { hop_limit: 64, identification: 0, window: 0 };

struct Intercept {
    syn: TcpPacket,
    held: Vec<TcpPacket>,
    state: State,
}

enum State {
    /// The next packet completes the hello.
    Hello,
    /// The interceptor was sent the client's SYN.
    Connecting,
    /// Both connections run as one.
    Spliced(Translation),
}

impl Intercept {
    fn new(hello: &Hello) -> Self {
        Self { syn: hello.syn.clone(), held: hello.earlier.clone(), state: State::Hello }
    }

    fn connect(&mut self, hello: TcpPacket) -> Vec<Departure> {
        let reset = hello.forge_reset(FORGER);
        self.held.push(hello);
        self.state = State::Connecting;
        vec![
            Departure { to: Port::Server, packet: reset },
            Departure { to: Port::Interceptor, packet: self.syn.clone() },
        ]
    }

    fn splice(&mut self, syn_ack: &TcpPacket) -> Vec<Departure> {
        let Some(first) = self.held.first() else { return Vec::new() };
        let translation = Translation::between(first, syn_ack);
        self.state = State::Spliced(translation);
        self.held.drain(..).map(|packet| translation.to_interceptor(packet)).collect()
    }
}

impl Treatment for Intercept {
    fn handle(&mut self, from: Port, packet: TcpPacket) -> Vec<Departure> {
        match (&self.state, from) {
            (State::Hello, Port::Client) => self.connect(packet),
            (State::Connecting, Port::Client) if self.held.len() < MAX_HELD => {
                self.held.push(packet);
                Vec::new()
            }
            (State::Connecting, Port::Interceptor) if packet.tcp.syn && packet.tcp.ack => self.splice(&packet),
            (State::Spliced(translation), Port::Client) => vec![translation.to_interceptor(packet)],
            (State::Spliced(translation), Port::Interceptor) if !packet.tcp.syn => vec![translation.to_client(packet)],
            _ => Vec::new(),
        }
    }
}

/// What must be added, modulo 2^32, to come from the server's numbers to the interceptor's.
#[derive(Clone, Copy)]
struct Translation {
    sequence: u32,
    clock: u32,
}

impl Translation {
    /// From a client's packet that acknowledges the server's SYN alone, and the interceptor's SYN.
    fn between(client: &TcpPacket, syn_ack: &TcpPacket) -> Self {
        let server_clock = timestamps(client).map_or(0, |(_, echo)| echo);
        let interceptor_clock = timestamps(syn_ack).map_or(server_clock, |(value, _)| value);
        Self {
            sequence: syn_ack.sequence_end().wrapping_sub(client.tcp.acknowledgment_number),
            clock: interceptor_clock.wrapping_sub(server_clock),
        }
    }

    fn to_interceptor(self, mut packet: TcpPacket) -> Departure {
        if packet.tcp.ack {
            packet.tcp.acknowledgment_number = packet.tcp.acknowledgment_number.wrapping_add(self.sequence);
        }
        map_options(&mut packet, |option| match option {
            TcpOptionElement::Timestamp(value, echo) => {
                TcpOptionElement::Timestamp(value, echo.wrapping_add(self.clock))
            }
            TcpOptionElement::SelectiveAcknowledgement(first, others) => {
                let shift = |(from, to): (u32, u32)| (from.wrapping_add(self.sequence), to.wrapping_add(self.sequence));
                TcpOptionElement::SelectiveAcknowledgement(shift(first), others.map(|block| block.map(shift)))
            }
            other => other,
        });
        Departure { to: Port::Interceptor, packet }
    }

    fn to_client(self, mut packet: TcpPacket) -> Departure {
        packet.tcp.sequence_number = packet.tcp.sequence_number.wrapping_sub(self.sequence);
        map_options(&mut packet, |option| match option {
            TcpOptionElement::Timestamp(value, echo) => {
                TcpOptionElement::Timestamp(value.wrapping_sub(self.clock), echo)
            }
            other => other,
        });
        Departure { to: Port::Client, packet }
    }
}

fn timestamps(packet: &TcpPacket) -> Option<(u32, u32)> {
    packet.tcp.options_iterator().flatten().find_map(|option| match option {
        TcpOptionElement::Timestamp(value, echo) => Some((value, echo)),
        _ => None,
    })
}

/// Rewrites each TCP option in its place; options that cannot be read are left as they are, with all others.
fn map_options(packet: &mut TcpPacket, change: impl Fn(TcpOptionElement) -> TcpOptionElement) {
    let options: Result<Vec<_>, _> = packet.tcp.options_iterator().map(|option| option.map(&change)).collect();
    if let Ok(options) = options {
        let _ = packet.tcp.set_options(&options);
    }
}
