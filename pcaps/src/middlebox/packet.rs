//! One TCP packet in an Ethernet frame: read, changed, forged and written again with right checksums.
//!
//! Knows nothing of flows and rules.

use std::net::{IpAddr, SocketAddr};

use etherparse::{Ethernet2Header, IpNumber, Ipv4Header, Ipv6FlowLabel, Ipv6Header, TcpHeader, ether_type};

/// A whole TCP packet, not a fragment, without IPv6 extension headers.
#[derive(Clone, Debug, PartialEq)]
pub struct TcpPacket {
    ethernet: Ethernet2Header,
    ip: IpHeader,
    /// The TCP header; its checksum is set when the frame is written.
    pub tcp: TcpHeader,
    /// What the segment carries.
    pub payload: Vec<u8>,
}

#[derive(Clone, Debug, PartialEq)]
enum IpHeader {
    V4(Ipv4Header),
    V6(Ipv6Header),
}

/// The header fields by which a forged packet can be told from its pretended sender's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Forger {
    /// TTL or hop limit at the box.
    pub hop_limit: u8,
    /// IPv4 identification. The don't-fragment bit stays clear.
    pub identification: u16,
    /// TCP window.
    pub window: u16,
}

impl TcpPacket {
    /// Reads an Ethernet frame; `None` for whatever is not a whole TCP packet.
    pub fn parse(frame: &[u8]) -> Option<Self> {
        let (ethernet, rest) = Ethernet2Header::from_slice(frame).ok()?;
        let (ip, segment) = match ethernet.ether_type {
            ether_type::IPV4 => parse_ipv4(rest)?,
            ether_type::IPV6 => parse_ipv6(rest)?,
            _ => return None,
        };
        let (tcp, payload) = TcpHeader::from_slice(segment).ok()?;
        Some(Self { ethernet, ip, tcp, payload: payload.to_vec() })
    }

    /// Address and port of the sender.
    pub fn source(&self) -> SocketAddr {
        SocketAddr::new(self.ip.source(), self.tcp.source_port)
    }

    /// Address and port of the receiver.
    pub fn destination(&self) -> SocketAddr {
        SocketAddr::new(self.ip.destination(), self.tcp.destination_port)
    }

    /// TTL or hop limit.
    pub fn hop_limit(&self) -> u8 {
        match &self.ip {
            IpHeader::V4(ip) => ip.time_to_live,
            IpHeader::V6(ip) => ip.hop_limit,
        }
    }

    /// Whether this is the first packet of a connection.
    pub fn opens_connection(&self) -> bool {
        self.tcp.syn && !self.tcp.ack
    }

    /// The sequence number after this segment: payload, SYN and FIN count (RFC 9293, section 3.4).
    pub fn sequence_end(&self) -> u32 {
        let flags = u32::from(self.tcp.syn) + u32::from(self.tcp.fin);
        let payload = u32::try_from(self.payload.len()).unwrap_or(u32::MAX);
        self.tcp.sequence_number.wrapping_add(payload).wrapping_add(flags)
    }

    /// Lowers TTL or hop limit as `hops` routers would; false where one of them would have discarded the packet.
    pub fn age(&mut self, hops: u8) -> bool {
        let limit = self.ip.hop_limit_mut();
        let left = limit.checked_sub(hops).filter(|left| *left > 0);
        *limit = left.unwrap_or(0);
        left.is_some()
    }

    /// A RST+ACK to the sender of this packet, as if from its receiver, who is made to accept every byte of it.
    pub fn forge_reset_reply(&self, forger: Forger) -> Self {
        let tcp = TcpHeader {
            acknowledgment_number: self.sequence_end(),
            rst: true,
            ack: true,
            ..TcpHeader::new(
                self.tcp.destination_port,
                self.tcp.source_port,
                self.tcp.acknowledgment_number,
                forger.window,
            )
        };
        let ethernet = Ethernet2Header {
            source: self.ethernet.destination,
            destination: self.ethernet.source,
            ether_type: self.ethernet.ether_type,
        };
        Self { ethernet, ip: self.ip.forge(self.ip.destination(), self.ip.source(), forger), tcp, payload: Vec::new() }
    }

    /// A RST to the receiver of this packet, as if from its sender, in place of the packet.
    pub fn forge_reset(&self, forger: Forger) -> Self {
        let tcp = TcpHeader {
            rst: true,
            ..TcpHeader::new(self.tcp.source_port, self.tcp.destination_port, self.tcp.sequence_number, forger.window)
        };
        let ip = self.ip.forge(self.ip.source(), self.ip.destination(), forger);
        Self { ethernet: self.ethernet.clone(), ip, tcp, payload: Vec::new() }
    }

    /// The Ethernet frame, with lengths and checksums made right.
    pub fn to_frame(&self) -> Vec<u8> {
        let mut tcp = self.tcp.clone();
        let length = tcp.header_len().saturating_add(self.payload.len());
        let mut frame = self.ethernet.to_bytes().to_vec();
        match &self.ip {
            IpHeader::V4(ip) => {
                let mut ip = ip.clone();
                let _ = ip.set_payload_len(length);
                ip.header_checksum = ip.calc_header_checksum();
                tcp.checksum = tcp.calc_checksum_ipv4(&ip, &self.payload).unwrap_or(0);
                frame.extend_from_slice(&ip.to_bytes());
            }
            IpHeader::V6(ip) => {
                let mut ip = ip.clone();
                let _ = ip.set_payload_length(length);
                tcp.checksum = tcp.calc_checksum_ipv6(&ip, &self.payload).unwrap_or(0);
                frame.extend_from_slice(&ip.to_bytes());
            }
        }
        frame.extend_from_slice(&tcp.to_bytes());
        frame.extend_from_slice(&self.payload);
        frame
    }
}

fn parse_ipv4(bytes: &[u8]) -> Option<(IpHeader, &[u8])> {
    let (ip, rest) = Ipv4Header::from_slice(bytes).ok()?;
    let segment = rest.get(..usize::from(ip.payload_len().ok()?))?;
    (ip.protocol == IpNumber::TCP && !ip.is_fragmenting_payload()).then_some((IpHeader::V4(ip), segment))
}

fn parse_ipv6(bytes: &[u8]) -> Option<(IpHeader, &[u8])> {
    let (ip, rest) = Ipv6Header::from_slice(bytes).ok()?;
    let segment = rest.get(..usize::from(ip.payload_length))?;
    (ip.next_header == IpNumber::TCP).then_some((IpHeader::V6(ip), segment))
}

impl IpHeader {
    fn source(&self) -> IpAddr {
        match self {
            Self::V4(ip) => IpAddr::from(ip.source),
            Self::V6(ip) => IpAddr::from(ip.source),
        }
    }

    fn destination(&self) -> IpAddr {
        match self {
            Self::V4(ip) => IpAddr::from(ip.destination),
            Self::V6(ip) => IpAddr::from(ip.destination),
        }
    }

    fn hop_limit_mut(&mut self) -> &mut u8 {
        match self {
            Self::V4(ip) => &mut ip.time_to_live,
            Self::V6(ip) => &mut ip.hop_limit,
        }
    }

    /// A header of the forger's making between two addresses of this header.
    fn forge(&self, source: IpAddr, destination: IpAddr, forger: Forger) -> Self {
        match (self, source, destination) {
            (Self::V4(ip), IpAddr::V4(source), IpAddr::V4(destination)) => Self::V4(Ipv4Header {
                source: source.octets(),
                destination: destination.octets(),
                time_to_live: forger.hop_limit,
                identification: forger.identification,
                protocol: ip.protocol,
                dont_fragment: false,
                ..Ipv4Header::default()
            }),
            (Self::V6(ip), IpAddr::V6(source), IpAddr::V6(destination)) => Self::V6(Ipv6Header {
                source: source.octets(),
                destination: destination.octets(),
                hop_limit: forger.hop_limit,
                next_header: ip.next_header,
                flow_label: Ipv6FlowLabel::ZERO,
                ..Ipv6Header::default()
            }),
            _ => self.clone(),
        }
    }
}
