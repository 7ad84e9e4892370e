//! Traffic that means ill among traffic that does not: floods of SYNs and of names, hellos that never end, chains of megabytes,
//! fragments that never complete, and frames that are none. The handshakes between them must come out as if they were alone.

use std::net::{Ipv4Addr, SocketAddr};

use pcaps::bytes::Put;
use pcaps::net::packet::set_u16;
use pcaps::net::segment::{ACK, PSH};
use pcaps::random::Random;

use super::cast::Cast;
use super::hour::{SYNS, flood, fragments, scan};
use super::{Act, Scenario};
use crate::interleave::{Flow, Timed};
use crate::noise::Noise;
use crate::tls::{handshake_failure, hello, server};
use crate::truth::Line;
use crate::wire::Side::{Client, Server};
use crate::wire::frame;
use crate::wire::talk::Talk;

/// Flows at once, and nanoseconds between the first of them.
const AT_ONCE: usize = 400;
const APART: u64 = 2_500_000;
const IPV6_PERCENT: usize = 20;
/// Of so many turns one is a chain without measure, and one a hello without end.
const RARELY: usize = 16;
/// Bytes of such a chain; real ones have three thousand.
const CHAIN: usize = 2_000_000;
/// Bytes that a hello without end promises, less than what is put together, and those that come.
const PROMISED: usize = 120_000;
const SENT: usize = 40_000;
/// Frames in a row that are none.
const DAMAGED: usize = 8;

pub(super) struct Hostile {
    cast: Cast,
    flows: usize,
    begun: usize,
}

impl Hostile {
    pub(super) fn new(flows: usize) -> Self {
        Self { cast: Cast::new("hostile"), flows, begun: 0 }
    }
}

impl Scenario for Hostile {
    fn at_once(&self) -> (usize, u64) {
        (AT_ONCE, APART)
    }

    /// By turns of all kinds, half of them what they say they are.
    fn next(&mut self, at: u64) -> Option<Act> {
        let (number, cast) = (self.begun, &mut self.cast);
        self.begun += 1;
        let is_v6 = cast.is_v6(IPV6_PERCENT);
        let silent = |flow: Flow| Some(Act { flow, line: None });
        match number % 20 {
            _ if number >= self.flows => None,
            0..7 => Some(cast.connection(at, is_v6, 600)),
            7 => Some(cast.connection(at, is_v6, 60_000)),
            8..10 => cast.quic(at, is_v6, 6),
            10..13 => Some(cast.name_of_its_own(number, at)),
            13 if number / 20 % RARELY == 0 => Some(cast.long_chain(at)),
            13 if number / 20 % RARELY == 1 => Some(cast.endless_hello(at)),
            13..15 => silent(Box::new((0..SYNS).map(move |probe| scan(number, probe, at)))),
            15..17 => silent(Box::new((0..SYNS).map(move |syn| flood(number, syn, at)))),
            17 | 18 => silent(Box::new(fragments(number, at).into_iter().take(1))),
            _ => silent(Box::new((0..DAMAGED).map(move |one| damaged(number, one, at)))),
        }
    }
}

impl Cast {
    /// A connection to a name that nobody else asks for, which is refused.
    fn name_of_its_own(&mut self, number: usize, at: u64) -> Act {
        let name = format!("n{number}.flood.example");
        self.told(at, number, name, "tls_alert", |cast, talk, name| {
            let hello = hello::any_client(&mut cast.random).record(name, &mut cast.random);
            talk.says(Client, &hello).says(Server, &handshake_failure()).closes(Server);
        })
    }

    /// A connection that completes after a chain without measure.
    fn long_chain(&mut self, at: u64) -> Act {
        let (rank, _) = self.names.draw(&mut self.random);
        let name = self.names.at(rank).to_owned();
        self.told(at, rank, name, "completed", |cast, talk, name| {
            talk.says(Client, &hello::any_client(&mut cast.random).record(name, &mut cast.random));
            talk.says(Server, &server::flight_tls12(&many_certificates(&cast.noise), &mut cast.random));
            talk.says(Client, &server::client_flight_tls12(&mut cast.random));
            talk.says(Server, &server::last_flight_tls12(&mut cast.random)).closes(Client);
        })
    }

    /// A hello of which a part comes, which is acknowledged, and nothing after it. It is no attempt: it asks for nothing yet.
    fn endless_hello(&mut self, at: u64) -> Act {
        let path = self.path(0, false);
        let mut talk = Talk::open(path, at, &mut self.random);
        talk.says(Client, &server::in_records(&part_of_a_hello(&self.noise)));
        Act { flow: Box::new(talk.take().into_iter()), line: None }
    }

    fn told(
        &mut self,
        at: u64,
        rank: usize,
        name: String,
        outcome: &'static str,
        says: impl FnOnce(&mut Self, &mut Talk, &str),
    ) -> Act {
        let path = self.path(rank, false);
        let mut talk = Talk::open(path, at, &mut self.random);
        says(self, &mut talk, &name);
        let (client, server) = (path.client, path.server);
        let line = Line { proto: "tcp", client, server, name, outcome, certificate: None };
        Act { flow: Box::new(talk.take().into_iter()), line: Some(line) }
    }
}

/// Bytes that are no certificates, as long as such may be, until they are enough.
fn many_certificates(noise: &Noise) -> Vec<&[u8]> {
    let mut random = Random::named("chain");
    (0..CHAIN / 1_000).map(|_| noise.take(&mut random, 1_000)).collect()
}

fn part_of_a_hello(noise: &Noise) -> Vec<u8> {
    let mut hello = vec![1];
    hello.extend((PROMISED as u32).to_be_bytes().get(1..).unwrap_or_default());
    hello.put_u16(0x0303).put(noise.take(&mut Random::named("hello"), SENT));
    hello
}

/// A frame with ends of its own that lost its end, or of which a header says what is not so.
fn damaged(number: usize, one: usize, at: u64) -> Timed {
    let mut random = Random::named(&format!("damaged {number} {one}"));
    let end = |bits: u32, port: u16| SocketAddr::new(Ipv4Addr::from_bits(bits).into(), port);
    let source = end(0x0d00_0000 + number as u32, 1_024 + random.next_u16() / 2);
    let ip = frame::Ip { source, dest: end(0xc612_0002, 443), ttl: 60, id: number as u16 };
    let tcp = frame::Tcp { seq: random.next_u32(), ack: 1, flags: PSH | ACK, window: 1, options: &[1; 8] };
    let mut frame = frame::tcp(&ip, &tcp, &[0x55; 100]);
    match one {
        // Version and length of the IP header, its total length, the length of the TCP header.
        0 => frame.iter_mut().skip(14).take(1).for_each(|byte| *byte = 0x4f),
        1 => set_u16(&mut frame, 14 + 2, 19),
        2 => frame.iter_mut().skip(14 + 20 + 12).take(1).for_each(|byte| *byte = 0x10),
        3 => frame.iter_mut().skip(14).take(1).for_each(|byte| *byte = 0x6f),
        _ => frame.truncate(14 + random.below(40)),
    }
    Timed { at: at + one as u64 * 1_000, frame }
}
