//! An hour in which nothing stays as it was: flow by flow come other ends, names and certificates, and none comes again before
//! all others had their turn; some flows are of the kinds that fill tables. What remembers by flow and without bound grows on it
//! to the end, what remembers by client, name or certificate until all took part once.

use std::net::{Ipv4Addr, SocketAddr};

use pcaps::net::packet::{checksum, set_u16};
use pcaps::net::segment::{SYN, syn_options};

use super::cast::Cast;
use super::{Act, BEGIN, Scenario};
use crate::interleave::{Flow, Timed};
use crate::tls::{application_data, hello, server};
use crate::wire::Side::{Client, Server};
use crate::wire::frame;
use crate::wire::talk::Talk;

/// Nanoseconds of an hour.
pub const HOUR: u64 = 3_600 * 1_000_000_000;
/// Flows that may run at once; each of those that never end holds a place.
const AT_ONCE: usize = 512;
/// Flows that never end, one every ten seconds from the beginning on.
const UNENDING: usize = 200;
const UNENDING_EVERY: u64 = 10 * 1_000_000_000;
/// How often such a flow says something: before its idle time is over.
const SPEAKS_EVERY: u64 = 60 * 1_000_000_000;
/// SYNs of a scan or of a wave of a flood, and nanoseconds between two of them.
pub(super) const SYNS: usize = 20;
const SYN_EVERY: u64 = 1_000_000;
/// Bytes of the first fragment's payload.
const FRAGMENT: usize = 800;
const IPV6_PERCENT: usize = 20;
const RESPONSE: usize = 600;

pub(super) struct Hour {
    cast: Cast,
    flows: usize,
    /// Clients, names and certificates that take turns: all of them do before the hour's first quarter is over.
    turns: usize,
    /// Flows begun, and those of them that never end.
    begun: usize,
    unending: usize,
}

impl Hour {
    pub(super) fn new(flows: usize) -> Self {
        let turns = (flows / 5).max(1);
        Self { cast: Cast::new("hour").with_clients(turns), flows, turns, begun: 0, unending: 0 }
    }

    /// The flow of this number, by turns of all kinds.
    fn flow(&mut self, number: usize, at: u64) -> Option<Act> {
        let cast = &mut self.cast;
        let is_v6 = cast.is_v6(IPV6_PERCENT);
        let silent = |flow: Flow| Some(Act { flow, line: None });
        match number % 12 {
            0..7 => Some(cast.connection_to(number % self.turns, at, is_v6, RESPONSE)),
            7 | 8 => cast.quic(at, is_v6, 4),
            9 => silent(Box::new((0..SYNS).map(move |probe| scan(number, probe, at)))),
            10 => silent(Box::new((0..SYNS).map(move |syn| flood(number, syn, at)))),
            _ => silent(Box::new(fragments(number, at).into_iter().take(1 + number / 12 % 2))),
        }
    }

    /// A handshake that comes as far as the server's first words, and is spoken in for the rest of the hour.
    fn never_ends(&mut self, at: u64) -> Act {
        let cast = &mut self.cast;
        let (path, random) = (cast.path(self.unending, false), &mut cast.random);
        let mut talk = Talk::open(path, at, random);
        let flight = server::flight_tls13(&cast.noise, random);
        let hello = hello::any_client(random).record(cast.names.at(self.unending), random);
        talk.says(Client, &hello).says(Server, flight.get(..1_000).unwrap_or(&flight));
        for _ in 0..(BEGIN + HOUR).saturating_sub(at) / SPEAKS_EVERY {
            talk.waits(SPEAKS_EVERY).says(Server, &application_data(cast.noise.take(random, 100)));
        }
        Act { flow: Box::new(talk.take().into_iter()), line: None }
    }
}

impl Scenario for Hour {
    fn at_once(&self) -> (usize, u64) {
        (AT_ONCE, 1)
    }

    fn next(&mut self, at: u64) -> Option<Act> {
        let due = |number: usize, every: u64| BEGIN + number as u64 * every;
        let every = HOUR / self.flows.max(1) as u64;
        if self.unending < UNENDING && due(self.unending, UNENDING_EVERY) <= due(self.begun, every) {
            let act = self.never_ends(at.max(due(self.unending, UNENDING_EVERY)));
            self.unending += 1;
            return Some(act);
        }
        let number = self.begun;
        self.begun += 1;
        if number < self.flows { self.flow(number, at.max(due(number, every))) } else { None }
    }
}

/// A probe of one source among all addresses.
pub(super) fn scan(number: usize, probe: usize, at: u64) -> Timed {
    let source = Ipv4Addr::from_bits(0x0b00_0000 + number as u32);
    let dest = Ipv4Addr::from_bits(scattered(number, probe));
    syn((source, 40_000), (dest, 443), at + probe as u64 * SYN_EVERY)
}

/// A SYN of a false source to one server.
pub(super) fn flood(number: usize, one: usize, at: u64) -> Timed {
    let source = Ipv4Addr::from_bits(scattered(number, one));
    syn((source, 1024 + one as u16), (Ipv4Addr::new(203, 0, 113, 7), 443), at + one as u64 * SYN_EVERY)
}

/// An odd number times a counter is a permutation of all addresses.
fn scattered(number: usize, one: usize) -> u32 {
    ((number * SYNS + one) as u32).wrapping_mul(0x9e37_79b1)
}

fn syn(source: (Ipv4Addr, u16), dest: (Ipv4Addr, u16), at: u64) -> Timed {
    let ip = frame::Ip { source: source.into(), dest: dest.into(), ttl: 60, id: at as u16 };
    let options = syn_options(1460, false, None, None);
    let header = frame::Tcp { seq: at as u32, ack: 0, flags: SYN, window: 1024, options: &options };
    Timed { at, frame: frame::tcp(&ip, &header, &[]) }
}

/// A datagram in two fragments.
pub(super) fn fragments(number: usize, at: u64) -> [Timed; 2] {
    let end = |bits: u32, port: u16| SocketAddr::new(Ipv4Addr::from_bits(bits).into(), port);
    let (source, dest) = (end(0x0c00_0000 + number as u32, 5_000), end(0xc612_0001, 443));
    let whole = frame::udp(&frame::Ip { source, dest, ttl: 60, id: number as u16 }, &[0x17; 2 * FRAGMENT]);
    let (headers, datagram) = whole.split_at(14 + 20);
    let (first, second) = datagram.split_at(FRAGMENT);
    let part = |flags_and_offset: u16, payload: &[u8]| {
        let mut frame = [headers, payload].concat();
        set_u16(&mut frame, 14 + 2, 20 + payload.len() as u16);
        set_u16(&mut frame, 14 + 6, flags_and_offset);
        set_u16(&mut frame, 14 + 10, 0);
        let sum = checksum(&[frame.get(14..34).unwrap_or_default()]);
        set_u16(&mut frame, 14 + 10, sum);
        frame
    };
    let more = 0x2000;
    [Timed { at, frame: part(more, first) }, Timed { at: at + SYN_EVERY, frame: part((FRAGMENT / 8) as u16, second) }]
}
