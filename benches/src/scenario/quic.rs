//! One QUIC connection, and UDP that is none.

use pcaps::quic::{Ids, Keys, ack, crypto, handshake, short};
use ring::error::Unspecified;

use super::Act;
use super::cast::Cast;
use crate::interleave::Timed;
use crate::tls::{hello, server};
use crate::truth::Line;
use crate::wire::Side::{Client, Server};
use crate::wire::{Path, Side, frame};

/// Crypto bytes in one Initial packet.
const CRYPTO: usize = 1_100;
/// Between two datagrams sent together.
const BACK_TO_BACK: u64 = 12_000;
/// Content of a full datagram behind its header.
const FULL: usize = 1_220;

/// Writes the datagrams of a flow.
struct Datagrams {
    path: Path,
    now: u64,
    last: Side,
    id: u16,
    frames: Vec<Timed>,
}

impl Datagrams {
    fn new(path: Path, now: u64) -> Self {
        Self { path, now, last: Side::Client, id: 0, frames: Vec::new() }
    }

    fn says(&mut self, from: Side, payload: &[u8]) {
        if self.last != from {
            self.now += self.path.rtt(from);
            self.last = from;
        }
        self.id = self.id.wrapping_add(1);
        let frame = frame::udp(&self.path.header(from, self.id), payload);
        self.frames.push(Timed { at: self.now, frame });
        self.now += BACK_TO_BACK;
    }
}

impl Cast {
    /// A connection that completes, with so many full datagrams from the server.
    pub(super) fn quic(&mut self, at: u64, is_v6: bool, response: usize) -> Option<Act> {
        let (rank, name) = self.names.draw(&mut self.random);
        let name = name.to_owned();
        let path = self.path(rank, is_v6);
        let mut out = Datagrams::new(path, at);
        self.quic_handshake(&mut out, &name).ok()?;
        for number in 0..response {
            out.says(Server, &short(&[], self.noise.take(&mut self.random, FULL)));
            if number % 2 == 1 {
                let ack = short(&out.path.server_id(), self.noise.take(&mut self.random, 25));
                // An acknowledgement crosses what the server goes on sending.
                out.last = Client;
                out.says(Client, &ack);
                out.last = Server;
            }
        }
        let (client, server) = (path.client, path.server);
        let line = Line { proto: "udp", client, server, name, outcome: "completed", certificate: None };
        Some(Act { flow: Box::new(out.frames.into_iter()), line: Some(line) })
    }

    fn quic_handshake(&mut self, out: &mut Datagrams, name: &str) -> Result<(), Unspecified> {
        let (random, noise) = (&mut self.random, &self.noise);
        let (first, own) = (random.bytes(8), out.path.server_id());
        let (to_server, to_client) = (Ids { dest: &first, source: &[] }, Ids { dest: &[], source: &own });
        let client = Keys::derive(&first, Client)?;
        let server = Keys::derive(&first, Server)?;
        let hello = hello::CHROME_QUIC.message(name, random);
        for (number, part) in (0u16..).zip(hello.chunks(CRYPTO)) {
            let frames = crypto(usize::from(number) * CRYPTO, part);
            out.says(Client, &client.initial(to_server, number, &frames)?);
        }
        let answer = server::hello_tls13(random);
        for (number, part) in (0u16..).zip(answer.chunks(CRYPTO)) {
            let frames = [ack(1), crypto(usize::from(number) * CRYPTO, part)].concat();
            out.says(Server, &server.initial(to_client, number, &frames)?);
        }
        for _ in 0..3 {
            out.says(Server, &handshake(to_client, noise.take(random, 1150)));
        }
        let to_server = Ids { dest: &own, source: &[] };
        out.says(Client, &client.initial(to_server, 2, &ack(1))?);
        out.says(Client, &handshake(to_server, noise.take(random, 75)));
        let request = 300 + random.below(200);
        out.says(Client, &short(&own, noise.take(random, request)));
        Ok(())
    }

    /// So many datagrams of a tunnel or a stream of which nothing can be read.
    pub(super) fn bulk_udp(&mut self, at: u64, is_v6: bool, datagrams: usize) -> Act {
        let rank = self.random.below(1000);
        let mut path = self.path(rank, is_v6);
        path.server.set_port(51_820);
        let mut out = Datagrams::new(path, at);
        for number in 0..datagrams {
            out.last = if number % 8 == 7 { Client } else { Server };
            out.now += self.random.between(100_000, 900_000);
            // The first byte of WireGuard's transport messages, 4, is that of no QUIC packet.
            let payload = [&[4, 0, 0, 0], self.noise.take(&mut self.random, FULL)].concat();
            out.says(out.last, &payload);
        }
        Act { flow: Box::new(out.frames.into_iter()), line: None }
    }
}

impl Path {
    /// The connection ID that the server chose.
    fn server_id(&self) -> [u8; 8] {
        let port = u64::from(self.client.port());
        (0x5e1d_0000_0000_0000 | port << 16 | self.server_rtt & 0xffff).to_be_bytes()
    }
}
