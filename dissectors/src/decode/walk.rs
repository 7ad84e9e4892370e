//! The way from a frame's link type down to its transport: one loop, one header a turn, to a limited depth.
//!
//! Reads and decides, and keeps nothing: fragments go back to the caller, who resumes when a datagram is whole.

use super::icmp;
use super::ip::{self, IpHeader, IpPayload, Place};
use super::registry::{self, Next, Stop};
use super::rest::Rest;
use super::transport;
use super::{DEPTH_LIMIT, Frame, Skip, checksum};
use crate::packet::{Ends, Packet, Span, Transport};

/// IP protocol numbers that end a walk.
pub(super) mod protocol {
    pub(in crate::decode) const ICMP: u8 = 1;
    pub(in crate::decode) const TCP: u8 = 6;
    pub(in crate::decode) const UDP: u8 = 17;
    pub(in crate::decode) const V6_FRAGMENT: u8 = 44;
    pub(in crate::decode) const ICMP_V6: u8 = 58;
}

/// Whether transport checksums are computed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Checksums {
    /// Only those of IPv4 headers, which cost 20 bytes a packet.
    #[default]
    Headers,
    /// Those of TCP and UDP too, over every captured byte.
    Transport,
}

/// Where a walk ends.
#[derive(Debug)]
pub(super) enum Reached {
    Packet(Packet),
    Fragment(Fragment),
}

/// A fragment, and all that is needed to go on when its datagram is whole.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fragment {
    /// The IP header before it.
    pub(super) ip: IpHeader,
    /// The whole's protocol.
    pub(super) protocol: u8,
    /// Its place in the whole.
    pub(super) place: Place,
    /// Its bytes.
    pub(super) data: Span,
    /// How deep it lies.
    pub(super) depth: u8,
}

/// A walk over one frame, or over a reassembled datagram of it.
#[derive(Debug)]
pub(super) struct Walk<'a> {
    frame: &'a Frame,
    checksums: Checksums,
    next: Next,
    rest: Rest<'a>,
    /// The innermost IP header so far.
    ip: Option<IpHeader>,
    depth: u8,
    /// The innermost UDP datagram whose payload was taken for a tunnel.
    outer: Option<Packet>,
    /// Wrong IPv4 header checksums met.
    pub(super) bad_ip_checksums: u64,
}

impl<'a> Walk<'a> {
    /// From the frame's link type.
    #[inline]
    pub(super) fn of_frame(frame: &'a Frame, checksums: Checksums, rest: Rest<'a>) -> Self {
        let next = Next::Link(frame.link);
        Self { frame, checksums, next, rest, ip: None, depth: 0, outer: None, bad_ip_checksums: 0 }
    }

    /// From the payload of a datagram made whole by `last`.
    pub(super) fn resumed(frame: &'a Frame, checksums: Checksums, last: &Fragment, rest: Rest<'a>) -> Self {
        let walk = Self::of_frame(frame, checksums, rest);
        Self { next: Next::Protocol(last.protocol), ip: Some(last.ip), depth: last.depth, ..walk }
    }

    /// Walks to the end.
    #[inline]
    pub(super) fn run(&mut self) -> Result<Reached, Skip> {
        match self.descend() {
            // What looked like a tunnel and leads nowhere was the payload of UDP.
            Err(Skip::Malformed(_)) if let Some(outer) = self.outer => Ok(Reached::Packet(outer)),
            reached => reached,
        }
    }

    #[inline]
    fn descend(&mut self) -> Result<Reached, Skip> {
        while self.depth < DEPTH_LIMIT {
            self.depth += 1;
            let reached = match self.next {
                next if next.is_ip() => self.ip()?,
                Next::Protocol(protocol) => self.protocol(protocol)?,
                _ => self.layer()?,
            };
            if let Some(reached) = reached {
                return Ok(reached);
            }
        }
        Err(Skip::TooDeep)
    }

    fn layer(&mut self) -> Result<Option<Reached>, Skip> {
        let layer = self.next.layer()?;
        (self.next, self.rest) = (layer.decode)(self.rest).map_err(|stop| self.skip(stop, layer.name))?;
        Ok(None)
    }

    #[inline]
    fn ip(&mut self) -> Result<Option<Reached>, Skip> {
        let (header, payload) = ip::decode(self.rest).map_err(|stop| self.skip(stop, "ip"))?;
        self.bad_ip_checksums += u64::from(header.bad_checksum);
        self.ip = Some(header);
        self.payload(header, payload)
    }

    /// Goes on with a whole payload, stops at a fragment.
    #[inline]
    fn payload(&mut self, ip: IpHeader, payload: IpPayload<'a>) -> Result<Option<Reached>, Skip> {
        let IpPayload { protocol, place, rest } = payload;
        (self.next, self.rest) = (Next::Protocol(protocol), rest);
        match place.is_whole() {
            true => Ok(None),
            false if rest.is_cut() => Err(Skip::Truncated),
            false => {
                let fragment = Fragment { ip, protocol, place, data: rest.span(), depth: self.depth };
                Ok(Some(Reached::Fragment(fragment)))
            }
        }
    }

    #[inline]
    fn protocol(&mut self, protocol: u8) -> Result<Option<Reached>, Skip> {
        let Some(ip) = self.ip else { return Err(Skip::NotIp) };
        match protocol {
            protocol::TCP => self.tcp(&ip).map(Some),
            protocol::UDP => self.udp(&ip),
            protocol::ICMP => self.icmp(&ip, icmp::Version::V4).map(Some),
            protocol::ICMP_V6 => self.icmp(&ip, icmp::Version::V6).map(Some),
            protocol::V6_FRAGMENT => {
                let payload = ip::v6_fragment(self.rest).map_err(|stop| self.skip(stop, "ipv6_fragment"))?;
                self.payload(ip, payload)
            }
            _ => self.layer(),
        }
    }

    #[inline]
    fn tcp(&self, ip: &IpHeader) -> Result<Reached, Skip> {
        let (ends, tcp, payload) = transport::tcp(ip, self.rest).map_err(|stop| self.skip(stop, "tcp"))?;
        let bad_checksum = self.checksums == Checksums::Transport && checksum::is_wrong(ip, protocol::TCP, self.rest);
        Ok(Reached::Packet(Packet { bad_checksum, ..self.packet(ip, ends, Transport::Tcp(tcp), payload) }))
    }

    fn udp(&mut self, ip: &IpHeader) -> Result<Option<Reached>, Skip> {
        let (ends, datagram) = transport::udp(ip, self.rest).map_err(|stop| self.skip(stop, "udp"))?;
        let payload = datagram.skip(transport::UDP_HEADER).map_err(|stop| self.skip(stop, "udp"))?;
        let packet = self.packet(ip, ends, Transport::Udp, payload);
        let tunnel = registry::tunnel(ends.source.port, ends.dest.port);
        if let Some(Ok(inner)) = tunnel.map(|layer| (layer.decode)(payload)) {
            (self.next, self.rest, self.outer) = (inner.0, inner.1, Some(packet));
            return Ok(None);
        }
        let bad_checksum = self.checksums == Checksums::Transport
            && datagram.be16(6) != Ok(NO_CHECKSUM)
            && checksum::is_wrong(ip, protocol::UDP, datagram);
        Ok(Some(Reached::Packet(Packet { bad_checksum, ..packet })))
    }

    fn icmp(&self, ip: &IpHeader, version: icmp::Version) -> Result<Reached, Skip> {
        let (ends, error) = icmp::decode(ip, version, self.rest).map_err(|stop| self.skip(stop, "icmp"))?;
        let nothing = self.rest.limit(0);
        Ok(Reached::Packet(self.packet(ip, ends, error, nothing)))
    }

    #[inline]
    fn packet(&self, ip: &IpHeader, ends: Ends, transport: Transport, payload: Rest<'_>) -> Packet {
        Packet {
            frame: self.frame.number,
            time: self.frame.time,
            ends,
            ttl: ip.ttl,
            ip_id: ip.id,
            dont_fragment: ip.dont_fragment,
            transport,
            payload: payload.span(),
            missing: u32::try_from(payload.missing()).unwrap_or(u32::MAX),
            bad_checksum: false,
        }
    }

    /// A layer's reason as the frame's: bytes that lack were cut off, or else promised and never there.
    #[cold]
    fn skip(&self, stop: Stop, layer: &'static str) -> Skip {
        match stop {
            Stop::Short if self.rest.is_cut() => Skip::Truncated,
            Stop::Short | Stop::Bad => Skip::Malformed(layer),
            Stop::Skip(skip) => skip,
        }
    }
}

/// A UDP checksum that was not computed (RFC 768).
const NO_CHECKSUM: u16 = 0;
