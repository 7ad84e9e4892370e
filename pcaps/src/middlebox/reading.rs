//! Reading a client's hello as a box does: packet by packet, or with TCP, TLS records and QUIC put together.

use dissectors::quic::{self, Connection, Datagram, Event, Scratch};
use dissectors::side;
use dissectors::tcp::assembler::Assembler;
use dissectors::tcp::seq::Seq;
use dissectors::time::Time;
use dissectors::tls::{ClientHello, Item, Probe, Reader, Transport as HelloTransport, probe};

use super::config::{Protocol, Reassembly};
use crate::net::frame::{Packet, Transport};

/// Client packets kept for one hello, against a client that sends a byte at a time.
const MAX_PACKETS: usize = 64;

/// What a hello says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hello {
    /// The name that it asks for, as [`dissectors::tls::server_name`] writes it.
    pub server_name: Option<String>,
    /// Its JA4.
    pub ja4: String,
    /// Over what it came.
    pub protocol: Protocol,
    /// Length of the TCP header of the packet that completed it; 0 over QUIC.
    pub tcp_header: u16,
}

/// The client's packets from its SYN to the one before that which completed its hello, in order of arrival.
#[derive(Clone, Debug)]
pub struct Opening {
    /// The packet that opened the connection.
    pub syn: Packet,
    /// Segments of the hello.
    pub earlier: Vec<Packet>,
}

/// How far the reading of a flow is.
pub enum Reading {
    /// Each packet by itself.
    Packets,
    /// A TCP stream from its SYN on.
    Stream(Box<Stream>),
    /// A QUIC connection from its first datagram on.
    Quic(Box<Connection>),
    /// Nothing is read any more.
    Over,
}

/// A client's stream whose hello is not whole yet.
pub struct Stream {
    opening: Opening,
    segments: Assembler,
    tls: Reader,
    records: bool,
}

impl Reading {
    /// The reading of a flow that begins with this packet.
    pub fn begin(packet: &Packet, reassembly: Reassembly) -> Self {
        match &packet.transport {
            _ if reassembly == Reassembly::None => Self::Packets,
            Transport::Tcp(tcp) => {
                let mut segments = Assembler::default();
                segments.start(Seq(tcp.sequence_number).add(1));
                let opening = Opening { syn: packet.clone(), earlier: Vec::new() };
                let records = reassembly == Reassembly::Records;
                Self::Stream(Box::new(Stream { opening, segments, tls: Reader::default(), records }))
            }
            Transport::Udp(_) if matches!(quic::probe(&packet.payload), quic::Probe::Quic(_)) => {
                Self::Quic(Box::default())
            }
            Transport::Udp(_) => Self::Over,
        }
    }

    /// Reads a packet of the client that has payload; the hello, where this packet completed it.
    pub(super) fn read(&mut self, now: Time, packet: &Packet) -> Option<Hello> {
        match self {
            Self::Packets => alone(now, packet),
            Self::Quic(connection) => from_quic(connection, now, packet),
            Self::Over => None,
            Self::Stream(stream) => {
                let found = stream.read(packet);
                if matches!(found, Found::Otherwise) {
                    *self = Self::Over;
                }
                found.into_hello()
            }
        }
    }

    pub(super) fn take_opening(&mut self) -> Option<Opening> {
        match std::mem::replace(self, Self::Over) {
            Self::Stream(stream) => Some(stream.opening),
            _ => None,
        }
    }
}

/// With what a client's stream begins, as far as is known.
enum Found {
    Nothing,
    Hello(Hello),
    Otherwise,
}

impl Found {
    fn into_hello(self) -> Option<Hello> {
        match self {
            Self::Hello(hello) => Some(hello),
            Self::Nothing | Self::Otherwise => None,
        }
    }
}

impl Stream {
    /// Reads on. The segments before the last are kept for an interceptor.
    fn read(&mut self, packet: &Packet) -> Found {
        let Some(tcp) = packet.tcp() else { return Found::Nothing };
        let mut found = Found::Nothing;
        self.segments.insert(Seq(tcp.sequence_number), &packet.payload, |bytes| {
            self.tls.read(bytes, |item| {
                if let Found::Nothing = found {
                    found = first_item(&item, self.records, packet);
                }
            });
        });
        if let Found::Nothing = found {
            if self.opening.earlier.len() >= MAX_PACKETS {
                return Found::Otherwise;
            }
            self.opening.earlier.push(packet.clone());
        }
        found
    }
}

/// A packet that must hold a whole hello.
fn alone(now: Time, packet: &Packet) -> Option<Hello> {
    match packet.transport {
        Transport::Udp(_) => from_quic(&mut Connection::default(), now, packet),
        Transport::Tcp(_) => {
            let mut found = Found::Nothing;
            Reader::default().read(&packet.payload, |item| {
                if let Found::Nothing = found {
                    found = first_item(&item, false, packet);
                }
            });
            found.into_hello()
        }
    }
}

fn first_item(item: &Item<'_>, over_records: bool, packet: &Packet) -> Found {
    match item {
        Item::ClientHello(hello, framing) if over_records || framing.records <= 1 => {
            Found::Hello(Hello::over_tcp(hello, packet))
        }
        _ => Found::Otherwise,
    }
}

fn from_quic(connection: &mut Connection, now: Time, packet: &Packet) -> Option<Hello> {
    let datagram = Datagram { time: now, bytes: &packet.payload, missing: 0 };
    let mut found = None;
    let _ = connection.datagram(side::Side::Client, datagram, &mut Scratch::default(), &mut |event| {
        if let Event::ClientHello(hello) = event {
            found.get_or_insert_with(|| Hello::over_quic(&hello));
        }
    });
    found
}

impl Hello {
    fn over_tcp(hello: &ClientHello<'_>, packet: &Packet) -> Self {
        Self {
            server_name: hello.server_name(),
            ja4: hello.ja4(HelloTransport::Tcp).as_str().to_owned(),
            protocol: Protocol::Tls,
            tcp_header: tcp_header(packet),
        }
    }

    fn over_quic(hello: &ClientHello<'_>) -> Self {
        Self {
            server_name: hello.server_name(),
            ja4: hello.ja4(HelloTransport::Quic).as_str().to_owned(),
            protocol: Protocol::Quic,
            tcp_header: 0,
        }
    }
}

/// Length of a packet's TCP header.
pub(super) fn tcp_header(packet: &Packet) -> u16 {
    packet.tcp().map_or(0, |tcp| tcp.header_len_u16())
}

impl Protocol {
    /// What a client's packet shows by its first bytes, if it is neither TLS nor QUIC: those take a whole hello.
    pub(super) fn in_clear(packet: &Packet) -> Option<Self> {
        const METHODS: [&[u8]; 7] = [b"GET ", b"POST ", b"HEAD ", b"PUT ", b"OPTIONS ", b"CONNECT ", b"DELETE "];
        packet.tcp()?;
        if METHODS.iter().any(|method| packet.payload.starts_with(method)) {
            return Some(Self::Http);
        }
        (probe(&packet.payload) == Probe::NotTls).then_some(Self::Other)
    }
}
