//! One TLS connection over TCP, from its SYN to its end, whatever end that is.

use super::Act;
use super::cast::Cast;
use crate::tls::{application_data, change_cipher_spec, handshake_failure, hello, server};
use crate::truth::Line;
use crate::wire::Side::{Client, Server};
use crate::wire::talk::Talk;

/// Connections of TLS 1.2 in a hundred.
const TLS12_PERCENT: usize = 48;
/// A Finished of TLS 1.3 under SHA-256, sealed: 4 + 32 bytes, content type, tag.
const FINISHED: usize = 53;
/// A close_notify of TLS 1.3, sealed.
const CLOSE: usize = 19;
/// Most content of a record.
pub(super) const RECORD: usize = 16_384 + 17;
/// Linux's retransmissions, doubling from 300 ms on; the last is 18.9 s after the first copy.
const RETRANSMISSIONS: [u64; 6] = [300, 600, 1_200, 2_400, 4_800, 9_600];
/// Keep-alives of a client that waits for the rest of a flight.
const KEEP_ALIVES: [u64; 3] = [1_500, 3_000, 6_000];

/// What becomes of a connection.
#[derive(Clone, Copy)]
enum Fate {
    Completed,
    HelloDropped,
    Reset,
    Refused,
    FlightDropped,
}

impl Fate {
    fn draw(cast: &mut Cast) -> Self {
        match cast.random.below(1000) {
            0..4 => Self::HelloDropped,
            4..8 => Self::Reset,
            8..11 => Self::Refused,
            11..13 => Self::FlightDropped,
            _ => Self::Completed,
        }
    }

    fn outcome(self) -> &'static str {
        match self {
            Self::Completed => "completed",
            Self::HelloDropped => "silence_after_hello",
            Self::Reset => "reset_after_hello",
            Self::Refused => "tls_alert",
            Self::FlightDropped => "silence_mid_handshake",
        }
    }
}

impl Cast {
    /// A connection that begins at `at`; if it completes, the server sends so many bytes in records.
    pub(super) fn connection(&mut self, at: u64, is_v6: bool, response: usize) -> Act {
        let fate = Fate::draw(self);
        let (rank, _) = self.names.draw(&mut self.random);
        self.of_fate(fate, rank, at, is_v6, response)
    }

    /// The same to the server of this rank.
    pub(super) fn connection_to(&mut self, rank: usize, at: u64, is_v6: bool, response: usize) -> Act {
        let fate = Fate::draw(self);
        self.of_fate(fate, rank, at, is_v6, response)
    }

    fn of_fate(&mut self, fate: Fate, rank: usize, at: u64, is_v6: bool, response: usize) -> Act {
        let name = self.names.at(rank).to_owned();
        let path = self.path(rank, is_v6);
        let mut talk = Talk::open(path, at, &mut self.random);
        let hello = hello::any_client(&mut self.random).record(&name, &mut self.random);
        let certificate = self.goes_on(&mut talk, fate, &hello, rank, response);
        let flow = Box::new(talk.take().into_iter());
        let (client, server) = (path.client, path.server);
        let line = Line { proto: "tcp", client, server, name, outcome: fate.outcome(), certificate };
        Act { flow, line: Some(line) }
    }

    /// From the hello on; the hash of the leaf that can be read in clear.
    fn goes_on(&mut self, talk: &mut Talk, fate: Fate, hello: &[u8], rank: usize, response: usize) -> Option<[u8; 32]> {
        match fate {
            Fate::HelloDropped => drop(talk.says_in_vain(Client, hello, &RETRANSMISSIONS)),
            Fate::Reset => drop(talk.says_in_vain(Client, hello, &[]).is_reset(Server, 900_000, 119, 0)),
            Fate::Refused => drop(talk.says(Client, hello).says(Server, &handshake_failure()).closes(Server)),
            Fate::FlightDropped => {
                let flight = server::flight_tls13(&self.noise, &mut self.random);
                talk.says(Client, hello).falls_silent(Server, &flight, &KEEP_ALIVES);
            }
            Fate::Completed => {
                talk.says(Client, hello);
                let sent = match self.random.below(100) < TLS12_PERCENT {
                    true => self.completes_tls12(talk, rank),
                    false => self.completes_tls13(talk),
                };
                self.converses(talk, response);
                return sent;
            }
        }
        None
    }

    fn completes_tls12(&mut self, talk: &mut Talk, rank: usize) -> Option<[u8; 32]> {
        let (leaf, intermediate) = self.chains.of(rank, &self.names)?;
        talk.says(Server, &server::flight_tls12(&[&leaf.der, intermediate], &mut self.random));
        talk.says(Client, &server::client_flight_tls12(&mut self.random));
        talk.says(Server, &server::last_flight_tls12(&mut self.random));
        Some(leaf.sha256)
    }

    fn completes_tls13(&mut self, talk: &mut Talk) -> Option<[u8; 32]> {
        talk.says(Server, &server::flight_tls13(&self.noise, &mut self.random));
        let finished = application_data(self.noise.take(&mut self.random, FINISHED));
        talk.says(Client, &[change_cipher_spec(), finished].concat());
        None
    }

    /// A request, its answer, and the end.
    fn converses(&mut self, talk: &mut Talk, response: usize) {
        let request = 120 + self.random.below(400);
        talk.says(Client, &application_data(self.noise.take(&mut self.random, request)));
        let mut left = response;
        while left > 0 {
            let length = left.min(RECORD);
            talk.says(Server, &application_data(self.noise.take(&mut self.random, length)));
            left -= length;
        }
        talk.says(Client, &application_data(self.noise.take(&mut self.random, CLOSE))).closes(Client);
    }
}
