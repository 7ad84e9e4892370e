//! Interception: the flow is spliced, in mid-connection, to a host that answers in the server's place.
//!
//! The client has spoken TCP with the server until its hello was whole. The box then replays the client's SYN to the
//! interceptor, hands it the hello, and from there on translates what differs between the two connections: sequence
//! numbers and the clock of TCP timestamps. Window scale, MSS and SACK must not differ, so both hosts need the same
//! settings.

use etherparse::{TcpHeader, TcpOptionElement};

use super::{Act, Scene};
use crate::middlebox::Port;
use crate::middlebox::reading::Opening;
use crate::net::Side;
use crate::net::frame::{Packet, Stamp};

/// Client packets kept until the interceptor has answered; more are dropped, and the client will send them again.
const MAX_HELD: usize = 128;

/// How the server is told that the client went away.
const FAREWELL: Stamp = Stamp { hop_limit: 64, identification: 0, dont_fragment: false, dscp: 0 };

/// Splices the flow to the interceptor, and resets it at the server.
pub(super) struct Intercept {
    syn: Packet,
    held: Vec<Packet>,
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
    pub(super) fn new(Opening { syn, earlier }: Opening) -> Self {
        Self { syn, held: earlier, state: State::Hello }
    }

    fn connect(&mut self, scene: &mut Scene<'_>, hello: Packet) {
        if let Some(tcp) = hello.tcp() {
            let reset = TcpHeader { rst: true, ..TcpHeader::new(0, 0, tcp.sequence_number, 0) };
            let farewell = hello.forge_to_receiver(FAREWELL, reset, Vec::new());
            scene.send(scene.now, scene.port(Side::Server), farewell);
        }
        self.held.push(hello);
        self.state = State::Connecting;
        scene.send(scene.now, Port::Interceptor, self.syn.clone());
    }

    fn splice(&mut self, scene: &mut Scene<'_>, syn_ack: &Packet) {
        let Some(translation) = self.held.first().and_then(|first| Translation::between(first, syn_ack)) else {
            return;
        };
        self.state = State::Spliced(translation);
        for packet in self.held.drain(..) {
            scene.send(scene.now, Port::Interceptor, translation.to_interceptor(packet));
        }
    }
}

impl Act for Intercept {
    fn handle(&mut self, scene: &mut Scene<'_>, packet: Packet) -> Option<Packet> {
        let (syn, ack) = packet.tcp().map_or((false, false), |tcp| (tcp.syn, tcp.ack));
        let from_client = scene.from == scene.opener;
        match (&self.state, scene.from) {
            (State::Hello, _) if from_client => self.connect(scene, packet),
            (State::Connecting, _) if from_client && self.held.len() < MAX_HELD => self.held.push(packet),
            (State::Connecting, Port::Interceptor) if syn && ack => self.splice(scene, &packet),
            (State::Spliced(translation), _) if from_client => {
                scene.send(scene.now, Port::Interceptor, translation.to_interceptor(packet));
            }
            (State::Spliced(translation), Port::Interceptor) if !syn => {
                scene.send(scene.now, scene.opener, translation.to_client(packet));
            }
            _ => {}
        }
        None
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
    fn between(client: &Packet, syn_ack: &Packet) -> Option<Self> {
        let server_clock = timestamps(client).map_or(0, |(_, echo)| echo);
        let interceptor_clock = timestamps(syn_ack).map_or(server_clock, |(value, _)| value);
        Some(Self {
            sequence: syn_ack.sequence_end().wrapping_sub(client.tcp()?.acknowledgment_number),
            clock: interceptor_clock.wrapping_sub(server_clock),
        })
    }

    fn to_interceptor(self, mut packet: Packet) -> Packet {
        if let Some(tcp) = packet.tcp_mut() {
            if tcp.ack {
                tcp.acknowledgment_number = tcp.acknowledgment_number.wrapping_add(self.sequence);
            }
            map_options(tcp, |option| match option {
                TcpOptionElement::Timestamp(value, echo) => {
                    TcpOptionElement::Timestamp(value, echo.wrapping_add(self.clock))
                }
                TcpOptionElement::SelectiveAcknowledgement(first, others) => {
                    let shift =
                        |(from, to): (u32, u32)| (from.wrapping_add(self.sequence), to.wrapping_add(self.sequence));
                    let others = others.map(|block| block.map(shift));
                    TcpOptionElement::SelectiveAcknowledgement(shift(first), others)
                }
                other => other,
            });
        }
        packet
    }

    fn to_client(self, mut packet: Packet) -> Packet {
        if let Some(tcp) = packet.tcp_mut() {
            tcp.sequence_number = tcp.sequence_number.wrapping_sub(self.sequence);
            map_options(tcp, |option| match option {
                TcpOptionElement::Timestamp(value, echo) => {
                    TcpOptionElement::Timestamp(value.wrapping_sub(self.clock), echo)
                }
                other => other,
            });
        }
        packet
    }
}

fn timestamps(packet: &Packet) -> Option<(u32, u32)> {
    packet.tcp()?.options_iterator().flatten().find_map(|option| match option {
        TcpOptionElement::Timestamp(value, echo) => Some((value, echo)),
        _ => None,
    })
}

/// Rewrites each TCP option in its place; options that cannot be read are left as they are, with all others.
fn map_options(tcp: &mut TcpHeader, change: impl Fn(TcpOptionElement) -> TcpOptionElement) {
    let options: Result<Vec<_>, _> = tcp.options_iterator().map(|option| option.map(&change)).collect();
    if let Ok(options) = options {
        let _ = tcp.set_options(&options);
    }
}
