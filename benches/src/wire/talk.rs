//! One TCP connection as a tap in the middle of its path sees it.

use pcaps::net::segment::{ACK, FIN, PSH, RST, SYN, syn_options, timestamp_option};
use pcaps::random::Random;

use super::{Path, Side, frame};
use crate::interleave::Timed;

/// Payload of a full segment: 1,500 bytes less the headers of IPv4 with timestamps. IPv6 takes 20 more.
const MSS: usize = 1448;
/// Between two segments that are sent together: a full one on a link of 1 Gbit/s.
const BACK_TO_BACK: u64 = 12_000;
/// As in the header; the SYN's scale is 7.
const WINDOW: u16 = 502;
/// Full segments that one acknowledgement covers.
const ACKED_TOGETHER: usize = 2;

/// Writes the segments of a connection, each when it passes the tap.
#[derive(Debug)]
pub struct Talk {
    path: Path,
    now: u64,
    /// Who sent last: the other's next word takes the way to it and back.
    last: Side,
    client: End,
    server: End,
    frames: Vec<Timed>,
}

/// One end's counters.
#[derive(Clone, Copy, Debug)]
struct End {
    next: u32,
    id: u16,
    /// Its clock minus the capture's, in milliseconds, for the timestamps option.
    clock: u32,
    /// The value of that option in the last segment sent.
    stamp: u32,
}

impl End {
    fn new(random: &mut Random) -> Self {
        Self { next: random.next_u32(), id: random.next_u16(), clock: random.next_u32(), stamp: 0 }
    }
}

impl Talk {
    /// A connection whose SYN passes the tap at `now`, and whose handshake follows.
    pub fn open(path: Path, now: u64, random: &mut Random) -> Self {
        let (client, server) = (End::new(random), End::new(random));
        let mut talk = Self { path, now, last: Side::Client, client, server, frames: Vec::new() };
        talk.segment(Side::Client, SYN, &[]);
        talk.turn(Side::Server);
        talk.segment(Side::Server, SYN | ACK, &[]);
        talk.turn(Side::Client);
        talk.segment(Side::Client, ACK, &[]);
        talk
    }

    /// Sends bytes in full segments; the peer acknowledges every second.
    pub fn says(&mut self, from: Side, bytes: &[u8]) -> &mut Self {
        self.turn(from);
        let mss = if self.path.client.is_ipv6() { MSS - 20 } else { MSS };
        let count = bytes.len().div_ceil(mss);
        for (number, segment) in bytes.chunks(mss).enumerate() {
            let last = number + 1 == count;
            self.segment(from, if last { PSH | ACK } else { ACK }, segment);
            self.now += BACK_TO_BACK;
            if (number + 1) % ACKED_TOGETHER == 0 || last && count > 1 {
                self.segment(from.peer(), ACK, &[]);
            }
        }
        self
    }

    /// Sends bytes that never arrive, again and again after these pauses (in milliseconds).
    pub fn says_in_vain(&mut self, from: Side, bytes: &[u8], pauses: &[u64]) -> &mut Self {
        self.turn(from);
        let start = *self.end(from);
        for pause in std::iter::once(&0).chain(pauses) {
            self.now += pause * 1_000_000;
            // After the first copy only the lowest unacknowledged segment is sent again.
            let copies = if *pause == 0 { usize::MAX } else { 1 };
            self.end(from).next = start.next;
            for segment in bytes.chunks(MSS - 20).take(copies) {
                self.segment(from, PSH | ACK, segment);
                self.now += BACK_TO_BACK;
            }
        }
        self.end(from).next = start.next.wrapping_add(bytes.len() as u32);
        self
    }

    /// Only the first segment of these bytes passes; the peer acknowledges it and asks again after `pauses`
    /// (milliseconds), as a keep-alive does.
    pub fn falls_silent(&mut self, from: Side, bytes: &[u8], pauses: &[u64]) -> &mut Self {
        self.turn(from);
        self.segment(from, ACK, bytes.get(..MSS - 20).unwrap_or(bytes));
        self.now += BACK_TO_BACK;
        self.segment(from.peer(), ACK, &[]);
        for pause in pauses {
            self.now += pause * 1_000_000;
            self.end(from.peer()).next = self.end(from.peer()).next.wrapping_sub(1);
            self.segment(from.peer(), ACK, &[]);
            self.end(from.peer()).next = self.end(from.peer()).next.wrapping_add(1);
        }
        self
    }

    /// A reset in the name of `from`, made `sooner` nanoseconds after the last segment by a box with another TTL.
    pub fn is_reset(&mut self, from: Side, sooner: u64, ttl: u8, id: u16) -> &mut Self {
        self.now += sooner;
        let (own, peer) = (*self.end(from), *self.end(from.peer()));
        let header = frame::Ip { ttl, id, ..self.path.header(from, id) };
        let tcp = frame::Tcp { seq: own.next, ack: peer.next, flags: RST | ACK, window: 0, options: &[] };
        self.frames.push(Timed { at: self.now, frame: frame::tcp(&header, &tcp, &[]) });
        self
    }

    /// Both ends finish, `from` first.
    pub fn closes(&mut self, from: Side) -> &mut Self {
        self.turn(from);
        self.segment(from, FIN | ACK, &[]);
        self.turn(from.peer());
        self.segment(from.peer(), FIN | ACK, &[]);
        self.turn(from);
        self.segment(from, ACK, &[]);
        self
    }

    /// Lets nanoseconds pass.
    pub fn waits(&mut self, nanoseconds: u64) -> &mut Self {
        self.now += nanoseconds;
        self
    }

    /// What was written since it was asked for last.
    pub fn take(&mut self) -> Vec<Timed> {
        std::mem::take(&mut self.frames)
    }

    /// Lets the last word reach `side`, and what it says next reach the tap.
    fn turn(&mut self, side: Side) {
        if self.last != side {
            self.now += self.path.rtt(side);
            self.last = side;
        }
    }

    fn end(&mut self, side: Side) -> &mut End {
        match side {
            Side::Client => &mut self.client,
            Side::Server => &mut self.server,
        }
    }

    fn segment(&mut self, from: Side, flags: u8, payload: &[u8]) {
        let (path, at, peer) = (self.path, self.now, *self.end(from.peer()));
        let end = self.end(from);
        end.id = end.id.wrapping_add(1);
        end.stamp = end.clock.wrapping_add((at / 1_000_000) as u32);
        let stamps = (end.stamp, peer.stamp);
        let opens = flags & SYN != 0;
        let options = if opens { syn_options(1460, true, Some(stamps), Some(7)) } else { timestamp_option(stamps) };
        let window = if opens { 64_240 } else { WINDOW };
        let ack = if flags & ACK != 0 { peer.next } else { 0 };
        let tcp = frame::Tcp { seq: end.next, ack, flags, window, options: &options };
        let frame = frame::tcp(&path.header(from, end.id), &tcp, payload);
        let marks = u32::from(opens) + u32::from(flags & FIN != 0);
        end.next = end.next.wrapping_add(payload.len() as u32).wrapping_add(marks);
        self.frames.push(Timed { at, frame });
    }
}

impl Path {
    /// A path between two ends, of a length that chance decides.
    pub fn between(client: std::net::SocketAddr, server: std::net::SocketAddr, random: &mut Random) -> Self {
        let (client_hops, server_hops) = (random.below(6) as u8, 4 + random.below(14) as u8);
        Self {
            client,
            server,
            client_ttl: random.one_of(&[64, 128]) - client_hops,
            server_ttl: 64 - server_hops,
            client_rtt: random.between(1_000_000, 30_000_000),
            server_rtt: random.between(4_000_000, 150_000_000),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_closes_with_agreeing_numbers() {
        let mut random = Random::named("talk");
        let path = Path::between("10.0.0.1:1024".parse().unwrap(), "192.0.2.1:443".parse().unwrap(), &mut random);
        let mut talk = Talk::open(path, 1_000, &mut random);
        talk.says(Side::Client, &[1; 1800]).says(Side::Server, &[2; 10]).closes(Side::Client);
        let frames = talk.take();
        // SYN, SYN-ACK, ACK; two segments and their acknowledgement; one segment; FIN, FIN, ACK.
        assert_eq!(frames.len(), 3 + 3 + 1 + 3);
        assert!(frames.is_sorted_by_key(|timed| timed.at));
        let number = |index: usize, offset: usize| {
            u32::from_be_bytes(frames[index].frame[34 + offset..][..4].try_into().unwrap())
        };
        let first = number(0, 4);
        assert_eq!(number(9, 4), first.wrapping_add(1 + 1800 + 1), "the last acknowledgement follows the FIN");
        assert_eq!(number(8, 8), number(9, 4), "which the server's FIN acknowledges");
    }
}
