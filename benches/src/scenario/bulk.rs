//! A few connections that carry much: what a detector of handshakes must pass over quickly.

use std::collections::VecDeque;
use std::rc::Rc;

use pcaps::random::Random;

use super::cast::Cast;
use super::connection::RECORD;
use super::{Act, Scenario};
use crate::interleave::Timed;
use crate::noise::Noise;
use crate::tls::{application_data, change_cipher_spec, hello, server};
use crate::truth::Line;
use crate::wire::Side::{Client, Server};
use crate::wire::talk::Talk;

const CONNECTIONS: usize = 32;
const APART: u64 = 3_000_000;
const MEGABYTE: usize = 1_000_000;

pub(super) struct Bulk {
    cast: Cast,
    left: usize,
    /// Full records of each connection.
    records: usize,
}

impl Bulk {
    pub(super) fn new(megabytes: usize) -> Self {
        let records = (megabytes * MEGABYTE).div_ceil(RECORD * CONNECTIONS);
        Self { cast: Cast::new("bulk"), left: CONNECTIONS, records }
    }
}

impl Scenario for Bulk {
    fn at_once(&self) -> (usize, u64) {
        (CONNECTIONS, APART)
    }

    fn next(&mut self, at: u64) -> Option<Act> {
        self.left = self.left.checked_sub(1)?;
        let cast = &mut self.cast;
        let name = cast.names.at(self.left).to_owned();
        let path = cast.path(self.left, false);
        let mut talk = Talk::open(path, at, &mut cast.random);
        talk.says(Client, &hello::CHROME.record(&name, &mut cast.random));
        talk.says(Server, &server::flight_tls13(&cast.noise, &mut cast.random));
        let request = application_data(cast.noise.take(&mut cast.random, 300));
        talk.says(Client, &[change_cipher_spec(), request].concat());
        let (random, noise) = (Random::named(&name), Rc::clone(&cast.noise));
        let (client, server) = (path.client, path.server);
        let flow = Download { talk, random, noise, left: self.records, frames: VecDeque::new() };
        let line = Line { proto: "tcp", client, server, name, outcome: "completed", certificate: None };
        Some(Act { flow: Box::new(flow), line: Some(line) })
    }
}

/// Records without end, written as they are asked for.
struct Download {
    talk: Talk,
    random: Random,
    noise: Rc<Noise>,
    left: usize,
    frames: VecDeque<Timed>,
}

impl Iterator for Download {
    type Item = Timed;

    fn next(&mut self) -> Option<Timed> {
        if self.frames.is_empty() && self.left > 0 {
            self.left -= 1;
            self.talk.says(Server, &application_data(self.noise.take(&mut self.random, RECORD)));
            self.frames.extend(self.talk.take());
        }
        self.frames.pop_front()
    }
}
