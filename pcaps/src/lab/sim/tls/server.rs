//! A server's program, or an interceptor's: answers a hello with its chain, and a request with so many bytes.

use std::rc::Rc;

use dissectors::time::Time;
use dissectors::tls::{ClientHello, Item, Reader};

use super::{RECORD, after_change, offers_tls13, understood};
use crate::lab::scenario::TlsVersion;
use crate::lab::sim::seal;
use crate::lab::sim::tcp::{Heard, Tcp};
use crate::middlebox::law::{Share, TimeLaw};
use crate::net::frame::Packet;
use crate::random::Random;
use crate::tls::{self, Answer, handshake_record, record_of_application_data, server_hello_tls13};

/// Encrypted extensions, Certificate, CertificateVerify and Finished under TLS 1.3 beside the chain itself.
const FLIGHT: usize = 420;

/// Whoever answers at an address.
#[derive(Clone, Debug)]
pub(in crate::lab::sim) struct Identity {
    /// What its sealed messages say of who they are from.
    pub(in crate::lab::sim) word: &'static str,
    /// The newest version that it speaks.
    pub(in crate::lab::sim) newest: TlsVersion,
    /// How long it takes to answer a hello.
    pub(in crate::lab::sim) think: TimeLaw,
    /// Share of the connections that it never answers.
    pub(in crate::lab::sim) silent: Share,
}

/// Makes the chain for a server name.
pub(in crate::lab::sim) type Chains = Rc<dyn Fn(&str, Time) -> Vec<Vec<u8>>>;

/// One connection at a server.
pub(in crate::lab::sim) struct TlsServer {
    tcp: Tcp,
    identity: Rc<Identity>,
    chains: Chains,
    reader: Reader,
    random: Random,
    hello: Option<tls::ClientHello>,
    /// When its program has thought of an answer, and the answer.
    pending: Option<(Time, Vec<u8>)>,
    is_silent: bool,
}

/// What a client says, as far as a server cares.
enum Said {
    Hello(tls::ClientHello),
    /// TLS 1.2's Finished.
    Finished,
    /// Sealed bytes.
    Sealed(Vec<u8>),
    RecordEnds,
    Otherwise,
}

impl TlsServer {
    pub(in crate::lab::sim) fn new(tcp: Tcp, identity: Rc<Identity>, chains: Chains, mut random: Random) -> Self {
        let is_silent = random.happens(identity.silent.value());
        let (reader, hello, pending) = (Reader::default(), None, None);
        Self { tcp, identity, chains, reader, random, hello, pending, is_silent }
    }

    pub(in crate::lab::sim) fn tcp(&mut self) -> &mut Tcp {
        &mut self.tcp
    }

    pub(in crate::lab::sim) fn deadline(&self) -> Option<Time> {
        let program = self.pending.as_ref().map(|(due, _)| *due);
        [self.tcp.deadline(), program].into_iter().flatten().min()
    }

    pub(in crate::lab::sim) fn on_time(&mut self, now: Time) {
        self.tcp.on_time(now);
        if let Some((_, answer)) = self.pending.take_if(|(due, _)| *due <= now) {
            self.tcp.write(now, &answer, usize::MAX);
        }
    }

    pub(in crate::lab::sim) fn on_packet(&mut self, now: Time, packet: &Packet) {
        for heard in self.tcp.on_packet(now, packet) {
            match heard {
                Heard::Bytes(bytes) => self.on_bytes(now, &bytes),
                Heard::Ended => self.tcp.close(now),
                Heard::Connected | Heard::Gone => {}
            }
        }
    }

    fn on_bytes(&mut self, now: Time, bytes: &[u8]) {
        let newest = self.identity.newest;
        let mut said = Vec::new();
        self.reader.read(bytes, |item| said.push(heard(&item, newest)));
        let mut sealed = Vec::new();
        for said in said {
            match said {
                Said::Hello(hello) => self.on_hello(now, hello),
                Said::Finished => self.finish_tls12(now),
                Said::Sealed(more) => sealed.extend(more),
                Said::RecordEnds => self.on_record(now, &std::mem::take(&mut sealed)),
                Said::Otherwise => {}
            }
        }
    }

    fn on_hello(&mut self, now: Time, hello: tls::ClientHello) {
        if self.is_silent || self.hello.is_some() {
            return;
        }
        let name = hello.name.clone().unwrap_or_default();
        let chain = (self.chains)(&name, now);
        let answer = match hello.offers_tls13 {
            true => self.tls13_flight(&hello, &chain),
            false => tls::answer(&hello, &chain, Answer::Full),
        };
        self.hello = Some(hello);
        self.pending = Some((now.after(self.identity.think.draw(&mut self.random)), answer));
    }

    /// ServerHello in clear, the rest sealed: who it is from, and as long as with the chain.
    fn tls13_flight(&mut self, hello: &tls::ClientHello, chain: &[Vec<u8>]) -> Vec<u8> {
        let length = FLIGHT + chain.iter().map(Vec::len).sum::<usize>();
        let sealed = seal::seal(self.random.next_u64(), self.identity.word.as_bytes(), length);
        [handshake_record(&server_hello_tls13(hello, Answer::Full)), after_change(&sealed)].concat()
    }

    fn finish_tls12(&mut self, now: Time) {
        if let Some(hello) = &self.hello {
            let flight = tls::last_flight_tls12(&hello.seed);
            self.tcp.write(now, &flight, usize::MAX);
        }
    }

    /// A sealed record of the client: a request says how many bytes it is for.
    fn on_record(&mut self, now: Time, sealed: &[u8]) {
        let Some(length) = seal::open(sealed).as_deref().and_then(requested) else { return };
        let mut left = length;
        let mut response = Vec::new();
        while left > 0 {
            let content = left.min(RECORD);
            response.extend(record_of_application_data(&seal::seal(self.random.next_u64(), &[], content)));
            left -= content;
        }
        self.tcp.write(now, &response, usize::MAX);
    }
}

/// The word before the number in a request.
pub(super) const REQUEST: &[u8] = b"send";

fn requested(message: &[u8]) -> Option<usize> {
    let number = message.strip_prefix(REQUEST)?.first_chunk::<4>()?;
    Some(u32::from_be_bytes(*number) as usize)
}

fn heard(item: &Item<'_>, newest: TlsVersion) -> Said {
    match item {
        Item::ClientHello(hello, _) => Said::Hello(understood(hello, agrees(hello, newest))),
        Item::Ciphertext(bytes) => Said::Sealed(bytes.to_vec()),
        Item::Encrypted { content_type: 22, .. } => Said::Finished,
        Item::Encrypted { .. } => Said::RecordEnds,
        _ => Said::Otherwise,
    }
}

fn agrees(hello: &ClientHello<'_>, newest: TlsVersion) -> bool {
    newest == TlsVersion::Tls13 && offers_tls13(hello)
}
